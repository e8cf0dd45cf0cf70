//! What every command has in common.

use crate::support::{Folder, command};
use std::io::Read as _;
use std::process::Stdio;

const COMMANDS: [&str; 11] =
    ["new", "check", "fmt", "run", "decide", "why", "bench", "graph", "explain", "completions", "man"];

#[test]
fn every_command_has_help_with_an_example() {
    let folder = Folder::new();
    for name in COMMANDS {
        let outcome = folder.comity(&[name, "--help"]);
        outcome.ends(0, &[]).prints(&["Usage: comity", "Examples:", "--color", "--quiet"]);
        assert!(outcome.out.contains(&format!("  comity {name}")), "{outcome:?}");
    }
    folder.comity(&["--help"]).ends(0, &[]).prints(&["Examples:", "check", "Exit status"]);
    folder.comity(&["--version"]).ends(0, &[]).prints(&["comity 0."]);
}

#[test]
fn whatever_is_read_can_come_from_standard_input() {
    let folder = Folder::new();
    let says = |name: &str, file: &str| {
        let help = folder.comity(&[name, "--help"]).out;
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, about) =
            help.split_once(&format!("{file} ")).unwrap_or_else(|| panic!("{name} {file}: {help}"));
        let about = about.split(" -").next().unwrap_or_default();
        assert!(about.contains("`-` is") && about.contains("standard input"), "{name} {file}: {about}");
    };
    for name in ["check", "fmt", "test", "run", "decide", "why", "audience", "bench", "graph"] {
        says(name, " [PATH]");
    }
    for (name, file) in [
        ("run", "--events <FILE>"),
        ("run", "--profiles <FILE>"),
        ("why", "--events <FILE>"),
        ("why", "--profiles <FILE>"),
        ("bench", "--events <FILE>"),
        ("bench", "--profiles <FILE>"),
        ("audience", "--profiles <FILE>"),
        ("decide", "--profile <FILE>"),
        ("report", " <RECORDS>"),
        ("report", "--events <FILE>"),
    ] {
        says(name, file);
    }
    let folder = Folder::with_shop();
    let profiles = folder.read("shop/profiles.ndjson");
    let run = |from: &str, stdin: &[u8]| {
        let args = ["run", "shop", "--events", "shop/events.ndjson", "--profiles", from];
        folder.comity_with(&args, stdin).out
    };
    assert_eq!(run("-", profiles.as_bytes()), run("shop/profiles.ndjson", b""));
}

#[test]
fn a_wrong_call_is_status_2() {
    let folder = Folder::new();
    folder.comity(&[]).ends(2, &["Usage"]);
    folder.comity(&["chekc"]).ends(2, &["chekc", "check"]);
    folder.comity(&["check", "--formt", "json"]).ends(2, &["--formt", "--format"]);
    folder.comity(&["check", "--color", "sometimes"]).ends(2, &["sometimes"]);
    for args in [&["run"][..], &["run", "shop"], &["run", "shop", "more"]] {
        folder.comity(args).ends(2, &["Usage: comity run [OPTIONS] --events <FILE> [PATH]\n"]);
    }
}

#[test]
fn who_says_format_means_fmt() {
    let folder = Folder::new();
    let outcome = folder.write("a.comity", "class   a\n").comity(&["format", "a.comity"]);
    outcome.ends(0, &[]);
    assert_eq!(folder.read("a.comity"), "class a\n");
}

#[test]
fn completions_and_man_pages_are_made() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        folder.comity(&["completions", shell]).ends(0, &[]).prints(&["comity", "decide"]);
    }
    folder.comity(&["man"]).ends(0, &[]).prints(&[".TH comity"]);
    folder.comity(&["man", "--dir", "pages"]).ends(0, &["pages"]);
    let pages = folder.names("pages");
    assert!(
        pages.contains(&"comity.1".to_owned()) && pages.contains(&"comity-run.1".to_owned()),
        "{pages:?}"
    );
}

#[test]
fn explain_shows_the_page_of_a_code() {
    let folder = Folder::new();
    let list = folder.comity(&["explain", "--list"]);
    list.ends(0, &[]).prints(&["E0002", "E0101"]);
    let plain = folder.comity(&["explain", "e0002"]);
    plain.ends(0, &[]).prints(&["E0002"]);
    let styled = folder.comity(&["explain", "E0002", "--color", "always"]);
    styled.ends(0, &[]).prints(&["\u{1b}[1m"]);
    folder.comity(&["explain", "E0002", "--color", "never"]);
    assert!(!plain.out.contains('\u{1b}'));
    folder
        .comity(&["explain", "E9999"])
        .ends(2, &["there is no diagnostic `E9999`", "the nearest codes", "--list"]);
    folder.comity(&["explain", "nonsense"]).ends(2, &["--list"]);
    folder.comity(&["explain"]).ends(2, &[]);
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let folder = Folder::with_shop();
    let event = folder.read("shop/events.ndjson");
    let line = event.lines().next().expect("an event");
    let many: String = (0..20_000).map(|n| line.replace("\"e1\"", &format!("\"n{n}\"")) + "\n").collect();
    folder.write("many.ndjson", many);
    let mut child = command(&folder.path("shop"))
        .args(["run", ".", "--events", "../many.ndjson", "--all", "--quiet"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut err).expect("UTF-8");
    assert_eq!(child.wait().expect("it ends").code(), Some(0), "{err}");
    assert_eq!(err, "");
}
