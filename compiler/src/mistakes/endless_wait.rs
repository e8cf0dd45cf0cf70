//! W0902: a wait that what it waits for never ends.

use super::prelude::*;
use crate::builtin::is_delivery;
use crate::checked::{ExprKind, Occurrence, OccurrenceKind, Statement, StatementKind};
use crate::ids::MessageId;
use crate::truth::{Facts, is_short, truth};
use std::collections::BTreeSet;

pub(super) const CODE: Code =
    Code::new("W0902", include_str!("../../../docs/diagnostics/W0902.md")).lint("endless-wait");

/// Every `wait for` that can only time out: none of what it waits for can happen there.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for journey in &checked.journeys {
        walk(checked, &journey.body, &mut BTreeSet::new(), &mut problems);
    }
    problems
}

/// Looks at the waits, with the messages that can have been sent before; adds what is sent.
fn walk(
    checked: &Checked,
    statements: &[Statement],
    sent: &mut BTreeSet<MessageId>,
    problems: &mut Vec<Diagnostic>,
) {
    for statement in statements {
        match &statement.kind {
            StatementKind::Send(send) => drop(sent.insert(send.message)),
            // What comes later in a round, or beside, can come before the next.
            StatementKind::Repeat { .. } | StatementKind::Together(_) => {
                statement.branches().into_iter().for_each(|branch| sends(branch, sent));
            }
            StatementKind::WaitFor { occurrences, .. } => {
                let reasons: Option<Vec<String>> =
                    occurrences.iter().map(|one| impossible(checked, one, sent)).collect();
                if let Some(reason) = reasons.as_ref().and_then(|reasons| reasons.first()) {
                    problems.push(
                        CODE.at(
                            statement.at,
                            "what this waits for never happens: it always times out",
                            reason,
                        )
                        .help("correct what it waits for, or write a plain `wait`"),
                    );
                }
            }
            _ => {}
        }
        for branch in statement.branches() {
            walk(checked, branch, sent, problems);
        }
    }
}

fn sends(statements: &[Statement], sent: &mut BTreeSet<MessageId>) {
    for statement in statements {
        if let StatementKind::Send(send) = &statement.kind {
            sent.insert(send.message);
        }
        statement.branches().into_iter().for_each(|branch| sends(branch, sent));
    }
}

/// Why an occurrence can't happen while it is waited for.
fn impossible(checked: &Checked, occurrence: &Occurrence, sent: &BTreeSet<MessageId>) -> Option<String> {
    match &occurrence.kind {
        OccurrenceKind::Enter(id) | OccurrenceKind::Leave(id) => {
            let segment = &checked.segments[id.index()];
            if !is_short(&segment.condition) || segment.condition.kind == ExprKind::Error {
                return None;
            }
            let always = truth(checked, &segment.condition, &Facts::default())?;
            let how = if always { "holds for everybody" } else { "holds for nobody" };
            Some(format!("`{}` {how}, so nobody enters or leaves it", segment.name))
        }
        OccurrenceKind::Event(pattern) => {
            if let Some(message) = pattern.message
                && is_delivery(pattern.event)
                && !sent.contains(&message)
            {
                let name = &checked.messages[message.index()].name;
                return Some(format!("`{name}` isn't sent before this"));
            }
            let filter = pattern.filter.as_ref().filter(|filter| is_short(filter))?;
            (truth(checked, filter, &Facts::default()) == Some(false))
                .then(|| "no event passes its `where`".to_owned())
        }
        OccurrenceKind::Every { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn waits_for_nothing() {
        with_messages(
            r#"message a { class promotional purpose marketing via sms content sms { text "b" } }
journey j { on cart
  wait for opened(a) up to 1d
//^^^^^^^^^^^^^^^^^^^^^^^^^^^ W0902
  send a
  wait for opened(a) or cart up to 1d
  wait for opened(a) up to 1d
}
journey k { on cart repeat 2 times { wait for opened(a) up to 1d send a } }
journey l { on cart together { { wait for opened(a) up to 1d } { send a } } }
journey m { on cart wait for clicked(a) or cart up to 1d send a }
"#,
        );
    }
}
