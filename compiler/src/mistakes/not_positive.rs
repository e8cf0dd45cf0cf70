//! E0307: less than nothing.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0307", include_str!("../../../docs/diagnostics/E0307.md"));

/// A duration of nothing, or less.
pub(crate) fn duration(what: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("{what} is longer than nothing"), "no time at all")
}

/// A count of nothing, or less.
pub(crate) fn count(what: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("{what} is at least 1"), "less than 1")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn nothing_and_less() {
        with_vocabulary(
            r#"segment i = any view within 0d
//                          ^^ E0307
placement feed { on web show 0 }
//                           ^ E0307
"#,
        );
    }
}
