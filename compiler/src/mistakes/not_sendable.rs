//! E0905: a journey sends what can only be shown.

use super::prelude::*;
use crate::checked::StatementKind;

pub(super) const CODE: Code = Code::new("E0905", include_str!("../../../docs/diagnostics/E0905.md"));

/// Every `send` of a message without `via`.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for statement in checked.journeys.iter().flat_map(|journey| journey.statements()) {
        let StatementKind::Send(send) = &statement.kind else { continue };
        let message = &checked.messages[send.message.index()];
        // A message without any way out has been told of.
        if message.via.is_empty() && !message.placements.is_empty() {
            let name = &message.name;
            problems.push(
                CODE.at(
                    statement.at,
                    format!("`{name}` can't be sent: it has no `via`, it is only shown"),
                    "never reaches anyone",
                )
                .also(message.at, "has `at`, and no `via`")
                .help(format!("write `via` and its content in `{name}`, or send another message")),
            );
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_is_only_shown() {
        with_messages(
            r#"message banner { class promotional purpose marketing at hero content hero { text "a" } }
message both { class promotional purpose marketing at hero via sms content hero { text "a" } content sms { text "b" } }
journey j { on cart if profile.age is known {
  send banner
//^^^^^^^^^^^ E0905
} send both }
"#,
        );
    }
}
