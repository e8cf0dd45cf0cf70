//! Rounds: the log on each engine in turn, and the way from the text to a policy that decides.

use crate::commands::decider::Engine;
use crate::commands::profiles;
use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::terminal::Terminal;
use alloc_counter::count_alloc;
use comity_compiler::engine::Engine as Evaluator;
use comity_compiler::plan::Plan;
use comity_compiler::source::Project;
use comity_runtime::intake::ProfileLine;
use comity_runtime::policy::Policy;
use comity_runtime::replay::Replay;
use comity_runtime::state;
use comity_runtime::step::Detail;
use cpu_time::ProcessTime;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// A line with its number.
pub(super) type Line = (u64, Box<[u8]>);

/// What is decided over.
pub(super) struct Log {
    pub(super) events: Vec<Line>,
    pub(super) profiles: Option<PathBuf>,
}

/// What was found.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    /// `name@sha256`
    pub(super) policy: String,
    pub(super) messages: usize,
    pub(super) rounds: u32,
    pub(super) events: u64,
    pub(super) rejected: u64,
    /// Steps: events, and instants at which something was due.
    pub(super) decisions: u64,
    pub(super) customers: usize,
    /// Bytes of a customer's state, on average and at most.
    pub(super) state: (f64, usize),
    /// What was measured of each engine.
    pub(super) runs: Vec<(Engine, Run)>,
    /// Bytes of machine code.
    pub(super) code: usize,
    pub(super) stages: Stages,
}

/// A run over the whole log on one engine, as medians.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// ns
    pub(super) time: f64,
    pub(super) allocations: f64,
}

/// The way from the text to a policy that decides, ns, as medians.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stages {
    /// A part of `check`.
    pub(super) parse: f64,
    /// The text to names, types, checks, lints.
    pub(super) check: f64,
    pub(super) lower: f64,
    /// The index and machine code.
    pub(super) code: f64,
    /// What is known of the policy before the first event.
    pub(super) ready: f64,
    pub(super) total: f64,
}

/// Measures everything.
///
/// # Errors
/// Where the engines differ, or there is no machine code for this machine, or a profile can't be read.
pub(super) fn all(
    project: &Project,
    log: &Log,
    rounds: u32,
    engines: &[Engine],
    terminal: Terminal,
) -> Result<Measured> {
    let (plan, stages) = compile(project, rounds, Progress::new(terminal, "compiling"))?;
    let jit = Evaluator::jit(Arc::clone(&plan)).map_err(|error| Failure::new(error.to_string()))?;
    let code = jit.code_size();
    let interpreter = Evaluator::interpreter(Arc::clone(&plan));
    let [jit, interpreter] = [jit, interpreter].map(|engine| Arc::new(Policy::new(engine)));
    let mut profiles = Vec::new();
    if let Some(path) = &log.profiles {
        profiles::each(&jit, path, terminal, |_, profile| profiles.push(profile))?;
    }
    let mut progress = Progress::new(terminal, "measuring");
    let mut runs = vec![Vec::new(); engines.len()];
    let mut first: Option<Replayed> = None;
    let turns = u64::from(rounds) * engines.len() as u64;
    let events = log.events.len() as u64;
    for turn in 0..turns {
        // Now the one begins, now the other.
        let which = (turn as usize + turn as usize / engines.len()) % engines.len();
        let policy = match engines[which] {
            Engine::Jit => &jit,
            Engine::Interpreter => &interpreter,
        };
        let replayed = replay(policy, &profiles, log, |done| {
            progress.at((Some(turns * events), turn * events + done));
        });
        runs[which].push(replayed.run);
        match &first {
            Some(first) if first.records != replayed.records => {
                return Err(Failure::new(
                    "two runs over the log differ in their records: this is a fault of Comity",
                ));
            }
            Some(_) => {}
            None => first = Some(replayed),
        }
    }
    progress.finish();
    let Some(Replayed { replay, .. }) = first else { return Err(Failure::new("no round was run")) };
    let summary = replay.summary();
    let (customers, state) = states(&replay, &jit, &profiles, log);
    let measured = Measured {
        policy: jit.version.to_string(),
        messages: plan.messages.len(),
        rounds,
        events: summary.events,
        rejected: summary.rejected,
        decisions: summary.accepted + summary.timers,
        customers,
        state,
        runs: engines.iter().copied().zip(runs.iter().map(|runs| medians(runs))).collect(),
        code,
        stages,
    };
    // The process ends: to take the histories apart piece by piece would only cost time.
    std::mem::forget(replay);
    Ok(measured)
}

struct Replayed {
    replay: Replay,
    records: Vec<u8>,
    run: Run,
}

/// A log is gone through in pieces of about so long, after each of which it is told how far it has come.
const PIECE: Duration = Duration::from_millis(50);

/// Decides over the log: from lines to records, as `comity run` does. What telling how far it has come takes isn't counted.
fn replay(policy: &Arc<Policy>, profiles: &[ProfileLine], log: &Log, mut tell: impl FnMut(u64)) -> Replayed {
    let mut replay = Replay::new(Arc::clone(policy), Detail::default());
    for profile in profiles {
        replay.import(profile.clone());
    }
    let mut records = Vec::new();
    let (mut took, mut allocated) = (Duration::ZERO, 0);
    let mut measured = |work: &mut dyn FnMut()| {
        let start = ProcessTime::now();
        let ((allocations, reallocations, _), ()) = count_alloc(work);
        let lap = start.elapsed();
        took += lap;
        allocated += allocations + reallocations;
        lap
    };
    let (mut rest, mut size) = (&log.events[..], 1);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(size.min(rest.len()));
        let lap = measured(&mut || {
            for (number, line) in piece {
                match policy.schema.event(line) {
                    Ok(event) => replay.event(*number, event, &mut records),
                    Err(error) => replay.reject(*number, &error, &mut records),
                }
            }
        });
        rest = after;
        size = if lap < PIECE { size * 2 } else { (size / 2).max(1) };
        tell((log.events.len() - rest.len()) as u64);
    }
    measured(&mut || replay.finish(None, &mut records));
    let run = Run { time: took.as_secs_f64() * 1e9, allocations: allocated as f64 };
    Replayed { replay, records, run }
}

/// How many customers there are, and what is kept of them.
fn states(replay: &Replay, policy: &Policy, profiles: &[ProfileLine], log: &Log) -> (usize, (f64, usize)) {
    let events = log.events.iter().filter_map(|(_, line)| policy.schema.event(line).ok());
    let subjects: BTreeSet<_> = profiles
        .iter()
        .map(|profile| profile.subject.clone())
        .chain(events.map(|event| event.subject))
        .collect();
    let (mut customers, mut sum, mut most, mut bytes) = (0, 0, 0, Vec::new());
    for profile in subjects.iter().filter_map(|subject| replay.profile(subject)) {
        state::pack_into(policy, profile, &mut bytes);
        (customers, sum, most) = (customers + 1, sum + bytes.len(), most.max(bytes.len()));
    }
    (customers, (sum as f64 / customers.max(1) as f64, most))
}

/// From the text to the plan, as often as there are rounds; the last plan.
fn compile(project: &Project, rounds: u32, mut progress: Progress) -> Result<(Arc<Plan>, Stages)> {
    let mut laps: Vec<[f64; 5]> = Vec::new();
    let mut last = None;
    for round in 0..rounds {
        progress.at((Some(rounds.into()), round.into()));
        let mut lap = ProcessTime::now();
        let mut took = || std::mem::replace(&mut lap, ProcessTime::now()).elapsed();
        let analysis = comity_compiler::check(project);
        let check = took();
        // Once more, by itself.
        for file in project.files() {
            std::hint::black_box(comity_grammar::parse(&file.text));
        }
        let parse = took();
        let plan = Arc::new(comity_compiler::lower::lower(&analysis.checked).plan);
        let lower = took();
        let engine = Evaluator::jit(Arc::clone(&plan)).map_err(|error| Failure::new(error.to_string()))?;
        let code = took();
        std::hint::black_box(Policy::new(engine));
        let ready = took();
        laps.push([check, lower, code, ready, parse].map(|took: Duration| took.as_secs_f64() * 1e9));
        last = Some(plan);
    }
    progress.finish();
    let stage = |at: usize| median(laps.iter().map(|lap| lap[at]));
    let stages = Stages {
        check: stage(0),
        lower: stage(1),
        code: stage(2),
        ready: stage(3),
        parse: stage(4),
        total: median(laps.iter().map(|lap| lap[..4].iter().sum())),
    };
    last.map(|plan| (plan, stages)).ok_or_else(|| Failure::new("no round was run"))
}

fn medians(runs: &[Run]) -> Run {
    Run {
        time: median(runs.iter().map(|run| run.time)),
        allocations: median(runs.iter().map(|run| run.allocations)),
    }
}

/// The middle one, or the mean of the two in the middle; 0 of none.
fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2).copied().unwrap_or_default();
    let lower = values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    f64::midpoint(lower, upper)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median([]), 0.0);
    }
}
