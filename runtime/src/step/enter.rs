//! An event enters the profile: step (1) of the reference's §10.

use super::{Step, TOO_LATE};
use crate::effect::Effect;
use crate::intake::{Event, Fields, Kind};
use crate::journey::Occurred;
use crate::policy::entrances::Entrance;
use crate::profile::{Cause, Grant, Profile, Send, Snapshot, Withdrawal};
use comity_compiler::builtin;
use comity_compiler::ids::*;
use comity_compiler::value::Value;
use smol_str::SmolStr;
use std::sync::Arc;

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It entered.
    Accepted,
    /// Its id is known: nothing changed.
    Duplicate,
    /// It can't be: nothing changed.
    Rejected(String),
}

impl Step<'_> {
    /// One event of a customer.
    pub(super) fn event(
        &mut self,
        profile: &mut Profile,
        event: &mut Event,
        merged: Option<Profile>,
        effects: &mut Vec<Effect>,
    ) -> Taken {
        let about = match &event.kind {
            Kind::Delivery { event, send, message, channel } => {
                match self.resolve(profile, *event, send.as_deref(), *message, *channel) {
                    Ok(about) => Some(about),
                    Err(reason) => return Taken::Rejected(reason),
                }
            }
            _ => None,
        };
        if profile.knows(&event.id, profile.now.max(event.time)) {
            return Taken::Duplicate;
        }
        let late = event.time < profile.now;
        let too_late = profile.now.saturating_sub(event.time) > TOO_LATE;
        self.begin(profile, event.time);
        let Some(snapshot) = self.enter(profile, event, about, merged) else {
            return Taken::Accepted;
        };
        if let Some(watch) = &mut self.watch {
            watch.happened(&profile.subject, &snapshot, event.time);
        }
        self.enter_history(profile, &snapshot, event.time);
        self.moment.changed();
        let changes = self.compare_segments(profile, effects);
        if matches!(event.kind, Kind::Merge { .. }) {
            self.end_twins(profile, effects);
        }
        let mut candidates = Vec::new();
        let occurred = Occurred { event: &snapshot, time: event.time, late, too_late };
        self.occur(profile, Some(&occurred), &changes, &mut candidates, effects);
        self.decide_all(profile, candidates, effects);
        self.room.keep(snapshot);
        Taken::Accepted
    }

    /// What a built-in event does to the profile; returns the event as patterns see it, if they do.
    fn enter(
        &mut self,
        profile: &mut Profile,
        event: &mut Event,
        about: Option<About>,
        merged: Option<Profile>,
    ) -> Option<Arc<Snapshot>> {
        let policy = self.policy;
        let text = |text: &str| policy.text(text);
        let cell = |id: u32| Value::Cell(u64::from(id));
        let (kind, mut fields): (EventId, Fields) = match &mut event.kind {
            Kind::Unknown => return None,
            Kind::Known { event: kind, fields } => {
                self.moment.changed();
                return Some(self.room.event(event.id.clone(), *kind, fields));
            }
            Kind::Identify(attributes) => {
                let mut other_zone = false;
                if attributes.iter().any(|(attribute, _)| policy.plan.timezone == Some(*attribute)) {
                    self.note_dates(profile);
                }
                for (attribute, value) in attributes.iter() {
                    other_zone |= profile.set_attribute(policy, *attribute, value.clone(), event.time);
                }
                if other_zone {
                    self.follow_zone(profile);
                }
                for (attribute, _) in attributes {
                    self.touch(profile, &policy.watches.of_attribute[attribute.index()]);
                }
                (builtin::IDENTIFY, Box::default())
            }
            Kind::ConsentGranted { purpose, channel, source, confirmed, receipt } => {
                profile.ledger.grant(Grant {
                    receipt: receipt.clone().unwrap_or_else(|| event.id.clone()),
                    purpose: *purpose,
                    channel: *channel,
                    time: event.time,
                    source: source.clone(),
                    confirmed: *confirmed,
                });
                self.touch(profile, &policy.watches.of_consents);
                let source = source.clone();
                let confirmed = cell(u32::from(*confirmed));
                let fields = [Some(cell(purpose.0)), channel.map(|c| cell(c.0)), source, Some(confirmed)];
                (builtin::CONSENT_GRANTED, Box::new(fields))
            }
            Kind::ConsentWithdrawn { purpose, channel, source } => {
                let withdrawal = Withdrawal { purpose: *purpose, channel: *channel, time: event.time };
                profile.ledger.withdraw(withdrawal);
                self.touch(profile, &policy.watches.of_consents);
                let source = source.clone();
                let fields = [purpose.map(|p| cell(p.0)), channel.map(|c| cell(c.0)), source];
                (builtin::CONSENT_WITHDRAWN, Box::new(fields))
            }
            Kind::Merge { from } => {
                if let Some(other) = merged {
                    self.merge(profile, other);
                }
                (builtin::MERGE, Box::new([Some(text(from))]))
            }
            Kind::Delivery { event: kind, .. } => {
                let about = about?;
                let report = self.report(profile, *kind, &about, event.time);
                // Nothing in the policy can ask for what is said of a message that is gone.
                if report == Report::Confirms || !about.is_known() {
                    return None;
                }
                let fields = [
                    Some(cell(about.message.0)),
                    Some(cell(about.channel.0)),
                    Some(text(about.send.as_deref().unwrap_or_default())),
                ];
                (*kind, Box::new(fields))
            }
        };
        self.moment.changed();
        Some(self.room.event(event.id.clone(), kind, &mut fields))
    }

    /// The send that a report is about.
    fn resolve(
        &self,
        profile: &Profile,
        kind: EventId,
        send: Option<&str>,
        message: Option<MessageId>,
        channel: Option<ChannelId>,
    ) -> Result<About, String> {
        let known = match (send, message) {
            (Some(id), _) => profile.sends.find(id),
            (None, Some(message)) => profile.sends.latest(message, channel),
            (None, None) => None,
        };
        match (known, message, channel) {
            (Some(send), ..) => {
                Ok(About { send: Some(send.id.clone()), message: send.message, channel: send.channel })
            }
            (None, Some(message), Some(channel)) => {
                Ok(About { send: send.map(SmolStr::new), message, channel })
            }
            _ => {
                let kind = &self.policy.plan.events[kind.index()].name;
                Err(match send {
                    Some(id) => format!(
                        "`{kind}` is about the send \"{id}\", which this customer has not had; give the `id` of a \
                         `sent` or `shown` record, or `message` and `channel`"
                    ),
                    None => format!("`{kind}` needs `send`, or `message` and `channel`"),
                })
            }
        }
    }

    /// What a report on a send changes.
    fn report(&mut self, profile: &mut Profile, kind: EventId, about: &About, time: i64) -> Report {
        match (kind, &about.send) {
            (builtin::FAILED, Some(id)) => profile.sends.fail(id),
            // What a decision returned is in the history already.
            (builtin::SHOWN, Some(id)) if profile.sends.find(id).is_some() => return Report::Confirms,
            (builtin::UNSUBSCRIBED, _) => {
                let channel = (about.channel != Send::NO_CHANNEL).then_some(about.channel);
                match self.policy.plan.messages.get(about.message.index()) {
                    Some(message) => {
                        for purpose in &message.purposes {
                            let purpose = Some(*purpose);
                            profile.ledger.withdraw(Withdrawal { purpose, channel, time });
                        }
                    }
                    // What the message was for is known no more: then it is everything.
                    None => profile.ledger.withdraw(Withdrawal { purpose: None, channel, time }),
                }
                self.touch(profile, &self.policy.watches.of_consents);
            }
            _ => {}
        }
        Report::Enters
    }

    /// Enters an event into the parts of the history that some rule can still ask for.
    pub(super) fn enter_history(&mut self, profile: &mut Profile, event: &Snapshot, time: i64) {
        let policy = self.policy;
        for Entrance { stream, filter } in policy.events[event.event.index()].streams.of(&event.fields) {
            if filter.is_none_or(|filter| self.moment.holds(policy, profile, filter, &event.fields)) {
                profile.history.insert(&policy.history, stream, time, self.order, &event.fields);
                self.touch(profile, &policy.watches.of_stream[stream.index()]);
            }
        }
    }

    /// The time zone is another: what waits for a local time waits for it there.
    pub(crate) fn follow_zone(&mut self, profile: &mut Profile) {
        self.moment.changed();
        self.compare_all_segments(profile);
        self.plan_schedules(profile);
        self.plan_deferrals(profile);
        self.plan_waits(profile);
    }

    /// Takes over all that is known of another customer, who turned out to be this one.
    fn merge(&mut self, profile: &mut Profile, mut other: Profile) {
        let policy = self.policy;
        self.note_dates(profile);
        self.note_dates(&mut other);
        profile.now = profile.now.max(other.now);
        profile.merge_seen(&mut other);
        let other_zone = profile.merge_attributes(policy, &other);
        profile.history.merge(&policy.history, other.history);
        profile.ledger.merge(other.ledger);
        profile.sends.merge(other.sends);
        profile.journeys.take_over(other.journeys, &mut other.deferred);
        for deferred in other.deferred {
            let of_journey = matches!(deferred.cause, Cause::Journey(_));
            let twin = |mine: &crate::profile::Deferred| {
                let same = (mine.message, mine.trigger, mine.counterfactual)
                    == (deferred.message, deferred.trigger, deferred.counterfactual);
                same && !of_journey
            };
            match profile.deferred.iter_mut().find(|mine| twin(mine)) {
                // Of two the older stays, as with journeys.
                Some(mine) if deferred.proposed < mine.proposed => *mine = deferred,
                Some(_) => {}
                None => profile.deferred.push(deferred),
            }
        }
        profile.forget_counterfactuals();
        for (mine, other) in profile.last_dates.iter_mut().zip(&other.last_dates) {
            *mine = (*mine).max(*other);
        }
        // Every segment and every schedule looks at another history now.
        self.moment.changed();
        self.compare_all_segments(profile);
        self.plan_schedules(profile);
        self.members_changed(profile);
        if other_zone {
            self.plan_waits(profile);
            self.plan_deferrals(profile);
        }
    }
}

/// What a report (`opened`, `failed` …) is about.
struct About {
    send: Option<SmolStr>,
    message: MessageId,
    channel: ChannelId,
}

impl About {
    fn is_known(&self) -> bool {
        self.message != Send::NO_MESSAGE && self.channel != Send::NO_CHANNEL
    }
}

#[derive(PartialEq)]
enum Report {
    /// It is news.
    Enters,
    /// It confirms what is known.
    Confirms,
}
