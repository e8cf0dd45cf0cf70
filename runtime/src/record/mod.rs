//! Decision records as canonical JSON (interfaces §3).
//!
//! One object per line, keys sorted, no insignificant space, so that equal runs give equal bytes. Each record of a
//! customer carries the SHA-256 of the line before it, so that a changed or missing one is found.

mod chain;
mod json;
mod time;

pub use chain::{Break, ChainError, Chains, verify_chain};
pub use json::{List, Object};
pub use time::write_instant;

use sha2::{Digest, Sha256};
use smallvec::SmallVec;
use smol_str::SmolStr;

/// An id that follows from its parts: the same parts give the same id, others another one.
///
/// The prefix and 32 hexadecimal digits of the SHA-256 over the parts, each with its length before it.
pub fn effect_id(prefix: &str, parts: &[&str]) -> SmolStr {
    let mut hashed: SmallVec<[u8; 256]> = SmallVec::new();
    hashed.reserve(parts.iter().map(|part| size_of::<u64>() + part.len()).sum());
    for part in parts {
        hashed.extend_from_slice(&(part.len() as u64).to_le_bytes());
        hashed.extend_from_slice(part.as_bytes());
    }
    let digest = digest(&hashed);
    let mut id = ShortText::default();
    id.push(prefix);
    if let Some(first) = digest.first_chunk::<16>() {
        id.push_hex(first);
    }
    SmolStr::new(id.as_str())
}

/// A text that is put together and soon forgotten: mostly without the heap.
#[derive(Default)]
pub(crate) struct ShortText(SmallVec<[u8; 96]>);

impl ShortText {
    pub(crate) fn push(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    fn push_hex<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.0.extend_from_slice(bytes.map(hex).as_flattened());
    }

    pub(crate) fn as_str(&self) -> &str {
        // It is made of whole texts.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::fmt::Write for ShortText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push(text);
        Ok(())
    }
}

/// The SHA-256 of a record's line, without its line break.
pub fn digest(line: &[u8]) -> [u8; 32] {
    Sha256::digest(line).into()
}

/// Appends bytes as hexadecimal digits.
pub fn push_hex(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        out.extend(hex(*byte).map(char::from));
    }
}

fn hex(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_their_parts_and_where_one_ends() {
        let id = effect_id("s_", &["retail", "cart_email", "c42"]);
        assert_eq!(id.len(), 34);
        assert_eq!(id, effect_id("s_", &["retail", "cart_email", "c42"]));
        assert_ne!(id, effect_id("s_", &["retail", "cart_emailc", "42"]));
        assert_ne!(id, effect_id("s_", &["retail", "cart_email", "c42", ""]));
    }
}
