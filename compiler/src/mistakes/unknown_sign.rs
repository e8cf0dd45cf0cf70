//! E0010: a sign or a word that means nothing.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0010", include_str!("../../../docs/diagnostics/E0010.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn signs_of_other_languages() {
        fixture(
            r#"let a = 1 ≥ 2
//        ^ E0010
let b = true && false
//           ^^ E0010
let ä = 1
//  ^ E0010
"#,
        );
    }

    #[test]
    fn signs_become_what_they_mean() {
        let mends = |wrong: &str, right: &str| {
            let policy = |text: &str| vocabulary(&format!("segment a = {text}"));
            assert_eq!(mended(&policy(wrong)), policy(right));
        };
        mends("profile.vip && true", "profile.vip and true");
        mends("profile.vip||true", "profile.vip or true");
        mends("!profile.vip", "not profile.vip");
        mends("profile.score ≥ 2", "profile.score >= 2");
        mends("profile.name == 'x'", "profile.name == \"x\"");
        mends("profile.name == “x”", "profile.name == \"x\"");
        mends("profile.share > 15 %", "profile.share > 15%");
        mends("profile.vip;", "profile.vip");
    }

    #[test]
    fn keywords_in_capitals_become_small() {
        let mends = |wrong: &str, right: &str| {
            let policy = |text: &str| vocabulary(&format!("segment a = {text}"));
            assert_eq!(mended(&policy(wrong)), policy(right));
        };
        mends("profile.vip AND true", "profile.vip and true");
        mends("NOT profile.vip", "not profile.vip");
        mends("profile.age IS NULL", "profile.age is unknown");
        mends("profile.age IS NOT NULL", "profile.age is known");
        mends("profile.tier IS gold", "profile.tier == gold");
        mends("profile.vip === true", "profile.vip == true");
        mends("profile.name IN [\"x\"]", "profile.name in [\"x\"]");
        // Such a word can be the name of an enum.
        fixture("enum AND { a, b }\nprofile { x: AND = a  y: AND? }\n");
    }
}
