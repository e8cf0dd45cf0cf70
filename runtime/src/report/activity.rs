//! What became of messages and journeys.

use super::collect::{Collector, REPORTS, Send};
use super::line::decimal;
use serde::Serialize;
use std::collections::BTreeMap;

/// A sum of money.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Money {
    /// Exactly.
    pub sum: String,
    /// The currency's code.
    pub currency: String,
}

/// How many of the messages that left were delivered, opened and so on, each counted once.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Reports {
    pub delivered: u64,
    pub failed: u64,
    pub opened: u64,
    pub clicked: u64,
    pub dismissed: u64,
    pub unsubscribed: u64,
}

/// What became of a message on a channel or a placement.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct MessageActivity {
    pub message: String,
    /// Or the placement.
    pub channel: String,
    pub sent: u64,
    pub shown: u64,
    pub held_out: u64,
    pub deferred: u64,
    pub blocked: u64,
    /// Where events were given.
    #[serde(flatten)]
    pub reports: Option<Reports>,
    /// Of those that a journey with a goal sent: after how many the goal was met.
    pub goals: Option<u64>,
    pub cost: Vec<Money>,
}

/// What became of a journey.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct JourneyActivity {
    pub journey: String,
    pub entered: u64,
    pub finished: u64,
    pub stopped: u64,
    pub migrated: u64,
    /// Those that have not ended.
    pub running: u64,
    /// Why they were stopped, and how many.
    pub reasons: BTreeMap<String, u64>,
    pub sent: u64,
    pub held_out: u64,
    #[serde(flatten)]
    pub reports: Option<Reports>,
    pub goals: u64,
    /// What met the goals, in sum.
    pub value: Vec<Money>,
    pub cost: Vec<Money>,
}

fn money(sums: &BTreeMap<String, i128>) -> Vec<Money> {
    let money = |(unit, nanos): (&String, &i128)| Money { sum: decimal(*nanos), currency: unit.clone() };
    sums.iter().map(money).collect()
}

fn reports<'s>(collector: &Collector, sends: impl Iterator<Item = &'s Send>) -> Option<Reports> {
    let mut counts = [0; REPORTS.len()];
    for send in sends {
        for (bit, count) in counts.iter_mut().enumerate() {
            *count += u64::from(send.reports >> bit & 1);
        }
    }
    let [delivered, failed, opened, clicked, dismissed, unsubscribed] = counts;
    let reports = Reports { delivered, failed, opened, clicked, dismissed, unsubscribed };
    (collector.figures.events > 0).then_some(reports)
}

pub(super) fn messages(collector: &Collector) -> Vec<MessageActivity> {
    let mut sends: BTreeMap<&(String, String), Vec<&Send>> = BTreeMap::new();
    for send in &collector.sends {
        sends.entry(&send.message).or_default().push(send);
    }
    let of = |(at, message): (&(String, String), &super::collect::Message)| {
        let sends = sends.get(at).map_or(&[][..], Vec::as_slice);
        let count = |outcome: &str| message.outcomes.get(outcome).copied().unwrap_or_default();
        let measured = |send: &&&Send| {
            let journey = send.journey.as_ref().and_then(|journey| collector.journeys.get(journey));
            !send.ghost && journey.is_some_and(|journey| !journey.goals.is_empty())
        };
        let met = |send: &&&Send| {
            send.instance.and_then(|instance| collector.met[instance]).is_some_and(|met| met >= send.time)
        };
        let is_measured = sends.iter().any(|send| measured(&send));
        MessageActivity {
            message: at.0.clone(),
            channel: at.1.clone(),
            sent: count("sent"),
            shown: count("shown"),
            held_out: count("held_out"),
            deferred: count("deferred"),
            blocked: count("blocked"),
            reports: reports(collector, sends.iter().copied()),
            goals: is_measured.then(|| sends.iter().filter(measured).filter(met).count() as u64),
            cost: money(&message.cost),
        }
    };
    collector.messages.iter().map(of).collect()
}

pub(super) fn journeys(collector: &Collector) -> Vec<JourneyActivity> {
    let mut sends: BTreeMap<&str, Vec<&Send>> = BTreeMap::new();
    for send in &collector.sends {
        if let Some(journey) = &send.journey {
            sends.entry(journey).or_default().push(send);
        }
    }
    let of = |(name, journey): (&String, &super::collect::Journey)| {
        let sends = sends.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let state = |state: &str| journey.states.get(state).copied().unwrap_or_default();
        let ended = state("finished") + state("stopped") + state("migrated");
        let mut value: BTreeMap<String, i128> = BTreeMap::new();
        for amount in journey.goals.values().flatten().filter_map(|goal| goal.value.as_ref()) {
            *value.entry(amount.unit.clone()).or_default() += amount.nanos;
        }
        JourneyActivity {
            journey: name.clone(),
            entered: state("entered"),
            finished: state("finished"),
            stopped: state("stopped"),
            migrated: state("migrated"),
            running: state("entered").saturating_sub(ended),
            reasons: journey.reasons.clone(),
            sent: sends.iter().filter(|send| !send.ghost).count() as u64,
            held_out: sends.iter().filter(|send| send.ghost).count() as u64,
            reports: reports(collector, sends.iter().copied()),
            goals: journey.goals.values().map(|goals| goals.len() as u64).sum(),
            value: money(&value),
            cost: money(&journey.cost),
        }
    };
    collector.journeys.iter().map(of).collect()
}
