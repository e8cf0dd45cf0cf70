//! A run in figures.

use crate::effect::{Effect, EffectKind, Outcome};
use crate::policy::Policy;
use crate::publish::reason_word;
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

impl Summary {
    pub(super) fn count(&mut self, policy: &Policy, effect: &Effect) {
        let plan = &policy.plan;
        let decided = match &effect.kind {
            EffectKind::Message(decided) => decided,
            EffectKind::Segment { segment, entered } => {
                let name = plan.segments[segment.index()].name.to_string();
                let (ins, outs) = self.segments.entry(name).or_default();
                *(if *entered { ins } else { outs }) += 1;
                return;
            }
        };
        let outcome = match &decided.outcome {
            Outcome::Sent => "sent".to_owned(),
            Outcome::Shown => "shown".to_owned(),
            Outcome::Deferred(_) => "deferred".to_owned(),
            Outcome::HeldOut(holdout) => format!("held_out:{}", plan.holdouts[holdout.index()].name),
            Outcome::Blocked(reason) => reason_word(plan, *reason),
        };
        let place = match (decided.placement, decided.channel) {
            (Some(placement), _) => plan.placements[placement.index()].name.to_string(),
            (None, Some(channel)) => plan.channels[channel.index()].name.to_string(),
            (None, None) => String::new(),
        };
        if let (Outcome::Sent, Some(channel)) = (&decided.outcome, decided.channel)
            && let Some(cost) = plan.channels[channel.index()].cost
        {
            *self.cost_nanos.entry(cost.currency.code().to_owned()).or_default() += i128::from(cost.nanos);
        }
        let message = plan.messages[decided.message.index()].name.to_string();
        *self.counts.entry(Count { message, channel: place, outcome }).or_default() += 1;
    }
}
