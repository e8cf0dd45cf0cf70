//! The whole measurement: for each number of messages, who takes how long for what.

use crate::comity::{self, AtHand, Input, Steps};
use crate::json::Reading;
use crate::machine::Machine;
use crate::native::{self, Code, Native, Order};
use crate::peers;
use crate::project::{EVENT, Features};
use crate::race::{Contender, Timing, median, race};
use crate::reading::Decides;
use crate::workload::{Set, Shape, Workload};
use serde::Serialize;
use std::time::Duration;

/// What to measure.
#[derive(Clone, Debug, Serialize)]
pub struct What {
    pub messages: Vec<usize>,
    pub pairs: usize,
    pub rounds: usize,
    pub seed: u64,
    #[serde(skip)]
    pub skip_native_above: usize,
    #[serde(skip)]
    pub skip_peers_above: usize,
    /// Nothing but these; where there are none, all.
    #[serde(skip)]
    pub only: Vec<Part>,
}

/// What is measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// The best message, with the values at hand.
    Best,
    /// All that are eligible, with the values at hand.
    Eligible,
    /// From JSON to the decision.
    Json,
    /// From text to a policy that is ready.
    Compiling,
    /// What a policy takes.
    Memory,
}

impl What {
    fn asks_for(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// All that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    pub machine: Machine,
    pub what: What,
    /// Names of other engines, and how each is given its rules.
    pub peers: Vec<(String, &'static str)>,
    pub sizes: Vec<Size>,
}

/// For one number of messages.
#[derive(Clone, Debug, Serialize)]
pub struct Size {
    pub shape: Shape,
    /// With the values at hand, the best message.
    pub best: Vec<Timing>,
    /// With the values at hand, all that are eligible.
    pub eligible: Vec<Timing>,
    /// From the event's line to the decision; the first is serde_json reading that line, the second the same without a copy of
    /// its texts.
    pub event: Vec<Timing>,
    /// The same of the profile's and the event's lines.
    pub profile_and_event: Vec<Timing>,
    /// Bytes of the event's line, and of both.
    pub line_bytes: [f64; 2],
    pub compiled: Vec<Compiled>,
    /// Names of engines that don't take so many messages.
    pub refused: Vec<String>,
    pub memory: Memory,
}

/// What compiling took.
#[derive(Clone, Debug, Serialize)]
pub struct Compiled {
    pub what: String,
    /// The median.
    pub seconds: f64,
    /// Each time.
    pub rounds: Vec<f64>,
}

impl Compiled {
    /// What something took each time.
    pub fn new(what: impl Into<String>, took: impl IntoIterator<Item = Duration>) -> Compiled {
        let rounds: Vec<f64> = took.into_iter().map(|took| took.as_secs_f64()).collect();
        Compiled { what: what.into(), seconds: median(rounds.iter().copied()), rounds }
    }

    /// Each time, ns.
    pub fn ns(&self) -> Vec<f64> {
        self.rounds.iter().map(|seconds| seconds * 1e9).collect()
    }
}

/// What a policy takes.
#[derive(Clone, Copy, Debug, Default, Serialize, serde::Deserialize)]
pub struct Memory {
    pub messages: usize,
    /// Of a policy with everything on, machine code apart.
    pub bytes: u64,
    /// Of machine code.
    pub code: u64,
    pub allocations_deciding: f64,
    pub allocations_stepping: f64,
}

/// Measures all of it.
///
/// # Errors
/// Where an engine answers wrongly or can't be set up.
pub fn all(what: &What) -> Result<Results, String> {
    let memory = if what.asks_for(Part::Memory) { memory(what)? } else { Vec::new() };
    let mut sizes = Vec::new();
    for messages in &what.messages {
        eprintln!("{messages} messages");
        let workload = Workload::new(what.seed, *messages, what.pairs);
        let memory = memory.iter().find(|one| one.messages == *messages).copied().unwrap_or_default();
        sizes.push(size(what, &workload, memory)?);
    }
    Ok(Results { machine: Machine::here(), what: what.clone(), peers: peers::notes(), sizes })
}

fn size(what: &What, workload: &Workload, memory: Memory) -> Result<Size, String> {
    let messages = workload.rules.messages.len();
    let mut compiled = Vec::new();
    let mut codes = Vec::new();
    if messages <= what.skip_native_above {
        for order in [Order::Straight, Order::ByClass, Order::AllEligible] {
            eprintln!("  compiling {order:?} Rust");
            let code = Code::compile(&workload.rules, order, &native::cache())?;
            if order == Order::Straight {
                compiled.push(Compiled::new("rustc -O3", [code.took]));
            }
            codes.push(code);
        }
    }
    let [(plain, _), (all, _)] =
        [Features::Plain, Features::All].map(|features| comity::compile(&workload.rules, features));
    if what.asks_for(Part::Compiling) {
        compiled.extend(compiling(workload));
    }

    let (mut others, took, refused) =
        if messages <= what.skip_peers_above { peers::all(workload) } else { Default::default() };
    compiled.extend(took);

    eprintln!("  the best message");
    let mut contenders: Vec<Box<dyn Contender<Option<u32>> + '_>> = Vec::new();
    for code in codes.iter().take(2) {
        contenders.push(Box::new(Native::new(code, workload)));
    }
    contenders.push(Box::new(AtHand::new(&plain, workload, Features::Plain)));
    contenders.push(Box::new(AtHand::new(&all, workload, Features::All)));
    let explaining = AtHand::explaining(&all, workload, Features::All);
    contenders.extend(explaining.map(|one| Box::new(one) as Box<dyn Contender<Option<u32>>>));
    contenders.extend(others.iter_mut().map(|peer| Box::new(peer) as Box<dyn Contender<Option<u32>>>));
    let best = race_if(what.asks_for(Part::Best), &mut contenders, &workload.best, what.rounds)?;
    drop(contenders);

    eprintln!("  all that are eligible");
    let mut contenders: Vec<Box<dyn Contender<Set> + '_>> = Vec::new();
    for code in codes.iter().skip(2) {
        contenders.push(Box::new(Native::new(code, workload)));
    }
    contenders.push(Box::new(AtHand::new(&plain, workload, Features::Plain)));
    contenders.push(Box::new(AtHand::new(&all, workload, Features::All)));
    contenders.extend(others.iter_mut().map(|peer| Box::new(peer) as Box<dyn Contender<Set>>));
    let eligible = race_if(what.asks_for(Part::Eligible), &mut contenders, &workload.eligible, what.rounds)?;
    drop(contenders);

    eprintln!("  from JSON");
    let mut line_bytes = [0.0; 2];
    let mut from_json = |input: Input| {
        let [reading, borrowing] =
            [false, true].map(|borrows| Reading::new(workload, input == Input::ProfileAndEvent, borrows));
        line_bytes[usize::from(input == Input::ProfileAndEvent)] = reading.bytes();
        let mut contenders: Vec<Box<dyn Contender<Option<u32>> + '_>> =
            vec![Box::new(reading), Box::new(borrowing)];
        contenders.push(Box::new(Decides::reading(&plain, workload, Features::Plain, input)));
        for (policy, features) in [(&plain, Features::Plain), (&all, Features::All)] {
            contenders.push(Box::new(Decides::new(policy, workload, features, input)));
        }
        for (policy, features) in [(&plain, Features::Plain), (&all, Features::All)] {
            contenders.push(Box::new(Steps::new(policy, workload, features, input)));
        }
        race(&mut contenders, &workload.best, what.rounds)
    };
    let (event, profile_and_event) = match what.asks_for(Part::Json) {
        true => (from_json(Input::Event)?, from_json(Input::ProfileAndEvent)?),
        false => Default::default(),
    };
    Ok(Size {
        shape: workload.shape(),
        best,
        eligible,
        event,
        profile_and_event,
        line_bytes,
        compiled,
        refused,
        memory,
    })
}

/// Nobody is timed where nobody asks.
fn race_if<A: Clone + std::fmt::Debug + Default + PartialEq>(
    is_asked: bool,
    contenders: &mut [Box<dyn Contender<A> + '_>],
    right: &[A],
    rounds: usize,
) -> Result<Vec<Timing>, String> {
    if is_asked { race(contenders, right, rounds) } else { Ok(Vec::new()) }
}

/// From text to ready, by stage, as medians; and with one message changed.
fn compiling(workload: &Workload) -> Vec<Compiled> {
    let mut runs = vec![comity::compile(&workload.rules, Features::All).1];
    // What takes seconds is measured less often.
    let times = if runs[0].total() > Duration::from_secs(1) { 1 } else { 7 };
    while runs.len() < times {
        runs.push(comity::compile(&workload.rules, Features::All).1);
    }
    let stage = |what: &str, of: fn(&comity::Stages) -> Duration| Compiled::new(what, runs.iter().map(of));
    vec![
        stage("Comity, text to ready", comity::Stages::total),
        stage("parse", |run| run.parse),
        stage("check, with parsing", |run| run.check),
        stage("lower", |run| run.lower),
        stage("index and machine code", |run| run.engine),
        stage("ready", |run| run.ready),
        Compiled::new("one message changed", change_some(workload, |_| String::new())),
        Compiled::new(
            "one message changed, with a text and a window of its own",
            change_some(workload, |step| {
                let (country, days) = (OTHER_COUNTRIES[step % OTHER_COUNTRIES.len()], 8 + step);
                format!(" and profile.country != \"{country}\" and count of {EVENT} within {days}d < 100")
            }),
        ),
    ]
}

/// For which no rule of the workload asks.
const OTHER_COUNTRIES: [&str; 15] =
    ["LU", "MT", "CY", "IS", "LI", "EE", "LV", "LT", "SI", "SK", "HR", "BG", "UA", "TR", "CL"];

/// So many messages are changed, one after the other.
const CHANGED: usize = 15;

/// What it takes until a policy is ready of which one message has changed, again and again: another number, and what it
/// asks besides. What comes of it is the policy that the whole text says.
fn change_some(workload: &Workload, besides: impl Fn(usize) -> String) -> Vec<Duration> {
    let rules = &workload.rules;
    let mut edited = comity::Edited::new(rules);
    let count = rules.messages.len();
    let changed = (0..CHANGED).map(|step| {
        let message = (count / 2 + step * 37) % count;
        let weight = rules.messages[message].churn_weight + 1.0 + step as f64;
        edited.edit(rules, message, (weight, &besides(step)))
    });
    let took = changed.collect();
    assert_eq!(edited.policy.version, edited.whole_version(), "the policy is the one that its text says");
    took
}

/// Asks the program beside this one, whose allocator counts.
fn memory(what: &What) -> Result<Vec<Memory>, String> {
    let program =
        std::env::current_exe().map_err(|error| error.to_string())?.with_file_name("comity-bench-memory");
    let output = std::process::Command::new(&program)
        .arg(what.seed.to_string())
        .args(what.messages.iter().map(usize::to_string))
        .output()
        .map_err(|error| format!("{}: {error}; `cargo build --release` builds it", program.display()))?;
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    lines.lines().map(|line| serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))).collect()
}
