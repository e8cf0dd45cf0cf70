//! The playbooks under `examples/`, which marketers copy: their events bring about what their pages say, on both engines
//! to the byte. (Their tests run through the command, with those of all examples.)

use comity_compiler::check;
use comity_runtime::replay::Replay;
use comity_runtime::step::Detail;
use comity_tests::example::{self, folder, plan, project};
use comity_tests::{policies, short};
use std::sync::Arc;

/// With the instant up to which their pages let the clock run.
const PLAYBOOKS: [(&str, &str); 8] = [
    ("abandoned-browse", "2026-12-01T00:00:00Z"),
    ("bank-onboarding", "2026-12-15T00:00:00Z"),
    ("browse-to-app", "2026-11-04T00:00:00Z"),
    ("cart-recovery", "2026-11-07T00:00:00Z"),
    ("opt-out", "2026-11-20T00:00:00Z"),
    ("post-purchase", "2026-12-31T00:00:00Z"),
    ("welcome-series", "2026-11-20T00:00:00Z"),
    ("win-back", "2026-10-10T00:00:00Z"),
];

/// What happens to its customers, a line each; what no rule asked for (`ineligible`) is left out.
fn story(example: &str) -> String {
    let (_, until) = PLAYBOOKS.iter().find(|(name, _)| *name == example).expect("a playbook");
    let until: jiff::Timestamp = until.parse().expect("an instant");
    let [interpreted, compiled] = policies(&plan(example)).map(|policy| {
        let detail = Detail { blocked: true, redact: false };
        let mut replay = Replay::new(Arc::clone(&policy), detail);
        let mut records = Vec::new();
        example::replay(example, &policy, &mut replay, Some(until.as_microsecond()), &mut records);
        let summary = replay.summary();
        let known = summary.rejected == 0 && summary.unknown == 0 && summary.unknown_fields == 0;
        assert!(known, "{example} has events that its policy doesn't know");
        short(&records)
    });
    assert_eq!(interpreted, compiled, "{example}: the engines differ");
    let lines = interpreted.lines().filter(|line| !line.contains("reason=ineligible"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// A page for each in the manual, which shows how it is run.
#[test]
fn every_playbook_has_its_page() {
    let summary = include_str!("../../docs/src/SUMMARY.md");
    for (name, until) in PLAYBOOKS {
        let page = std::fs::read_to_string(folder(name).join("README.md")).expect("a page");
        assert!(page.contains(&format!("--until {until}")), "{name}: the page runs it for another time");
        assert!(page.contains(&format!("$ comity test examples/{name}")), "{name}: the page doesn't test it");
        let tests = check::check(&project(name)).checked.tests.len();
        assert!(tests >= 4, "{name} has only {tests} tests");
        assert!(summary.contains(&format!("(playbooks/{name}.md)")), "{name} isn't in the manual");
        let chapter = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/src/playbooks"));
        let chapter = std::fs::read_to_string(chapter.join(format!("{name}.md"))).expect("a chapter");
        assert!(
            chapter.contains(&format!("{{{{#include ../../../examples/{name}/README.md:3:}}}}")),
            "{name}"
        );
        assert!(
            chapter.contains(&format!("{{{{#include ../../../examples/{name}/policy.comity}}}}")),
            "{name}"
        );
    }
}

#[test]
fn abandoned_browse() {
    insta::assert_snapshot!(story("abandoned-browse"));
}

#[test]
fn bank_onboarding() {
    insta::assert_snapshot!(story("bank-onboarding"));
}

#[test]
fn browse_to_app() {
    insta::assert_snapshot!(story("browse-to-app"));
}

#[test]
fn cart_recovery() {
    insta::assert_snapshot!(story("cart-recovery"));
}

#[test]
fn opt_out() {
    insta::assert_snapshot!(story("opt-out"));
}

#[test]
fn post_purchase() {
    insta::assert_snapshot!(story("post-purchase"));
}

#[test]
fn welcome_series() {
    insta::assert_snapshot!(story("welcome-series"));
}

#[test]
fn win_back() {
    insta::assert_snapshot!(story("win-back"));
}
