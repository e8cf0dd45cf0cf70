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
    ("E0002", include_str!("../../../docs/diagnostics/E0002.md")),
    ("E0003", include_str!("../../../docs/diagnostics/E0003.md")),
    ("E0004", include_str!("../../../docs/diagnostics/E0004.md")),
    ("E0005", include_str!("../../../docs/diagnostics/E0005.md")),
    ("E0006", include_str!("../../../docs/diagnostics/E0006.md")),
    ("E0010", include_str!("../../../docs/diagnostics/E0010.md")),
    ("E0011", include_str!("../../../docs/diagnostics/E0011.md")),
    ("E0012", include_str!("../../../docs/diagnostics/E0012.md")),
    ("E0013", include_str!("../../../docs/diagnostics/E0013.md")),
    ("E0014", include_str!("../../../docs/diagnostics/E0014.md")),
    ("E0015", include_str!("../../../docs/diagnostics/E0015.md")),
    ("E0016", include_str!("../../../docs/diagnostics/E0016.md")),
    ("E0017", include_str!("../../../docs/diagnostics/E0017.md")),
    ("E0018", include_str!("../../../docs/diagnostics/E0018.md")),
    ("E0019", include_str!("../../../docs/diagnostics/E0019.md")),
    ("E0020", include_str!("../../../docs/diagnostics/E0020.md")),
    ("E0101", include_str!("../../../docs/diagnostics/E0101.md")),
    ("E0102", include_str!("../../../docs/diagnostics/E0102.md")),
    ("E0103", include_str!("../../../docs/diagnostics/E0103.md")),
    ("E0104", include_str!("../../../docs/diagnostics/E0104.md")),
    ("E0105", include_str!("../../../docs/diagnostics/E0105.md")),
    ("E0106", include_str!("../../../docs/diagnostics/E0106.md")),
    ("E0107", include_str!("../../../docs/diagnostics/E0107.md")),
    ("E0108", include_str!("../../../docs/diagnostics/E0108.md")),
    ("E0109", include_str!("../../../docs/diagnostics/E0109.md")),
    ("E0110", include_str!("../../../docs/diagnostics/E0110.md")),
    ("E0112", include_str!("../../../docs/diagnostics/E0112.md")),
    ("E0201", include_str!("../../../docs/diagnostics/E0201.md")),
    ("E0202", include_str!("../../../docs/diagnostics/E0202.md")),
    ("E0203", include_str!("../../../docs/diagnostics/E0203.md")),
    ("E0204", include_str!("../../../docs/diagnostics/E0204.md")),
    ("E0205", include_str!("../../../docs/diagnostics/E0205.md")),
    ("E0206", include_str!("../../../docs/diagnostics/E0206.md")),
    ("E0207", include_str!("../../../docs/diagnostics/E0207.md")),
    ("E0208", include_str!("../../../docs/diagnostics/E0208.md")),
    ("E0209", include_str!("../../../docs/diagnostics/E0209.md")),
    ("E0210", include_str!("../../../docs/diagnostics/E0210.md")),
    ("E0301", include_str!("../../../docs/diagnostics/E0301.md")),
    ("E0302", include_str!("../../../docs/diagnostics/E0302.md")),
    ("E0303", include_str!("../../../docs/diagnostics/E0303.md")),
    ("E0304", include_str!("../../../docs/diagnostics/E0304.md")),
    ("E0305", include_str!("../../../docs/diagnostics/E0305.md")),
    ("E0306", include_str!("../../../docs/diagnostics/E0306.md")),
    ("E0307", include_str!("../../../docs/diagnostics/E0307.md")),
    ("E0401", include_str!("../../../docs/diagnostics/E0401.md")),
    ("E0402", include_str!("../../../docs/diagnostics/E0402.md")),
    ("E0403", include_str!("../../../docs/diagnostics/E0403.md")),
    ("E0404", include_str!("../../../docs/diagnostics/E0404.md")),
    ("E0501", include_str!("../../../docs/diagnostics/E0501.md")),
    ("E0502", include_str!("../../../docs/diagnostics/E0502.md")),
    ("E0503", include_str!("../../../docs/diagnostics/E0503.md")),
    ("E0504", include_str!("../../../docs/diagnostics/E0504.md")),
    ("E0505", include_str!("../../../docs/diagnostics/E0505.md")),
    ("E0506", include_str!("../../../docs/diagnostics/E0506.md")),
    ("E0507", include_str!("../../../docs/diagnostics/E0507.md")),
    ("E0508", include_str!("../../../docs/diagnostics/E0508.md")),
    ("E0509", include_str!("../../../docs/diagnostics/E0509.md")),
    ("E0510", include_str!("../../../docs/diagnostics/E0510.md")),
    ("E0511", include_str!("../../../docs/diagnostics/E0511.md")),
    ("E0513", include_str!("../../../docs/diagnostics/E0513.md")),
    ("E0601", include_str!("../../../docs/diagnostics/E0601.md")),
    ("E0602", include_str!("../../../docs/diagnostics/E0602.md")),
    ("E0603", include_str!("../../../docs/diagnostics/E0603.md")),
    ("E0604", include_str!("../../../docs/diagnostics/E0604.md")),
    ("E0605", include_str!("../../../docs/diagnostics/E0605.md")),
    ("E0606", include_str!("../../../docs/diagnostics/E0606.md")),
    ("E0607", include_str!("../../../docs/diagnostics/E0607.md")),
    ("E0608", include_str!("../../../docs/diagnostics/E0608.md")),
    ("E0609", include_str!("../../../docs/diagnostics/E0609.md")),
    ("E0610", include_str!("../../../docs/diagnostics/E0610.md")),
    ("E0611", include_str!("../../../docs/diagnostics/E0611.md")),
    ("E0701", include_str!("../../../docs/diagnostics/E0701.md")),
    ("E0801", include_str!("../../../docs/diagnostics/E0801.md")),
    ("E0802", include_str!("../../../docs/diagnostics/E0802.md")),
    ("E0901", include_str!("../../../docs/diagnostics/E0901.md")),
    ("E0902", include_str!("../../../docs/diagnostics/E0902.md")),
    ("E0903", include_str!("../../../docs/diagnostics/E0903.md")),
    ("E0904", include_str!("../../../docs/diagnostics/E0904.md")),
    ("W0001", include_str!("../../../docs/diagnostics/W0001.md")),
    ("W0101", include_str!("../../../docs/diagnostics/W0101.md")),
    ("W0701", include_str!("../../../docs/diagnostics/W0701.md")),
];
