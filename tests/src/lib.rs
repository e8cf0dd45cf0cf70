//! What the tests of the whole pipeline share: from policy text and events to records.

#![forbid(unsafe_code)]

pub mod example;
pub mod fuzz;
pub mod generate;
pub mod mutate;
pub mod properties;
pub mod recovery;

use comity_compiler::diagnostic::line_and_column;
use comity_compiler::engine::Engine;
use comity_compiler::ids::PlacementId;
use comity_compiler::plan::Plan;
use comity_compiler::source::{Project, SourceFile, Unread};
use comity_runtime::policy::Policy;
use comity_runtime::profile::Profile;
use comity_runtime::replay::Replay;
use comity_runtime::state;
use comity_runtime::step::Detail;
use comity_runtime::testing::Runner;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A project of one file. Its models are those of this folder: `models/conversion.txt`.
pub fn project(policy: &str) -> Project {
    let mut project = Project::single(SourceFile::new("policy.comity", policy));
    project.read_models(&mut model);
    project
}

/// The file of a model in this folder, or in that of an example.
///
/// # Errors
/// Where there is none.
pub fn model(path: &str) -> Result<Vec<u8>, Unread> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let examples = std::fs::read_dir(own.join("../examples")).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = examples.map(|entry| entry.path()).collect();
    folders.sort();
    folders.insert(0, own.to_owned());
    folders.iter().find_map(|folder| std::fs::read(folder.join(path)).ok()).ok_or(Unread::Missing)
}

/// The plan of a policy without errors.
///
/// # Panics
/// Where the policy has errors, with the errors.
pub fn plan(policy: &str) -> Arc<Plan> {
    plan_of(&project(policy))
}

/// The plan of a project without errors.
///
/// # Panics
/// Where the project has errors, with the errors.
pub fn plan_of(project: &Project) -> Arc<Plan> {
    let compiled = comity_compiler::compile(project);
    let diagnostics = compiled.analysis.diagnostics.iter();
    let said: Vec<String> = diagnostics.map(|d| comity_compiler::diagnostic::render(project, d)).collect();
    compiled.plan.unwrap_or_else(|| panic!("the policy has errors:\n{}", said.join("\n")))
}

/// A plan made ready on each of the two engines, the interpreter first.
///
/// # Panics
/// Where there is no machine code for this machine.
pub fn policies(plan: &Arc<Plan>) -> [Arc<Policy>; 2] {
    let jit = Engine::jit(Arc::clone(plan)).expect("machine code for this machine");
    [Engine::interpreter(Arc::clone(plan)), jit].map(|engine| Arc::new(Policy::new(engine)))
}

/// The records of a run, as bytes; blocked candidates too.
///
/// # Panics
/// Where a profile can't be read.
pub fn run(policy: &Arc<Policy>, profiles: &str, events: &str, until: Option<i64>) -> Vec<u8> {
    let mut out = Vec::new();
    let detail = Detail { blocked: true, redact: false };
    replay(policy, detail, profiles, events, &mut out).finish(until, &mut out);
    out
}

/// A run that has taken all events and goes on.
///
/// # Panics
/// Where a profile can't be read.
pub fn replay(
    policy: &Arc<Policy>,
    detail: Detail,
    profiles: &str,
    events: &str,
    out: &mut Vec<u8>,
) -> Replay {
    feed(Replay::new(Arc::clone(policy), detail), profiles, events, out)
}

/// Asks each placement, a minute after the last event, what it shows each of the customers `c0`, `c1` ….
pub fn ask_placements(replay: &mut Replay, customers: u64, out: &mut Vec<u8>) {
    for customer in 0..customers {
        for placement in (0..replay.policy().plan.placements.len()).map(PlacementId::at) {
            let at = replay.clock().unwrap_or_default() + 60_000_000;
            replay.decide(&format!("c{customer}"), placement, at, out);
        }
    }
}

/// A run that has taken all events and goes on, from one that has taken none.
///
/// # Panics
/// Where a profile can't be read.
pub fn feed(mut replay: Replay, profiles: &str, events: &str, out: &mut Vec<u8>) -> Replay {
    let policy = Arc::clone(replay.policy());
    for line in lines(profiles) {
        replay.import(policy.schema.profile(line.as_bytes()).expect("a profile"));
    }
    for (index, line) in lines(events).enumerate() {
        let place = index as u64 + 1;
        match policy.schema.event(line.as_bytes()) {
            Ok(event) => replay.event(place, event, out),
            Err(rejected) => replay.reject(place, &rejected, out),
        }
    }
    replay
}

/// The records of a run, which must be the same on both engines, each as a short line: what happened when, to whom,
/// with which message.
///
/// # Panics
/// Where the engines differ.
pub fn decide(policy: &str, profiles: &str, events: &str, until: Option<&str>) -> String {
    let plan = plan(policy);
    let until = until.map(|text| {
        let at: jiff::Timestamp = text.parse().expect("an instant");
        at.as_microsecond()
    });
    let [interpreted, compiled] = policies(&plan).map(|policy| run(&policy, profiles, events, until));
    assert_eq!(
        String::from_utf8_lossy(&interpreted),
        String::from_utf8_lossy(&compiled),
        "the engines must agree"
    );
    short(&interpreted)
}

/// What comes of the tests of a policy on both engines, which must agree: a line for each, then what isn't as it
/// expects.
///
/// # Panics
/// Where the policy has errors, or the engines differ.
pub fn tell_tests(project: &Project) -> String {
    let tests = comity_compiler::compile(project).analysis.checked.tests;
    let [interpreter, jit] = policies(&plan_of(project));
    let mut runner = Runner::new(interpreter, jit);
    let mut out = String::new();
    for test in &tests {
        let outcome = runner.run(test);
        assert!(outcome.disagreement.is_none(), "{}: {:?}", test.title, outcome.disagreement);
        let _ = writeln!(out, "{}: {}", if outcome.passed() { "passed" } else { "failed" }, test.title);
        for failure in outcome.failures {
            let text = project.file(failure.at.file).map_or("", |(_, text)| text);
            let (line, _) = line_and_column(text, failure.at.span.start);
            let _ = writeln!(out, "  line {line}: expected: {}; {}", failure.expected, failure.found);
        }
    }
    out
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// The customer as its bytes say.
///
/// # Panics
/// Where they can't be read, or are others when they are made again.
pub fn repack(policy: &Policy, profile: &mut Profile) {
    let bytes = state::pack(policy, profile);
    *profile = state::unpack(policy, &bytes).unwrap_or_else(|error| panic!("{error}: {profile:?}"));
    assert!(bytes == state::pack(policy, profile), "packed again it is another: {profile:?}");
}

/// A run over a log and what placements show after it, with the customers' state packed after each step or not.
///
/// # Panics
/// Where a profile can't be read.
pub fn decide_and_ask(
    policy: &Arc<Policy>,
    blocked: bool,
    packed: bool,
    (profiles, events, customers): (&str, &str, u64),
) -> (Vec<u8>, Replay) {
    let mut out = Vec::new();
    let mut replay = Replay::new(Arc::clone(policy), Detail { blocked, redact: false });
    if packed {
        replay = replay.after_each_step(repack);
    }
    let mut replay = feed(replay, profiles, events, &mut out);
    replay.finish(None, &mut out);
    ask_placements(&mut replay, customers, &mut out);
    let month = replay.clock().unwrap_or_default() + 30 * 24 * 3_600_000_000;
    replay.finish(Some(month), &mut out);
    (out, replay)
}

/// Records as short lines: time, customer, kind, and what matters of the rest.
///
/// # Panics
/// Where a record isn't JSON.
pub fn short(records: &[u8]) -> String {
    let mut out = String::new();
    for line in String::from_utf8_lossy(records).lines() {
        let record: serde_json::Value = serde_json::from_str(line).expect("a record is JSON");
        let text = |key: &str| record.get(key).and_then(|v| v.as_str()).unwrap_or("-").to_owned();
        let _ = write!(out, "{} {} {}", text("time"), text("subject"), text("kind"));
        for key in [
            "journey",
            "experiment",
            "arm",
            "attribute",
            "value",
            "event",
            "data",
            "message",
            "placement",
            "channel",
            "segment",
            "state",
            "reason",
            "until",
            "frees",
            "holdout",
        ] {
            if key == "event" && record["kind"] == "rejected" {
                continue;
            }
            if let Some(value) = record.get(key) {
                let _ = match value.as_str() {
                    Some(value) => write!(out, " {key}={value}"),
                    None => write!(out, " {key}={value}"),
                };
            }
        }
        out.push('\n');
    }
    out
}
