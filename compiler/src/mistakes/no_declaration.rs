//! E0015: no declaration.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0015", include_str!("../../../docs/diagnostics/E0015.md"));

/// Whether a diagnostic is this one: what isn't a declaration hides no mistakes in others.
pub(crate) fn is(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == CODE
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn words_that_begin_nothing() {
        fixture("  messsage a { class b }\n//^ E0015\n");
    }
}
