//! Development commands: `cargo xtask` lists them.

mod cldr;
mod grammar;

use std::process::{Command, ExitCode};

const HELP: &str = "\
Usage: cargo xtask COMMAND

  cldr        write the customs of languages anew from the Unicode CLDR (needs curl and tar)
  ci          what has to pass: layout, lints, tests
  man DIR     write the man pages into a folder
  grammar     write the manual's page of the grammar anew from grammar/comity.pest
  fuzz [S]    run every fuzz target for ten minutes, or S seconds (needs nightly and cargo-fuzz)
  coverage    say how much of the code the corpora of the fuzz targets reach (needs llvm-tools)
  speed       measure how long reading and checking a large policy takes
  recovery    spoil every token of all examples and show what goes wrong
  million     let both engines decide a million random cases, which must agree
  million-customers
              let a million customers wait in a journey: steps a second, bytes of each";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let passed = match args.as_slice() {
        ["ci"] => ci(),
        ["cldr"] => done(cldr::write()),
        ["grammar"] => done(grammar::write()),
        ["fuzz", seconds @ ..] => run("tests/fuzz/run.sh", seconds, &[]),
        ["coverage", targets @ ..] => run("tests/fuzz/coverage.sh", targets, &[]),
        ["speed"] => speed(),
        ["recovery"] => cargo(
            &["test", "--release", "--package", "comity-tests", "--test", "recovery", "--", "--nocapture"],
            &[("COMITY_RECOVERY", "all")],
        ),
        ["man", dir] => cargo(&["run", "--quiet", "--package", "comity", "--", "man", "--dir", dir], &[]),
        ["million"] => cargo(
            &["test", "--release", "--package", "comity-tests", "--test", "engines_agree"],
            &[("COMITY_CASES", "1000000")],
        ),
        ["million-customers"] => cargo(
            &[
                "test",
                "--release",
                "--package",
                "comity-tests",
                "--test",
                "journey_memory",
                "--",
                "--ignored",
                "--nocapture",
            ],
            &[],
        ),
        [] | ["help" | "-h" | "--help"] => {
            println!("{HELP}");
            true
        }
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// In a release build, and with the binary: its start counts too.
fn speed() -> bool {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let binary = std::path::absolute(target).map(|target| target.join("release/comity")).unwrap_or_default();
    cargo(&["build", "--release", "--package", "comity"], &[])
        && cargo(
            &[
                "test",
                "--release",
                "--package",
                "comity-tests",
                "--test",
                "speed",
                "--",
                "--ignored",
                "--nocapture",
            ],
            &[("COMITY_BINARY", &binary.to_string_lossy())],
        )
}

/// Says what went wrong.
fn done(outcome: Result<(), String>) -> bool {
    outcome.map_err(|error| eprintln!("{error}")).is_ok()
}

fn ci() -> bool {
    cargo(&["fmt", "--all", "--check"], &[])
        && cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"], &[])
        && cargo(&["test", "--workspace"], &[])
}

/// Runs cargo in the workspace.
fn cargo(args: &[&str], environment: &[(&str, &str)]) -> bool {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    run(&cargo, args, environment)
}

/// Runs a program in the root of the workspace and says what it runs.
fn run(program: &str, args: &[&str], environment: &[(&str, &str)]) -> bool {
    eprintln!("$ {program} {}", args.join(" "));
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    match Command::new(program).args(args).envs(environment.iter().copied()).current_dir(root).status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("can't run {program}: {error}");
            false
        }
    }
}
