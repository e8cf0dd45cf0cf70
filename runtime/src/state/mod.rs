//! The state of one customer as bytes: what a store keeps, and what is kept in memory of customers who wait.
//!
//! The bytes hold all that a later step can read; what follows from it (answers held ready, the time zone, the next
//! instant that is due) is worked out again. Whatever is done with a customer who was packed and unpacked comes out
//! as it would have with the original.
//!
//! | bytes | |
//! | --- | --- |
//! | 4 | `Comi` |
//! | 1 | [`FORMAT`] |
//! | 8 | XXH3-64 of all that follows, little-endian |
//! | 8 | the first bytes of the policy's version |
//! | 1 to 10 | how many bytes follow |
//! | | the body: numbers, texts and values one after the other, as their owners write them (`write`) |
//!
//! What a plan numbers stands there by its number, and of values only that which their types leave open: so a
//! state belongs to one version of a policy. [`Stepper::carry_over`] takes it over to another.
//!
//! [`Stepper::carry_over`]: crate::step::Stepper::carry_over

mod carry;
mod error;
mod read;
mod texts;
mod write;

pub use carry::Carry;
pub use error::StateError;
pub(crate) use read::{Damage, Reader};
pub(crate) use texts::TextPlaces;
pub(crate) use write::Writer;

use crate::policy::Policy;
use crate::profile::Profile;
use xxhash_rust::xxh3::xxh3_64;

/// The version of this form; a state of another version is refused.
pub const FORMAT: u8 = 1;

const MAGIC: &[u8; 4] = b"Comi";
/// Where the checksum stands.
const CHECKSUM: std::ops::Range<usize> = 5..13;
/// Where the policy's version stands.
const FINGERPRINT: std::ops::Range<usize> = 13..21;

/// A customer as bytes. Equal states give equal bytes.
pub fn pack(policy: &Policy, profile: &Profile) -> Box<[u8]> {
    let mut out = Vec::with_capacity(256);
    pack_into(policy, profile, &mut out);
    out.into_boxed_slice()
}

/// The same, into memory that is used again and again: what it held before is gone.
pub fn pack_into(policy: &Policy, profile: &Profile, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(MAGIC);
    out.push(FORMAT);
    out.extend_from_slice(&[0; CHECKSUM.end - CHECKSUM.start]);
    out.extend_from_slice(&policy.fingerprint);
    // The length of most is two bytes long.
    out.extend_from_slice(&[0; 2]);
    profile.write(&mut Writer::new(policy, out, profile.now));
    let mut length = Vec::new();
    write::varint(&mut length, (out.len() - FINGERPRINT.end - 2) as u64);
    if let [first, second] = length[..] {
        out[FINGERPRINT.end..FINGERPRINT.end + 2].copy_from_slice(&[first, second]);
    } else {
        out.splice(FINGERPRINT.end..FINGERPRINT.end + 2, length);
    }
    let checksum = xxh3_64(&out[CHECKSUM.end..]);
    out[CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
}

/// The customer whose state the bytes are.
///
/// # Errors
/// Bytes that are no whole, unharmed state of this format and this policy: never a guess at what they were.
pub fn unpack(policy: &Policy, bytes: &[u8]) -> Result<Profile, StateError> {
    let (fingerprint, body) = check(bytes)?;
    if fingerprint != policy.fingerprint {
        let [found, expected] = [fingerprint, policy.fingerprint].map(|version| error::hex(&version));
        return Err(StateError::OtherPolicy { found, expected });
    }
    let mut body = Reader::new(policy, body);
    let profile = Profile::read(&mut body)?;
    body.end()?;
    Ok(profile)
}

/// The version of the policy to which a state belongs: its first eight bytes in hexadecimal digits, as they stand
/// in records behind the `@`.
///
/// # Errors
/// As [`unpack`], but for states of another policy.
pub fn version(bytes: &[u8]) -> Result<String, StateError> {
    let (fingerprint, _) = check(bytes)?;
    Ok(error::hex(&fingerprint))
}

/// The policy's version and the body, where both are as they were written.
fn check(bytes: &[u8]) -> Result<([u8; 8], &[u8]), StateError> {
    let found = bytes.len();
    let known = bytes.len().min(MAGIC.len());
    if bytes[..known] != MAGIC[..known] {
        return Err(StateError::NotAState);
    }
    match bytes.get(MAGIC.len()) {
        Some(&FORMAT) => {}
        Some(&found) => return Err(StateError::OtherFormat { found }),
        None => return Err(StateError::CutShort { expected: FINGERPRINT.end + 1, found }),
    }
    let short = || StateError::CutShort { expected: FINGERPRINT.end + 1, found };
    let number = |range: std::ops::Range<usize>| <[u8; 8]>::try_from(bytes.get(range)?).ok();
    let checksum = number(CHECKSUM).ok_or_else(short)?;
    let fingerprint = number(FINGERPRINT).ok_or_else(short)?;
    let mut rest = bytes.get(FINGERPRINT.end..).unwrap_or_default();
    let length = match read::varint(&mut rest) {
        Ok(length) => usize::try_from(length).unwrap_or(usize::MAX),
        Err(_) if rest.is_empty() => return Err(short()),
        Err(damage) => return Err(damage.into()),
    };
    if rest.len() < length {
        let expected = (found - rest.len()).saturating_add(length);
        return Err(StateError::CutShort { expected, found });
    }
    if rest.len() > length {
        return Err(StateError::Damaged("something follows its end"));
    }
    if xxh3_64(&bytes[CHECKSUM.end..]) != u64::from_le_bytes(checksum) {
        return Err(StateError::Damaged("its checksum is another"));
    }
    Ok((fingerprint, rest))
}
