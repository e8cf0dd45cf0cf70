//! W0101: a tag that no message has.

use super::prelude::*;
use smol_str::SmolStr;
use std::collections::BTreeSet;

pub(super) const CODE: Code =
    Code::new("W0101", include_str!("../../../docs/diagnostics/W0101.md")).lint("unused-tag");

/// Tags of selectors that no message has: each with its place, and all tags that messages have.
pub(crate) fn check(selected: &[(SmolStr, Location)], known: &BTreeSet<SmolStr>) -> Vec<Diagnostic> {
    let unknown = selected.iter().filter(|(name, _)| !known.contains(name));
    unknown
        .map(|(name, here)| {
            CODE.at(
                *here,
                format!("no message has the tag `{name}`, so the rule governs none"),
                "on no message",
            )
            .did_you_mean_or(
                *here,
                closest(name, known.iter().map(SmolStr::as_str)),
                format!("write `tags {name}` in the messages that it should govern"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn tags_on_no_message() {
        with_messages(
            r#"cap few at most 2 per 7d for promotional tagged sael
//                                              ^^^^ W0101
message a { class promotional purpose marketing tags sale on cart via sms content sms { text "x" } }
"#,
        );
    }
}
