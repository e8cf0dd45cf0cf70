//! What experiments, holdouts, journeys and messages came to, from records alone: who was exposed, who converted, what
//! that was worth, and how sure one can be of it.
//!
//! Records carry what that takes: exposures the shares of their experiment's arms, ghosts the share of their holdout,
//! goals what the event was worth, messages what they cost. Deliveries, opens and clicks are events: who gives their
//! log gets them counted too, and can ask for further outcomes.

mod activity;
mod collect;
mod compare;
mod line;
mod statistics;
#[cfg(test)]
mod tests;

pub use activity::{JourneyActivity, MessageActivity, Money, Reports};
pub use collect::{Collector, Figures, Missing};
pub use compare::{ArmOutcome, Comparison, OutcomeTable, SampleRatio, Side, Worth};
pub use line::{BadLine, decimal};
pub use statistics::Estimate;

use serde::Serialize;
use std::collections::BTreeMap;

/// A sample ratio is alarming below this probability.
pub const ALARM: f64 = 0.001;

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Outcomes that are found among the events, beside the goals of the policy.
    pub outcomes: Vec<Outcome>,
    /// How long after an exposure an event counts, µs; without it, however late it came.
    pub within: Option<i64>,
    /// The arm with which the others are compared, by experiment.
    pub control: BTreeMap<String, String>,
}

/// Customers to whom such an event happens have converted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its type.
    pub event: String,
    /// The field that says what it is worth.
    pub field: Option<String>,
}

/// The whole report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What it is made of.
    pub figures: Figures,
    /// By name.
    pub experiments: Vec<Comparison>,
    /// By name.
    pub holdouts: Vec<Comparison>,
    /// By name.
    pub journeys: Vec<JourneyActivity>,
    /// By name and channel.
    pub messages: Vec<MessageActivity>,
}

impl Report {
    /// Of all that was collected.
    pub fn of(collector: &Collector) -> Report {
        Report {
            figures: collector.figures(),
            experiments: compare::experiments(collector),
            holdouts: compare::holdouts(collector),
            journeys: activity::journeys(collector),
            messages: activity::messages(collector),
        }
    }

    /// The experiments and holdouts whose sample ratio is alarming.
    pub fn alarms(&self) -> impl Iterator<Item = &Comparison> {
        self.experiments.iter().chain(&self.holdouts).filter(|comparison| comparison.sample_ratio.alarm)
    }
}
