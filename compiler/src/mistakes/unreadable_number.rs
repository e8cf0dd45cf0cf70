//! E0012: a number or a time that can't be read.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0012", include_str!("../../../docs/diagnostics/E0012.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn numbers_that_run_into_words() {
        fixture(
            r#"let a = 20EUR
//      ^^^^^ E0012
let b = 1h30m
//      ^^^^^ E0012
let c = 9:00
//      ^^^^ E0012
let d = 2026-11-27T10:00:00
//      ^^^^^^^^^^^^^^^^^^^ E0012
"#,
        );
    }

    #[test]
    fn units_are_written_as_they_should_be() {
        for (wrong, right) in [
            ("20EUR", "20 EUR"),
            ("1h30m", "90m"),
            ("1d12h", "36h"),
            ("30min", "30m"),
            ("24hrs", "24h"),
            ("7days", "7d"),
            ("9:00", "09:00"),
        ] {
            assert_eq!(mended(&format!("let a = {wrong}\n")), format!("let a = {right}\n"));
        }
    }
}
