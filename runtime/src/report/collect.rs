//! Reading records, and the events beside them, into what a report compares and counts.

use super::line::{Amount, ArmLine, BadLine, EventLine, RecordLine, micros};
use super::{Options, Outcome};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

/// A customer, by the order in which they were met.
pub(super) type Subject = u32;

/// What the events say of a message that left.
pub(super) const REPORTS: [&str; 6] =
    ["delivered", "failed", "opened", "clicked", "dismissed", "unsubscribed"];

/// Collects what a report is made of. First all records, then the events.
pub struct Collector {
    pub(super) options: Options,
    subjects: FxHashMap<Box<str>, Subject>,
    /// Ids of records: one that comes twice counts once.
    known: FxHashSet<Box<str>>,
    pub(super) experiments: BTreeMap<String, Experiment>,
    pub(super) holdouts: BTreeMap<String, Holdout>,
    /// The first message that reached each customer, by policy and class.
    pub(super) reached: BTreeMap<(String, String), FxHashMap<Subject, i64>>,
    pub(super) messages: BTreeMap<(String, String), Message>,
    pub(super) journeys: BTreeMap<String, Journey>,
    instances: FxHashMap<Box<str>, usize>,
    /// Instances by customer, journey and what started them.
    started: FxHashMap<(Subject, String, String), usize>,
    /// The time at which an instance met its goal.
    pub(super) met: Vec<Option<i64>>,
    pub(super) sends: Vec<Send>,
    sends_by_id: FxHashMap<Box<str>, usize>,
    sends_by_message: FxHashMap<(Subject, String), Vec<usize>>,
    /// Where outcomes are asked for: the types of the events, with the fields of those that are asked for.
    pub(super) types: BTreeMap<Box<str>, BTreeSet<String>>,
    /// By outcome of the options: how many such events had an amount in its field.
    pub(super) amounts: Vec<u64>,
    /// By outcome of the options: what happened to whom.
    pub(super) happened: Vec<FxHashMap<Subject, Vec<Happened>>>,
    pub(super) figures: Figures,
}

/// An outcome that the events don't have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing<'c> {
    /// What was asked for.
    pub outcome: &'c Outcome,
    /// The field that holds no amount in any such event; else there is no such event.
    pub field: Option<&'c str>,
    /// What there is instead: types of event, or fields of this one.
    pub known: Vec<&'c str>,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[allow(missing_docs)]
pub struct Figures {
    pub records: u64,
    pub customers: u64,
    /// Records of kinds that a report doesn't know.
    pub unknown: u64,
    pub events: u64,
    /// Deliveries, opens and the like whose message isn't among the records.
    pub unmatched: u64,
    /// µs; from the first record to the last.
    #[serde(skip)]
    pub span: Option<(i64, i64)>,
}

#[derive(Default)]
pub(super) struct Experiment {
    /// In the order of the policy, as far as it is known.
    pub(super) arms: Vec<String>,
    /// By policy: the shares of its arms, and how many were exposed under it.
    pub(super) drawn: BTreeMap<String, (Vec<ArmLine>, u64)>,
    pub(super) exposed: FxHashMap<Subject, Exposure>,
    pub(super) goals: FxHashMap<Subject, Vec<Happened>>,
    /// Journeys that expose to it.
    pub(super) journeys: BTreeSet<String>,
}

pub(super) struct Exposure {
    pub(super) arm: usize,
    pub(super) time: i64,
    /// The event that led there is no outcome of it.
    pub(super) event: Option<Box<str>>,
}

#[derive(Default)]
pub(super) struct Holdout {
    pub(super) classes: BTreeSet<String>,
    /// By policy.
    pub(super) shares: BTreeMap<String, Option<f64>>,
    /// The first ghost.
    pub(super) ghosts: FxHashMap<Subject, i64>,
}

/// Something that happened to a customer and counts.
pub(super) struct Happened {
    pub(super) time: i64,
    pub(super) event: Option<Box<str>>,
    pub(super) value: Option<Amount>,
}

/// What became of a message on a channel or a placement.
#[derive(Default)]
pub(super) struct Message {
    pub(super) outcomes: BTreeMap<String, u64>,
    pub(super) cost: BTreeMap<String, i128>,
}

#[derive(Default)]
pub(super) struct Journey {
    pub(super) states: BTreeMap<String, u64>,
    pub(super) reasons: BTreeMap<String, u64>,
    pub(super) goals: FxHashMap<Subject, Vec<Happened>>,
    pub(super) cost: BTreeMap<String, i128>,
    /// The first message of it that reached each customer.
    pub(super) reached: FxHashMap<Subject, i64>,
    /// By holdout: the first ghost of it.
    pub(super) ghosts: BTreeMap<String, FxHashMap<Subject, i64>>,
}

/// A message that left, or was shown, or would have left.
pub(super) struct Send {
    pub(super) message: (String, String),
    pub(super) journey: Option<String>,
    pub(super) instance: Option<usize>,
    pub(super) time: i64,
    pub(super) ghost: bool,
    /// A bit for each of [`REPORTS`].
    pub(super) reports: u8,
}

impl Collector {
    /// Begins.
    pub fn new(options: Options) -> Collector {
        let happened = options.outcomes.iter().map(|_| FxHashMap::default()).collect();
        Collector {
            types: BTreeMap::new(),
            amounts: vec![0; options.outcomes.len()],
            options,
            happened,
            subjects: FxHashMap::default(),
            known: FxHashSet::default(),
            experiments: BTreeMap::new(),
            holdouts: BTreeMap::new(),
            reached: BTreeMap::new(),
            messages: BTreeMap::new(),
            journeys: BTreeMap::new(),
            instances: FxHashMap::default(),
            started: FxHashMap::default(),
            met: Vec::new(),
            sends: Vec::new(),
            sends_by_id: FxHashMap::default(),
            sends_by_message: FxHashMap::default(),
            figures: Figures::default(),
        }
    }

    /// What was read so far.
    pub fn figures(&self) -> Figures {
        Figures { customers: self.subjects.len() as u64, ..self.figures }
    }

    /// The experiments met so far, each with its arms.
    pub fn experiments(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.experiments.iter().map(|(name, experiment)| (name.as_str(), &experiment.arms[..]))
    }

    /// Takes a record.
    ///
    /// # Errors
    /// Where it is none.
    pub fn record(&mut self, line: &[u8]) -> Result<(), BadLine> {
        let record: RecordLine<'_> =
            serde_json::from_slice(line).map_err(|error| BadLine::json("a record", &error))?;
        self.figures.records += 1;
        let reaches = ["sent", "shown", "held_out"].contains(&&*record.kind);
        match &*record.kind {
            "sent" | "shown" | "held_out" | "deferred" | "blocked" | "journey" | "goal" | "exposed" => {}
            "segment" | "set" | "emit" | "rejected" => return Ok(()),
            _ => {
                self.figures.unknown += 1;
                return Ok(());
            }
        }
        if let Some(id) = &record.id
            && record.kind != "blocked"
            && record.kind != "deferred"
            && !self.known.insert((&**id).into())
        {
            return Ok(());
        }
        let lacks = |field: &str| BadLine::new(format!("a record `{}` without `{field}`", record.kind));
        let subject = self.subject(record.subject.as_deref().ok_or_else(|| lacks("subject"))?);
        let time = record.time.as_deref().and_then(micros).ok_or_else(|| lacks("time"))?;
        let (from, until) = self.figures.span.unwrap_or((time, time));
        self.figures.span = Some((from.min(time), until.max(time)));
        match &*record.kind {
            "journey" => self.journey(&record, subject).ok_or_else(|| lacks("journey")),
            "exposed" => self.exposed(&record, subject, time).ok_or_else(|| lacks("arm")),
            "goal" => self.goal(&record, subject, time).ok_or_else(|| lacks("journey")),
            _ => {
                let at = self.message(&record).ok_or_else(|| lacks("message"))?;
                if reaches {
                    self.send(&record, at, subject, time);
                }
                Ok(())
            }
        }
    }

    fn subject(&mut self, name: &str) -> Subject {
        let next = self.subjects.len() as Subject;
        match self.subjects.get(name) {
            Some(subject) => *subject,
            None => *self.subjects.entry(name.into()).or_insert(next),
        }
    }

    fn journey(&mut self, record: &RecordLine<'_>, subject: Subject) -> Option<()> {
        let name = record.journey.as_deref()?;
        let journey = self.journeys.entry(name.to_owned()).or_default();
        let state = record.state.as_deref()?;
        *journey.states.entry(state.to_owned()).or_default() += 1;
        if let Some(reason) = record.reason.as_deref().filter(|_| state == "stopped") {
            *journey.reasons.entry(reason.to_owned()).or_default() += 1;
        }
        let instance = self.instance(record.instance.as_deref()?);
        if state == "entered" {
            let start = record.cause.as_ref().map(|cause| cause.start()).unwrap_or_default();
            self.started.insert((subject, name.to_owned(), start), instance);
        }
        Some(())
    }

    fn instance(&mut self, id: &str) -> usize {
        let next = self.met.len();
        let instance = *self.instances.entry(id.into()).or_insert(next);
        if instance == next {
            self.met.push(None);
        }
        instance
    }

    fn exposed(&mut self, record: &RecordLine<'_>, subject: Subject, time: i64) -> Option<()> {
        let (name, arm) = (record.experiment.as_deref()?, record.arm.as_deref()?);
        let cause = record.cause.as_ref();
        // A split says what started its journey: the journey is one that this started.
        let journeys: Vec<String> = match cause {
            Some(cause) if cause.journey.is_some() => cause.journey.iter().cloned().collect(),
            Some(cause) => {
                let start = cause.start();
                let of = |journey: &&String| {
                    self.started.contains_key(&(subject, (*journey).clone(), start.clone()))
                };
                self.journeys.keys().filter(of).cloned().collect()
            }
            None => Vec::new(),
        };
        let experiment = self.experiments.entry(name.to_owned()).or_default();
        experiment.journeys.extend(journeys);
        let declared = record.arms.iter().map(|share| share.arm.as_str());
        for arm in declared.chain([arm]) {
            if !experiment.arms.iter().any(|known| known == arm) {
                experiment.arms.push(arm.to_owned());
            }
        }
        let arm = experiment.arms.iter().position(|known| known == arm)?;
        let event = cause.and_then(|cause| cause.event.as_deref()).map(Into::into);
        if experiment.exposed.contains_key(&subject) {
            return Some(());
        }
        experiment.exposed.insert(subject, Exposure { arm, time, event });
        let policy = record.policy.as_deref().unwrap_or_default().to_owned();
        experiment.drawn.entry(policy).or_insert_with(|| (record.arms.clone(), 0)).1 += 1;
        Some(())
    }

    fn goal(&mut self, record: &RecordLine<'_>, subject: Subject, time: i64) -> Option<()> {
        let value = record.value.as_ref().and_then(Amount::read);
        let happened = Happened { time, event: None, value };
        if let Some(name) = record.experiment.as_deref() {
            let experiment = self.experiments.entry(name.to_owned()).or_default();
            experiment.goals.entry(subject).or_default().push(happened);
            return Some(());
        }
        let journey = self.journeys.entry(record.journey.as_deref()?.to_owned()).or_default();
        journey.goals.entry(subject).or_default().push(happened);
        let instance = self.instance(record.instance.as_deref()?);
        self.met[instance] = Some(time);
        Some(())
    }

    fn message(&mut self, record: &RecordLine<'_>) -> Option<(String, String)> {
        let place = record.placement.as_deref().or(record.channel.as_deref()).unwrap_or_default();
        let at = (record.message.as_deref()?.to_owned(), place.to_owned());
        let message = self.messages.entry(at.clone()).or_default();
        *message.outcomes.entry(record.kind.to_string()).or_default() += 1;
        if let Some(cost) = record.cost.as_deref().and_then(Amount::of_text) {
            *message.cost.entry(cost.unit.clone()).or_default() += cost.nanos;
            if let Some(journey) = record.cause.as_ref().and_then(|cause| cause.journey.clone()) {
                *self.journeys.entry(journey).or_default().cost.entry(cost.unit).or_default() += cost.nanos;
            }
        }
        Some(at)
    }

    /// A message that left, or its ghost.
    fn send(&mut self, record: &RecordLine<'_>, message: (String, String), subject: Subject, time: i64) {
        let policy = record.policy.as_deref().unwrap_or_default().to_owned();
        let class = record.class.as_deref().unwrap_or_default().to_owned();
        let cause = record.cause.as_ref();
        let journey = cause.and_then(|cause| cause.journey.clone());
        let ghost = record.kind == "held_out";
        if ghost {
            let reason = record.reason.as_deref().unwrap_or_default();
            let name = reason.strip_prefix("held_out:").unwrap_or(reason);
            let holdout = self.holdouts.entry(name.to_owned()).or_default();
            holdout.classes.insert(class);
            holdout.shares.insert(policy, record.share);
            holdout.ghosts.entry(subject).or_insert(time);
            if let Some(journey) = &journey {
                let journey = self.journeys.entry(journey.clone()).or_default();
                journey.ghosts.entry(name.to_owned()).or_default().entry(subject).or_insert(time);
            }
        } else {
            self.reached.entry((policy, class)).or_default().entry(subject).or_insert(time);
            if let Some(journey) = &journey {
                self.journeys.entry(journey.clone()).or_default().reached.entry(subject).or_insert(time);
            }
        }
        let start = cause.map(|cause| cause.start()).unwrap_or_default();
        let instance = journey
            .as_ref()
            .and_then(|journey| self.started.get(&(subject, journey.clone(), start)))
            .copied();
        let at = self.sends.len();
        if let Some(id) = record.id.as_deref() {
            self.sends_by_id.insert(id.into(), at);
        }
        if !ghost {
            self.sends_by_message.entry((subject, message.0.clone())).or_default().push(at);
        }
        self.sends.push(Send { message, journey, instance, time, ghost, reports: 0 });
    }

    /// Takes an event.
    ///
    /// # Errors
    /// Where it is none.
    pub fn event(&mut self, line: &[u8]) -> Result<(), BadLine> {
        let event: EventLine<'_> =
            serde_json::from_slice(line).map_err(|error| BadLine::json("an event", &error))?;
        self.figures.events += 1;
        let report = REPORTS.iter().position(|kind| *kind == event.kind);
        let counts = |outcome: &Outcome| outcome.event == event.kind;
        self.look_for_outcomes(&event);
        if report.is_none() && !self.options.outcomes.iter().any(counts) {
            return Ok(());
        }
        let Some(subject) = self.subjects.get(&*event.subject).copied() else { return Ok(()) };
        // Ids belong to their customer.
        if !self.known.insert(format!("{subject}\0{}", event.id).into()) {
            return Ok(());
        }
        let time = micros(&event.time).ok_or_else(|| BadLine::new("its `time` is no instant"))?;
        if let Some(bit) = report {
            match self.reported(&event, subject, time) {
                Some(at) => self.sends[at].reports |= 1 << bit,
                None => self.figures.unmatched += 1,
            }
        }
        for (outcome, happened) in self.options.outcomes.iter().zip(&mut self.happened) {
            if !counts(outcome) {
                continue;
            }
            let value = outcome.field.as_ref().and_then(|field| event.data.get(field));
            let value = value.and_then(Amount::read);
            let event = Some((&*event.id).into());
            happened.entry(subject).or_default().push(Happened { time, event, value });
        }
        Ok(())
    }

    /// Notes what there is, so that an outcome that isn't there can be told from one that didn't happen.
    fn look_for_outcomes(&mut self, event: &EventLine<'_>) {
        const TYPES: usize = 1000;
        const FIELDS: usize = 100;
        if self.options.outcomes.is_empty() {
            return;
        }
        if !self.types.contains_key(&*event.kind) && self.types.len() < TYPES {
            self.types.insert((&*event.kind).into(), BTreeSet::new());
        }
        for (outcome, amounts) in self.options.outcomes.iter().zip(&mut self.amounts) {
            let Some(field) = outcome.field.as_ref().filter(|_| outcome.event == event.kind) else {
                continue;
            };
            *amounts += u64::from(event.data.get(field).and_then(Amount::read).is_some());
            let Some(fields) = self.types.get_mut(&*event.kind).filter(|fields| fields.len() < FIELDS) else {
                continue;
            };
            for name in
                event.data.keys().filter(|name| !fields.contains(name.as_str())).cloned().collect::<Vec<_>>()
            {
                fields.insert(name);
            }
        }
    }

    /// Outcomes of which no event was met, or none with an amount in the field that says what it is worth.
    pub fn missing(&self) -> Vec<Missing<'_>> {
        let outcomes = self.options.outcomes.iter().zip(&self.amounts);
        let missing = outcomes.filter_map(|(outcome, amounts)| {
            let Some(fields) = self.types.get(&*outcome.event) else {
                let known = self.types.keys().map(|name| &**name).collect();
                return Some(Missing { outcome, field: None, known });
            };
            let field = outcome.field.as_deref().filter(|_| *amounts == 0)?;
            let known = fields.iter().map(String::as_str).collect();
            Some(Missing { outcome, field: Some(field), known })
        });
        missing.collect()
    }

    /// The message that a delivery, an open or the like is about.
    fn reported(&self, event: &EventLine<'_>, subject: Subject, time: i64) -> Option<usize> {
        let text = |field: &str| event.data.get(field).and_then(serde_json::Value::as_str);
        if let Some(send) = text("send") {
            return self.sends_by_id.get(send).copied();
        }
        let channel = text("channel");
        let sends = self.sends_by_message.get(&(subject, text("message")?.to_owned()))?;
        let about = |at: &&usize| {
            let send = &self.sends[**at];
            send.time <= time && channel.is_none_or(|channel| send.message.1 == channel)
        };
        sends.iter().rev().find(about).copied()
    }
}
