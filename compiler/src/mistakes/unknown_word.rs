//! E0902: a word that means nothing here.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0902", include_str!("../../../docs/diagnostics/E0902.md"));

/// A word in a test that isn't one of those that can stand there; `what` leads to it: "there is no reason".
pub(crate) fn word(what: &str, word: &str, here: Location, known: &[&str]) -> Diagnostic {
    CODE.at(here, format!("{what} `{word}`"), "unknown").did_you_mean_or(
        here,
        closest(word, known.iter().copied()),
        format!("what can stand here is {}", named(known.iter().copied(), "or")),
    )
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn words_that_tests_do_not_know() {
        with_messages(
            r#"message x { class lifecycle purpose marketing on cart via sms content sms { text "x" } }
test "names" {
  event cart { cart: "k", value: 5 EUR, colour: "red" }
//                                      ^^^^^^ E0902
  expect blocked x because boredom
//                         ^^^^^^^ E0902
  expect blocked x because supressed
//                         ^^^^^^^^^ E0902
}
"#,
        );
    }
}
