//! Development commands: `cargo xtask` lists them.

mod cldr;

use std::process::{Command, ExitCode};

const HELP: &str = "\
Usage: cargo xtask COMMAND

  cldr        write the customs of languages anew from the Unicode CLDR (needs curl and tar)
  ci          what has to pass: layout, lints, tests
  man DIR     write the man pages into a folder
  million     let both engines decide a million random cases, which must agree";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let passed = match args.as_slice() {
        ["ci"] => ci(),
        ["cldr"] => done(cldr::write()),
        ["man", dir] => cargo(&["run", "--quiet", "--package", "comity", "--", "man", "--dir", dir], &[]),
        ["million"] => cargo(
            &["test", "--release", "--package", "comity-tests", "--test", "engines_agree"],
            &[("COMITY_CASES", "1000000")],
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

/// Says what went wrong.
fn done(outcome: Result<(), String>) -> bool {
    outcome.map_err(|error| eprintln!("{error}")).is_ok()
}

fn ci() -> bool {
    cargo(&["fmt", "--all", "--check"], &[])
        && cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"], &[])
        && cargo(&["test", "--workspace"], &[])
}

/// Runs cargo in the workspace and says what it runs.
fn cargo(args: &[&str], environment: &[(&str, &str)]) -> bool {
    eprintln!("$ cargo {}", args.join(" "));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    match Command::new(cargo).args(args).envs(environment.iter().copied()).status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("can't run cargo: {error}");
            false
        }
    }
}
