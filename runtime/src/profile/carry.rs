//! A customer under another version of the policy.

use super::ledger::{Address, Unplaced};
use super::{Deferred, Grant, Ledger, Profile, Send, Withdrawal, text_of};
use crate::policy::Policy;
use crate::state::Carry;
use comity_compiler::ids::*;
use comity_compiler::plan::ChannelKind;
use smol_str::SmolStr;

impl Profile {
    /// All that has a name there. Instances of journeys still stand at the steps of the old one, and segments and
    /// schedules have yet to be looked at.
    pub(crate) fn carry(&self, carry: &Carry) -> Profile {
        let (old, new) = (&carry.old, &carry.new);
        let mut carried = Profile::blank(new, self.subject.clone());
        carried.now = self.now;
        carried.timers_done = self.timers_done;
        carried.last_record = self.last_record;
        carried.untouched = self.untouched;
        carried.seen = self.seen.clone();
        for (at, before) in carry.attributes.iter().enumerate() {
            let Some(before) = before else { continue };
            let (mine, was) = (self.attributes.get(before.index()), &old.plan.attributes[before.index()]);
            let since = self.attributes.since(before.index());
            // What nobody has set is what the policy says.
            let default = was.default.as_ref().map(|default| default.value());
            if since == i64::MIN && mine == default {
                continue;
            }
            let types = (was.ty, new.plan.attributes[at].ty);
            let value = mine.as_ref().and_then(|value| carry.value(types, value));
            carried.attributes.set(at, value.or_else(|| carried.attributes.get(at)), since);
        }
        carried.zone = carried.find_zone(new);
        carried.ledger = self.ledger.carry(old, new);
        for id in new.addresses.iter() {
            let was_one = carry.attributes[id.index()].is_some_and(|before| old.addresses.contains(&before));
            if let Some(text) = carried.attributes.get(id.index()).and_then(|value| text_of(new, &value))
                && !was_one
            {
                carried.ledger.address(*id, carried.attributes.since(id.index()), Some(text));
            }
        }
        carried.history = self.history.carry(carry);
        carried.sends.log = self.sends.iter().map(|send| send.carry(carry)).collect();
        carried.journeys = self.journeys.carry(carry);
        carried.deferred = self.deferred.iter().filter_map(|deferred| deferred.carry(carry)).collect();
        for (schedule, last) in new.watches.schedules.iter().zip(&mut carried.last_dates) {
            let name = schedule.on.name(&new.plan);
            let clock = new.watches.clocks[schedule.clock];
            let mut before = old.watches.schedules.iter().zip(&self.last_dates);
            let same = before.find(|(other, _)| {
                other.on.name(&old.plan) == name && old.watches.clocks[other.clock] == clock
            });
            if let Some((_, date)) = same {
                *last = *date;
            }
        }
        carried
    }
}

impl Send {
    /// It counts under caps as it did, also where its message is gone.
    fn carry(&self, carry: &Carry) -> Send {
        Send {
            message: carry.messages.of(self.message.0).map_or(Send::NO_MESSAGE, MessageId),
            channel: carry.channels.of(self.channel.0).map_or(Send::NO_CHANNEL, ChannelId),
            class: carry.classes.of(self.class.0).map_or(Send::NO_CLASS, ClassId),
            tags: self.tags.iter().filter_map(|tag| carry.tags.of(tag.0).map(TagId)).collect(),
            ..self.clone()
        }
    }
}

impl Deferred {
    /// `None` where nothing of that name is there any more.
    fn carry(&self, carry: &Carry) -> Option<Deferred> {
        Some(Deferred {
            message: MessageId(carry.messages.of(self.message.0)?),
            channel: ChannelId(carry.channels.of(self.channel.0)?),
            cause: carry.cause(&self.cause)?,
            counterfactual: match self.counterfactual {
                Some(experiment) => Some(carry.experiment(experiment)?),
                None => None,
            },
            ..self.clone()
        })
    }
}

impl Ledger {
    /// Nothing is lost: what the new policy has no name for waits until one has it again.
    fn carry(&self, old: &Policy, new: &Policy) -> Ledger {
        let mut carried = Ledger::default();
        for entry in self.named(old).into_iter().chain(self.unplaced.iter().cloned()) {
            carried.place(new, entry);
        }
        carried
    }

    fn named(&self, policy: &Policy) -> Vec<Unplaced> {
        let plan = &policy.plan;
        let purpose = |id: PurposeId| plan.purposes[id.index()].name.clone();
        let channel = |id: ChannelId| plan.channels[id.index()].name.clone();
        let grants = self.grants.iter().map(|grant| Unplaced::Grant {
            receipt: grant.receipt.clone(),
            purpose: purpose(grant.purpose),
            channel: grant.channel.map(channel),
            address: grant.channel.and_then(|id| address_of(policy, id)),
            time: grant.time,
            source: grant.source.as_ref().and_then(|source| text_of(policy, source)),
            confirmed: grant.confirmed,
        });
        let withdrawals = self.withdrawals.iter().map(|withdrawal| Unplaced::Withdrawal {
            purpose: withdrawal.purpose.map(purpose),
            channel: withdrawal.channel.map(channel),
            time: withdrawal.time,
        });
        let addresses = self.addresses.iter().map(|address| Unplaced::Address {
            attribute: plan.attributes[address.attribute.index()].name.clone(),
            from: address.from,
            value: address.value.clone(),
        });
        grants.chain(withdrawals).chain(addresses).collect()
    }

    /// Enters what the policy has names for.
    fn place(&mut self, policy: &Policy, entry: Unplaced) {
        let plan = &policy.plan;
        let purpose_of = |name: &SmolStr| plan.purposes.iter().position(|one| one.name == *name);
        let channel_of = |name: &SmolStr| plan.channels.iter().position(|one| one.name == *name);
        let placed = match &entry {
            Unplaced::Grant { receipt, purpose, channel, address, time, source, confirmed } => {
                let channel = channel.as_ref().map(|name| channel_of(name).map(ChannelId::at));
                match (purpose_of(purpose), channel) {
                    // One for a channel belongs to an address that was known by this attribute.
                    (Some(purpose), None | Some(Some(_)))
                        if channel.flatten().is_none_or(|id| address_of(policy, id) == *address) =>
                    {
                        self.grant(Grant {
                            receipt: receipt.clone(),
                            purpose: PurposeId::at(purpose),
                            channel: channel.flatten(),
                            time: *time,
                            source: source.as_ref().map(|source| policy.text(source)),
                            confirmed: *confirmed,
                        });
                        true
                    }
                    _ => false,
                }
            }
            Unplaced::Withdrawal { purpose, channel, time } => {
                let purpose = purpose.as_ref().map(|name| purpose_of(name).map(PurposeId::at));
                let channel = channel.as_ref().map(|name| channel_of(name).map(ChannelId::at));
                let is_known = purpose != Some(None) && channel != Some(None);
                if is_known {
                    let (purpose, channel) = (purpose.flatten(), channel.flatten());
                    self.withdraw(Withdrawal { purpose, channel, time: *time });
                }
                is_known
            }
            Unplaced::Address { attribute, from, value } => {
                let id = plan.attributes.iter().position(|one| one.name == *attribute);
                if let Some(id) = id {
                    let at = self.addresses.partition_point(|other| other.from <= *from);
                    let (attribute, value) = (AttributeId::at(id), value.clone());
                    self.addresses.insert(at, Address { attribute, from: *from, value });
                }
                id.is_some()
            }
        };
        if !placed {
            self.unplaced.push(entry);
        }
    }
}

/// The attribute that is the address of a channel.
fn address_of(policy: &Policy, channel: ChannelId) -> Option<SmolStr> {
    match policy.plan.channels[channel.index()].kind {
        ChannelKind::Address(id) => Some(policy.plan.attributes[id.index()].name.clone()),
        ChannelKind::Inbound | ChannelKind::Device(_) => None,
    }
}
