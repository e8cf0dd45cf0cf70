//! E0106: not known here.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0106", include_str!("../../../docs/diagnostics/E0106.md"));

/// A root that isn't there where it stands; the help says where it is.
pub(crate) fn root(word: &str, place: &str, here: Location, help: &str) -> Diagnostic {
    CODE.at(here, format!("there is no `{word}` in {place}"), "not here").help(help)
}

/// `channel` where no channel is in question.
pub(crate) fn channel(place: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("there is no channel in question in {place}"), "which channel?")
        .help("`channel` stands in scores, `value`, `propensity`, `lever`, content and `suppress`; elsewhere name a channel")
}

/// `message` where no message is in question.
pub(crate) fn message(place: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("there is no message in question in {place}"), "which message?").help(
        "`message` stands in rules that govern messages: `suppress`, scores, invariants, and in messages",
    )
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_a_segment_does_not_know() {
        with_vocabulary(
            r#"segment x = event.y
//          ^^^^^^^ E0106
segment z = channel == email
//          ^^^^^^^ E0106
segment w = message.name == x
//          ^^^^^^^^^^^^ E0106
"#,
        );
    }
}
