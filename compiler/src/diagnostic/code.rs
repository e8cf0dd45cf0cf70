//! The codes of mistakes.

use super::{Diagnostic, Severity};
use crate::checked::Location;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A mistake's number, `E0101` an error, `W0101` a warning, and its page in the manual.
#[derive(Clone, Copy)]
pub struct Code {
    name: &'static str,
    page: &'static str,
    lint: Option<&'static str>,
}

impl Code {
    /// Only the mistake's own file makes its code.
    pub(crate) const fn new(name: &'static str, page: &'static str) -> Code {
        Code { name, page, lint: None }
    }

    /// The code of a lint, with the name by which `comity.toml` gives it a level.
    pub(crate) const fn lint(self, name: &'static str) -> Code {
        Code { lint: Some(name), ..self }
    }

    /// The name of the lint, where it is one.
    pub fn lint_name(self) -> Option<&'static str> {
        self.lint
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        self.name
    }

    /// Its page in the manual, in Markdown.
    pub fn page(self) -> &'static str {
        self.page
    }

    /// What it weighs where nobody says otherwise.
    pub fn severity(self) -> Severity {
        if self.name.starts_with('W') { Severity::Warning } else { Severity::Error }
    }

    /// The mistake at a place; the label is what is to be seen there.
    pub(crate) fn at(
        self,
        place: Location,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        self.project(message).label(place, label, true)
    }

    /// The mistake of the project as a whole.
    pub(crate) fn project(self, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code: self,
            severity: self.severity(),
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
            fix: None,
        }
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.name == other.name
    }
}

impl Eq for Code {}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Code) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Code {
    fn cmp(&self, other: &Code) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl Hash for Code {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
