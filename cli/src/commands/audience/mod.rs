//! `comity audience`

mod lines;
mod order;
mod output;
mod summary;
mod table;
mod targets;
mod work;

use super::decider::{Engine, prepare};
use super::profiles::tell_no_consents;
use super::strangers::slip;
use crate::Status;
use crate::failure::{Failure, Result};
use crate::input::{CUT, refuse_two_stdins, shown};
use crate::instant;
use crate::output::{refuse_form, refuse_overwriting};
use crate::progress::Progress;
use crate::report::counted;
use crate::shape;
use crate::terminal::Terminal;
use crate::threads;
use comity_runtime::audience::Audience;
use order::in_order;
use output::{Form, Output};
use std::io::{IsTerminal as _, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use summary::Summary;
use table::Table;
use work::{Piece, Task, Worker};

/// Find out which customers are in which segments, and for whom which messages are
///
/// Judges the customers of a profiles file, NDJSON or Parquet, by their profiles alone, on all cores, and writes each
/// customer who is in one of the segments, or for whom one of the messages is, with these. A message is for whom it
/// could be sent to now: it is active, its conditions hold, consent is given, the address is known, nothing suppresses
/// it, and the customer is not held out.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity audience shop --profiles customers.parquet --segment big_spender --out audience.parquet
  comity audience shop --profiles customers.ndjson --message spring_sale --message welcome --summary
  comity audience shop --profiles customers.parquet --count --at 2026-11-27T10:00:00Z")]
pub(crate) struct AudienceCommand {
    /// A project's folder or a single `.comity` file; `-` is standard input
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The customers: NDJSON, plain or gzip, or Parquet; `-` is NDJSON from standard input
    #[arg(long, value_name = "FILE")]
    profiles: PathBuf,
    /// Who is in this segment; can be given several times, or with several, separated by commas
    #[arg(long = "segment", value_name = "SEGMENT", value_delimiter = ',')]
    segments: Vec<String>,
    /// Whom this message is for; can be given several times, or with several, separated by commas. Without segments
    /// and messages all of them are meant
    #[arg(long = "message", value_name = "MESSAGE", value_delimiter = ',')]
    messages: Vec<String>,
    /// The instant that is meant; without it, now
    #[arg(long, value_name = "INSTANT", value_parser = instant::parse)]
    at: Option<i64>,
    /// Where the customers go, as NDJSON, or as Parquet where the name ends in `.parquet`; without it, or as `-`,
    /// NDJSON to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only count: write no customers, and the summary to standard output
    #[arg(long, conflicts_with = "out")]
    count: bool,
    /// Show how many customers each has: on standard output if the customers go to a file, else on standard error
    #[arg(long)]
    summary: bool,
    /// How the summary is written; asks for `--summary` or `--count`
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<summary::Format>,
    /// Name all segments, messages and columns of which something is said, however many there are
    #[arg(long)]
    verbose: bool,
    /// How many threads to use, at most four for each core; without it, one for each
    #[arg(long, value_name = "N", value_parser = threads::parse)]
    threads: Option<NonZeroUsize>,
    /// What evaluates the conditions
    #[arg(long, value_enum, default_value_t, value_name = "ENGINE")]
    engine: Engine,
}

impl AudienceCommand {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        self.refuse_clashes()?;
        let Some(policy) = prepare(&self.path, self.engine, terminal)? else { return Ok(Status::No) };
        let targets = targets::find(&policy.plan, &self.segments, &self.messages)?;
        let at = self.at.unwrap_or_else(instant::now);
        let audience = Audience::new(policy, &targets, at);
        let table = table::open(&self.profiles, &audience)?;
        let form = match &self.out {
            _ if self.count => Form::Count,
            Some(path) if shape::is_parquet(path) => Form::Table,
            _ => Form::Lines,
        };
        let output = Output::open(form, self.out.as_deref(), &audience)?;
        let mut progress = Progress::new(terminal, "judging");
        let to_stdout = output.is_stdout();
        if to_stdout && std::io::stdout().is_terminal() {
            progress.hide();
        }
        let summary = self.judge(&audience, table.as_ref(), form, output, &mut progress, terminal)?;
        progress.finish();
        self.remark(&audience, table.as_ref(), &summary, terminal);
        if self.summary || self.count {
            let text = summary.render(&audience, self.format.unwrap_or_default());
            if !to_stdout || self.count {
                std::io::stdout().lock().write_all(text.as_bytes())?;
            } else {
                terminal.diagnostics(&text);
            }
        } else {
            terminal.note(summary.line());
        }
        Ok(Status::Done)
    }

    fn judge(
        &self,
        audience: &Audience,
        table: Option<&Table>,
        form: Form,
        mut output: Output,
        progress: &mut Progress,
        terminal: Terminal,
    ) -> Result<Summary> {
        let threads = threads::count(self.threads, terminal).get();
        let mut summary = Summary::new(audience);
        let read = |give: &mut dyn FnMut(Task) -> bool| match table {
            Some(table) => {
                table.tasks(give);
                Ok(())
            }
            None => lines::read(&self.profiles, give),
        };
        let worker = || Worker::new(audience, table, form);
        in_order(threads, read, worker, |piece| {
            let written = match piece {
                Piece::Written(written) => written,
                Piece::Done(done) => {
                    progress.at(done.progress);
                    summary.add(done)
                }
            };
            // Nothing more is written once something is wrong.
            if summary.is_well() { output.write(written) } else { Ok(()) }
        })?;
        let each = if table.is_some() { "row" } else { "line" };
        if summary.refused.count() > 0 {
            return Err(refused(&self.profiles, &summary, each));
        }
        if let Some(told) = summary.again.told(&self.profiles, each) {
            // What one of them says of the customer, the other may have withdrawn.
            return Err(Failure::new(told).help(format!(
                "an audience is judged {each} by {each}: leave one {each} for each customer, with all that is known; \
                 nothing was written"
            )));
        }
        output.finish()?;
        Ok(summary)
    }

    /// One stream can't be two files, and no input is written over.
    fn refuse_clashes(&self) -> Result<()> {
        let inputs = [&self.path, &self.profiles];
        refuse_two_stdins(inputs)?;
        if self.format.is_some() && !self.summary && !self.count {
            return Err(Failure::new("`--format` says how the summary is written, and none is asked for")
                .help("add `--summary`, or `--count` for the summary alone; customers are NDJSON, or Parquet by `--out FILE.parquet`"));
        }
        let forms = "name the file `.ndjson` or `.parquet`";
        refuse_form("audience", "customers", self.out.as_deref(), forms)?;
        refuse_overwriting("--out", self.out.as_ref(), inputs)
    }

    /// What is said of the file, and, even when quiet, of what the answer doesn't look at.
    fn remark(&self, audience: &Audience, table: Option<&Table>, summary: &Summary, terminal: Terminal) {
        let file = shown(&self.profiles);
        if summary.customers == 0 {
            terminal.warn(format_args!("{file} has no customers"));
        }
        let strangers = match table {
            Some(table) => table.strangers().to_vec(),
            None => summary.strangers.iter().cloned().collect(),
        };
        let all = self.verbose;
        if !strangers.is_empty() {
            let what = if table.is_some() { "column" } else { "attribute" };
            let count = counted(strangers.len(), what);
            let attributes = &audience.policy().plan.attributes;
            let near = |name: &String| {
                // As it stands in a struct of a table.
                let name = name.strip_prefix("attributes.").unwrap_or(name);
                slip(name, attributes.iter().map(|attribute| attribute.name.as_str()))
            };
            // Those that may be misspelt come first.
            let (slips, others): (Vec<_>, Vec<_>) = strangers.iter().partition(|name| near(name).is_some());
            let remarked = slips.iter().chain(&others).map(|name| match near(name) {
                Some(near) => format!("`{name}` (did you mean `{near}`?)"),
                None => format!("`{name}`"),
            });
            let names = listed(remarked.collect(), all);
            let text = format!("{file}: {count} that the policy doesn't know: {names}");
            if slips.is_empty() { terminal.note(text) } else { terminal.warn(text) }
        }
        summary.in_consents.tell(&file, terminal);
        if let Some(fields) = table.map(Table::unknown_in_consents).filter(|fields| !fields.is_empty()) {
            let (count, names) =
                (counted(fields.len(), "field"), named(fields.iter().map(String::as_str), all));
            terminal.warn(format_args!(
                "{file}: {count} of `consents` that Comity doesn't know, and ignores: {names}"
            ));
        }
        let notes = audience.notes();
        let lacks_consents = match table {
            Some(table) => table.lacks_consents(),
            None => audience.asks_for_consents() && !summary.has_consents,
        };
        if lacks_consents && summary.customers > 0 {
            tell_no_consents(&file, &notes.purposes, terminal);
        }
        let attributes = &audience.policy().plan.attributes;
        let (no, missing) = match table {
            Some(table) => ("no column for", table.missing().iter().map(String::as_str).collect()),
            None if summary.customers == 0 => ("", Vec::new()),
            None => {
                let names = summary.missing.iter().map(|id| attributes[id.index()].name.as_str());
                ("no customer has", names.collect())
            }
        };
        if !missing.is_empty() {
            let (is, counts) = match missing.len() {
                1 => ("is", "it counts as its default, or as unknown"),
                _ => ("are", "they count as their defaults, or as unknown"),
            };
            let names = named(missing.into_iter(), all);
            terminal.caveat(format_args!("{file}: {no} {names}, which {is} asked for: {counts}"));
        }
        if !notes.history.is_empty() {
            let names = named(notes.history.iter().map(|name| name.as_str()), all);
            let events = named(notes.events.iter().map(|name| name.as_str()), all);
            let events = if events.is_empty() { String::new() } else { format!(" ({events})") };
            terminal.caveat(format_args!(
                "judged as if nothing had happened yet{events}: {names}; `comity run` decides over a log"
            ));
        }
        if !notes.proposals.is_empty() {
            let names = named(notes.proposals.iter().map(|name| name.as_str()), all);
            terminal.caveat(format_args!(
                "what is asked of the event that proposes a message, or the segment, rules nobody out here: {names}"
            ));
        }
    }
}

/// Customers that can't be read: without them the answer would be wrong.
fn refused(path: &Path, summary: &Summary, each: &str) -> Failure {
    let is_table = each == "row";
    let wrong = summary.refused.lines(&shown(path), each);
    let customers = counted(summary.refused.count() as usize, "profile");
    let failure = Failure::new(format!("{customers} can't be read\n{wrong}"));
    let first = summary.first.as_deref().unwrap_or_default();
    if shape::is_event(first) {
        let help = "these lines look like events; a profile is a line such as {\"subject\":\"c1\",\"attributes\":{}}";
        return failure.help(format!("{help}; nothing was written"));
    }
    failure.help(match shape::of_profiles(first) {
        _ if summary.is_cut => format!("{}; nothing was written", CUT),
        Some(help) if !is_table => format!("{help}; nothing was written"),
        _ if is_table => "mend the data and write the file again; nothing was written".to_owned(),
        _ => "mend or remove these lines; nothing was written".to_owned(),
    })
}

/// "`a`, `b` and 3 more"; all of them where that is asked for.
fn named<'n>(names: impl Iterator<Item = &'n str>, all: bool) -> String {
    listed(names.map(|name| format!("`{name}`")).collect(), all)
}

fn listed(names: Vec<String>, all: bool) -> String {
    const NAMED: usize = 5;
    match names.len().checked_sub(NAMED).filter(|more| *more > 0 && !all) {
        Some(more) => format!("{} and {more} more (`--verbose` names all)", names[..NAMED].join(", ")),
        None => names.join(", "),
    }
}
