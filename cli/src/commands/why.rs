//! `comity why`

use super::decider::{Engine, Prepared, prepare_with_text};
use super::declared;
use super::profiles::import;
use crate::Status;
use crate::failure::{Failure, Result};
use crate::input::{LINES_PER_LOOK, Lines, refuse_two_stdins};
use crate::instant;
use crate::progress::Progress;
use crate::project::Loaded;
use crate::report;
use crate::shape;
use crate::terminal::{Style, Terminal, paint};
use comity_compiler::checked::Location;
use comity_compiler::ids::MessageId;
use comity_runtime::explain::{self, Mark, Place, Sources};
use comity_runtime::replay::Replay;
use comity_runtime::step::Detail;
use std::io::Write as _;
use std::path::PathBuf;

/// So many decisions are listed.
const LISTED: usize = 10;

/// Say why a customer did or didn't get a message
///
/// Decides over a log of events up to an instant, and explains what was decided last about the message and what would
/// be decided then: each gate, each condition with its value and its place in the policy, and the smallest change that
/// would bring another outcome. Values of personal attributes are not shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity why shop --profile ada --message cart_email --events shop/events.ndjson --profiles shop/profiles.ndjson
  comity why shop --profile ada --message cart_email --events events.ndjson --at 2026-11-02T10:30:00Z
  zcat day-*.gz | comity why shop --profile ada --message cart_email --events - --format json")]
pub(crate) struct Why {
    /// A project's folder or a single `.comity` file; `-` is standard input
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The customer's id
    #[arg(long, value_name = "ID")]
    profile: String,
    /// The message's name
    #[arg(long, value_name = "MESSAGE")]
    message: String,
    /// The log of events; `-` is standard input
    #[arg(long, value_name = "FILE")]
    events: PathBuf,
    /// The customers as they are before the first event; `-` is standard input
    #[arg(long, value_name = "FILE")]
    profiles: Option<PathBuf>,
    /// The instant to explain, at most ten years after the last event; without it, the end of the log
    #[arg(long, value_name = "INSTANT", value_parser = instant::parse)]
    at: Option<i64>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// What evaluates the conditions
    #[arg(long, value_enum, default_value_t, value_name = "ENGINE")]
    engine: Engine,
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON object
    Json,
}

impl Why {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        refuse_two_stdins(
            [Some(&self.path), Some(&self.events), self.profiles.as_ref()].into_iter().flatten(),
        )?;
        let Some(prepared) = prepare_with_text(&self.path, self.engine, terminal)? else {
            return Ok(Status::No);
        };
        let Prepared { policy, loaded, compiled } = prepared;
        let messages = policy.plan.messages.iter().map(|message| message.name.as_str());
        let message = declared::position("message", &self.message, messages, "it declares none")?;
        let message = MessageId::at(message);
        let mut events = Lines::open(&self.events)?;
        let mut replay = Replay::new(policy, Detail { blocked: true, redact: true });
        if let Some(profiles) = &self.profiles {
            import(&mut replay, profiles, terminal)?;
        }
        replay.follow(&self.profile, message);
        self.decide(&mut replay, &mut events, terminal)?;
        instant::refuse_far("--at", self.at, replay.clock())?;
        replay.finish(self.at, &mut Vec::new());
        let Some(at) = self.at.or(replay.clock()) else {
            return Err(Failure::new(format!("{} has no events", events.shown()))
                .help("say which instant is meant: `--at 2026-11-27T10:00:00Z`"));
        };
        let place = |at: Location| place(&loaded, at);
        let sources = Sources { origins: &compiled.origins, place: &place };
        let Some(why) = replay.why(&self.profile, message, at, &sources) else {
            let failure = Failure::new(format!("nothing is known of the customer `{}`", self.profile));
            let failure = failure.help("no event up to the instant has this `subject`, and no profile");
            return Err(failure.did_you_mean(&self.profile, replay.subjects(), "there are"));
        };
        let text = match self.format {
            Format::Human => human(&why, terminal.stdout_color()),
            Format::Json => {
                let json = serde_json::to_string(&why).map_err(|error| Failure::new(error.to_string()))?;
                json + "\n"
            }
        };
        std::io::stdout().lock().write_all(text.as_bytes())?;
        Ok(Status::Done)
    }

    /// Decides over the log, as far as it was known at the instant: once something later has happened to the customer,
    /// what comes after it in the log came after it.
    fn decide(&self, replay: &mut Replay, events: &mut Lines, terminal: Terminal) -> Result<()> {
        let mut progress = Progress::new(terminal, "deciding");
        let policy = std::sync::Arc::clone(replay.policy());
        let (mut records, mut read, mut rejected) = (Vec::new(), 0_u64, 0_u64);
        let mut first = None;
        while let Some((number, line)) = events.next()? {
            let event = policy.schema.event(line);
            read += u64::from(event.is_ok());
            match event {
                Ok(event) if self.at.is_some_and(|at| event.time > at) => {
                    if event.subject == self.profile {
                        break;
                    }
                }
                Ok(event) => replay.event(number, event, &mut records),
                Err(error) => {
                    rejected += 1;
                    first.get_or_insert_with(|| line.to_vec());
                    replay.reject(number, &error, &mut records);
                }
            }
            records.clear();
            if number.is_multiple_of(LINES_PER_LOOK) {
                progress.at(events.progress());
            }
        }
        replay.take_group(&mut records);
        progress.finish();
        if read == 0 && rejected > 0 {
            let first = first.unwrap_or_default();
            return Err(shape::no_log(&events.shown(), rejected, &first, events.is_cut()));
        }
        if rejected > 0 {
            shape::tell_rejected(&events.shown(), rejected, events.is_cut(), terminal);
        }
        Ok(())
    }
}

pub(super) fn place(loaded: &Loaded, at: Location) -> Option<Place> {
    let place = report::Place::of(loaded, at)?;
    let (_, text) = loaded.project.file(at.file)?;
    let text = text.get(at.span.range()).unwrap_or_default().to_owned();
    Some(Place { file: place.file.into(), line: place.start.line, column: place.start.column, text })
}

/// What was decided, the explanations, and what proposes the message.
fn human(why: &explain::Why, color: bool) -> String {
    let painted = |mark: Mark, text: &str| match mark {
        Mark::Good => paint(color, Style::Added, text),
        Mark::Bad => paint(color, Style::Removed, text),
        Mark::Dim => paint(color, Style::Dim, text),
        Mark::Strong => paint(color, Style::Bold, text),
    };
    why.text(LISTED, &painted)
}
