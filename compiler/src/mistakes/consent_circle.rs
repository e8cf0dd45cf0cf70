//! E0702: consent that is decided by itself: `consent(p, c)` asked where the rules of `p` decide about `c` (language
//! reference §8.1).

use super::prelude::*;
use crate::checked::{Cell, Constant, Definition, Expr, ExprKind};
use crate::ids::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) const CODE: Code = Code::new("E0702", include_str!("../../../docs/diagnostics/E0702.md"));

/// Whether a purpose allows a channel.
type Consent = (PurposeId, ChannelId);

/// A question for a consent, and how a rule comes to it.
struct Question {
    asked: Consent,
    /// Each use of a definition on the way, with its name.
    way: Vec<(Location, String)>,
    at: Location,
}

/// Each circle once, by its shortest way around.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let questions = questions(checked);
    let mut told: BTreeSet<Consent> = BTreeSet::new();
    let mut problems = Vec::new();
    for start in questions.keys() {
        if !told.contains(start)
            && let Some(circle) = circle(&questions, *start)
        {
            told.extend(circle.iter().map(|(asking, _)| *asking));
            problems.push(decided_by_itself(checked, *start, &circle));
        }
    }
    problems
}

fn decided_by_itself(checked: &Checked, start: Consent, circle: &[(Consent, &Question)]) -> Diagnostic {
    let name = |(purpose, channel): Consent| {
        let purpose = &checked.purposes[purpose.index()].name;
        format!("`{purpose}` allows `{}`", checked.channels[channel.index()].name)
    };
    let message = match circle.len() {
        1 => format!("whether {} is decided by itself", name(start)),
        _ => format!("whether {} is decided by itself, through other purposes", name(start)),
    };
    let closing = circle.last().map_or(start, |(_, question)| question.asked);
    let place = circle.last().map_or(checked.purposes[start.0.index()].at, |(_, last)| last.at);
    let label = format!("asks again whether {}", name(closing));
    let mut problem = CODE.at(place, message, label);
    for (position, (asking, question)) in circle.iter().enumerate() {
        for (step, (place, definition)) in question.way.iter().enumerate() {
            let text = match step {
                0 => format!("whether {} depends on `{definition}`", name(*asking)),
                _ => format!("which needs `{definition}`"),
            };
            problem = problem.also(*place, text);
        }
        if position + 1 < circle.len() {
            problem = problem.also(question.at, format!("asks whether {}", name(question.asked)));
        }
    }
    problem.help(
        "a consent rule looks at what is known of the customer, never at its own answer: ask for another purpose or channel, or leave the question out",
    )
}

/// The shortest way from a consent back to itself.
fn circle(questions: &BTreeMap<Consent, Vec<Question>>, start: Consent) -> Option<Vec<(Consent, &Question)>> {
    // Who asked first for each consent.
    let mut from: BTreeMap<Consent, (Consent, &Question)> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(asking) = open.pop_front() {
        for question in questions.get(&asking).into_iter().flatten() {
            if from.contains_key(&question.asked) {
                continue;
            }
            from.insert(question.asked, (asking, question));
            if question.asked != start {
                open.push_back(question.asked);
                continue;
            }
            let mut steps = Vec::new();
            let mut asked = start;
            while let Some((asking, question)) = from.get(&asked) {
                steps.push((*asking, *question));
                asked = *asking;
                if asked == start {
                    break;
                }
            }
            steps.reverse();
            return Some(steps);
        }
    }
    None
}

/// What the rules for each purpose and channel ask.
fn questions(checked: &Checked) -> BTreeMap<Consent, Vec<Question>> {
    let mut all: BTreeMap<Consent, Vec<Question>> = BTreeMap::new();
    for (position, purpose) in checked.purposes.iter().enumerate() {
        for rule in &purpose.rules {
            let Some(when) = &rule.when else { continue };
            let mut search = Search { checked, seen: BTreeSet::new(), visits: Vec::new(), found: Vec::new() };
            search.condition(when);
            for channel in &rule.channels {
                let asked = search.found.iter().map(|(asked, visit, at)| Question {
                    asked: *asked,
                    way: search.way(*visit),
                    at: *at,
                });
                all.entry((PurposeId::at(position), *channel)).or_default().extend(asked);
            }
        }
    }
    all
}

/// Which channels a value can be.
type Channels = BTreeSet<ChannelId>;

/// A use of a definition, with the channels that it was given.
struct Visit {
    definition: Definition,
    given: Vec<Channels>,
    at: Location,
    /// Within which use it stands.
    within: Option<usize>,
}

/// Walks through a condition and the definitions that it uses, without descending: they can be many.
struct Search<'c> {
    checked: &'c Checked,
    seen: BTreeSet<(Definition, Vec<Channels>)>,
    visits: Vec<Visit>,
    found: Vec<(Consent, Option<usize>, Location)>,
}

impl Search<'_> {
    fn condition(&mut self, condition: &Expr) {
        self.expr(condition, &[], None);
        let checked = self.checked;
        let mut next = 0;
        while let Some(visit) = self.visits.get(next) {
            let (definition, given) = (visit.definition, visit.given.clone());
            for body in definition.bodies(checked) {
                self.expr(body, &given, Some(next));
            }
            next += 1;
        }
    }

    fn expr(&mut self, expr: &Expr, given: &[Channels], within: Option<usize>) {
        let children = expr.children();
        for child in &children {
            self.expr(child, given, within);
        }
        if let ExprKind::Consent(purpose, channel) = &expr.kind {
            let channels = self.channels(channel, given);
            self.found.extend(channels.into_iter().map(|channel| ((*purpose, channel), within, expr.at)));
        }
        if let Some(definition) = Definition::named_by(&expr.kind) {
            let given: Vec<Channels> = children.iter().map(|child| self.channels(child, given)).collect();
            if self.seen.insert((definition, given.clone())) {
                self.visits.push(Visit { definition, given, at: expr.at, within });
            }
        }
    }

    /// The uses of definitions that lead to one.
    fn way(&self, visit: Option<usize>) -> Vec<(Location, String)> {
        let mut way = Vec::new();
        let mut visit = visit.map(|visit| &self.visits[visit]);
        while let Some(Visit { definition, at, within, .. }) = visit {
            way.push((*at, definition.name(self.checked).to_string()));
            visit = within.map(|within| &self.visits[within]);
        }
        way.reverse();
        way
    }

    /// The channels that a value can be; empty for a value of another type.
    fn channels(&self, expr: &Expr, given: &[Channels]) -> Channels {
        let of = |all: &[&Expr]| all.iter().flat_map(|one| self.channels(one, given)).collect();
        match &expr.kind {
            _ if expr.ty != Type::Channel => Channels::new(),
            ExprKind::Constant(Constant::Channel(id)) => Channels::from([*id]),
            ExprKind::Parameter(position) => given.get(*position as usize).cloned().unwrap_or_default(),
            ExprKind::If(_, then, otherwise) => of(&[then, otherwise]),
            ExprKind::Otherwise(value, default) => of(&[value, default]),
            ExprKind::Match(subject, arms) => {
                let subject = self.channels(subject, given);
                let reached = |cell: &Cell| match cell {
                    Cell::Is(Constant::Channel(id)) => subject.contains(id),
                    _ => true,
                };
                let values: Vec<&Expr> =
                    arms.iter().filter(|(cell, _)| reached(cell)).map(|(_, value)| value).collect();
                of(&values)
            }
            // Whatever else names a channel can name any.
            _ => (0..self.checked.channels.len()).map(ChannelId::at).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn consent_by_itself() {
        with_vocabulary(
            r#"let asked(c: channel) = consent(again, c)
//                      ^^^^^^^^^^^^^^^^^ E0702
let many(c: channel) = asked(c) and profile.vip
segment trusting = consent(direct, push)
//                 ^^^^^^^^^^^^^^^^^^^^^ E0702
purpose direct { opt_in on email, push when trusting never on email, push }
purpose fine { opt_in on email  opt_in on push when consent(fine, email) never on push }
purpose again { opt_in on email when many(push) opt_in on push when many(push) never on email, push }
purpose one { always on email when consent(two, email) never on email }
purpose two { always on email when consent(one, email) never on email }
//                                 ^^^^^^^^^^^^^^^^^^^ E0702
purpose three { always on push when profile.vip never on push opt_in on email when consent(three, if profile.vip then push else push) never on email }
"#,
        );
    }
}
