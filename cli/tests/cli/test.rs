//! `comity test`

use crate::support::Folder;
use insta::assert_snapshot;

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
    folder.comity(&["test", "nowhere"]).ends(2, &["can't read `nowhere`"]);
}

#[test]
fn a_policy_without_tests_passes_and_says_so() {
    let folder = Folder::new();
    folder.write("shop.comity", "class a\n").comity(&["test", "shop.comity"]).ends(0, &["has no tests"]);
}
