//! Why a line is refused, in words for whoever sent it.

use smol_str::SmolStr;
use std::fmt;

/// A refused line: the reason, and what could be read of the line all the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejected {
    /// The id, where it is readable.
    pub id: Option<SmolStr>,
    /// The customer, where it is readable.
    pub subject: Option<SmolStr>,
    /// µs since 1970-01-01T00:00:00Z, where it is readable.
    pub time: Option<i64>,
    /// Why it is refused.
    pub reason: Rejection,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl std::error::Error for Rejected {}

/// Why a line is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The bytes are not UTF-8.
    Utf8 {
        /// Position of the first wrong byte, from 1.
        byte: usize,
    },
    /// The text is not JSON.
    Json {
        /// From 1; more than 1 only in texts of several lines.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
    /// Something that has to be there is not.
    Missing {
        /// What: "`time`", "`amount` of `purchase`".
        place: String,
        /// What it should hold.
        expected: String,
    },
    /// A key stands twice in one object.
    Repeated {
        /// Which.
        place: String,
    },
    /// A key that isn't known where one must not be ignored: what is said of a consent, or a profile's `consents`.
    Misspelt {
        /// In quotes.
        key: String,
        /// Of what.
        owner: String,
        /// What may be meant.
        hint: String,
    },
    /// A value is not what it must be.
    Wrong {
        /// Where.
        place: String,
        /// What it should be.
        expected: String,
        /// What it is; of personal attributes only the kind.
        found: String,
        /// What to do.
        hint: Option<String>,
    },
    /// `sent` is what the runtime itself writes.
    Sent,
    /// `merge` of a customer with itself.
    MergedWithItself,
}

impl std::error::Error for Rejection {}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::Utf8 { byte } => write!(f, "not UTF-8 at byte {byte}"),
            Rejection::Json { line: 1, column, problem } => {
                write!(f, "not valid JSON at column {column}: {problem}")
            }
            Rejection::Json { line, column, problem } => {
                write!(f, "not valid JSON at line {line}, column {column}: {problem}")
            }
            Rejection::Missing { place, expected } => write!(f, "{place} is missing: expected {expected}"),
            Rejection::Repeated { place } => write!(f, "{place} is given twice"),
            Rejection::Misspelt { key, owner, hint } => write!(f, "{owner} has no {key}; {hint}"),
            Rejection::Wrong { place, expected, found, hint } => {
                write!(f, "{place}: expected {expected}, found {found}")?;
                match hint {
                    Some(hint) => write!(f, "; {hint}"),
                    None => Ok(()),
                }
            }
            Rejection::Sent => f.write_str(
                "`type`: `sent` is written by Comity itself and doesn't come in; report what happened to a \
                 message as `delivered`, `failed`, `opened` …",
            ),
            Rejection::MergedWithItself => {
                f.write_str("`from` of `merge`: expected another customer than the subject, found the same")
            }
        }
    }
}

impl Rejection {
    /// The reason behind an error of the JSON reader.
    pub(crate) fn json(error: &serde_json::Error) -> Rejection {
        let text = error.to_string();
        let problem = if error.is_eof() {
            "the text ends too early".to_owned()
        } else {
            // The reader repeats the position at the end of its message.
            match text.rfind(" at line ") {
                Some(at) => text[..at].to_owned(),
                None => text,
            }
        };
        Rejection::Json { line: error.line().max(1), column: error.column().max(1), problem }
    }
}

/// A text in quotes, shortened where it is long.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}

/// "did you mean …?", where one of the names is close to the word.
pub(super) fn did_you_mean<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let near = nearest(word, names, (word.chars().count() / 3).max(1))?;
    Some(format!("did you mean {near:?}?"))
}

/// The name that is closest to the word, where at most so many letters differ.
pub(super) fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>, limit: usize) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    names
        .filter(|name| name.len() <= LONGEST)
        .map(|name| (strsim::osa_distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}
