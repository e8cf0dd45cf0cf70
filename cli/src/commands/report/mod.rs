//! `comity report`

mod chart;
mod human;
mod page;

use crate::Status;
use crate::failure::{Failure, Result, meant};
use crate::input::{CUT, LINES_PER_LOOK, Lines, refuse_two_stdins, shown};
use crate::progress::Progress;
use crate::report::counted;
use crate::shape;
use crate::table::grouped;
use crate::terminal::Terminal;
use comity_runtime::record::{Break, Chains};
use comity_runtime::report::{Collector, Options, Outcome, Report as Figures};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// So many lines that can't be read are shown.
const SHOWN: u64 = 5;

/// Say what experiments, holdouts, journeys and messages came to
///
/// Reads the records of a run, plain or gzip. For each experiment and holdout: who was exposed, who converted, what that
/// was worth, the lift with its 95% interval, and whether the arms are as large as they should be. For each journey and
/// message: what became of it, and what it cost. Deliveries, opens and clicks are among the events: `--events` counts
/// them too.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity run shop --events events.ndjson --records records.ndjson
  comity report records.ndjson
  comity report records.ndjson --events events.ndjson --format html > report.html
  comity report records.ndjson --events events.ndjson --outcome visit --outcome purchase.amount --within 14d
  zcat records-*.gz | comity report - --format json")]
pub(crate) struct Report {
    /// The records of a run, plain or gzip; `-` is standard input
    records: PathBuf,
    /// The log of events, for deliveries, opens, clicks, and the outcomes of `--outcome`; `-` is standard
    /// input
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Compare the arms by this event as well; after a `.` the field that says what it is worth
    #[arg(long, value_name = "EVENT[.FIELD]", requires = "events", value_parser = outcome)]
    outcome: Vec<Outcome>,
    /// Such an event counts for so long after the exposure, as in `14d`; without it, whenever it comes
    #[arg(long, value_name = "DURATION", requires = "outcome", value_parser = duration)]
    within: Option<i64>,
    /// The arm with which the others are compared; without it, the one called `control` or `none`, else the first
    #[arg(long, value_name = "EXPERIMENT=ARM", value_parser = control)]
    control: Vec<(String, String)>,
    /// How the report is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people, in tables
    #[default]
    Human,
    /// One JSON object
    Json,
    /// One page with charts that loads nothing from elsewhere
    Html,
}

impl Report {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        refuse_two_stdins([Some(&self.records), self.events.as_ref()].into_iter().flatten())?;
        let control = self.control.iter().cloned().collect();
        let options = Options { outcomes: self.outcome.clone(), within: self.within, control };
        let mut collector = Collector::new(options);
        self.read_records(&mut collector, terminal)?;
        if let Some(events) = &self.events {
            read_events(&mut collector, events, terminal)?;
        }
        self.refuse_unknown_arms(&collector)?;
        self.refuse_unknown_outcomes(&collector)?;
        let report = Figures::of(&collector);
        let text = match self.format {
            Format::Human => human::render(&report, terminal.stdout_color()),
            Format::Json => serde_json::to_string(&report).unwrap_or_default() + "\n",
            Format::Html => page::render(&report, &shown(&self.records)),
        };
        std::io::stdout().lock().write_all(text.as_bytes())?;
        self.remark(&report, terminal);
        Ok(Status::Done)
    }

    /// A record that can't be read stops it: without it the figures would be wrong.
    fn read_records(&self, collector: &mut Collector, terminal: Terminal) -> Result<()> {
        let file = shown(&self.records);
        let (mut first, mut chains, mut gaps) = (None, Chains::default(), 0_u64);
        let lines = read(&self.records, "reading records", terminal, |number, line, is_cut| {
            first.get_or_insert_with(|| line.to_vec());
            if let Err(gap @ Break::Gap(_)) = chains.follow(line) {
                gaps += 1;
                if gaps == 1 {
                    terminal.warn(format_args!("{file}:{number}: {gap}"));
                }
            }
            collector.record(line).map_err(|bad| {
                let help = if is_cut { CUT.to_owned() } else { shape::of_records(line) };
                Failure::new(format!("{file}:{number}: {bad}")).help(help)
            })
        })?;
        let unknown = collector.figures().unknown;
        if lines > 0 && unknown == lines {
            let failure =
                Failure::new(format!("{file}: no line is a record, of {}", counted(lines as usize, "line")));
            return Err(failure.help(shape::of_records(&first.unwrap_or_default())));
        }
        if gaps > 1 {
            terminal.warn(format_args!(
                "{file}: {} places like this; what is missing isn't counted",
                grouped(gaps)
            ));
        }
        if unknown > 0 {
            let (unknown, lines) = (grouped(unknown), counted(lines as usize, "line"));
            terminal.warn(format_args!(
                "{file}: {unknown} of {lines} have a `kind` that this version doesn't know, and count for nothing"
            ));
        }
        Ok(())
    }

    fn refuse_unknown_arms(&self, collector: &Collector) -> Result<()> {
        for (experiment, arm) in &self.control {
            let Some((_, arms)) = collector.experiments().find(|(name, _)| name == experiment) else {
                let names: Vec<String> =
                    collector.experiments().map(|(name, _)| format!("`{name}`")).collect();
                let failure = Failure::new(format!("the records have no experiment `{experiment}`"));
                return Err(if names.is_empty() {
                    failure
                } else {
                    failure.help(format!("there is {}", names.join(", ")))
                });
            };
            if !arms.contains(arm) {
                let arms: Vec<String> = arms.iter().map(|arm| format!("`{arm}`")).collect();
                return Err(Failure::new(format!("`{experiment}` has no arm `{arm}`"))
                    .help(format!("its arms are {}", arms.join(", "))));
            }
        }
        Ok(())
    }

    /// An outcome that the log doesn't have is none: zeros would be taken for a result. Of a log without events nothing
    /// can be said.
    fn refuse_unknown_outcomes(&self, collector: &Collector) -> Result<()> {
        let Some(events) = self.events.as_ref().filter(|_| collector.figures().events > 0) else {
            return Ok(());
        };
        let file = shown(events);
        let Some(missing) = collector.missing().into_iter().next() else { return Ok(()) };
        let event = &missing.outcome.event;
        let (text, help) = match missing.field {
            None => {
                let help = meant(event, missing.known.iter().copied(), "there are");
                (format!("{file} has no event `{event}`"), help)
            }
            Some(field) if missing.known.contains(&field) => {
                let text = format!("no `{field}` of a `{event}` in {file} is an amount");
                (text, Some("amounts are numbers or money, such as `\"80.00 EUR\"`".to_owned()))
            }
            Some(field) => {
                let help = meant(field, missing.known.iter().copied(), "its fields are");
                (format!("no `{event}` in {file} has a field `{field}`"), help)
            }
        };
        let failure = Failure::new(text);
        Err(match help {
            Some(help) => failure.help(help),
            None => failure,
        })
    }

    fn remark(&self, report: &Figures, terminal: Terminal) {
        let records = shown(&self.records);
        if report.figures.records == 0 {
            terminal.warn(format_args!("{records} has no records"));
        }
        if report.figures.unmatched > 0 {
            let count = report.figures.unmatched;
            terminal.note(format_args!(
                "{count} deliveries, opens or clicks are of messages that the records don't have"
            ));
        }
        for comparison in report.alarms() {
            terminal.warn(format_args!(
                "`{}`: the arms aren't as large as their shares say; don't trust what it shows before you know why",
                comparison.name
            ));
        }
    }
}

/// A run rejects lines that are no events and goes on; so does its report.
fn read_events(collector: &mut Collector, path: &Path, terminal: Terminal) -> Result<()> {
    let file = shown(path);
    let (mut bad, mut first, mut cut) = (0, None, false);
    let lines = read(path, "reading events", terminal, |number, line, is_cut| {
        let Err(why) = collector.event(line) else { return Ok(()) };
        bad += 1;
        first.get_or_insert_with(|| line.to_vec());
        cut = is_cut;
        if bad <= SHOWN {
            terminal.warn(format_args!("{file}:{number}: {why}"));
        }
        Ok(())
    })?;
    if bad > 0 && bad == lines {
        return Err(shape::no_log(&file, bad, &first.unwrap_or_default(), cut));
    }
    if bad > 0 {
        terminal.warn(format_args!("{file}: {} can't be read", counted(bad as usize, "line")));
    }
    if cut {
        terminal.warn(format_args!("{file}: {CUT}"));
    }
    Ok(())
}

/// Calls with each line, its number and whether it seems to have been cut. Gives how many there are.
fn read(
    path: &Path,
    what: &'static str,
    terminal: Terminal,
    mut take: impl FnMut(u64, &[u8], bool) -> Result<()>,
) -> Result<u64> {
    let mut lines = Lines::open(path)?;
    let mut progress = Progress::new(terminal, what);
    let mut count = 0;
    while let Some((number, line, is_cut)) = lines.next_or_cut()? {
        take(number, line, is_cut)?;
        count += 1;
        if number.is_multiple_of(LINES_PER_LOOK) {
            progress.at(lines.progress());
        }
    }
    progress.finish();
    Ok(count)
}

fn outcome(text: &str) -> std::result::Result<Outcome, String> {
    let (event, field) = match text.split_once('.') {
        Some((event, field)) => (event, Some(field)),
        None => (text, None),
    };
    if event.is_empty() || field.is_some_and(str::is_empty) {
        return Err("an outcome is an event, or an event with a field: `purchase.amount`".to_owned());
    }
    Ok(Outcome { event: event.to_owned(), field: field.map(str::to_owned) })
}

/// In µs.
fn duration(text: &str) -> std::result::Result<i64, String> {
    let wrong = || "a duration is written like 30m, 24h, 14d or 2w".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(wrong()),
    };
    let count: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    count.checked_mul(seconds * 1_000_000).filter(|micros| *micros > 0).ok_or_else(wrong)
}

fn control(text: &str) -> std::result::Result<(String, String), String> {
    let (experiment, arm) = text.split_once('=').ok_or("write EXPERIMENT=ARM")?;
    Ok((experiment.to_owned(), arm.to_owned()))
}
