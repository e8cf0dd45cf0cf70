//! W0602: a cap that never fills.

use super::prelude::*;
use crate::checked::{Cap, Message};
use crate::ids::ChannelId;
use crate::plan::CapSpan;

pub(super) const CODE: Code =
    Code::new("W0602", include_str!("../../../docs/diagnostics/W0602.md")).lint("cap-never-full");

/// Caps that count no message, or less than another cap lets through.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for cap in &checked.caps {
        let counted: Vec<&Message> = checked
            .messages
            .iter()
            .filter(|message| {
                channels(checked, message)
                    .iter()
                    .any(|channel| cap.selector.matches(message.class, &message.tags, *channel))
            })
            .collect();
        if counted.is_empty() {
            // Where the reason is a misspelt tag, that has been told of.
            let tagged = |tag| checked.messages.iter().any(|message| message.tags.contains(tag));
            if cap.selector.tags.is_empty() || cap.selector.tags.iter().any(tagged) {
                problems.push(
                    CODE.at(
                        cap.at,
                        format!("the cap `{}` never fills: it counts no message", cap.name),
                        "counts nothing",
                    )
                    .help("correct the messages that it is for, or remove it"),
                );
            }
            continue;
        }
        let unlimited = counted.iter().any(|message| checked.classes[message.class.index()].ignores_caps);
        let tighter = checked.caps.iter().find(|other| !unlimited && is_tighter(other, cap));
        if let Some(other) = tighter {
            problems.push(
                CODE.at(
                    cap.at,
                    format!("the cap `{}` never fills: `{}` is full before", cap.name, other.name),
                    format!("at most {}", cap.limit),
                )
                .also(other.at, format!("at most {} over no less time", other.limit))
                .help("lower the one, or remove it"),
            );
        }
    }
    problems
}

fn channels(checked: &Checked, message: &Message) -> Vec<ChannelId> {
    let shown = message.placements.iter().map(|id| checked.placements[id.index()].channel);
    message.via.iter().copied().chain(shown).collect()
}

/// Whether a cap counts the same messages, fewer of them, over at least the same time.
fn is_tighter(other: &Cap, cap: &Cap) -> bool {
    let longer = match (other.span, cap.span) {
        (CapSpan::Rolling(other), CapSpan::Rolling(span)) => other >= span,
        (other, span) => other == span,
    };
    other.name != cap.name
        && other.limit < cap.limit
        && other.selector == cap.selector
        && other.per == cap.per
        && longer
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn caps_without_an_effect() {
        with_messages(
            r#"message a { class promotional purpose marketing on cart via sms content sms { text "b" } }
message b { class service purpose marketing on cart via sms content sms { text "b" } }
cap weekly at most 5 per 7d for promotional
//  ^^^^^^ W0602
cap monthly at most 3 per 30d for promotional
cap mails at most 3 per 7d for any on email
//  ^^^^^ W0602
cap serving at most 3 per 30d for service
cap daily at most 2 per day for promotional
cap any_week at most 4 per 7d for any
"#,
        );
    }
}
