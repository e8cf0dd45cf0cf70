//! What the compiler has to say about a policy.
//!
//! A diagnostic speaks the author's language: its message says what is wrong in terms of the policy, its labels
//! point at the places that disagree, its help says what to write. Each has a code, and each code has a file with
//! all that is about it, and a page in the manual: see [`crate::mistakes`].

mod code;
mod place;
mod render;
mod suggest;

pub use crate::mistakes::{CODES, explain};
pub use code::Code;
pub use place::line_and_column;
pub use render::render;
pub(crate) use suggest::{Candidate, Meant, closest, closest_of, list, named, quoted};

use crate::checked::Location;
use comity_grammar::Span;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The policy is not decided by until this is mended.
    Error,
    /// Probably a mistake.
    Warning,
}

/// One thing that is wrong, or probably so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Its number; [`explain`] has the page.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The places that disagree; empty where it is about the project as a whole.
    pub labels: Vec<Label>,
    /// What to write, or to consider, one sentence each.
    pub help: Vec<String>,
    /// A mend that can be applied as it is.
    pub fix: Option<Fix>,
}

/// A place and what is to be seen there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Where.
    pub location: Location,
    /// What is to be seen there; may be empty.
    pub text: String,
    /// Whether the mistake is here; the others show what it disagrees with.
    pub primary: bool,
}

/// A mechanical mend.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What it does: "write `profile.tier`".
    pub title: String,
    /// To be applied together.
    pub edits: Vec<Edit>,
}

/// A replacement of a part of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced.
    pub location: Location,
    /// By what.
    pub text: String,
}

impl Diagnostic {
    fn label(mut self, location: Location, text: impl Into<String>, primary: bool) -> Self {
        self.labels.push(Label { location, text: text.into(), primary });
        self
    }

    /// Also shows another place.
    pub(crate) fn also(self, at: Location, text: impl Into<String>) -> Self {
        self.label(at, text, false)
    }

    /// Also shows another place, where there is one.
    pub(crate) fn maybe_also(self, at: Option<Location>, text: impl Into<String>) -> Self {
        match at {
            Some(at) => self.also(at, text),
            None => self,
        }
    }

    /// Also says what to do.
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Also says what to do, where there is something to say.
    pub(crate) fn maybe_help(mut self, text: Option<String>) -> Self {
        self.help.extend(text);
        self
    }

    /// Also mends itself by writing something else in one place.
    pub(crate) fn replace(self, at: Location, with: impl Into<String>) -> Self {
        let text = with.into();
        self.mend(format!("write `{text}`"), at, text)
    }

    /// The same, with words of its own for what it does.
    pub(crate) fn mend(mut self, title: impl Into<String>, at: Location, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { title: title.into(), edits: vec![Edit { location: at, text: text.into() }] });
        self
    }

    /// Also mends itself by taking something out.
    pub(crate) fn remove(self, at: Location, title: impl Into<String>) -> Self {
        self.mend(title, at, "")
    }

    /// Also asks whether something else was meant there; where only one thing can be, that is the mend.
    pub(crate) fn did_you_mean(self, at: Location, meant: &Meant) -> Self {
        let asked = self.help(meant.question());
        match meant.only() {
            Some(only) => asked.replace(at, only),
            None => asked,
        }
    }

    /// The same, or another help where nothing is close.
    pub(crate) fn did_you_mean_or(self, at: Location, meant: Option<Meant>, help: impl Into<String>) -> Self {
        match meant {
            Some(meant) => self.did_you_mean(at, &meant),
            None => self.help(help),
        }
    }

    /// Whether it is a mistake of syntax, which hides what else is wrong around it.
    pub fn is_of_syntax(&self) -> bool {
        crate::mistakes::is_of_syntax(self.code)
    }

    /// Where it is shown: the primary label.
    pub fn location(&self) -> Option<Location> {
        self.labels.iter().find(|label| label.primary).map(|label| label.location)
    }
}

/// Puts diagnostics in the order in which they are shown: by file, place and code; equal ones once.
pub(crate) fn sort(diagnostics: &mut Vec<Diagnostic>) {
    let place = |d: &Diagnostic| d.location().map(|at| (at.file, at.span.start, at.span.end));
    diagnostics.sort_by(|a, b| {
        place(a).cmp(&place(b)).then_with(|| a.code.cmp(&b.code)).then_with(|| a.message.cmp(&b.message))
    });
    diagnostics.dedup();
}

/// The place of a span in a file.
pub(crate) fn at(file: crate::ids::FileId, span: Span) -> Location {
    Location { file, span }
}
