//! Checking that no record was changed and none is missing.

use super::digest;
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt;

/// Where a chain of records breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainError {
    /// From 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Break,
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for ChainError {}

/// Why a record doesn't follow the one before it; customers by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// It is no record.
    NoRecord(String),
    /// It is the one before it once more.
    Again(String),
    /// It is the first of a chain, though there is one before it: two runs, one after the other.
    Anew(String),
    /// The one before it was changed, or isn't there.
    Gap(String),
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Break::NoRecord(why) => write!(f, "not a record: {why}"),
            Break::Again(subject) => write!(f, "a record of {subject:?} comes twice"),
            Break::Anew(subject) => {
                write!(f, "a record of {subject:?} without `prev`, though there is one before it")
            }
            Break::Gap(subject) => {
                write!(
                    f,
                    "does not follow the record before it of {subject:?}: one was changed or is missing"
                )
            }
        }
    }
}

/// Follows records, each of which names the one before it of the same customer. `rejected` records stand outside of the
/// chains: a rejected event changes nothing.
#[derive(Debug, Default)]
pub struct Chains {
    /// By customer: the hash of the last record.
    last: FxHashMap<Box<str>, [u8; 32]>,
}

/// What of a record is asked for.
#[derive(Deserialize)]
struct Link<'l> {
    #[serde(borrow)]
    kind: Cow<'l, str>,
    subject: Option<Cow<'l, str>>,
    prev: Option<Cow<'l, str>>,
}

impl Chains {
    /// Takes the next record, as its line stands in the file. After a break the chain goes on from it.
    ///
    /// # Errors
    /// Where it doesn't follow the one before it.
    pub fn follow(&mut self, line: &[u8]) -> Result<(), Break> {
        let Link { kind, subject, prev } =
            serde_json::from_slice(line).map_err(|error| Break::NoRecord(error.to_string()))?;
        if kind == "rejected" {
            return Ok(());
        }
        let subject = subject.ok_or_else(|| Break::NoRecord("`subject` is missing".to_owned()))?;
        let hash = digest(line);
        let before = match self.last.get_mut(&*subject) {
            Some(last) => Some(std::mem::replace(last, hash)),
            None => {
                self.last.insert((&*subject).into(), hash);
                None
            }
        };
        let broken = match (prev, before) {
            (None, None) => return Ok(()),
            (Some(prev), Some(before)) if names(&prev, &before) => return Ok(()),
            (_, Some(before)) if before == hash => Break::Again,
            (None, Some(_)) => Break::Anew,
            (Some(_), _) => Break::Gap,
        };
        Err(broken(subject.into_owned()))
    }
}

/// Whether digits are those of a hash.
fn names(digits: &str, hash: &[u8; 32]) -> bool {
    digits.as_bytes() == hash.map(super::hex).as_flattened()
}

/// Checks that each record follows the one before it.
///
/// # Errors
/// The first record that doesn't.
pub fn verify_chain<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Result<(), ChainError> {
    let mut chains = Chains::default();
    for (index, line) in lines.enumerate() {
        chains.follow(line).map_err(|problem| ChainError { line: index + 1, problem })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::push_hex;
    use super::*;

    #[test]
    fn finds_what_was_changed_and_what_is_missing() {
        let first = r#"{"kind":"sent","subject":"a","time":"1"}"#.to_owned();
        let mut hash = String::new();
        push_hex(&mut hash, &digest(first.as_bytes()));
        let second = format!(r#"{{"kind":"sent","prev":"{hash}","subject":"a"}}"#);
        let other = r#"{"kind":"sent","subject":"b"}"#.to_owned();
        let rejected = r#"{"kind":"rejected","reason":"x"}"#.to_owned();
        let verify = |lines: &[&String]| verify_chain(lines.iter().map(|line| line.as_bytes()));
        assert_eq!(verify(&[&first, &other, &rejected, &second]), Ok(()));
        assert_eq!(verify(&[&other, &second]).unwrap_err().line, 2);
        let changed = first.replace("\"1\"", "\"2\"");
        assert_eq!(verify(&[&changed, &second]).unwrap_err().line, 2);
        assert_eq!(verify(&[&first, &first]).unwrap_err().problem, Break::Again("a".to_owned()));
        assert_eq!(verify(&[&first, &second, &second]).unwrap_err().problem, Break::Again("a".to_owned()));
        assert_eq!(verify(&[&first, &second, &first]).unwrap_err().problem, Break::Anew("a".to_owned()));
        assert!(verify(&[&"{".to_owned()]).unwrap_err().to_string().contains("line 1: not a record"));
    }
}
