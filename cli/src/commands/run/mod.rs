//! `comity run`

mod sink;
mod summary;
mod table;

use super::decider::{Engine, prepare};
use super::profiles::{import, tell_no_consents};
use super::strangers::Strangers;
use crate::Status;
use crate::failure::{Failure, Result};
use crate::input::{CUT, LINES_PER_LOOK, Lines, refuse_two_stdins, shown};
use crate::instant;
use crate::output::{refuse_form, refuse_overwriting};
use crate::progress::Progress;
use crate::report::counted;
use crate::shape;
use crate::table::grouped;
use crate::terminal::Terminal;
use crate::threads;
use comity_compiler::ids::MessageId;
use comity_runtime::audience::asking_purposes;
use comity_runtime::replay::Replay;
use comity_runtime::step::Detail;
use sink::Sink;
use std::io::{IsTerminal as _, Write as _};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

/// Records are written in chunks of about this many bytes.
const CHUNK: usize = 256 * 1024;
/// So many refused lines are shown.
const SHOWN: u64 = 5;

/// Decide over a log of events on a virtual clock
///
/// Reads CloudEvents as NDJSON, plain or gzip, in the order of the file, and writes a record for each thing that is
/// decided. The clock is that of the log: nothing depends on the time of day at which it runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity run shop --events shop/events.ndjson --profiles shop/profiles.ndjson
  comity run shop --events events.ndjson.gz --records records.ndjson --summary
  comity run shop --events events.ndjson.gz --records records.parquet
  zcat day-*.gz | comity run shop --events - --until 2026-12-01T00:00:00Z")]
pub(crate) struct Run {
    /// A project's folder or a single `.comity` file; `-` is standard input
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The log of events; `-` is standard input
    #[arg(long, value_name = "FILE")]
    events: PathBuf,
    /// The customers as they are before the first event; `-` is standard input
    #[arg(long, value_name = "FILE")]
    profiles: Option<PathBuf>,
    /// Let the clock run on to this instant after the last event, for ten years at most
    #[arg(long, value_name = "INSTANT", value_parser = instant::parse)]
    until: Option<i64>,
    /// Where the records go, as NDJSON, or as Parquet where the name ends in `.parquet`; without it, or as `-`, NDJSON
    /// to standard output
    #[arg(long, value_name = "FILE")]
    records: Option<PathBuf>,
    /// Also record what was blocked, with the reason on each channel
    #[arg(long)]
    all: bool,
    /// Hash personal attributes in the content of records
    #[arg(long)]
    redact: bool,
    /// How many threads to use, at most four for each core; without it, one for each
    #[arg(long, value_name = "N", value_parser = threads::parse)]
    threads: Option<NonZeroUsize>,
    /// What evaluates the conditions
    #[arg(long, value_enum, default_value_t, value_name = "ENGINE")]
    engine: Engine,
    /// Show a table of what was decided: on standard output if the records go to a file, else on standard error
    #[arg(long)]
    summary: bool,
}

impl Run {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        let started = Instant::now();
        self.refuse_clashes()?;
        let Some(policy) = prepare(&self.path, self.engine, terminal)? else { return Ok(Status::No) };
        let mut events = Lines::open(&self.events)?;
        let detail = Detail { blocked: self.all, redact: self.redact };
        let mut replay = Replay::new(policy, detail).threads(threads::count(self.threads, terminal));
        let mut lacks_consents = false;
        if let Some(profiles) = &self.profiles {
            lacks_consents = import(&mut replay, profiles, terminal)?;
        }
        let mut sink = Sink::open(self.records.as_deref())?;
        let mut progress = Progress::new(terminal, "deciding");
        if sink.is_stdout() && std::io::stdout().is_terminal() {
            progress.hide();
        }
        let deciding = Instant::now();
        let mut refusals = Refusals { file: events.shown(), lines: 0, first: None, count: 0, terminal };
        let mut strangers = Strangers::new(replay.policy());
        decide(&mut replay, &mut events, &mut sink, &mut progress, &mut refusals, &mut strangers)?;
        instant::refuse_far("--until", self.until, replay.clock())?;
        let before = sink.buffer().len();
        let last = replay.clock();
        replay.finish(self.until, sink.buffer());
        refusals.show(&replay, &sink.buffer()[before..]);
        if let Some(failure) = no_log(&replay, &events, &refusals) {
            // A file stays as it was.
            if sink.is_stdout() {
                sink.finish()?;
            }
            return Err(failure);
        }
        let to_stdout = !sink.is_stdout();
        sink.finish()?;
        progress.finish();
        conclude(&replay, &events, &strangers, terminal);
        if let Some(profiles) = self.profiles.as_ref().filter(|_| lacks_consents && !strangers.has_grants()) {
            let plan = &replay.policy().plan;
            let purposes = asking_purposes(plan, (0..plan.messages.len()).map(MessageId::at));
            tell_no_consents(&shown(profiles), &purposes, terminal);
        }
        if let (Some(until), Some(last)) = (self.until, last)
            && until < last
        {
            let last = instant::shown(last);
            terminal.warn(format_args!(
                "`--until` is before the last event, at {last}: it lets the clock run on after the log, and leaves \
                 no event out"
            ));
        }
        if self.summary {
            let took = summary::Took { deciding: deciding.elapsed(), all: started.elapsed() };
            let text = summary::render(replay.summary(), &strangers, took);
            if to_stdout {
                std::io::stdout().lock().write_all(text.as_bytes())?;
            } else {
                terminal.diagnostics(&text);
            }
        }
        // The process ends: to take the histories apart piece by piece would only cost time.
        std::mem::forget(replay);
        Ok(Status::Done)
    }

    /// One stream can't be two files, and no input is written over.
    fn refuse_clashes(&self) -> Result<()> {
        let inputs = || [Some(&self.path), Some(&self.events), self.profiles.as_ref()].into_iter().flatten();
        refuse_two_stdins(inputs())?;
        let forms = "name the file `.ndjson` or `.parquet`";
        refuse_form("run", "records", self.records.as_deref(), forms)?;
        refuse_overwriting("--records", self.records.as_ref(), inputs())
    }
}

fn decide(
    replay: &mut Replay,
    events: &mut Lines,
    sink: &mut Sink,
    progress: &mut Progress,
    refusals: &mut Refusals,
    strangers: &mut Strangers,
) -> Result<()> {
    let policy = std::sync::Arc::clone(replay.policy());
    while let Some((number, line)) = events.next()? {
        let out = sink.buffer();
        let before = out.len();
        match policy.schema.event(line) {
            Ok(event) => {
                strangers.look(&event, line);
                replay.event(number, event, out);
            }
            Err(error) => {
                refusals.lines += 1;
                refusals.first.get_or_insert_with(|| line.to_vec());
                replay.reject(number, &error, out);
            }
        }
        refusals.show(replay, &out[before..]);
        sink.drain()?;
        if number.is_multiple_of(LINES_PER_LOOK) {
            progress.at(events.progress());
        }
    }
    let before = sink.buffer().len();
    replay.take_group(sink.buffer());
    refusals.show(replay, &sink.buffer()[before..]);
    Ok(())
}

/// Shows the first refused lines as they come.
struct Refusals {
    file: String,
    /// Lines that are no events, and the first of them as it stands.
    lines: u64,
    first: Option<Vec<u8>>,
    /// Those among the records so far, with the events that were refused.
    count: u64,
    terminal: Terminal,
}

impl Refusals {
    /// Looks for them among the records that were just written.
    fn show(&mut self, replay: &Replay, records: &[u8]) {
        let most = SHOWN.saturating_sub(self.count);
        if replay.summary().rejected == self.count {
            return;
        }
        self.count = replay.summary().rejected;
        let records = records.split(|byte| *byte == b'\n');
        let records = records.filter_map(|line| serde_json::from_slice::<serde_json::Value>(line).ok());
        for record in records.filter(|record| record["kind"] == "rejected").take(most as usize) {
            let (index, reason) = (&record["index"], record["reason"].as_str().unwrap_or_default());
            self.terminal.warn(format_args!("{}:{index}: {reason}", self.file));
        }
    }
}

/// One of which nothing could be read is no log.
fn no_log(replay: &Replay, events: &Lines, refusals: &Refusals) -> Option<Failure> {
    let first = refusals.first.as_deref()?;
    let failure = || shape::no_log(&events.shown(), refusals.lines, first, events.is_cut());
    (replay.summary().events == 0).then(failure)
}

/// What is said of the log as a whole.
fn conclude(replay: &Replay, events: &Lines, strangers: &Strangers, terminal: Terminal) {
    let summary = replay.summary();
    let file = events.shown();
    if summary.rejected > 0 {
        let lines = counted(summary.rejected as usize, "line");
        terminal.warn(format_args!("{file}: {lines} rejected; their records say why"));
        if events.is_cut() {
            terminal.warn(format_args!("{file}: {CUT}"));
        }
    }
    if summary.events == 0 {
        terminal.warn(format_args!("{file} has no events"));
    } else if summary.unknown == summary.events {
        let types = strangers.types();
        terminal.warn(format_args!("{file}: the policy knows none of these types of event: {types}"));
    } else {
        strangers.tell_events(&file, terminal);
    }
    strangers.tell_attributes(&file, terminal);
    tell_order(replay, &file, terminal);
}

/// Warns of a log that isn't in the order of time: late events start nothing.
fn tell_order(replay: &Replay, file: &str, terminal: Terminal) {
    let summary = replay.summary();
    let (all, clock) = (grouped(summary.events), replay.clock().map(instant::shown).unwrap_or_default());
    if summary.far_behind > 0 {
        let far = grouped(summary.far_behind);
        terminal.warn(format_args!(
            "{file}: {far} of {all} events are more than ten years before one that came earlier, at {clock}: is that \
             time right?"
        ));
    }
    if summary.late > summary.accepted / 2 {
        let (late, too_late) = (grouped(summary.late), grouped(summary.too_late));
        terminal.warn(format_args!(
            "{file}: {late} of {all} events come after later ones of their customer, {too_late} of them too late to start \
             anything: sort the log by time, the oldest first"
        ));
    }
}
