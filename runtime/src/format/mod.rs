//! Printing values into content (reference §7): in the customer's language where it is known and its customs are,
//! else in a neutral form that reads the same everywhere.

mod customs;
mod local;
mod neutral;
#[cfg(test)]
mod tests;

use crate::zone::Zone;
use comity_compiler::frame::Frame;
use comity_compiler::plan::Plan;
use comity_compiler::types::Type;
pub(crate) use neutral::amount;
use sha2::{Digest, Sha256};

/// Appends a known value: what a cell of this type means in this frame.
///
/// The language is a BCP 47 tag. Money, numbers, percentages, dates, times and instants follow its customs,
/// instants in the customer's zone; all else, and all without a language, prints in the neutral form.
pub fn print(
    out: &mut String,
    cell: u64,
    ty: Type,
    plan: &Plan,
    frame: &Frame,
    language: Option<&str>,
    zone: &Zone,
) {
    let printed = language.and_then(|tag| {
        local::print(cell, ty, tag, |instant| {
            let local = zone.local(instant);
            (local.date, local.time)
        })
    });
    match printed {
        Some(printed) => out.push_str(&printed),
        None => neutral::print(out, cell, ty, plan, frame),
    }
}

/// What stands for a personal value in a redacted record: the same for equal values, telling nothing of them to
/// who can't guess them.
pub fn redact(text: &str) -> String {
    let mut hidden = String::with_capacity(16);
    crate::record::push_hex(&mut hidden, &Sha256::digest(text.as_bytes())[..8]);
    hidden
}
