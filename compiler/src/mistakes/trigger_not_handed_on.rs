//! E0908: `enter` hands on a trigger that the other journey can't use.

use super::prelude::*;
use crate::checked::{Expr, ExprKind, Journey, Occurrence, StatementKind};
use crate::ids::{EventId, JourneyId};
use std::collections::BTreeSet;

pub(super) const CODE: Code = Code::new("E0908", include_str!("../../../docs/diagnostics/E0908.md"));

/// What can be the trigger of a journey: an event, or something without one.
type Trigger = Option<EventId>;

/// Every `enter` of a journey that uses `trigger` or `key`, where the trigger can be another one than its own (§10).
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let held = held(checked);
    let mut problems = Vec::new();
    for (position, journey) in checked.journeys.iter().enumerate() {
        for statement in journey.statements() {
            let StatementKind::Enter(id) = statement.kind else { continue };
            let entered = &checked.journeys[id.index()];
            let Some((used, what)) = uses_trigger(checked, entered) else { continue };
            let own: BTreeSet<Trigger> = entered.triggers.iter().map(trigger).collect();
            let Some(other) = held[position].iter().find(|one| !own.contains(one)) else { continue };
            let brings = match other {
                Some(event) => format!("`{}`", checked.events[event.index()].name),
                None => "no event".to_owned(),
            };
            let name = &entered.name;
            problems.push(
                CODE.at(
                    statement.at,
                    format!("`{name}` needs its own trigger, and this hands on {brings}"),
                    format!("the trigger of `{}` is handed on", journey.name),
                )
                .also(used, what)
                .also(entered.at, "starts on another event")
                .help(format!(
                    "let both journeys start on the same events, or let `{name}` do without `trigger` and `key`"
                )),
            );
        }
    }
    problems
}

fn trigger(occurrence: &Occurrence) -> Trigger {
    occurrence.pattern().map(|pattern| pattern.event)
}

/// What each journey can have as its trigger: its own, and what others hand on to it.
fn held(checked: &Checked) -> Vec<BTreeSet<Trigger>> {
    let mut held: Vec<BTreeSet<Trigger>> =
        checked.journeys.iter().map(|journey| journey.triggers.iter().map(trigger).collect()).collect();
    let mut open: Vec<usize> = (0..held.len()).collect();
    while let Some(position) = open.pop() {
        for JourneyId(next) in entered(&checked.journeys[position]) {
            let before = held[next as usize].len();
            let handed = held[position].clone();
            held[next as usize].extend(handed);
            if held[next as usize].len() > before {
                open.push(next as usize);
            }
        }
    }
    held
}

fn entered(journey: &Journey) -> Vec<JourneyId> {
    let statements = journey.statements().into_iter();
    statements
        .filter_map(|statement| match statement.kind {
            StatementKind::Enter(id) => Some(id),
            _ => None,
        })
        .collect()
}

/// Where a journey, or a message that it sends, uses the event that started it.
fn uses_trigger(checked: &Checked, journey: &Journey) -> Option<(Location, &'static str)> {
    if let Some(key) = &journey.key {
        return Some((key.at, "its `key`"));
    }
    let field = |expr: &Expr| {
        expr.find(&mut |one| {
            matches!(one.kind, ExprKind::TriggerField(_) | ExprKind::EventField(_)).then_some(one.at)
        })
    };
    if let Some(at) = journey.expressions().into_iter().find_map(field) {
        return Some((at, "uses its trigger"));
    }
    journey.statements().into_iter().find_map(|statement| match &statement.kind {
        StatementKind::Send(send) => {
            let message = &checked.messages[send.message.index()];
            let at = message.expressions().into_iter().find_map(field)?;
            Some((at, "a message that it sends uses its trigger"))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn other_triggers() {
        with_messages(
            r#"message plain { class promotional purpose marketing via sms content sms { text "b" } }
message noted { class promotional purpose marketing via sms content sms { text "{event.value}" } }
journey a { on cart enter b enter c enter d
//                  ^^^^^^^ E0908
//                                  ^^^^^^^ E0908
  enter e }
journey b { on order key trigger.note otherwise "" send plain }
journey c { on order send plain }
journey d { on order send noted }
journey e { on every day at 10:00 on order wait 1d enter f }
//                                                 ^^^^^^^ E0908
journey f { on order if trigger.value > 3 USD { exit } }
journey g { on cart enter h }
journey h { on cart on order key trigger.note otherwise "" send plain }
"#,
        );
    }
}
