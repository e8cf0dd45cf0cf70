//! Checking that no record was changed and none is missing.

use super::{digest, push_hex};
use rustc_hash::FxHashMap;
use std::fmt;

/// Where a chain of records breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainError {
    /// From 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

impl std::error::Error for ChainError {}

/// Checks that each record names the one before it of the same customer. `rejected` records stand outside the
/// chains: a rejected event changes nothing.
///
/// # Errors
/// The first record that isn't one, or doesn't follow the one before it.
pub fn verify_chain<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Result<(), ChainError> {
    let mut last: FxHashMap<String, String> = FxHashMap::default();
    for (index, line) in lines.enumerate() {
        let error = |problem: String| ChainError { line: index + 1, problem };
        let record: serde_json::Value =
            serde_json::from_slice(line).map_err(|e| error(format!("not a record: {e}")))?;
        if record["kind"] == "rejected" {
            continue;
        }
        let subject =
            record["subject"].as_str().ok_or_else(|| error("a record without `subject`".to_owned()))?;
        let before = last.get(subject).map(String::as_str);
        let named = record["prev"].as_str();
        if named != before {
            return Err(error(match (named, before) {
                (Some(_), Some(_)) => format!(
                    "does not follow the record before it of \"{subject}\": one was changed or is missing"
                ),
                (Some(_), None) => format!("the records of \"{subject}\" before it are missing"),
                _ => format!("a record of \"{subject}\" without `prev`, though there is one before it"),
            }));
        }
        let mut hash = String::with_capacity(64);
        push_hex(&mut hash, &digest(line));
        last.insert(subject.to_owned(), hash);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
        assert_eq!(verify(&[&first, &first]).unwrap_err().line, 2);
        assert!(verify(&[&"{".to_owned()]).unwrap_err().problem.contains("not a record"));
    }
}
