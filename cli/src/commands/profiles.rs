//! Profiles as `run`, `why` and `bench` read them: customers as they are before the first event.

use super::strangers::Strangers;
use crate::failure::{Failure, Result};
use crate::input::{CUT, LINES_PER_LOOK, Lines, shown};
use crate::progress::Progress;
use crate::report::counted;
use crate::shape;
use crate::table::grouped;
use crate::terminal::Terminal;
use comity_runtime::intake::ProfileLine;
use comity_runtime::policy::Policy;
use comity_runtime::replay::Replay;
use std::path::Path;

/// So many refused lines, and customers with several lines, are shown.
const SHOWN: usize = 5;

/// Takes the customers in. What can't be read stops the run before anything is decided: a customer without their
/// consents and attributes would be decided for wrongly.
pub(super) fn import(replay: &mut Replay, path: &Path, terminal: Terminal) -> Result<()> {
    let policy = std::sync::Arc::clone(replay.policy());
    // By customer, in the order of the run: the line that was the first to tell of them.
    let mut first = Vec::new();
    let mut again = Again::default();
    each(&policy, path, terminal, |number, profile| {
        let subject = profile.subject.clone();
        let customer = replay.import(profile) as usize;
        match first.get(customer) {
            Some(before) => again.add(&subject, *before, number),
            None => first.push(number),
        }
    })?;
    again.tell(path, terminal);
    Ok(())
}

/// Lines about customers of whom a line before has told.
#[derive(Default)]
struct Again {
    lines: usize,
    /// The first of them.
    shown: Vec<String>,
}

impl Again {
    fn add(&mut self, subject: &str, before: u64, number: u64) {
        self.lines += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(format!("`{subject}` in lines {before} and {number}"));
        }
    }

    /// Says what counts of them (`Profile::import`).
    fn tell(&self, path: &Path, terminal: Terminal) {
        if self.lines == 0 {
            return;
        }
        let more = match self.lines - self.shown.len() {
            0 => String::new(),
            more => format!(" and {} more", grouped(more as u64)),
        };
        let lines = match self.lines {
            1 => "1 line tells of a customer".to_owned(),
            lines => format!("{} lines tell of customers", grouped(lines as u64)),
        };
        terminal.warn(format_args!(
            "{}: {lines} of whom a line before has told: {}{more}; a later line adds to an earlier one, and of an \
             attribute that both have the later value counts",
            shown(path),
            self.shown.join(", ")
        ));
    }
}

/// Calls with the number of each line of a profiles file, and its customer.
pub(super) fn each(
    policy: &Policy,
    path: &Path,
    terminal: Terminal,
    mut call: impl FnMut(u64, ProfileLine),
) -> Result<()> {
    let mut lines = Lines::open(path)?;
    let mut progress = Progress::new(terminal, "reading profiles");
    let mut wrong: Vec<String> = Vec::new();
    let (mut refused, mut first) = (0, None);
    let mut strangers = Strangers::new(policy);
    while let Some((number, line)) = lines.next()? {
        match shape::profile(&policy.schema, line) {
            Ok(profile) => {
                strangers.look_at_profile(&profile, line);
                call(number, profile);
            }
            Err(why) => {
                first.get_or_insert_with(|| line.to_vec());
                refused += 1;
                if refused <= SHOWN {
                    wrong.push(format!("{}:{number}: {why}", shown(path)));
                }
            }
        }
        if number.is_multiple_of(LINES_PER_LOOK) {
            progress.at(lines.progress());
        }
    }
    if refused > 0 {
        let rest = refused.saturating_sub(SHOWN);
        if rest > 0 {
            wrong.push(format!("… and {rest} more"));
        }
        let customers = counted(refused, "profile");
        let form = || shape::of_profiles(first.as_deref().unwrap_or_default());
        return Err(Failure::new(format!("{customers} can't be read\n{}", wrong.join("\n"))).help(
            match lines.is_cut().then(|| CUT.to_owned()).or_else(form) {
                Some(help) => format!("{help}; nothing was decided"),
                None => "mend or remove these lines; nothing was decided".to_owned(),
            },
        ));
    }
    strangers.tell_attributes(&shown(path), terminal);
    Ok(())
}
