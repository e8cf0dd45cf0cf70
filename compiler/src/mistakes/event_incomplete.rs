//! E0903: an event of a test that would be rejected.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0903", include_str!("../../../docs/diagnostics/E0903.md"));

/// An event in a test without fields that it must have.
pub(crate) fn lacks(missing: &[String], here: Location, declared: Option<Location>) -> Diagnostic {
    CODE.at(here, format!("the event lacks {}", list(missing, "and")), "would be rejected")
        .maybe_also(declared, "declared here")
        .help("every field without `?` must be there")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn events_that_would_be_rejected() {
        with_messages("test \"x\" { event cart { value: 5 EUR } }\n//               ^^^^ E0903\n");
        // What is misspelt doesn't lack.
        with_messages(
            "test \"x\" { event cart { crat: \"k\", value: 5 EUR } }\n//                      ^^^^ E0902\n",
        );
    }
}
