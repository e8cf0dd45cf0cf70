//! `comity bench`

mod human;
mod json;
mod measure;

use super::decider::Engine;
use crate::Status;
use crate::failure::{Failure, Result};
use crate::input::{Lines, refuse_two_stdins, shown};
use crate::project;
use crate::report;
use crate::shape;
use crate::terminal::Terminal;
use comity_compiler::compile;
use measure::{Line, Log};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Measure how fast a policy decides over a log of events
///
/// Runs the log several times on each engine in turn, and compiles the policy as often. Times are CPU time, and
/// medians: what else the machine does disturbs them little. Nothing is written but the measurements.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity bench shop --events shop/events.ndjson
  comity bench shop --events events.ndjson.gz --profiles profiles.ndjson --rounds 9
  comity bench shop --events events.ndjson --engine jit
  comity bench shop --events events.ndjson --format json > today.json

A decision is one step of one customer: an event, or all that is due at one instant. Where one event proposes \
thousands of messages, the interpreter takes many times as long as machine code: `--engine jit` leaves it out.")]
pub(crate) struct Bench {
    /// A project's folder or a single `.comity` file; `-` is standard input
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The log of events; `-` is standard input
    #[arg(long, value_name = "FILE")]
    events: PathBuf,
    /// The customers as they are before the first event; `-` is standard input
    #[arg(long, value_name = "FILE")]
    profiles: Option<PathBuf>,
    /// How often the log is run on each engine
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// What is measured
    #[arg(long, value_enum, default_value_t, value_name = "ENGINE")]
    engine: Engines,
    /// How the measurements are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// What evaluates the conditions of what is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Engines {
    /// Both engines, whose records must be the same
    #[default]
    Both,
    /// Machine code
    Jit,
    /// Slow and plain: the definition of the language
    Interpreter,
}

impl Engines {
    fn each(self) -> &'static [Engine] {
        match self {
            Engines::Both => &[Engine::Jit, Engine::Interpreter],
            Engines::Jit => &[Engine::Jit],
            Engines::Interpreter => &[Engine::Interpreter],
        }
    }
}

/// How measurements are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Tables
    #[default]
    Human,
    /// One object
    Json,
}

impl Bench {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        refuse_two_stdins(
            [Some(&self.path), Some(&self.events), self.profiles.as_ref()].into_iter().flatten(),
        )?;
        let loaded = project::load(&self.path)?;
        let compiled = compile(&loaded.project);
        let diagnostics = &compiled.analysis.diagnostics;
        if compiled.plan.is_none() {
            report::refuse(&loaded, diagnostics, terminal);
            return Ok(Status::No);
        }
        let (events, is_cut) = lines(&self.events)?;
        let log = Log { events, profiles: self.profiles };
        if log.events.is_empty() {
            return Err(Failure::new(format!("{} has no events", shown(&self.events)))
                .help("give a log of what happens: times of nothing mean nothing"));
        }
        let measured = measure::all(&loaded.project, &log, self.rounds, self.engine.each(), terminal)?;
        if measured.rejected > 0 {
            let file = shown(&self.events);
            if measured.events == 0 {
                let first = log.events.first().map_or(&[][..], |(_, line)| line);
                return Err(shape::no_log(&file, measured.rejected, first, is_cut));
            }
            shape::tell_rejected(&file, measured.rejected, is_cut, terminal);
        }
        if cfg!(debug_assertions) {
            terminal.note("this is a debug build of comity: its times say little");
        }
        let text = match self.format {
            Format::Human => human::render(&measured),
            Format::Json => json::render(&measured),
        };
        std::io::stdout().lock().write_all(text.as_bytes())?;
        Ok(Status::Done)
    }
}

/// The lines of a log with their numbers, and whether the last one seems to have been cut.
fn lines(path: &Path) -> Result<(Vec<Line>, bool)> {
    let mut lines = Lines::open(path)?;
    let mut all = Vec::new();
    while let Some((number, line)) = lines.next()? {
        all.push((number, line.into()));
    }
    Ok((all, lines.is_cut()))
}
