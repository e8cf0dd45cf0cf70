//! Comity at work on the rows: with the values at hand, and as whole steps from lines of JSON.

use crate::project::{self, Features, project};
use crate::race::Contender;
use crate::workload::rules::Rules;
use crate::workload::{Set, Workload};
use comity_compiler::engine::Engine;
use comity_compiler::frame::{Frame, Values};
use comity_compiler::ids::{FileId, SlotId};
use comity_compiler::incremental::{self as edits, Incremental};
use comity_compiler::index::{Row, Scan, SlateId};
use comity_compiler::plan::Source;
use comity_compiler::value::Value;
use comity_runtime::effect::{Effect, EffectKind, Outcome};
use comity_runtime::intake::{Fields, Kind};
use comity_runtime::policy::Policy;
use comity_runtime::profile::Profile;
use comity_runtime::step::{Detail, Stepper, Taken};
use cpu_time::ProcessTime;
use smol_str::SmolStr;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// What the stages took from the text to a policy that decides, CPU time of all threads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stages {
    pub parse: Duration,
    /// Names, types, checks and proofs; with parsing, which it does itself.
    pub check: Duration,
    pub lower: Duration,
    /// The index and machine code.
    pub engine: Duration,
    /// All that is known of the policy before the first event.
    pub ready: Duration,
}

impl Stages {
    /// From text to ready.
    pub fn total(&self) -> Duration {
        self.check + self.lower + self.engine + self.ready
    }
}

/// Compiles the rules.
pub fn compile(rules: &Rules, features: Features) -> (Arc<Policy>, Stages) {
    let project = project(rules, features);
    let mut stages = Stages::default();
    let mut lap = ProcessTime::now();
    let mut took = || std::mem::replace(&mut lap, ProcessTime::now()).elapsed();
    let analysis = comity_compiler::check(&project);
    stages.check = took();
    // Once more, by itself.
    for file in project.files() {
        std::hint::black_box(comity_grammar::parse(&file.text));
    }
    stages.parse = took();
    assert!(!analysis.has_errors(), "{:?}", analysis.diagnostics.first());
    let lowered = comity_compiler::lower::lower(&analysis.checked);
    stages.lower = took();
    let engine = Engine::jit(Arc::new(lowered.plan)).expect("machine code for this machine");
    stages.engine = took();
    let policy = Arc::new(Policy::new(engine));
    stages.ready = took();
    (policy, stages)
}

/// A policy that decides while its messages are edited.
pub struct Edited {
    incremental: Incremental,
    /// As it is now.
    pub policy: Arc<Policy>,
}

impl Edited {
    /// The policy before the first edit.
    pub fn new(rules: &Rules) -> Edited {
        let incremental = Incremental::new(project(rules, Features::All));
        let plan = incremental.plan().expect("a policy without mistakes");
        let engine = Engine::jit(Arc::clone(plan)).expect("machine code for this machine");
        Edited { policy: Arc::new(Policy::new(engine)), incremental }
    }

    /// The version of the policy, compiled as a whole.
    pub fn whole_version(&self) -> SmolStr {
        let plan = edits::Incremental::new(self.incremental.project().clone()).plan().cloned();
        let engine = Engine::interpreter(plan.expect("a policy without mistakes"));
        Policy::new(engine).version
    }

    /// What it takes, CPU time of all threads, from a text that differs in this message from the one before to a policy that
    /// decides by it: the message has this weight, and these conditions besides.
    pub fn edit(&mut self, rules: &Rules, message: usize, (weight, besides): (f64, &str)) -> Duration {
        let name = project::file_of(message);
        let files = self.incremental.project().files();
        let file = files.iter().position(|file| file.path == name).map(FileId::at).expect("the same files");
        let text = project::with_message(&files[file.index()].text, rules, message, (weight, besides));
        let start = ProcessTime::now();
        let edits::Edited::Messages(changed) = self.incremental.edit(file, text) else {
            panic!("only message {message} was edited")
        };
        let (plan, version) = (self.incremental.plan(), self.incremental.version());
        let (plan, version) = plan.zip(version).expect("a policy without mistakes");
        let engine =
            self.policy.engine.amended(Arc::clone(plan), &changed).expect("few messages have changed");
        let engine = engine.expect("machine code for this machine");
        let policy = Arc::new(self.policy.amended(engine, &changed, version));
        let took = start.elapsed();
        // Until here the one before has gone on deciding.
        self.policy = policy;
        took
    }
}

/// The local date of [`project::START`], in days since 1970-01-01.
pub(crate) const TODAY: i64 = 20_514;

/// The one place that knows how the engine is asked with the input at hand. Its gates are open: consents are given,
/// caps are empty, as they are in whole steps.
#[inline]
fn decide(policy: &Policy, values: Values<'_>, scan: &mut Scan) -> Option<u32> {
    let best = policy.engine.best_of(SlateId(0), values, TODAY, |_| true, |_| true, scan);
    best.map(|best| best.message.0)
}

/// The same for all that are eligible.
#[inline]
fn eligible(policy: &Policy, mut values: Values<'_>, scan: &mut Scan) -> Set {
    policy.engine.begin(SlateId(0), &mut values, TODAY, |_| true, scan);
    let mut set = Set::default();
    policy.engine.visit_found(SlateId(0), &mut values, &[], scan, |found| set.insert(found.message.0));
    set
}

/// So many records are written together.
const BATCH: usize = 32;

/// With the values of each row at hand: a flat record of cells for each, one after the other.
pub struct AtHand {
    policy: Arc<Policy>,
    features: Features,
    cells: Vec<u64>,
    known: Vec<u8>,
    frame: Frame,
    scan: Scan,
    /// What explains the decisions of a batch, where that is kept.
    explained: Option<Vec<Row>>,
}

impl AtHand {
    /// The same, and what explains each decision is kept; `None` where the messages are few and nothing has to be: each is
    /// looked at anew.
    pub fn explaining(policy: &Arc<Policy>, workload: &Workload, features: Features) -> Option<AtHand> {
        let mut at_hand = AtHand::new(policy, workload, features);
        at_hand.each(0..1, &mut [None], decide);
        at_hand.explained = Some(Vec::new());
        (!at_hand.scan.rows().is_empty()).then_some(at_hand)
    }

    pub fn new(policy: &Arc<Policy>, workload: &Workload, features: Features) -> AtHand {
        let mut frame = Frame::new(&policy.plan);
        let (mut cells, mut known) = (Vec::new(), Vec::new());
        for row in 0..workload.rows.len() {
            frame.clear();
            values(policy, workload, row).iter().for_each(|(slot, value)| frame.set(*slot, Some(value)));
            let slots = (0..policy.plan.slots.len()).map(SlotId::at);
            let answers: Vec<_> = slots.map(|slot| frame.get(slot)).collect();
            cells.extend(answers.iter().map(|answer| answer.cell));
            known.extend(answers.iter().map(|answer| u8::from(answer.known)));
        }
        let (scan, policy) = (Scan::default(), Arc::clone(policy));
        AtHand { features, cells, known, frame, scan, policy, explained: None }
    }

    /// Asks for the record of each row, where it lies.
    fn each<A>(
        &mut self,
        rows: Range<usize>,
        answers: &mut [A],
        ask: impl Fn(&Policy, Values<'_>, &mut Scan) -> A,
    ) {
        let slots = self.policy.plan.slots.len();
        for (row, answer) in rows.zip(answers) {
            let at = row * slots..(row + 1) * slots;
            let values = self.frame.with_record(&self.cells[at.clone()], &self.known[at]);
            *answer = ask(&self.policy, values, &mut self.scan);
            if let Some(explained) = &mut self.explained {
                // As records are written: batch by batch.
                if row.is_multiple_of(BATCH) {
                    std::hint::black_box(&*explained);
                    explained.clear();
                }
                explained.extend_from_slice(self.scan.rows());
            }
        }
    }
}

pub(crate) fn name(features: Features) -> &'static str {
    match features {
        Features::Plain => "Comity",
        Features::All => "Comity, everything on",
    }
}

/// The slots of a row, as profiles and events fill them.
fn values(policy: &Policy, workload: &Workload, row: usize) -> Vec<(SlotId, Value)> {
    let profile =
        policy.schema.profile(project::profile(row, &workload.rows[row]).as_bytes()).expect("a profile");
    let event =
        policy.schema.event(project::event(row, &workload.rows[row], 0).as_bytes()).expect("an event");
    let Kind::Known { event, fields } = event.kind else { unreachable!("the event is declared") };
    let declared = &policy.plan.events[event.index()].fields;
    let mut values = Vec::new();
    for (slot, source) in policy.plan.slots.iter().enumerate() {
        let value = match source.source {
            Source::Attribute(id) => {
                profile.attributes.iter().find(|(attribute, _)| *attribute == id).and_then(|(_, value)| value)
            }
            Source::Event(name) => declared
                .iter()
                .position(|field| field.name == policy.plan.texts[name.index()])
                .and_then(|at| fields[at].clone()),
            // This is the customer's first event.
            Source::Window(_) => Some(Value::Cell(1)),
            _ => None,
        };
        values.extend(value.map(|value| (SlotId::at(slot), value)));
    }
    values
}

impl Contender<Option<u32>> for AtHand {
    fn name(&self) -> String {
        let bits = if self.explained.is_some() { ", with explanation bits" } else { "" };
        format!("{}{bits}", name(self.features))
    }

    fn run(&mut self, rows: Range<usize>, answers: &mut [Option<u32>]) {
        self.each(rows, answers, decide);
    }
}

impl Contender<Set> for AtHand {
    fn name(&self) -> String {
        name(self.features).to_owned()
    }

    fn run(&mut self, rows: Range<usize>, answers: &mut [Set]) {
        self.each(rows, answers, eligible);
    }
}

/// What comes in as JSON, for each row of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The event; the customer is known.
    Event,
    /// The customer as well, of whom nothing was known.
    ProfileAndEvent,
}

impl Input {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Input::Event => "the event",
            Input::ProfileAndEvent => "the profile and the event",
        }
    }
}

/// Whole steps: from lines of JSON to effects, with history, consent and all gates.
pub struct Steps<'a> {
    workload: &'a Workload,
    stepper: Stepper,
    /// `None` where nothing is known.
    profiles: Vec<Option<Profile>>,
    input: Input,
    features: Features,
    /// Of this round, from its first row on.
    lines: Vec<(String, String)>,
    effects: Vec<Effect>,
    /// What is left of the event before.
    room: Fields,
    order: u64,
}

impl<'a> Steps<'a> {
    pub fn new(policy: &Arc<Policy>, workload: &'a Workload, features: Features, input: Input) -> Steps<'a> {
        let rows = workload.rows.iter().enumerate();
        let profiles = rows.map(|(index, row)| Some(import(policy, &project::profile(index, row)))).collect();
        let stepper = Stepper::new(Arc::clone(policy), Detail::default());
        Steps {
            workload,
            stepper,
            profiles,
            input,
            features,
            lines: Vec::new(),
            effects: Vec::new(),
            room: Fields::default(),
            order: 0,
        }
    }

    fn step(&mut self, row: usize, line: usize) -> Option<u32> {
        let (profile, event) = &self.lines[line];
        let policy = self.stepper.policy();
        let profile = self.profiles[row].get_or_insert_with(|| import(policy, profile));
        let room = std::mem::take(&mut self.room);
        let mut event = policy.schema.event_in(event.as_bytes(), room).expect("an event");
        self.order += 1;
        self.effects.clear();
        let taken = self.stepper.event(profile, &mut event, self.order, None, &mut self.effects);
        debug_assert_eq!(taken, Taken::Accepted);
        if let Kind::Known { fields, .. } = event.kind {
            self.room = fields;
        }
        self.effects.iter().find_map(|effect| match &effect.kind {
            EffectKind::Message(decided) if decided.outcome == Outcome::Sent => Some(decided.message.0),
            _ => None,
        })
    }
}

/// A customer from a line of a profiles file.
fn import(policy: &Policy, line: &str) -> Profile {
    Profile::imported(policy, policy.schema.profile(line.as_bytes()).expect("a profile"))
}

impl Contender<Option<u32>> for Steps<'_> {
    fn name(&self) -> String {
        let with = if self.features == Features::All { ", everything on" } else { "" };
        format!("Comity, {} to effects{with}", self.input.name())
    }

    fn prepare(&mut self, round: usize, rows: Range<usize>) {
        if self.input == Input::ProfileAndEvent {
            self.profiles[rows.clone()].fill(None);
        }
        self.lines = rows
            .map(|index| {
                let row = &self.workload.rows[index];
                (project::profile(index, row), project::event(index, row, round))
            })
            .collect();
    }

    fn run(&mut self, rows: Range<usize>, answers: &mut [Option<u32>]) {
        for (line, (row, answer)) in rows.zip(answers).enumerate() {
            *answer = self.step(row, line);
        }
    }
}
