//! Every example is a policy without mistakes, in the one layout, and decides over its events as it always did, on
//! both engines to the byte.

use comity_compiler::engine::Engine;
use comity_runtime::policy::Policy;
use comity_runtime::replay::{Replay, Summary};
use comity_runtime::step::Detail;
use comity_tests::example::{self, plan, sources};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// The records of a run over the example's events, what was blocked included, and its figures.
fn run(example: &str, engine: Engine, threads: usize) -> (Vec<u8>, Summary) {
    let policy = Arc::new(Policy::new(engine));
    let replay = Replay::new(Arc::clone(&policy), Detail { blocked: true, redact: false });
    let threads = NonZeroUsize::new(threads).expect("a thread");
    let mut replay = replay.threads(threads).customers_for_a_thread(NonZeroUsize::MIN);
    let mut records = Vec::new();
    example::replay(example, &policy, &mut replay, None, &mut records);
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

/// Runs an example on both engines, by machine code on several threads.
fn decides_as_ever(example: &str) -> String {
    let plan = plan(example);
    let (records, summary) = run(example, Engine::interpreter(Arc::clone(&plan)), 1);
    let compiled = run(example, Engine::jit(plan).expect("machine code"), 3);
    assert!(compiled.0 == records, "{example}: the engines differ");
    assert_eq!(compiled.1, summary, "{example}: the threads count otherwise");
    assert_eq!(summary.rejected, 0, "{example} has events that can't be read");
    assert_eq!(summary.unknown, 0, "{example} has events that its policy doesn't know");
    table(&summary)
}

#[test]
fn every_file_is_laid_out() {
    for example in example::names() {
        for file in sources(&example) {
            let laid_out = comity_grammar::format(&file.text).expect("a file without mistakes");
            assert!(laid_out == file.text, "{example}/{}: `comity fmt` would change it", file.path);
        }
    }
}

#[test]
fn two_runs_are_one() {
    let plan = plan("shop");
    let run = |threads| run("shop", Engine::jit(Arc::clone(&plan)).expect("machine code"), threads).0;
    assert!(run(1) == run(1) && run(1) == run(2));
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
fn propensity() {
    insta::assert_snapshot!(decides_as_ever("propensity"));
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

/// The diagrams of the example; its picture in the manual is the drawing.
#[test]
fn cart_recovery_is_drawn() {
    use comity_compiler::graph::{diagrams, dot, mermaid, svg};
    use comity_compiler::ids::JourneyId;
    let plan = plan("cart-recovery");
    let all = diagrams(&plan, None);
    insta::assert_snapshot!("cart_recovery_mermaid", mermaid(&all));
    insta::assert_snapshot!("cart_recovery_dot", dot(&all));
    let drawn = svg(&diagrams(&plan, Some(JourneyId(0))));
    let path =
        std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/src/images/cart-recovery.svg"));
    let shown = std::fs::read_to_string(path).expect("the manual's picture");
    assert!(
        drawn == shown,
        "draw it anew: comity graph examples/cart-recovery --journey cart_recovery -o {}",
        path.display()
    );
}
