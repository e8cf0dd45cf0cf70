//! What a customer was sent and shown lately, and what the caps make of it (reference §7).
//!
//! A cap is counted over this log at the moment of sending, so it is exact: there is no counter that could lag.

use crate::zone::{Zone, civil::span_of};
use comity_compiler::ids::{ChannelId, ClassId, MessageId, TagId};
use comity_compiler::plan::{Calendar, Cap, CapPer, CapSpan};
use smallvec::SmallVec;
use smol_str::SmolStr;
use std::sync::Arc;

/// A message that left, or was shown, or would have been (a ghost).
#[derive(Clone, Debug)]
#[allow(missing_docs)] // As in the plan.
pub struct Send {
    pub id: SmolStr,
    pub message: MessageId,
    pub channel: ChannelId,
    /// Class and tags stay what they were when it was sent.
    pub class: ClassId,
    pub tags: Arc<[TagId]>,
    /// µs
    pub time: i64,
    /// The customer's zone at that time.
    pub zone: &'static Zone,
    /// Held out: counts against other ghosts only.
    pub ghost: bool,
    /// Did not arrive: counts no longer.
    pub failed: bool,
}

impl Send {
    /// Of a message that is in the policy no more.
    pub const NO_MESSAGE: MessageId = MessageId(u32::MAX);
    /// Of a channel that is in the policy no more.
    pub const NO_CHANNEL: ChannelId = ChannelId(u32::MAX);
    /// Of a class that is in the policy no more.
    pub(crate) const NO_CLASS: ClassId = ClassId(u32::MAX);
}

/// The log of one customer, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Sends {
    pub(super) log: Vec<Send>,
}

/// A message at the moment when it wants to leave.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct Attempt<'a> {
    pub message: MessageId,
    pub channel: ChannelId,
    pub tags: &'a [TagId],
    /// A ghost is tried against real sends and ghosts, a real message against real ones only.
    pub ghost: bool,
    /// µs
    pub now: i64,
    pub zone: &'static Zone,
}

impl Sends {
    /// Enters a message that leaves now.
    pub fn push(&mut self, send: Send) {
        self.log.push(send);
    }

    /// The send of this id.
    pub fn find(&self, id: &str) -> Option<&Send> {
        self.log.iter().rev().find(|send| send.id == id)
    }

    /// The latest real send of a message, on a channel where one is given.
    pub fn latest(&self, message: MessageId, channel: Option<ChannelId>) -> Option<&Send> {
        let mut sends = self.log.iter().rev();
        sends.find(|s| !s.ghost && s.message == message && channel.is_none_or(|c| c == s.channel))
    }

    /// A send that did not arrive no longer counts.
    pub fn fail(&mut self, id: &str) {
        self.log.iter_mut().filter(|send| send.id == id).for_each(|send| send.failed = true);
    }

    /// Forgets what is older than `before` (µs).
    pub fn prune(&mut self, before: i64) {
        if self.log.first().is_some_and(|send| send.time < before) {
            self.log.retain(|send| send.time >= before);
        }
    }

    /// Interleaves the log of a customer who turned out to be this one.
    pub fn merge(&mut self, other: Sends) {
        self.log.extend(other.log);
        self.log.sort_by_key(|send| send.time);
    }

    /// Oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Send> {
        self.log.iter()
    }

    /// How many sends a cap counts for an attempt; of one that counts by tag, for the tag with the most.
    pub fn counted(&self, cap: &Cap, attempt: Attempt<'_>) -> usize {
        match cap.per {
            None => self.ends(cap, attempt, |_| true).len(),
            Some(CapPer::Message) => self.ends(cap, attempt, |send| send.message == attempt.message).len(),
            Some(CapPer::Channel) => self.ends(cap, attempt, |send| send.channel == attempt.channel).len(),
            Some(CapPer::Tag) => {
                let counted = |tag: &&TagId| cap.selector.tags.is_empty() || cap.selector.tags.contains(tag);
                let tags = attempt.tags.iter().filter(counted);
                let counts = tags.map(|tag| self.ends(cap, attempt, |send| send.tags.contains(tag)).len());
                counts.max().unwrap_or(0)
            }
        }
    }

    /// Whether a cap is full for an attempt, and if so the instant (µs) at which it has a place again.
    pub fn full(&self, cap: &Cap, attempt: Attempt<'_>) -> Option<i64> {
        match cap.per {
            None => self.full_among(cap, attempt, |_| true),
            Some(CapPer::Message) => self.full_among(cap, attempt, |send| send.message == attempt.message),
            Some(CapPer::Channel) => self.full_among(cap, attempt, |send| send.channel == attempt.channel),
            Some(CapPer::Tag) => {
                let counted = |tag: &&TagId| cap.selector.tags.is_empty() || cap.selector.tags.contains(tag);
                let tags = attempt.tags.iter().filter(counted);
                tags.filter_map(|tag| self.full_among(cap, attempt, |send| send.tags.contains(tag))).max()
            }
        }
    }

    fn full_among(&self, cap: &Cap, attempt: Attempt<'_>, counted: impl Fn(&Send) -> bool) -> Option<i64> {
        let mut ends = self.ends(cap, attempt, counted);
        let limit = cap.limit as usize;
        if ends.len() < limit {
            return None;
        }
        ends.sort_unstable();
        Some(ends[ends.len() - limit])
    }

    /// The instants at which the sends that count cease to.
    fn ends(&self, cap: &Cap, attempt: Attempt<'_>, counted: impl Fn(&Send) -> bool) -> SmallVec<[i64; 16]> {
        let mut ends = SmallVec::new();
        for send in self.log.iter().rev() {
            if let CapSpan::Rolling(length) = cap.span
                && send.time <= attempt.now.saturating_sub(length)
            {
                break;
            }
            let counts = !send.failed
                && (!send.ghost || attempt.ghost)
                && cap.selector.matches(send.class, &send.tags, send.channel)
                && counted(send);
            ends.extend(counts.then(|| counted_until(cap.span, send, attempt)).flatten());
        }
        ends
    }
}

/// Until when a send counts under a cap of this span; `None` if it does no longer.
fn counted_until(span: CapSpan, send: &Send, attempt: Attempt<'_>) -> Option<i64> {
    let calendar = match span {
        CapSpan::Rolling(length) => return Some(send.time.saturating_add(length)),
        CapSpan::Day => Calendar::Day,
        CapSpan::Week => Calendar::Week,
        CapSpan::Month => Calendar::Month,
    };
    // In the customer's zone of today; and, so that a change of zone never frees a cap early, in the zone that it
    // was sent in.
    let in_zone = |zone: &Zone| {
        let (first, last) = span_of(zone.local(send.time).date, calendar);
        let today = zone.local(attempt.now).date;
        (first <= today && today <= last).then(|| zone.span_end(attempt.now, calendar))
    };
    let today = in_zone(attempt.zone);
    if std::ptr::eq(attempt.zone, send.zone) { today } else { today.max(in_zone(send.zone)) }
}
