//! The formatter: one canonical layout.
//!
//! It moves tokens and never changes them, a comma at the end of a list in braces apart. A body that the author
//! wrote on one line stays on one line as long as it fits; everything else follows from the tree.

mod columns;
mod layout;
mod marks;

use crate::{SyntaxError, parse};

/// The widest line that isn't broken, in characters.
const WIDTH: usize = 100;

/// Formats a file: comments and groups of lines are kept, with at most one blank line between them.
///
/// # Errors
///
/// A file with syntax errors isn't touched; they are returned.
pub fn format(text: &str) -> Result<String, Vec<SyntaxError>> {
    let parsed = parse(text);
    if !parsed.errors.is_empty() {
        return Err(parsed.errors);
    }
    Ok(layout::file(text, &parsed))
}
