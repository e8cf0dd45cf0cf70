//! E0205: it is never unknown.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0205", include_str!("../../../docs/diagnostics/E0205.md"));

/// `is known`, `is unknown` or `otherwise` after a value that is always known.
pub(crate) fn here(found: &Found, word: &str, here: Location, declared: Option<Location>) -> Diagnostic {
    let name = found.written.as_ref().map_or_else(|| "this value".to_owned(), |text| quoted(text));
    let problem = CODE
        .at(here, format!("{name} is never unknown here, so `{word}` says nothing"), "always known")
        .maybe_also(declared, "declared with a default, or as a set");
    match word {
        // What follows is never used: without it, the value is the same.
        "otherwise" => problem.help("remove `otherwise` and what follows it").remove(
            Location {
                span: comity_grammar::Span::new(found.at.span.end as usize, here.span.end as usize),
                ..here
            },
            "remove `otherwise` and what follows it",
        ),
        _ => problem.help(format!("remove `{word}`")),
    }
}

/// Also mends it on one side of `and` or `or`, where the others decide: without that side they say the same.
pub(crate) fn beside_others(problem: Diagnostic, side: Location) -> Diagnostic {
    if problem.code == CODE { problem.remove(side, "remove what says nothing") } else { problem }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn values_that_are_always_known() {
        with_vocabulary(
            r#"segment a = profile.vip is known
//          ^^^^^^^^^^^^^^^^^^^^ E0205
segment b = (profile.score otherwise 3) > 2
//           ^^^^^^^^^^^^^^^^^^^^^^^^^^ E0205
segment c = profile.age is known and profile.age is unknown
//                                   ^^^^^^^^^^^^^^^^^^^^^^ E0205
"#,
        );
    }

    #[test]
    fn a_default_for_nothing_is_removed() {
        let text = mended(&vocabulary("segment a = (profile.score otherwise 3) > 2"));
        assert!(text.starts_with("segment a = (profile.score) > 2\n"), "{text}");
    }

    #[test]
    fn a_question_that_the_others_do_without_is_removed() {
        for (condition, mend) in [
            ("profile.score is known and profile.score > 2", "profile.score > 2"),
            ("profile.score > 2 and profile.vip is known", "profile.score > 2"),
            (
                "profile.score > 2 and profile.vip is known and profile.vip",
                "profile.score > 2 and profile.vip",
            ),
            ("profile.score is unknown or profile.score > 2", "profile.score > 2"),
        ] {
            let text = mended(&vocabulary(&format!("segment a = {condition}")));
            assert!(text.starts_with(&format!("segment a = {mend}\n")), "{text}");
        }
        // Who asks so wants something else, and what isn't known.
        for condition in ["profile.vip is known", "profile.vip is known or profile.score > 2"] {
            let found = crate::check(&project(&vocabulary(&format!("segment a = {condition}")))).diagnostics;
            assert!(found.iter().all(|one| one.fix.is_none()), "{found:?}");
        }
    }
}
