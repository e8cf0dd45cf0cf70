//! W0504: channels that a message never goes out on.

use super::prelude::*;
use crate::ids::MessageId;

pub(super) const CODE: Code =
    Code::new("W0504", include_str!("../../../docs/diagnostics/W0504.md")).lint("idle-via");

/// Messages that only placements ask for, and that name channels all the same.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let sent = checked.sent_by_journeys();
    let idle = checked.messages.iter().enumerate().filter(|(position, message)| {
        let shown_only = !message.placements.is_empty() && message.triggers.is_empty();
        shown_only && !message.via.is_empty() && !sent.contains(&MessageId::at(*position))
    });
    let problems = idle.map(|(_, message)| {
        let channels = message.via.iter().map(|id| checked.channels[id.index()].name.as_str());
        let channels = named(channels, "and");
        CODE.at(
            message.at,
            format!("`{}` is only ever shown, and never goes out on {channels}", message.name),
            "only `at` proposes it",
        )
        .help("write `on` and an event in it, `send` it in a journey, or remove its `via`")
    });
    problems.collect()
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn channels_that_wait_in_vain() {
        with_messages(
            r#"message a { class promotional purpose marketing at hero via sms content sms { text "b" } content hero { text "c" } }
//      ^ W0504
message b { class promotional purpose marketing on cart at hero via sms content sms { text "b" } content hero { text "c" } }
message c { class promotional purpose marketing at hero via sms content sms { text "b" } content hero { text "c" } }
message d { class promotional purpose marketing at hero content hero { text "c" } }
journey j { on cart send c }
"#,
        );
    }
}
