//! A run in figures.

use crate::effect::{Effect, EffectKind, Lifecycle, Outcome, Reason};
use crate::publish::reason_word;
use comity_compiler::ids::*;
use comity_compiler::plan::Plan;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What happened in a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Lines that were events.
    pub events: u64,
    /// Events that entered.
    pub accepted: u64,
    /// Events whose id was known.
    pub duplicate: u64,
    /// Events that came behind one of the same customer with a later time; they are among the accepted.
    pub late: u64,
    /// Those of them that came more than an hour behind, and so started nothing.
    pub too_late: u64,
    /// Events that are more than ten years before one that came earlier, whose time is probably wrong.
    pub far_behind: u64,
    /// Lines and events that were refused.
    pub rejected: u64,
    /// Events of types that the policy doesn't know; they are among the accepted.
    pub unknown: u64,
    /// Fields that the policy doesn't know.
    pub unknown_fields: u64,
    /// Steps by time alone.
    pub timers: u64,
    /// How often each segment was entered and left.
    pub segments: BTreeMap<String, (u64, u64)>,
    /// How many instances of each journey were entered, stopped, finished and migrated.
    pub journeys: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// Per message, channel and outcome.
    pub counts: BTreeMap<Count, u64>,
    /// What was sent cost, in 10⁻⁹ of the currency's major unit, by its code.
    pub cost_nanos: BTreeMap<String, i128>,
}

/// A row of the table: a message on a channel (or placement), and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Count {
    pub message: String,
    pub channel: String,
    /// `sent`, `shown`, `deferred`, `held_out:NAME`, or the reason of a blocked one.
    pub outcome: String,
}

/// What was counted since the summary was last brought up to date: by ids, for names cost time.
#[derive(Default)]
pub(super) struct Tally {
    messages: FxHashMap<(MessageId, Place, Fate), u64>,
    segments: FxHashMap<(SegmentId, bool), u64>,
    journeys: FxHashMap<(SmolStr, Lifecycle), u64>,
}

/// Where a message was to go.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Channel(ChannelId),
    Placement(PlacementId),
    Nowhere,
}

/// What became of a message, without the instants.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Fate {
    Sent,
    Shown,
    Deferred,
    HeldOut(HoldoutId),
    Blocked(Reason),
}

impl Summary {
    /// With what another one has counted, of which nothing has been settled yet.
    pub(super) fn add(&mut self, other: Summary) {
        let Summary { accepted, duplicate, late, too_late, rejected, timers, .. } = other;
        self.accepted += accepted;
        self.duplicate += duplicate;
        self.late += late;
        self.too_late += too_late;
        self.rejected += rejected;
        self.timers += timers;
    }
}

impl Tally {
    /// With what another one has counted.
    pub(super) fn add(&mut self, other: &mut Tally) {
        other.messages.drain().for_each(|(what, times)| *self.messages.entry(what).or_default() += times);
        other.segments.drain().for_each(|(what, times)| *self.segments.entry(what).or_default() += times);
        other.journeys.drain().for_each(|(what, times)| *self.journeys.entry(what).or_default() += times);
    }

    /// Counts an effect.
    pub(super) fn count(&mut self, effect: &Effect) {
        let decided = match &effect.kind {
            EffectKind::Message(decided) => decided,
            EffectKind::Segment { segment, entered } => {
                *self.segments.entry((*segment, *entered)).or_default() += 1;
                return;
            }
            EffectKind::Journey(effect) => {
                *self.journeys.entry((effect.journey.clone(), effect.state)).or_default() += 1;
                return;
            }
            EffectKind::Goal(_) | EffectKind::Exposed(_) | EffectKind::Set(_) | EffectKind::Emit(_) => return,
        };
        let fate = match decided.outcome {
            Outcome::Sent => Fate::Sent,
            Outcome::Shown => Fate::Shown,
            Outcome::Deferred(_) => Fate::Deferred,
            Outcome::HeldOut(holdout) => Fate::HeldOut(holdout),
            Outcome::Blocked(Reason::Capped(cap, _)) => Fate::Blocked(Reason::Capped(cap, 0)),
            Outcome::Blocked(reason) => Fate::Blocked(reason),
        };
        let place = match (decided.placement, decided.channel) {
            (Some(placement), _) => Place::Placement(placement),
            (None, Some(channel)) => Place::Channel(channel),
            (None, None) => Place::Nowhere,
        };
        *self.messages.entry((decided.message, place, fate)).or_default() += 1;
    }

    /// Adds what was counted to a summary, by name.
    pub(super) fn settle(&mut self, plan: &Plan, summary: &mut Summary) {
        for ((segment, entered), times) in self.segments.drain() {
            let name = plan.segments[segment.index()].name.to_string();
            let (ins, outs) = summary.segments.entry(name).or_default();
            *(if entered { ins } else { outs }) += times;
        }
        for ((journey, state), times) in self.journeys.drain() {
            let counts = summary.journeys.entry(journey.to_string()).or_default();
            *counts.entry(state.word()).or_default() += times;
        }
        for ((message, place, fate), times) in self.messages.drain() {
            let outcome = match fate {
                Fate::Sent => "sent".to_owned(),
                Fate::Shown => "shown".to_owned(),
                Fate::Deferred => "deferred".to_owned(),
                Fate::HeldOut(holdout) => format!("held_out:{}", plan.holdouts[holdout.index()].name),
                Fate::Blocked(reason) => reason_word(plan, reason),
            };
            if let (Fate::Sent, Place::Channel(channel)) = (fate, place)
                && let Some(cost) = plan.channels[channel.index()].cost
            {
                let spent = i128::from(cost.nanos) * i128::from(times);
                *summary.cost_nanos.entry(cost.currency.code().to_owned()).or_default() += spent;
            }
            let channel = match place {
                Place::Channel(channel) => plan.channels[channel.index()].name.to_string(),
                Place::Placement(placement) => plan.placements[placement.index()].name.to_string(),
                Place::Nowhere => String::new(),
            };
            let message = plan.messages[message.index()].name.to_string();
            *summary.counts.entry(Count { message, channel, outcome }).or_default() += times;
        }
    }
}
