//! E0510: a variant that no one gets.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0510", include_str!("../../../docs/diagnostics/E0510.md"));

/// Content for a language, where customers have none.
pub(crate) fn language(place: Location) -> Diagnostic {
    CODE.at(place, "customers have no language, so no one gets this variant", "a variant")
        .help("declare the attribute: `profile { language: language? }`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn customers_without_a_language() {
        with_messages(
            r#"message d {
  class promotional purpose marketing on cart via sms
  content sms { text "x" }
  content sms for "de" { text "x" }
//                ^^^^ E0510
}
"#,
        );
    }
}
