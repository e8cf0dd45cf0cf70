//! E0017: no property or statement.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0017", include_str!("../../../docs/diagnostics/E0017.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

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
