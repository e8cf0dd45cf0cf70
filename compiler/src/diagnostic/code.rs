//! The registry of codes and their pages in the manual.

use std::fmt;

/// A diagnostic's number: `E0101` is an error, `W0101` a warning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    pub(super) fn new(code: &'static str) -> Code {
        Code(code)
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Its page in the manual.
    pub fn page(self) -> &'static str {
        explain(self.0).unwrap_or_default()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The page of a code, in Markdown; upper or lower case, as the user types it.
pub fn explain(code: &str) -> Option<&'static str> {
    let position =
        CODES.binary_search_by(|(name, _)| (*name).cmp(code.to_ascii_uppercase().as_str())).ok()?;
    Some(CODES[position].1)
}

/// Every code with its page, sorted by code.
pub const CODES: &[(&str, &str)] = &[
    ("E0001", include_str!("../../../docs/diagnostics/E0001.md")),
    ("E0002", include_str!("../../../docs/diagnostics/E0002.md")),
    ("E0003", include_str!("../../../docs/diagnostics/E0003.md")),
    ("E0004", include_str!("../../../docs/diagnostics/E0004.md")),
    ("E0005", include_str!("../../../docs/diagnostics/E0005.md")),
    ("E0006", include_str!("../../../docs/diagnostics/E0006.md")),
];
