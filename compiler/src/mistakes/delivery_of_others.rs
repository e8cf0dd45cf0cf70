//! E0906: a journey waits for what becomes of a message that it never sends.

use super::prelude::*;
use crate::builtin::is_delivery;
use crate::checked::StatementKind;
use crate::ids::MessageId;

pub(super) const CODE: Code = Code::new("E0906", include_str!("../../../docs/diagnostics/E0906.md"));

/// Every `opened(m)` and its kin in a journey that doesn't send `m`: inside a journey they mean its own sends (§10).
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for journey in &checked.journeys {
        let sends: Vec<MessageId> = journey
            .statements()
            .into_iter()
            .filter_map(|statement| match &statement.kind {
                StatementKind::Send(send) => Some(send.message),
                _ => None,
            })
            .collect();
        for pattern in journey.occurrences().into_iter().filter_map(|one| one.pattern()) {
            let Some(message) = pattern.message else { continue };
            if !is_delivery(pattern.event) || sends.contains(&message) {
                continue;
            }
            let event = &checked.events[pattern.event.index()].name;
            let message = &checked.messages[message.index()].name;
            let problem = CODE
                .at(
                    pattern.at,
                    format!(
                        "`{event}({message})` never happens here: the journey `{}` doesn't send `{message}`",
                        journey.name
                    ),
                    "not one of its messages",
                )
                .also(journey.at, format!("without `send {message}`"));
            let own: Vec<&str> = sends.iter().map(|id| checked.messages[id.index()].name.as_str()).collect();
            problems.push(problem.did_you_mean_or(
                pattern.at,
                None,
                match own.first() {
                    Some(own) => format!("inside a journey this means its own sends: `{event}({own})`"),
                    None => {
                        format!("inside a journey this means its own sends: write `send {message}` before it")
                    }
                },
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn messages_of_other_journeys() {
        with_messages(
            r#"message a { class promotional purpose marketing via sms content sms { text "b" } }
message b { class promotional purpose marketing on opened(a) via sms content sms { text "b" } }
journey j { on clicked(b) goal clicked(a) within 2d
  stop on unsubscribed(b)
//        ^^^ E0906
  send a
  wait for opened(a) or clicked(b) up to 1d
//                      ^^^ E0906
  wait 1d restart on opened(b) up to 2d
//                   ^^^ E0906
}
stop lifecycle journeys on opened(b)
"#,
        );
    }
}
