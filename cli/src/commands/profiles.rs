//! Profiles as `run`, `why` and `bench` read them: customers as they are before the first event.

use super::strangers::Strangers;
use crate::failure::{Failure, Result};
use crate::input::{CUT, LINES_PER_LOOK, Lines, shown};
use crate::progress::Progress;
use crate::refused::Refused;
use crate::report::counted;
use crate::shape;
use crate::table::grouped;
use crate::terminal::Terminal;
use comity_runtime::intake::ProfileLine;
use comity_runtime::policy::Policy;
use comity_runtime::replay::Replay;
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::path::Path;

/// So many customers with several lines are shown.
const SHOWN: usize = 5;

/// Takes the customers in. What can't be read stops the run before anything is decided: a customer without their
/// consents and attributes would be decided for wrongly. Gives whether there are customers of whom none has consents.
pub(super) fn import(replay: &mut Replay, path: &Path, terminal: Terminal) -> Result<bool> {
    let policy = std::sync::Arc::clone(replay.policy());
    // By customer, in the order of the run: the line that was the first to tell of them.
    let mut first = Vec::new();
    let mut again = Again::default();
    let mut has_consents = false;
    each(&policy, path, terminal, |number, profile| {
        let subject = profile.subject.clone();
        has_consents |= !profile.consents.is_empty();
        let customer = replay.import(profile) as usize;
        match first.get(customer) {
            Some(before) => again.add(&subject, *before, number),
            None => first.push(number),
        }
    })?;
    if let Some(told) = again.told(path, "line") {
        // `Profile::import`
        terminal.warn(format_args!(
            "{told}; a later line adds to an earlier one, and of an attribute that both have the later value counts"
        ));
    }
    Ok(!has_consents && !first.is_empty())
}

/// Says that no profile has consents although these purposes ask for them.
pub(super) fn tell_no_consents(file: &str, purposes: &BTreeSet<SmolStr>, terminal: Terminal) {
    const NAMED: usize = 5;
    let mut names: Vec<String> = purposes.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    if let Some(more) = purposes.len().checked_sub(NAMED).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    let ask = match purposes.len() {
        0 => return,
        1 => format!("purpose {} asks", names.concat()),
        _ => format!("purposes {} ask", names.join(", ")),
    };
    terminal.warn(format_args!("{file}: no profile has `consents`, which {ask} for"));
}

/// Lines, or rows of a table, about customers of whom one before has told.
#[derive(Default)]
pub(super) struct Again {
    count: usize,
    /// The first of them: the customer, and the numbers of both.
    shown: Vec<(String, u64, u64)>,
}

impl Again {
    pub(super) fn add(&mut self, subject: &str, before: u64, number: u64) {
        self.count += 1;
        if self.shown.len() < SHOWN {
            self.shown.push((subject.to_owned(), before, number));
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Which of them there are, if any; `each` is "line" or "row".
    pub(super) fn told(&self, path: &Path, each: &str) -> Option<String> {
        let which = self
            .shown
            .iter()
            .map(|(subject, before, number)| format!("`{subject}` in {each}s {before} and {number}"));
        let which = which.collect::<Vec<_>>().join(", ");
        let more = match self.count - self.shown.len() {
            0 => String::new(),
            more => format!(" and {} more", grouped(more as u64)),
        };
        let them = match self.count {
            0 => return None,
            1 => format!("1 {each} tells of a customer"),
            count => format!("{} {each}s tell of customers", grouped(count as u64)),
        };
        Some(format!("{}: {them} of whom a {each} before has told: {which}{more}", shown(path)))
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
    let (mut refused, mut first) = (Refused::default(), None);
    let mut strangers = Strangers::new(policy);
    while let Some((number, line)) = lines.next()? {
        match shape::profile(&policy.schema, line) {
            Ok(profile) => {
                strangers.look_at_profile(&profile, line);
                call(number, profile);
            }
            Err(why) => {
                first.get_or_insert_with(|| line.to_vec());
                refused.add(|| format!(":{number}:"), why);
            }
        }
        if number.is_multiple_of(LINES_PER_LOOK) {
            progress.at(lines.progress());
        }
    }
    if refused.count() > 0 {
        let wrong = refused.lines(&shown(path), "line");
        let customers = counted(refused.count() as usize, "profile");
        let form = || shape::of_profiles(first.as_deref().unwrap_or_default());
        return Err(Failure::new(format!("{customers} can't be read\n{wrong}")).help(
            match lines.is_cut().then(|| CUT.to_owned()).or_else(form) {
                Some(help) => format!("{help}; nothing was decided"),
                None => "mend or remove these lines; nothing was decided".to_owned(),
            },
        ));
    }
    strangers.tell_attributes(&shown(path), terminal);
    Ok(())
}
