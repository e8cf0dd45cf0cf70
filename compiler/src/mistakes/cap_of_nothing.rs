//! E0604: a cap of nothing.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0604", include_str!("../../../docs/diagnostics/E0604.md"));

/// `at most 0`: messages that can never be sent.
pub(crate) fn cap(here: Location) -> Diagnostic {
    CODE.at(here, "a cap is at least 1", "less than 1")
        .help("what should never be sent is not written, or suppressed: `suppress any when …`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn a_cap_that_lets_nothing_through() {
        with_messages(
            r#"cap b at most 0 per 7d for any
//            ^ E0604
"#,
        );
    }
}
