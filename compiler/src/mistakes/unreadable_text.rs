//! E0011: a text that can't be read.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0011", include_str!("../../../docs/diagnostics/E0011.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn texts_that_end_or_mean_nothing() {
        fixture(
            r#"let a = "never closed
//      ^ E0011
let b = "lone } brace"
//            ^ E0011
let c = "\q"
//       ^^ E0011
"#,
        );
    }

    #[test]
    fn a_lone_brace_is_marked() {
        assert_eq!(mended("let a = \"lone } brace\"\n"), "let a = \"lone \\} brace\"\n");
    }
}
