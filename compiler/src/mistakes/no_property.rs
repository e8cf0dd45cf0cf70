//! E0017: no property or statement.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0017", include_str!("../../../docs/diagnostics/E0017.md"));

/// Whether a diagnostic is this one: what was left over may belong to the property before it.
pub(crate) fn is(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == CODE
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_is_left_over_makes_no_mistake_of_what_stands_before_it() {
        with_messages(
            r#"message m { class lifecycle purpose marketing via sms content sms { text "x" } }
journey j {
  on cart
  wait 1d
  send sms m
//         ^ E0017
  send at 10:00
//        ^^^^^ E0017
}
"#,
        );
    }

    #[test]
    fn words_that_are_no_property() {
        fixture(
            r#"channel email { to profile.email quite 21:00..08:00 }
//                               ^^^^^ E0017
profile { email: email? }
"#,
        );
    }

    #[test]
    fn the_word_that_is_meant() {
        let text = mended(
            "profile { email: email? timezone: timezone = \"UTC\" }\nchannel email { to profile.email quite 21:00..08:00 }\n",
        );
        assert!(text.contains("quiet 21:00"), "{text}");
    }
}
