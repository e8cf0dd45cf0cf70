//! E0301: too large.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0301", include_str!("../../../docs/diagnostics/E0301.md"));

/// A number beyond what can be kept.
pub(crate) fn number(digits: &str, largest: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("{digits} is too large"), format!("at most {largest}"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn numbers_beyond_the_largest() {
        fixture(
            r#"let a = 99999999999999999999
//      ^^^^^^^^^^^^^^^^^^^^ E0301
let b = 99999999999999999999 EUR
//      ^^^^^^^^^^^^^^^^^^^^^^^^ E0301
let c = 9999999999999d
//      ^^^^^^^^^^^^^^ E0301
"#,
        );
    }
}
