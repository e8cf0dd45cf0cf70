//! Journeys in the plan: state machines (reference §10).
//!
//! A journey is a list of steps. An instance stands at one of them, or at one of each branch of a `together`; the
//! first step is where it begins, and each says where it goes on. Steps only go forward, but for
//! [`StepKind::Again`], which a counter bounds: so every instance ends.
//!
//! A step is known by its [`Step::id`], which follows from what it says and from the statements that it stands
//! in, and from nothing else: it stays the same when something else in the file, or beside it in the journey,
//! changes. A new version of the policy finds running instances by it ([`Mapping`]).

use super::{Guard, Trigger};
use crate::ids::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

/// How many statements an instance does at most, repetitions counted.
pub const MOST_STATEMENTS: u64 = 100_000;

/// A journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Journey {
    pub name: SmolStr,
    pub class: Option<ClassId>,
    pub triggers: Vec<Trigger>,
    /// One instance per customer and value; without it, per customer.
    pub key: Option<ExprId>,
    /// Asked at entry.
    pub when: Option<ExprId>,
    pub reenter: Reenter,
    /// How many messages an instance sends at most.
    pub touches: Option<u32>,
    pub stops: Vec<StopOn>,
    /// Conditions that end an instance; they may look at the trigger.
    pub stop_when: Vec<Guard>,
    pub goal: Option<Goal>,
    pub steps: Vec<Step>,
}

/// When a customer may enter again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reenter {
    /// Once only.
    Never,
    /// This long (µs) after the last instance has ended.
    After(i64),
    /// When no instance runs.
    WhenFinished,
    /// Instances run side by side.
    Always,
}

/// An event, or a change of a segment, that ends an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopOn {
    /// No [`Trigger::Every`].
    pub on: Trigger,
    /// A slot of the window that counts such events lately, so that an entry can be refused where one is known
    /// already; `None` where none can be, as with deliveries of an instance that hasn't sent anything.
    pub known: Option<ExprId>,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// No [`Trigger::Every`].
    pub on: Trigger,
    /// µs after the entry, or the exposure.
    pub within: i64,
}

/// `stop CLASSES journeys on P`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Stop {
    pub classes: Vec<ClassId>,
    pub stop: StopOn,
}

/// Where an instance goes on: a step, or the end.
pub type Next = Option<u32>;

/// A step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// 16 hexadecimal digits: what [`identity`] makes of `path` and `text`.
    pub id: SmolStr,
    /// The branches that it stands in, outermost first, each as the statement and the branch's name.
    pub path: Vec<SmolStr>,
    /// The statement's own line; of one that stands there again in the same branch, with a number.
    pub text: SmolStr,
    /// The waits that look for their events from the instant on at which this is reached.
    pub opens: Vec<u32>,
    /// What it does.
    pub kind: StepKind,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum StepKind {
    /// `wait D restart on …`
    Wait {
        /// µs
        duration: i64,
        restart: Option<Restart>,
        next: Next,
    },
    /// `wait until …`
    WaitUntil {
        /// µs of the local day
        time: i64,
        /// 0 is monday.
        weekday: Option<u8>,
        next: Next,
    },
    /// `wait for … up to …`
    WaitFor {
        /// No [`Trigger::Every`].
        on: Vec<Trigger>,
        /// µs
        up_to: i64,
        then: Next,
        otherwise: Next,
    },
    Send {
        message: MessageId,
        /// In order of preference; some of the message's routes.
        via: Vec<ChannelId>,
        /// Where it is a chain: how long (µs) a delivery is waited for before the next channel is tried.
        chain: Option<i64>,
        otherwise: Next,
        next: Next,
    },
    If {
        condition: ExprId,
        then: Next,
        otherwise: Next,
    },
    Split {
        experiment: ExperimentId,
        /// By the arm's position.
        arms: Vec<Next>,
    },
    Repeat {
        times: u32,
        body: Next,
        next: Next,
    },
    /// The end of a body: back to its beginning, or on.
    Again {
        repeat: u32,
    },
    Together {
        branches: Vec<Next>,
        next: Next,
    },
    /// The end of a branch.
    Join {
        together: u32,
    },
    Set {
        attribute: AttributeId,
        value: ExprId,
        next: Next,
    },
    Emit {
        event: SmolStr,
        fields: Vec<(SmolStr, ExprId)>,
        next: Next,
    },
    Enter {
        journey: JourneyId,
        next: Next,
    },
    Exit,
}

/// `restart on PATTERN up to D`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restart {
    /// No [`Trigger::Every`].
    pub on: Trigger,
    /// µs after the first start
    pub up_to: Option<i64>,
}

/// The id of a step: the first 8 bytes of the SHA-256 over path and text, each with its length before it.
pub fn identity(path: &[SmolStr], text: &str) -> SmolStr {
    let mut hash = Sha256::new();
    for part in path.iter().map(SmolStr::as_str).chain([text]) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    SmolStr::new(digest[..8].iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}")))
}

impl super::Plan {
    /// Every pattern that something outside the history waits for.
    pub fn patterns(&self) -> Vec<&Trigger> {
        let mut found: Vec<&Trigger> = Vec::new();
        found.extend(self.messages.iter().flat_map(|message| &message.triggers));
        found.extend(self.journeys.iter().flat_map(Journey::patterns));
        found.extend(self.stops.iter().map(|stop| &stop.stop.on));
        let goals = self.experiments.iter().filter_map(|experiment| experiment.goal.as_ref());
        found.extend(goals.map(|goal| &goal.on));
        found
    }

    /// The goals of journeys and experiments.
    pub fn goals(&self) -> impl Iterator<Item = &Goal> {
        let journeys = self.journeys.iter().filter_map(|journey| journey.goal.as_ref());
        journeys.chain(self.experiments.iter().filter_map(|experiment| experiment.goal.as_ref()))
    }
}

impl Journey {
    /// Every pattern: what starts, stops and moves it, and its goal.
    pub fn patterns(&self) -> Vec<&Trigger> {
        let mut found: Vec<&Trigger> = self.triggers.iter().collect();
        found.extend(self.stops.iter().map(|stop| &stop.on));
        found.extend(self.goal.iter().map(|goal| &goal.on));
        for step in &self.steps {
            match &step.kind {
                StepKind::Wait { restart: Some(restart), .. } => found.push(&restart.on),
                StepKind::WaitFor { on, .. } => found.extend(on),
                _ => {}
            }
        }
        found
    }

    /// How many steps an instance can do, repetitions counted.
    pub fn most_steps(&self) -> u64 {
        // The repeats that a step stands in: where each ends, and how often it runs.
        let mut inside: Vec<(usize, u64)> = Vec::new();
        let ends: std::collections::BTreeMap<u32, usize> = self
            .steps
            .iter()
            .enumerate()
            .filter_map(|(index, step)| match step.kind {
                StepKind::Again { repeat } => Some((repeat, index)),
                _ => None,
            })
            .collect();
        let mut total: u64 = 0;
        for (index, step) in self.steps.iter().enumerate() {
            inside.retain(|(end, _)| *end >= index);
            let times = inside.iter().fold(1, |times: u64, (_, one)| times.saturating_mul(*one));
            total = total.saturating_add(times);
            if let (StepKind::Repeat { times, .. }, Some(end)) = (&step.kind, ends.get(&(index as u32))) {
                inside.push((*end, (*times).into()));
            }
        }
        total
    }

    /// Every expression, without those of `stop when`, in the order of the fields and steps.
    pub fn exprs(&self) -> Vec<ExprId> {
        let mut found = Vec::new();
        self.clone().each_expr(&mut |expr| found.push(*expr));
        found
    }

    /// The expressions, without those of `stop when`, that may look at the trigger's fields: with those that are
    /// asked at the entry, or without them.
    pub fn of_trigger(&self, entry: bool) -> Vec<ExprId> {
        let mut bare = self.clone();
        bare.triggers.clear();
        if !entry {
            (bare.key, bare.when) = (None, None);
        }
        bare.exprs()
    }

    /// Calls with every expression, so that it can be renumbered.
    pub(crate) fn each_expr(&mut self, call: &mut impl FnMut(&mut ExprId)) {
        self.triggers.iter_mut().filter_map(filter).for_each(&mut *call);
        self.key.iter_mut().chain(&mut self.when).for_each(&mut *call);
        self.stops.iter_mut().for_each(|stop| stop.each_expr(call));
        self.goal.iter_mut().filter_map(|goal| filter(&mut goal.on)).for_each(&mut *call);
        for step in &mut self.steps {
            match &mut step.kind {
                StepKind::Wait { restart: Some(restart), .. } => {
                    filter(&mut restart.on).into_iter().for_each(&mut *call);
                }
                StepKind::WaitFor { on, .. } => on.iter_mut().filter_map(filter).for_each(&mut *call),
                StepKind::If { condition, .. } => call(condition),
                StepKind::Set { value, .. } => call(value),
                StepKind::Emit { fields, .. } => fields.iter_mut().for_each(|(_, value)| call(value)),
                _ => {}
            }
        }
    }
}

impl StopOn {
    pub(crate) fn each_expr(&mut self, call: &mut impl FnMut(&mut ExprId)) {
        filter(&mut self.on).into_iter().chain(&mut self.known).for_each(call);
    }
}

fn filter(trigger: &mut Trigger) -> Option<&mut ExprId> {
    match trigger {
        Trigger::Event { filter, .. } => filter.as_mut(),
        Trigger::Enter(_) | Trigger::Leave(_) | Trigger::Every { .. } => None,
    }
}

impl StepKind {
    /// The message that it sends.
    pub fn sends(&self) -> Option<MessageId> {
        match self {
            StepKind::Send { message, .. } => Some(*message),
            _ => None,
        }
    }

    /// Where it can go on.
    pub fn nexts(&self) -> Vec<Next> {
        match self {
            StepKind::Wait { next, .. }
            | StepKind::WaitUntil { next, .. }
            | StepKind::Set { next, .. }
            | StepKind::Emit { next, .. }
            | StepKind::Enter { next, .. } => vec![*next],
            StepKind::WaitFor { then, otherwise, .. } | StepKind::If { then, otherwise, .. } => {
                vec![*then, *otherwise]
            }
            StepKind::Send { otherwise, next, .. } => vec![*otherwise, *next],
            StepKind::Split { arms, .. } => arms.clone(),
            StepKind::Repeat { body, next, .. } => vec![*body, *next],
            StepKind::Together { branches, next } => {
                branches.iter().copied().chain(std::iter::once(*next)).collect()
            }
            StepKind::Again { .. } | StepKind::Join { .. } | StepKind::Exit => Vec::new(),
        }
    }
}

/// Where the instances of one version of a policy go on in another: data that can be printed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// By journey of the older version.
    pub journeys: Vec<MappedJourney>,
}

/// Where the instances of a journey go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MappedJourney {
    pub name: SmolStr,
    /// `None` where it is gone: its instances end.
    pub journey: Option<JourneyId>,
    /// By step of the older version; `None` where it is gone: the instances that stand there end.
    pub steps: Vec<Option<u32>>,
}

impl Mapping {
    /// From the journeys of one version to those of another.
    pub fn between(old: &[Journey], new: &[Journey]) -> Mapping {
        let map = |journey: &Journey| {
            let found = new.binary_search_by(|other| other.name.cmp(&journey.name)).ok();
            let target = found.map(|index| &new[index]);
            let step = |step: &Step| {
                let steps = target.map_or(&[][..], |target| &target.steps);
                // Steps of one id can differ in nothing but where they go on.
                steps.iter().position(|other| other.id == step.id).map(|index| index as u32)
            };
            MappedJourney {
                name: journey.name.clone(),
                journey: found.map(JourneyId::at),
                steps: journey.steps.iter().map(step).collect(),
            }
        };
        Mapping { journeys: old.iter().map(map).collect() }
    }

    /// One line for each statement: where it goes on, or that it is gone.
    pub fn print(&self, old: &[Journey], new: &[Journey]) -> String {
        let mut out = String::new();
        for (mapped, journey) in self.journeys.iter().zip(old) {
            let there = mapped.journey.and_then(|id| new.get(id.index()));
            out += &format!("{}{}\n", journey.name, if there.is_none() { " is gone" } else { "" });
            for (target, step) in mapped.steps.iter().zip(&journey.steps) {
                if matches!(step.kind, StepKind::Again { .. } | StepKind::Join { .. }) {
                    continue;
                }
                let place: String = step.path.iter().map(|part| format!("{part} / ")).collect();
                let to = match target {
                    Some(to) => format!("goes on at {to}"),
                    None => "is gone: its instances end as migrated".to_owned(),
                };
                out += &format!("  {} {place}{}: {to}\n", step.id, step.text);
            }
        }
        out
    }
}
