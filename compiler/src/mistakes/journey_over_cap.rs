//! W0903: a journey that can fill a cap by itself, and more.

use super::prelude::*;
use crate::checked::{Cap, Journey, Statement, StatementKind};
use crate::ids::MessageId;
use crate::plan::{CapPer, CapSpan};
use crate::units::DAY;

pub(super) const CODE: Code =
    Code::new("W0903", include_str!("../../../docs/diagnostics/W0903.md")).lint("journey-over-cap");

/// So many statements of a way are looked at; rounds within rounds could be endlessly many.
const FURTHEST: u32 = 2_000;

/// A `send`: when, in which group it counts, whether it goes out all the same, and its place.
type Sent = (i64, u32, bool, Location);

/// What is sent in a branch, when it ends, and whether the journey ends with it.
type Branch = (Vec<Sent>, i64, bool);

/// Journeys with a way on which more messages are sent within the span of a cap than it allows.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for journey in &checked.journeys {
        for cap in &checked.caps {
            if let Some((count, last)) = exceeds(checked, journey, cap) {
                let span = match cap.span {
                    CapSpan::Rolling(micros) => crate::checked::print_expression::duration(micros),
                    CapSpan::Day => "a day".to_owned(),
                    CapSpan::Week => "a week".to_owned(),
                    CapSpan::Month => "a month".to_owned(),
                };
                problems.push(
                    CODE.at(
                        last,
                        format!(
                            "the journey `{}` can send {count} messages within {span}, and `{}` lets {} through",
                            journey.name, cap.name, cap.limit
                        ),
                        "blocked where all before were sent",
                    )
                    .also(cap.at, format!("at most {}", cap.limit))
                    .help("wait longer between them, send fewer, or say how many with `touches`"),
                );
            }
        }
    }
    problems
}

/// How many messages a journey can send within the span of a cap, where that is too many, and the `send` that is.
fn exceeds(checked: &Checked, journey: &Journey, cap: &Cap) -> Option<(usize, Location)> {
    if journey.touches.is_some_and(|touches| touches <= cap.limit) {
        return None;
    }
    let counted = |id: MessageId| {
        let message = &checked.messages[id.index()];
        let class = checked.classes.get(message.class.index())?;
        let all =
            message.via.iter().all(|channel| cap.selector.matches(message.class, &message.tags, *channel));
        // Counted separately for each of these.
        let group = match cap.per {
            None => 0,
            Some(CapPer::Message) => id.0,
            Some(CapPer::Channel) if message.via.len() == 1 => message.via[0].0,
            Some(CapPer::Tag) if message.tags.len() == 1 => message.tags[0].0,
            Some(CapPer::Channel | CapPer::Tag) => return None,
        };
        (all && !message.via.is_empty()).then_some((group, class.ignores_caps))
    };
    let span = match cap.span {
        CapSpan::Rolling(micros) => micros,
        CapSpan::Day => DAY,
        CapSpan::Week => 7 * DAY,
        CapSpan::Month => 28 * DAY,
    };
    let mut way =
        Way { counted: &counted, limit: cap.limit as usize + 1, sends: Vec::new(), now: 0, left: FURTHEST };
    way.statements(&journey.body);
    for (position, (at, group, free, place)) in way.sends.iter().enumerate() {
        let within = way.sends[..=position]
            .iter()
            .filter(|(earlier, other, _, _)| other == group && at.saturating_sub(*earlier) < span);
        let count = within.count();
        if !free && count > cap.limit as usize {
            return Some((count, *place));
        }
    }
    None
}

/// The way through a journey on which most is sent, and as fast as it can be.
struct Way<'w> {
    /// The group in which a message is counted, and whether it goes out all the same.
    counted: &'w dyn Fn(MessageId) -> Option<(u32, bool)>,
    /// More rounds of a `repeat` needn't be looked at.
    limit: usize,
    sends: Vec<Sent>,
    now: i64,
    /// How many statements are still looked at.
    left: u32,
}

impl Way<'_> {
    /// Whether the way ends here.
    fn statements(&mut self, statements: &[Statement]) -> bool {
        statements.iter().any(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Statement) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return true };
        self.left = left;
        match &statement.kind {
            StatementKind::Wait { duration, .. } => self.now = self.now.saturating_add(*duration),
            // The next such time can be now.
            StatementKind::WaitUntil { .. } => {}
            StatementKind::Send(send) => {
                if let Some((group, free)) = (self.counted)(send.message) {
                    self.sends.push((self.now, group, free, statement.at));
                }
            }
            StatementKind::WaitFor { then, otherwise, up_to, .. } => {
                let before = self.now;
                let by_event = self.branch(then, before);
                let by_time = self.branch(otherwise, before.saturating_add(*up_to));
                return self.take(vec![by_event, by_time]);
            }
            StatementKind::If { then, otherwise, .. } => {
                let now = self.now;
                let ways = vec![self.branch(then, now), self.branch(otherwise, now)];
                return self.take(ways);
            }
            StatementKind::Split { arms, .. } => {
                let now = self.now;
                let ways = arms.iter().map(|arm| self.branch(arm, now)).collect();
                return self.take(ways);
            }
            StatementKind::Repeat { times, body } => {
                for _ in 0..(*times as usize).min(self.limit) {
                    if self.statements(body) {
                        return true;
                    }
                }
            }
            StatementKind::Together(branches) => {
                let (begin, mut end) = (self.now, self.now);
                for branch in branches {
                    let (sends, now, _) = self.branch(branch, begin);
                    self.sends.extend(sends);
                    end = end.max(now);
                }
                self.sends.sort_by_key(|(at, ..)| *at);
                self.now = end;
            }
            StatementKind::Exit => return true,
            StatementKind::Set { .. } | StatementKind::Emit { .. } | StatementKind::Enter(_) => {}
        }
        false
    }

    /// What is sent in a branch, when it ends, and whether the journey ends with it.
    fn branch(&mut self, statements: &[Statement], from: i64) -> Branch {
        let (counted, limit, left) = (self.counted, self.limit, self.left);
        let mut way = Way { counted, limit, sends: Vec::new(), now: from, left };
        let exits = way.statements(statements);
        self.left = way.left;
        (way.sends, way.now, exits)
    }

    /// Goes the way that goes on, sends most, and is the fastest.
    fn take(&mut self, ways: Vec<Branch>) -> bool {
        let best =
            ways.into_iter().max_by_key(|(sends, now, exits)| (!exits, sends.len(), std::cmp::Reverse(*now)));
        let Some((sends, now, exits)) = best else { return false };
        self.sends.extend(sends);
        self.now = now;
        exits
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn more_than_a_cap_lets_through() {
        with_messages(
            r#"cap weekly at most 2 per 7d for promotional
cap one at most 1 per 30d for promotional per message
message a { class promotional purpose marketing via sms content sms { text "b" } }
message b { class promotional purpose marketing via sms content sms { text "b" } }
message c { class promotional purpose marketing via sms content sms { text "b" } }
message s { class lifecycle purpose marketing via sms content sms { text "b" } }
journey j { on cart send a wait 1d send b wait 2d
  if profile.age is known { send c } else { send s }
//                          ^^^^^^ W0903
}
journey k { on cart send a wait 4d send b wait 4d send c }
journey l { on cart touches 2 send a send b send c }
journey m { on cart repeat 3 times { wait 20d send a } }
//                                            ^^^^^^ W0903
journey o { on cart repeat 20 times { repeat 20 times { wait 99d send s } } }
journey n { on cart send a wait for opened(a) up to 1d then { exit } else { wait 1d } send b }
"#,
        );
    }
}
