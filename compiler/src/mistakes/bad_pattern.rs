//! E0305: a pattern that can't be used.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0305", include_str!("../../../docs/diagnostics/E0305.md"));

/// What follows `matches` isn't a text in quotes.
pub(crate) fn not_written_out(place: Location) -> Diagnostic {
    CODE.at(place, "what follows `matches` is a pattern in quotes", "not a text in quotes")
}

/// A pattern that would need too much memory.
pub(crate) fn too_large(place: Location) -> Diagnostic {
    CODE.at(place, "the pattern is too large", "needs more than a megabyte")
        .help("use smaller repetitions than `{1000}`")
}

/// A pattern that can't be read; the reason is the reader's.
pub(crate) fn unreadable(place: Location, reason: &str) -> Diagnostic {
    CODE.at(place, "the pattern can't be read", reason)
        .help("patterns have the syntax of the Rust regex crate; look-around and back-references are not part of it")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn patterns_that_cannot_be_used() {
        with_vocabulary(
            r#"segment s = profile.name matches "(a"
//                               ^^^^ E0305
segment t = profile.name matches profile.country
//                               ^^^^^^^^^^^^^^^ E0305
segment u = profile.name matches "(a{1000}){1000}"
//                               ^^^^^^^^^^^^^^^^^ E0305
"#,
        );
    }
}
