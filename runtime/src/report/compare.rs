//! Arms against each other: those of an experiment, and those who were held out against those who weren't.

use super::collect::{Collector, Experiment, Happened, Holdout, Subject};
use super::line::decimal;
use super::statistics::{ENOUGH, Estimate, Proportion, Sample, fit};
use super::{ALARM, Outcome};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Names that say which arm the others are compared with; without one it is the first.
const CONTROLS: [&str; 4] = ["control", "none", "nothing", "no_message"];

/// An experiment, or a holdout.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// Its name.
    pub name: String,
    /// The arm with which the others are compared.
    pub control: String,
    /// In the order of the policy.
    pub arms: Vec<Side>,
    /// Whether the arms are as large as they should be.
    pub sample_ratio: SampleRatio,
    /// What came of it: the goal first.
    pub outcomes: Vec<OutcomeTable>,
}

/// An arm.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// Its name.
    pub arm: String,
    /// Customers.
    pub exposed: u64,
    /// How many that should be, where the shares are known.
    pub expected: Option<f64>,
}

/// Whether the arms are as large as their shares say: if not, something loses or adds customers of one arm, and no
/// comparison of them means anything.
#[derive(Clone, Debug, Serialize)]
pub struct SampleRatio {
    /// How probable a draw as uneven as this is.
    pub p: Option<f64>,
    /// It is too improbable to be chance.
    pub alarm: bool,
    /// The records don't say the shares, so that the arms were taken to be equal.
    pub assumed_equal: bool,
    /// Why there is no check.
    pub unknown: Option<String>,
}

/// One outcome of all arms.
#[derive(Clone, Debug, Serialize)]
pub struct OutcomeTable {
    /// `goal`, `goal of JOURNEY`, or an event with its field.
    pub outcome: String,
    /// In the order of the arms.
    pub arms: Vec<ArmOutcome>,
}

/// One outcome of one arm; compared with the control, unless it is the control.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ArmOutcome {
    pub arm: String,
    pub exposed: u64,
    pub converted: u64,
    /// Of the exposed, with Wilson's interval.
    pub rate: Option<Estimate>,
    /// In points of the rate, with Newcombe's interval.
    pub difference: Option<Estimate>,
    /// As a part of the control's rate, with Katz's interval.
    pub lift: Option<Estimate>,
    /// One for each currency.
    pub value: Vec<Worth>,
}

/// What an arm was worth.
#[derive(Clone, Debug, Serialize)]
pub struct Worth {
    /// Empty for a number without a unit.
    pub currency: String,
    /// Exactly.
    pub sum: String,
    /// Per exposed customer, with Student's interval.
    pub mean: Option<Estimate>,
    /// Of the means, with Welch's interval.
    pub difference: Option<Estimate>,
    /// As a part of the control's mean, with the interval of the delta method.
    pub lift: Option<Estimate>,
}

/// Who was exposed to which arm, since when and by which event.
struct Population<'c> {
    arms: Vec<String>,
    control: usize,
    exposed: FxHashMap<Subject, (usize, i64, Option<&'c str>)>,
}

impl Population<'_> {
    fn size(&self, arm: usize) -> u64 {
        self.exposed.values().filter(|(of, ..)| *of == arm).count() as u64
    }

    /// What happened to the exposed after their exposure, and up to so much later.
    fn table(
        &self,
        outcome: String,
        happened: &FxHashMap<Subject, Vec<Happened>>,
        within: Option<i64>,
    ) -> OutcomeTable {
        let mut converted = vec![0; self.arms.len()];
        // By currency and arm, in the order of the customers: sums of doubles depend on it.
        let mut values: BTreeMap<&str, Vec<BTreeMap<Subject, i128>>> = BTreeMap::new();
        for (subject, events) in happened {
            let Some((arm, since, by)) = self.exposed.get(subject) else { continue };
            let until = within.map_or(i64::MAX, |within| since.saturating_add(within));
            let counts = |happened: &&Happened| {
                (*since..=until).contains(&happened.time)
                    && (happened.event.is_none() || happened.event.as_deref() != *by)
            };
            let mut counting = events.iter().filter(counts).peekable();
            converted[*arm] += u64::from(counting.peek().is_some());
            for value in counting.filter_map(|happened| happened.value.as_ref()) {
                let of_unit = || self.arms.iter().map(|_| BTreeMap::new()).collect();
                let arms = values.entry(&value.unit).or_insert_with(of_unit);
                *arms[*arm].entry(*subject).or_default() += value.nanos;
            }
        }
        let sizes: Vec<u64> = (0..self.arms.len()).map(|arm| self.size(arm)).collect();
        let proportion = |arm: usize| Proportion { hits: converted[arm], of: sizes[arm] };
        let sample = |values: &[BTreeMap<Subject, i128>], arm: usize| {
            let values: Vec<f64> = values[arm].values().map(|nanos| *nanos as f64 / 1e9).collect();
            Sample::with_zeros(&values, sizes[arm])
        };
        let arm = |(at, name): (usize, &String)| {
            let control = (at != self.control).then_some(self.control);
            let worth = |(unit, values): (&&str, &Vec<BTreeMap<Subject, i128>>)| {
                let one = sample(values, at);
                let other = control.and_then(|control| sample(values, control));
                Worth {
                    currency: (*unit).to_owned(),
                    sum: decimal(values[at].values().sum()),
                    mean: one.and_then(Sample::mean),
                    difference: one.zip(other).and_then(|(one, other)| one.above(other)),
                    lift: one.zip(other).and_then(|(one, other)| one.lift(other)),
                }
            };
            ArmOutcome {
                arm: name.clone(),
                exposed: sizes[at],
                converted: converted[at],
                rate: proportion(at).wilson(),
                difference: control.and_then(|control| proportion(at).above(proportion(control))),
                lift: control.and_then(|control| proportion(at).lift(proportion(control))),
                value: values.iter().map(worth).collect(),
            }
        };
        OutcomeTable { outcome, arms: self.arms.iter().enumerate().map(arm).collect() }
    }

    /// Those that were asked for.
    fn outcomes(&self, collector: &Collector) -> Vec<OutcomeTable> {
        let options = &collector.options;
        let named = |outcome: &Outcome| match &outcome.field {
            Some(field) => format!("{}.{field}", outcome.event),
            None => outcome.event.clone(),
        };
        let asked = options.outcomes.iter().zip(&collector.happened);
        asked.map(|(outcome, happened)| self.table(named(outcome), happened, options.within)).collect()
    }
}

pub(super) fn experiments(collector: &Collector) -> Vec<Comparison> {
    let compare = |(name, experiment): (&String, &Experiment)| {
        let control = collector.options.control.get(name).map(String::as_str);
        let control = experiment.arms.iter().position(|arm| match control {
            Some(control) => arm == control,
            None => CONTROLS.contains(&arm.as_str()),
        });
        let exposed = experiment
            .exposed
            .iter()
            .map(|(subject, exposure)| (*subject, (exposure.arm, exposure.time, exposure.event.as_deref())));
        let arms = experiment.arms.clone();
        let population = Population { arms, control: control.unwrap_or(0), exposed: exposed.collect() };
        let mut outcomes = Vec::new();
        // Where other outcomes are asked for, a goal that nobody met may not exist.
        if !experiment.goals.is_empty() || collector.options.outcomes.is_empty() {
            outcomes.push(population.table("goal".to_owned(), &experiment.goals, None));
        }
        for name in &experiment.journeys {
            if let Some(journey) = collector.journeys.get(name).filter(|journey| !journey.goals.is_empty()) {
                outcomes.push(population.table(format!("goal of {name}"), &journey.goals, None));
            }
        }
        outcomes.extend(population.outcomes(collector));
        let mut comparison = compared(name, &population, Ok(expected(experiment)), outcomes);
        comparison.sample_ratio.assumed_equal = !says_shares(experiment);
        comparison
    };
    collector.experiments.iter().map(compare).collect()
}

/// How many each arm should have: of those whom each policy exposed its shares. Records of other origin may not say
/// them; then all arms are taken to be equal.
fn expected(experiment: &Experiment) -> Vec<f64> {
    let arms = experiment.arms.len();
    if !says_shares(experiment) {
        return vec![experiment.exposed.len() as f64 / arms as f64; arms];
    }
    let mut expected = vec![0.0; arms];
    for (shares, exposed) in experiment.drawn.values() {
        for share in shares {
            if let Some(arm) = experiment.arms.iter().position(|arm| *arm == share.arm) {
                expected[arm] += share.share * *exposed as f64;
            }
        }
    }
    expected
}

fn says_shares(experiment: &Experiment) -> bool {
    experiment.drawn.values().all(|(shares, _)| !shares.is_empty())
}

pub(super) fn holdouts(collector: &Collector) -> Vec<Comparison> {
    let compare = |(name, holdout): (&String, &Holdout)| {
        let mut population = Population {
            arms: vec!["held_out".to_owned(), "reached".to_owned()],
            control: 0,
            exposed: holdout.ghosts.iter().map(|(subject, since)| (*subject, (0, *since, None))).collect(),
        };
        // Only under policies that know the holdout.
        let of = |(policy, class): &(String, String)| {
            holdout.shares.contains_key(policy) && holdout.classes.contains(class)
        };
        for (_, reached) in collector.reached.iter().filter(|(at, _)| of(at)) {
            for (subject, since) in reached {
                let known = population.exposed.entry(*subject).or_insert((1, *since, None));
                if known.0 == 1 {
                    known.1 = known.1.min(*since);
                }
            }
        }
        let mut outcomes = Vec::new();
        for (journey, of) in &collector.journeys {
            let Some(ghosts) = of.ghosts.get(name).filter(|_| !of.goals.is_empty()) else { continue };
            let ghosts = ghosts.iter().map(|(subject, since)| (*subject, (0, *since, None)));
            let reached = of.reached.iter().filter(|(subject, _)| !holdout.ghosts.contains_key(subject));
            let reached = reached.map(|(subject, since)| (*subject, (1, *since, None)));
            let population = Population {
                arms: population.arms.clone(),
                control: 0,
                exposed: ghosts.chain(reached).collect(),
            };
            outcomes.push(population.table(format!("goal of {journey}"), &of.goals, None));
        }
        outcomes.extend(population.outcomes(collector));
        let expected = share(collector, name, holdout).map(|share| {
            let all = population.exposed.len() as f64;
            vec![share * all, (1.0 - share) * all]
        });
        compared(name, &population, expected, outcomes)
    };
    collector.holdouts.iter().map(compare).collect()
}

/// The share of a holdout, where it was the same all the time and is alone.
fn share(collector: &Collector, name: &str, holdout: &Holdout) -> Result<f64, String> {
    let shared =
        |(other, of): (&String, &Holdout)| other != name && !of.classes.is_disjoint(&holdout.classes);
    if collector.holdouts.iter().any(shared) {
        return Err("another holdout governs the same messages".to_owned());
    }
    let shares: BTreeSet<u64> =
        holdout.shares.values().map(|share| share.unwrap_or(-1.0).to_bits()).collect();
    match holdout.shares.values().next() {
        _ if shares.len() > 1 => Err("the share has changed".to_owned()),
        Some(Some(share)) => Ok(*share),
        _ => Err("the records don't say the share".to_owned()),
    }
}

fn compared(
    name: &str,
    population: &Population<'_>,
    expected: Result<Vec<f64>, String>,
    outcomes: Vec<OutcomeTable>,
) -> Comparison {
    let side = |(at, arm): (usize, &String)| Side {
        arm: arm.clone(),
        exposed: population.size(at),
        expected: expected.as_ref().ok().map(|expected| expected[at]),
    };
    let arms: Vec<Side> = population.arms.iter().enumerate().map(side).collect();
    let cells: Vec<(u64, f64)> =
        arms.iter().filter_map(|side| Some((side.exposed, side.expected?))).collect();
    let p = expected.is_ok().then(|| fit(&cells)).flatten();
    // Customers in an arm that should have none.
    let impossible = cells.iter().any(|(observed, expected)| *observed > 0 && *expected <= 0.0);
    let alarm = impossible || p.is_some_and(|p| p < ALARM);
    let few = cells.iter().any(|(_, expected)| *expected > 0.0 && *expected < ENOUGH);
    let few = few.then(|| "there are too few customers yet".to_owned());
    let sample_ratio = SampleRatio { p, alarm, assumed_equal: false, unknown: expected.err().or(few) };
    Comparison {
        name: name.to_owned(),
        control: population.arms.get(population.control).cloned().unwrap_or_default(),
        arms,
        sample_ratio,
        outcomes,
    }
}
