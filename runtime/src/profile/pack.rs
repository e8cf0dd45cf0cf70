//! A customer as bytes ([`crate::state`]).

use super::ledger::{Address, Unplaced};
use super::{Cause, Deferred, Grant, Ledger, Profile, Send, Snapshot, Withdrawal};
use crate::history::History;
use crate::journey::{Journeys, Proposal};
use crate::policy::watches::{ASLEEP, CLOSED, HOLDS, Standing};
use crate::state::{Damage, Reader, Writer};
use crate::zone::{DAY, Zone};
use comity_compiler::ids::*;
use comity_compiler::types::Type;
use smallvec::SmallVec;
use smol_str::SmolStr;
use std::sync::Arc;

/// What there is of a customer beside that which all have.
const UNTOUCHED: u8 = 1;
const HAS_RECORD: u8 = 2;

impl Profile {
    pub(crate) fn write(&self, to: &mut Writer<'_>) {
        let flags = [(UNTOUCHED, self.untouched), (HAS_RECORD, self.last_record.is_some())];
        to.byte(flags.into_iter().filter(|(_, is_so)| *is_so).map(|(flag, _)| flag).sum());
        to.text(&self.subject);
        to.instant_near(self.now, 0);
        to.instant(self.timers_done);
        if let Some(hash) = &self.last_record {
            to.bytes(hash);
        }
        self.write_attributes(to);
        self.ledger.write(to);
        let seen = self.seen.iter(self.now);
        to.count(seen.len());
        for ([low, high], arrival) in seen {
            to.bytes(&low.to_le_bytes());
            to.bytes(&high.to_le_bytes());
            to.instant(arrival);
        }
        self.history.write(to, self.now);
        to.count(self.sends.log.len());
        self.sends.iter().for_each(|send| send.write(to, self.zone));
        self.journeys.write(to);
        to.count(self.deferred.len());
        self.deferred.iter().for_each(|deferred| deferred.write(to, &self.journeys));
        for (due, standing) in self.watches.iter().zip(&self.standings) {
            to.instant(*due);
            to.number(match *standing {
                HOLDS => 0,
                ASLEEP => 1,
                CLOSED => 2,
                clause => u64::from(clause) + 3,
            });
        }
        self.last_dates.iter().for_each(|date| to.instant_near(*date, today(self.now)));
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<Profile, Damage> {
        let flags = from.byte()?;
        if flags & !(UNTOUCHED | HAS_RECORD) != 0 {
            return Err(Damage("it has what no customer has"));
        }
        let policy = from.policy;
        let mut profile = Profile::blank(policy, from.text()?);
        profile.untouched = flags & UNTOUCHED != 0;
        profile.now = from.instant_near(0)?;
        from.stand_at(profile.now);
        profile.timers_done = from.instant()?;
        if flags & HAS_RECORD != 0 {
            profile.last_record = Some(from.array()?);
        }
        profile.read_attributes(from)?;
        profile.zone = profile.find_zone(policy);
        profile.ledger = Ledger::read(from)?;
        let seen = (0..from.count()?).map(|_| {
            let [low, high] = [from.array()?, from.array()?].map(u64::from_le_bytes);
            Ok(([low, high], from.instant()?))
        });
        profile.seen = seen.collect::<Result<_, Damage>>()?;
        profile.history = History::read(from)?;
        let count = from.count()?;
        profile.sends.log.reserve_exact(count);
        for _ in 0..count {
            profile.sends.log.push(Send::read(from, profile.zone)?);
        }
        profile.journeys = Journeys::read(from)?;
        let count = from.count()?;
        profile.deferred.reserve_exact(count);
        for _ in 0..count {
            profile.deferred.push(Deferred::read(from, &profile.journeys)?);
        }
        for watch in 0..profile.watches.len() {
            profile.watches[watch] = from.instant()?;
            profile.standings[watch] = match from.number()? {
                0 => HOLDS,
                1 => ASLEEP,
                2 => CLOSED,
                clause => match Standing::try_from(clause - 3) {
                    Ok(clause) if clause < CLOSED => clause,
                    _ => return Err(Damage("a condition has no such part")),
                },
            };
        }
        for date in &mut profile.last_dates {
            *date = from.instant_near(today(profile.now))?;
        }
        // Of whom nothing has happened yet nothing is due.
        if profile.now > i64::MIN {
            profile.find_due();
        }
        Ok(profile)
    }

    /// Those that aren't as they are where nothing is known.
    fn write_attributes(&self, to: &mut Writer<'_>) {
        let declared = &to.plan.attributes;
        let mine = &self.attributes;
        let is_known = |(at, declared): (usize, &comity_compiler::plan::Attribute)| {
            let is_default = match (mine.get(at), &declared.default) {
                (Some(mine), Some(default)) => mine == default.value(),
                (None, None) => true,
                _ => false,
            };
            mine.since(at) > i64::MIN || !is_default
        };
        let known: SmallVec<[bool; 32]> = declared.iter().enumerate().map(is_known).collect();
        to.presence(known.iter().copied());
        for (at, declared) in declared.iter().enumerate().filter(|(at, _)| known[*at]) {
            to.instant(mine.since(at));
            let value = mine.get(at);
            to.presence(std::iter::once(value.is_some()));
            value.iter().for_each(|value| to.value(declared.ty, value));
        }
    }

    fn read_attributes(&mut self, from: &mut Reader<'_>) -> Result<(), Damage> {
        let declared = &from.plan.attributes;
        let known = from.presence(declared.len())?;
        for (at, declared) in declared.iter().enumerate() {
            if known.has(at) {
                let since = from.instant()?;
                let has_value = from.presence(1)?.has(0);
                let value = if has_value { Some(from.value(declared.ty)?) } else { None };
                self.attributes.set(at, value, since);
            }
        }
        Ok(())
    }
}

/// Days since 1970-01-01, about.
fn today(now: i64) -> i64 {
    if now == i64::MIN { 0 } else { now.div_euclid(DAY) }
}

impl Ledger {
    fn write(&self, to: &mut Writer<'_>) {
        to.count(self.grants.len());
        for Grant { receipt, purpose, channel, time, source, confirmed } in &self.grants {
            to.id(receipt);
            to.number(purpose.0.into());
            to.optional(channel.map(|channel| channel.0));
            to.instant(*time);
            to.presence([source.is_some(), *confirmed].into_iter());
            source.iter().for_each(|source| to.value(Type::Text, source));
        }
        to.count(self.withdrawals.len());
        for Withdrawal { purpose, channel, time } in &self.withdrawals {
            to.optional(purpose.map(|purpose| purpose.0));
            to.optional(channel.map(|channel| channel.0));
            to.instant(*time);
        }
        to.count(self.addresses.len());
        for Address { attribute, from, value } in &self.addresses {
            to.number(attribute.0.into());
            to.instant(*from);
            to.presence(std::iter::once(value.is_some()));
            value.iter().for_each(|value| to.text(value));
        }
        to.count(self.unplaced.len());
        self.unplaced.iter().for_each(|entry| entry.write(to));
    }

    fn read(from: &mut Reader<'_>) -> Result<Ledger, Damage> {
        let (purposes, channels) = (from.plan.purposes.len(), from.plan.channels.len());
        let mut ledger = Ledger::default();
        let count = from.count()?;
        ledger.grants.reserve_exact(count);
        for _ in 0..count {
            let receipt = from.id()?;
            let purpose = PurposeId(from.below(purposes)?);
            let channel = from.optional(channels)?.map(ChannelId);
            let time = from.instant()?;
            let has = from.presence(2)?;
            let source = if has.has(0) { Some(from.value(Type::Text)?) } else { None };
            ledger.grants.push(Grant { receipt, purpose, channel, time, source, confirmed: has.has(1) });
        }
        let count = from.count()?;
        ledger.withdrawals.reserve_exact(count);
        for _ in 0..count {
            let purpose = from.optional(purposes)?.map(PurposeId);
            let channel = from.optional(channels)?.map(ChannelId);
            ledger.withdrawals.push(Withdrawal { purpose, channel, time: from.instant()? });
        }
        let count = from.count()?;
        ledger.addresses.reserve_exact(count);
        for _ in 0..count {
            let attribute = AttributeId(from.below(from.plan.attributes.len())?);
            let since = from.instant()?;
            let value = if from.presence(1)?.has(0) { Some(from.text()?) } else { None };
            ledger.addresses.push(Address { attribute, from: since, value });
        }
        for _ in 0..from.count()? {
            ledger.unplaced.push(Unplaced::read(from)?);
        }
        Ok(ledger)
    }
}

impl Unplaced {
    fn write(&self, to: &mut Writer<'_>) {
        match self {
            Unplaced::Grant { receipt, purpose, channel, address, time, source, confirmed } => {
                to.byte(0);
                to.id(receipt);
                to.text(purpose);
                [channel, address, source].into_iter().for_each(|text| to.optional_text(text.as_deref()));
                to.instant(*time);
                to.presence(std::iter::once(*confirmed));
            }
            Unplaced::Withdrawal { purpose, channel, time } => {
                to.byte(1);
                [purpose, channel].into_iter().for_each(|text| to.optional_text(text.as_deref()));
                to.instant(*time);
            }
            Unplaced::Address { attribute, from, value } => {
                to.byte(2);
                to.text(attribute);
                to.instant(*from);
                to.optional_text(value.as_deref());
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Unplaced, Damage> {
        Ok(match from.byte()? {
            0 => Unplaced::Grant {
                receipt: from.id()?,
                purpose: from.text()?,
                channel: from.optional_text()?,
                address: from.optional_text()?,
                source: from.optional_text()?,
                time: from.instant()?,
                confirmed: from.presence(1)?.has(0),
            },
            1 => Unplaced::Withdrawal {
                purpose: from.optional_text()?,
                channel: from.optional_text()?,
                time: from.instant()?,
            },
            2 => Unplaced::Address {
                attribute: from.text()?,
                from: from.instant()?,
                value: from.optional_text()?,
            },
            _ => return Err(Damage("an entry of the ledger is of no kind")),
        })
    }
}

impl Send {
    /// A customer in a zone was sent it.
    fn write(&self, to: &mut Writer<'_>, zone: &Zone) {
        let message = to.plan.messages.get(self.message.index());
        let is_as_now =
            message.is_some_and(|message| (self.class, &*self.tags) == (message.class, &message.tags[..]));
        to.id(&self.id);
        to.number(self.message.0.wrapping_add(1).into());
        to.number(self.channel.0.wrapping_add(1).into());
        to.instant(self.time);
        to.presence([self.ghost, self.failed, *self.zone != *zone, !is_as_now].into_iter());
        if *self.zone != *zone {
            to.text(self.zone.name());
        }
        if !is_as_now {
            to.number(self.class.0.wrapping_add(1).into());
            to.count(self.tags.len());
            self.tags.iter().for_each(|tag| to.number(tag.0.into()));
        }
    }

    fn read(from: &mut Reader<'_>, zone: &'static Zone) -> Result<Send, Damage> {
        let plan = from.plan;
        let id = from.id()?;
        let message = from.optional(plan.messages.len())?.map_or(Send::NO_MESSAGE, MessageId);
        let channel = from.optional(plan.channels.len())?.map_or(Send::NO_CHANNEL, ChannelId);
        let time = from.instant()?;
        let is = from.presence(4)?;
        let zone = if is.has(2) {
            Zone::named(&from.text()?).ok_or(Damage("there is no such time zone"))?
        } else {
            zone
        };
        let declared = plan.messages.get(message.index());
        let mut class = declared.map_or(Send::NO_CLASS, |declared| declared.class);
        let declared = declared.map_or(&[][..], |declared| &declared.tags);
        let mut tags = SmallVec::<[TagId; 4]>::from_slice(declared);
        if is.has(3) {
            class = from.optional(plan.classes.len())?.map_or(Send::NO_CLASS, ClassId);
            let count = from.count()?;
            let tag = |_| from.below(plan.tags.len()).map(TagId);
            tags = (0..count).map(tag).collect::<Result<_, Damage>>()?;
        }
        let tags = if tags.is_empty() { Arc::default() } else { tags.as_slice().into() };
        Ok(Send { id, message, channel, class, tags, time, zone, ghost: is.has(0), failed: is.has(1) })
    }
}

impl Deferred {
    fn write(&self, to: &mut Writer<'_>, journeys: &Journeys) {
        to.number(self.message.0.into());
        to.number(self.trigger.wrapping_add(1).into());
        to.presence([self.late, self.counterfactual.is_some()].into_iter());
        to.number(self.channel.0.into());
        self.counterfactual.iter().for_each(|experiment| to.number(experiment.0.into()));
        to.instant(self.proposed);
        to.instant(self.due);
        match &self.cause {
            Cause::Journey(proposal) => {
                to.number(0);
                proposal.write(to, journeys);
            }
            cause => cause.write(to),
        }
    }

    fn read(from: &mut Reader<'_>, journeys: &Journeys) -> Result<Deferred, Damage> {
        let message = MessageId(from.below(from.plan.messages.len())?);
        let trigger = from.small()?.wrapping_sub(1);
        let is = from.presence(2)?;
        let channel = ChannelId(from.below(from.plan.channels.len())?);
        let counterfactual =
            if is.has(1) { Some(ExperimentId(from.below(from.plan.experiments.len())?)) } else { None };
        let (proposed, due) = (from.instant()?, from.instant()?);
        let cause = match from.number()? {
            0 => Cause::Journey(Box::new(Proposal::read(from, journeys)?)),
            kind => Cause::read(from, kind)?,
        };
        Ok(Deferred { message, trigger, cause, late: is.has(0), proposed, channel, due, counterfactual })
    }
}

impl Cause {
    /// What starts a journey, or proposes a message without one.
    pub(crate) fn write(&self, to: &mut Writer<'_>) {
        match self {
            Cause::Event(event) => {
                to.number(1);
                event.write(to);
            }
            Cause::Entered(segment, at) => {
                to.number(2);
                to.number(segment.0.into());
                to.instant(*at);
            }
            Cause::Left(segment, at) => {
                to.number(3);
                to.number(segment.0.into());
                to.instant(*at);
            }
            Cause::Schedule(date) => {
                to.number(4);
                to.signed(*date);
            }
            Cause::Placement(placement, at) => {
                to.number(5);
                to.number(placement.0.into());
                to.instant(*at);
            }
            // A journey doesn't start another one as such: it hands on what has started it.
            Cause::Journey(proposal) => proposal.origin.cause.write(to),
        }
    }

    /// Behind the number that says which it is.
    pub(crate) fn read(from: &mut Reader<'_>, kind: u64) -> Result<Cause, Damage> {
        let plan = from.plan;
        Ok(match kind {
            1 => Cause::Event(Arc::new(Snapshot::read(from)?)),
            2 => Cause::Entered(SegmentId(from.below(plan.segments.len())?), from.instant()?),
            3 => Cause::Left(SegmentId(from.below(plan.segments.len())?), from.instant()?),
            4 => Cause::Schedule(from.signed()?),
            5 => Cause::Placement(PlacementId(from.below(plan.placements.len())?), from.instant()?),
            _ => return Err(Damage("nothing causes this")),
        })
    }
}

impl Snapshot {
    fn write(&self, to: &mut Writer<'_>) {
        let declared = &to.plan.events[self.event.index()].fields;
        to.id(&self.id);
        to.number(self.event.0.into());
        to.count(self.fields.len());
        to.presence(self.fields.iter().map(Option::is_some));
        for (value, declared) in self.fields.iter().zip(declared) {
            value.iter().for_each(|value| to.value(declared.ty, value));
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Snapshot, Damage> {
        let id: SmolStr = from.id()?;
        let event = EventId(from.below(from.plan.events.len())?);
        let declared = &from.plan.events[event.index()].fields;
        let count = from.below(declared.len() + 1)? as usize;
        let known = from.presence(count)?;
        let fields = declared[..count]
            .iter()
            .enumerate()
            .map(|(at, declared)| if known.has(at) { from.value(declared.ty).map(Some) } else { Ok(None) });
        Ok(Snapshot { id, event, fields: fields.collect::<Result<_, Damage>>()? })
    }
}
