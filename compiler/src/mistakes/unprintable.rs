//! E0507: a value that can't be printed.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0507", include_str!("../../../docs/diagnostics/E0507.md"));

/// A value in content that has no form for customers.
pub(crate) fn value(ty: &str, place: Location) -> Diagnostic {
    CODE.at(place, format!("{ty} can't be printed in a text"), format!("this is {ty}"))
        .help("say what is printed: `{if … then \"…\" else \"…\"}`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn values_without_a_form() {
        with_messages(
            r#"message a {
  class promotional purpose marketing on cart via sms
  content sms { text "Gold: {profile.tier == gold}, {profile.tier}" }
//                           ^^^^^^^^^^^^^^^^^^^^ E0507
}
"#,
        );
    }
}
