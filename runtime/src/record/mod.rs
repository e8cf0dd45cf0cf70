//! Decision records as canonical JSON (interfaces §3).
//!
//! One object per line, keys sorted, no insignificant space, so that equal runs give equal bytes. Each record of a
//! customer carries the SHA-256 of the line before it, so that a changed or missing one is found.

mod chain;
mod json;
mod time;

pub use chain::{ChainError, verify_chain};
pub use json::{List, Object};
pub use time::write_instant;

use sha2::{Digest, Sha256};
use smol_str::SmolStr;

/// An id that follows from its parts: the same parts give the same id, others another one.
///
/// The prefix and 32 hexadecimal digits of the SHA-256 over the parts, each with its length before it.
pub fn effect_id(prefix: &str, parts: &[&str]) -> SmolStr {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut id = String::with_capacity(prefix.len() + 32);
    id.push_str(prefix);
    push_hex(&mut id, &digest[..16]);
    SmolStr::new(id)
}

/// The SHA-256 of a record's line, without its line break.
pub fn digest(line: &[u8]) -> [u8; 32] {
    Sha256::digest(line).into()
}

/// Appends bytes as hexadecimal digits.
pub fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
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
