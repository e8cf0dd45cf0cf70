//! Why bytes are not the state of a customer.

use super::{FORMAT, read::Damage};
use std::fmt;

/// Why bytes are not the state of a customer under a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateError {
    /// They don't begin as a state does.
    NotAState,
    /// They end too early.
    CutShort {
        /// How many bytes a state has that begins so, as far as that is known.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// They are not as they were written; says where this shows.
    Damaged(&'static str),
    /// They are written as another version of Comity writes them.
    OtherFormat {
        /// The number of that form.
        found: u8,
    },
    /// They belong to another policy, or to another version of it.
    OtherPolicy {
        /// The beginning of its version, in hexadecimal digits.
        found: String,
        /// The same, of the policy that is asked.
        expected: String,
    },
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StateError::NotAState => write!(f, "these bytes are not the state of a customer"),
            StateError::CutShort { expected, found } => {
                write!(f, "the state of the customer is cut short: it has {found} of {expected} bytes")
            }
            StateError::Damaged(place) => write!(f, "the state of the customer is damaged: {place}"),
            StateError::OtherFormat { found } => write!(
                f,
                "the state of the customer has format {found}, which is not the one that this version of Comity \
                 reads and writes, {FORMAT}"
            ),
            StateError::OtherPolicy { found, expected } => write!(
                f,
                "the state of the customer belongs to the policy version {found}…, not to {expected}…: it must be \
                 carried over, for which both versions are needed"
            ),
        }
    }
}

impl std::error::Error for StateError {}

impl From<Damage> for StateError {
    fn from(Damage(place): Damage) -> StateError {
        StateError::Damaged(place)
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    crate::record::push_hex(&mut text, bytes);
    text
}
