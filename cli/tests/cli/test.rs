//! `comity test`

use crate::support::Folder;
use insta::assert_snapshot;
use std::path::{Path, PathBuf};

const FAILING: &str = include_str!("failing.comity");

#[test]
fn failures_say_what_was_expected_and_what_happened() {
    let folder = Folder::new();
    let outcome = folder.write("shop.comity", FAILING).comity(&["test", "shop.comity"]);
    outcome.ends(1, &["4 of 5 tests failed"]);
    assert_snapshot!(outcome.out);
}

#[test]
fn a_filter_chooses_by_the_title() {
    let folder = Folder::new();
    folder.write("shop.comity", FAILING);
    let outcome = folder.comity(&["test", "shop.comity", "--filter", "other arm"]);
    outcome.ends(0, &["1 test passed"]).prints(&["✓ the hero of the other arm"]);
    folder
        .comity(&["test", "shop.comity", "--filter", "Hero!"])
        .ends(2, &["no test has \"Hero!\" in its title"]);
}

#[test]
fn a_policy_with_errors_is_refused_like_by_check() {
    let folder = Folder::new();
    folder.write("shop.comity", "class a\ntest \"t\" { expect sent nothing }\n");
    let outcome = folder.comity(&["test", "shop.comity"]);
    outcome.ends(1, &["E0101", "there is no message `nothing`", "1 error, 1 warning in 1 file"]);
    assert_eq!(outcome.out, "");
    // A program that reads the results reads that there are none.
    let json = folder.comity(&["test", "shop.comity", "--format", "json"]);
    assert!(json.ends(1, &[]).records().iter().any(|one| one["code"] == "E0101"), "{json:?}");
    let junit = folder.comity(&["test", "shop.comity", "--format", "junit"]);
    junit.ends(1, &[]).prints(&[
        "errors=\"1\"",
        "<error message=\"1 error, 1 warning",
        "there is no message",
    ]);
    folder.comity(&["test", "nowhere"]).ends(2, &["can't read `nowhere`"]);
}

#[test]
fn a_policy_without_tests_passes_and_says_so() {
    let folder = Folder::new();
    folder.write("shop.comity", "class a\n").comity(&["test", "shop.comity"]).ends(0, &["has no tests"]);
}

#[test]
fn results_can_be_json_and_junit() {
    let folder = Folder::new();
    folder.write("shop.comity", FAILING);
    let json = folder.comity(&["test", "shop.comity", "--filter", "the hero", "--format", "json"]);
    json.ends(1, &["1 of 2 tests failed"]);
    let [first, other] = &json.records()[..] else { panic!("{json:#?}") };
    assert_eq!((&first["passed"], &other["passed"]), (&false.into(), &true.into()));
    assert_eq!(first["test"], "the hero of the first arm");
    assert_eq!(first["line"], 56);
    assert_eq!(first["failures"][0]["line"], 61);
    assert_eq!(first["failures"][0]["expected"], "`gold` is blocked because of `suppressed`");
    assert_eq!(first["failures"][0]["found"], "it was shown at 2026-01-05 12:00");
    assert_eq!(other["log"][0]["what"], "blocked gold on web: ineligible");
    assert_eq!(other["log"][1]["what"], "exposed to first_touch: late");
    let junit = folder.comity(&["test", "shop.comity", "--filter", "hero", "--format", "junit"]);
    // How long each takes is another every time.
    let junit =
        junit.ends(1, &[]).out.split(" time=\"").enumerate().map(|(at, part)| match part.split_once('"') {
            Some((time, rest)) if at > 0 => {
                assert!(time.parse::<f64>().is_ok_and(|time| time > 0.0), "{time}");
                format!(" time=\"…\"{rest}")
            }
            _ => part.to_owned(),
        });
    assert_snapshot!(junit.collect::<String>());
}

#[test]
fn coverage_counts_conditions_gates_and_ways_of_journeys() {
    let folder = Folder::new();
    folder.write("shop.comity", include_str!("covered.comity"));
    let outcome = folder.comity(&["test", "shop.comity", "--coverage", "shop.lcov"]);
    outcome.ends(0, &["2 tests passed"]);
    assert_snapshot!(format!("{}\n{}", outcome.out, folder.read("shop.lcov")));
    let output = folder.comity(&["test", "shop.comity", "--coverage", "-", "--quiet"]);
    assert_eq!(output.out, folder.read("shop.lcov"));
}

#[test]
fn too_little_coverage_fails() {
    let folder = Folder::new();
    folder.write("shop.comity", include_str!("covered.comity"));
    let test = |least: &str| folder.comity(&["test", "shop.comity", "--fail-under", least]);
    test("10").ends(0, &[]).prints(&["conditions"]);
    test("99.5%").ends(1, &["error: ", "of the policy is reached, and `--fail-under` asks for 99.5%"]);
    test("101").ends(2, &["write a share from 0 to 100"]);
}

/// Each example tells what must be so, and it is.
#[test]
fn every_example_passes_its_tests() {
    let folder = Folder::new();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let entries = std::fs::read_dir(&examples).expect("the examples");
    let mut projects: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    projects.retain(|path| path.join("comity.toml").exists());
    projects.sort();
    assert!(!projects.is_empty());
    for path in projects {
        let outcome = folder.comity(&["test", &path.to_string_lossy()]);
        outcome.ends(0, &["passed"]);
    }
}
