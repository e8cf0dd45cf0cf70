//! Every example is a policy without mistakes, in the one layout, and decides over its events as it always did, on
//! both engines to the byte.

use comity_compiler::engine::Engine;
use comity_compiler::plan::Plan;
use comity_compiler::source::{Project, SourceFile};
use comity_runtime::policy::Policy;
use comity_runtime::replay::{Replay, Summary};
use comity_runtime::step::Detail;
use flate2::read::MultiGzDecoder;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn folder(example: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples")).join(example)
}

fn sources(example: &str) -> Vec<SourceFile> {
    let mut files: Vec<SourceFile> = fs::read_dir(folder(example))
        .expect("the example's folder")
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "comity"))
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("a policy file");
            SourceFile::new(entry.file_name().to_string_lossy(), text)
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The example's plan; it has neither errors nor warnings.
fn plan(example: &str) -> Arc<Plan> {
    let manifest = fs::read_to_string(folder(example).join("comity.toml")).expect("comity.toml");
    let project = Project::new(SourceFile::new("comity.toml", manifest), sources(example));
    let compiled = comity_compiler::compile(&project);
    let mut said = String::new();
    for diagnostic in &compiled.analysis.diagnostics {
        let place = diagnostic.location().and_then(|at| {
            let (path, text) = project.file(at.file)?;
            let line = text[..at.span.start as usize].matches('\n').count() + 1;
            Some(format!("{path}:{line}"))
        });
        let place = place.unwrap_or_default();
        _ = writeln!(said, "{place} {} {} {:?}", diagnostic.code, diagnostic.message, diagnostic.help);
    }
    assert!(said.is_empty(), "{example}:\n{said}");
    compiled.plan.expect("a plan where there are no errors")
}

/// The lines of a file, gzipped or not.
fn lines(example: &str, name: &str) -> Vec<Vec<u8>> {
    let plain = folder(example).join(name);
    let reader: Box<dyn Read> = match File::open(&plain) {
        Ok(file) => Box::new(file),
        Err(_) => {
            let packed = folder(example).join(format!("{name}.gz"));
            Box::new(MultiGzDecoder::new(File::open(packed).expect("the example's data")))
        }
    };
    BufReader::new(reader).split(b'\n').map(|line| line.expect("a line")).collect()
}

/// The records of a run over the example's events, what was blocked included, and its figures.
fn run(example: &str, engine: Engine) -> (Vec<u8>, Summary) {
    let policy = Arc::new(Policy::new(engine));
    let mut replay = Replay::new(Arc::clone(&policy), Detail { blocked: true, redact: false });
    let mut records = Vec::new();
    for line in lines(example, "profiles.ndjson") {
        let profile = policy.schema.profile(&line).unwrap_or_else(|error| panic!("{example}: {error}"));
        replay.import(profile);
    }
    for (place, line) in (1..).zip(lines(example, "events.ndjson")) {
        match policy.schema.event(&line) {
            Ok(event) => replay.event(place, event, &mut records),
            Err(rejected) => replay.reject(place, &rejected, &mut records),
        }
    }
    replay.finish(None, &mut records);
    (records, replay.summary().clone())
}

/// What became of each message, one line to each: `ineligible`, which most are, is left out.
fn table(summary: &Summary) -> String {
    let mut text = format!(
        "{} events, {} accepted, {} duplicate, {} rejected\n",
        summary.events, summary.accepted, summary.duplicate, summary.rejected
    );
    for (segment, (entered, left)) in &summary.segments {
        _ = writeln!(text, "segment {segment}: {entered} entered, {left} left");
    }
    for (journey, states) in &summary.journeys {
        let states: Vec<String> = states.iter().map(|(state, times)| format!("{times} {state}")).collect();
        _ = writeln!(text, "journey {journey}: {}", states.join(", "));
    }
    let mut messages: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (count, times) in &summary.counts {
        let outcomes = messages.entry(&count.message).or_default();
        if count.outcome != "ineligible" {
            outcomes.push(format!("{} {} {times}", count.channel, count.outcome));
        }
    }
    for (message, outcomes) in messages {
        _ = writeln!(text, "{message}: {}", outcomes.join(" · "));
    }
    text
}

/// Runs an example on both engines.
fn decides_as_ever(example: &str) -> String {
    let plan = plan(example);
    let (records, summary) = run(example, Engine::interpreter(Arc::clone(&plan)));
    let compiled = Engine::jit(plan).expect("machine code");
    assert!(run(example, compiled).0 == records, "{example}: the engines differ");
    assert_eq!(summary.rejected, 0, "{example} has events that can't be read");
    assert_eq!(summary.unknown, 0, "{example} has events that its policy doesn't know");
    table(&summary)
}

#[test]
fn every_file_is_laid_out() {
    for example in ["cart-recovery", "grocery", "online-retail", "otto", "shop"] {
        for file in sources(example) {
            let laid_out = comity_grammar::format(&file.text).expect("a file without mistakes");
            assert!(laid_out == file.text, "{example}/{}: `comity fmt` would change it", file.path);
        }
    }
}

#[test]
fn two_runs_are_one() {
    let plan = plan("shop");
    let run = || run("shop", Engine::jit(Arc::clone(&plan)).expect("machine code")).0;
    assert!(run() == run());
}

#[test]
fn shop() {
    insta::assert_snapshot!(decides_as_ever("shop"));
}

#[test]
fn cart_recovery() {
    insta::assert_snapshot!(decides_as_ever("cart-recovery"));
}

#[test]
fn grocery() {
    insta::assert_snapshot!(decides_as_ever("grocery"));
}

#[test]
fn online_retail() {
    insta::assert_snapshot!(decides_as_ever("online-retail"));
}

#[test]
fn otto() {
    insta::assert_snapshot!(decides_as_ever("otto"));
}
