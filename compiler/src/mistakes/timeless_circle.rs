//! E0907: a circle of things that bring each other about.

use super::prelude::*;
use crate::builtin::SENT;
use crate::checked::{Definition, Expr, ExprKind, Occurrence, OccurrenceKind, Statement, StatementKind};
use crate::ids::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(super) const CODE: Code = Code::new("E0907", include_str!("../../../docs/diagnostics/E0907.md"));

/// What brings something else about at the same instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Attribute(AttributeId),
    Segment(SegmentId),
    Message(MessageId),
    Journey(JourneyId),
}

/// What brings about what, and where that is said.
type Effects = BTreeMap<Cause, Vec<(Cause, Location)>>;

/// Each circle once: attributes that are set, segments that change by it, journeys that start by that and set the
/// attribute, at once or after a wait (§10); and messages that are proposed, through journeys or by themselves, by their
/// own sending, without time passing.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut told: BTreeSet<Cause> = BTreeSet::new();
    let mut problems = Vec::new();
    for later in [false, true] {
        let effects = effects(checked, later);
        for start in effects.keys() {
            if told.contains(start) || later && !matches!(start, Cause::Attribute(_)) {
                continue;
            }
            let Some(circle) = circle(&effects, *start) else { continue };
            told.extend(circle.iter().map(|(cause, _, _)| *cause));
            // Journeys that only enter each other have a mistake of their own.
            if circle.iter().all(|(cause, _, _)| matches!(cause, Cause::Journey(_))) {
                continue;
            }
            problems.push(say(checked, &circle, later));
        }
    }
    problems
}

fn say(checked: &Checked, circle: &[(Cause, Cause, Location)], later: bool) -> Diagnostic {
    let start = circle.first().map_or_else(String::new, |(cause, _, _)| name(checked, *cause));
    let sentence = |(from, to, _): &(Cause, Cause, Location)| {
        let (a, b) = (name(checked, *from), name(checked, *to));
        match (from, to) {
            (Cause::Attribute(_), _) => format!("{a} decides about {b}"),
            (Cause::Segment(_), Cause::Segment(_)) => format!("{a} is a part of {b}"),
            (Cause::Segment(_), Cause::Message(_)) => format!("a change of {a} proposes {b}"),
            (Cause::Segment(_), _) => format!("a change of {a} starts {b}"),
            (Cause::Message(_), Cause::Message(_)) => format!("sending {a} proposes {b}"),
            (Cause::Message(_), _) => format!("sending {a} starts {b}"),
            (Cause::Journey(_), Cause::Attribute(_)) => format!("{a} sets {b}"),
            (Cause::Journey(_), Cause::Segment(_)) => format!("being in {a} decides about {b}"),
            (Cause::Journey(_), Cause::Message(_)) => format!("{a} sends {b}"),
            (Cause::Journey(_), Cause::Journey(_)) => format!("{a} enters {b}"),
        }
    };
    let last = circle.len().saturating_sub(1);
    let passing = if later { "" } else { ", without time passing" };
    let message = format!("{start} brings itself about again and again{passing}");
    let mut problem = match circle.get(last) {
        Some(step) => CODE.at(step.2, message, format!("{}. {}", last + 1, sentence(step))),
        None => CODE.project(message),
    };
    for (position, step) in circle.iter().enumerate().take(last) {
        problem = problem.also(step.2, format!("{}. {}", position + 1, sentence(step)));
    }
    let sets = circle.iter().any(|(cause, _, _)| matches!(cause, Cause::Attribute(_)));
    problem.help(match sets {
        true => "break the circle: no journey sets, even after a wait, what decides about its own start",
        false => "break the circle, or let time pass in it: a `wait` before the step that closes it",
    })
}

fn name(checked: &Checked, cause: Cause) -> String {
    match cause {
        Cause::Attribute(id) => format!("`profile.{}`", checked.attributes[id.index()].name),
        Cause::Segment(id) => format!("the segment `{}`", checked.segments[id.index()].name),
        Cause::Message(id) => format!("`{}`", checked.messages[id.index()].name),
        Cause::Journey(id) => format!("the journey `{}`", checked.journeys[id.index()].name),
    }
}

/// The shortest way from a cause back to itself, step by step.
fn circle(effects: &Effects, start: Cause) -> Option<Vec<(Cause, Cause, Location)>> {
    let mut from: BTreeMap<Cause, (Cause, Location)> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(cause) = open.pop_front() {
        for (effect, at) in effects.get(&cause).into_iter().flatten() {
            if from.contains_key(effect) {
                continue;
            }
            from.insert(*effect, (cause, *at));
            open.push_back(*effect);
        }
        if from.contains_key(&start) {
            break;
        }
    }
    let mut steps = Vec::new();
    let mut effect = start;
    loop {
        let (cause, at) = *from.get(&effect)?;
        steps.push((cause, effect, at));
        effect = cause;
        if effect == start {
            break;
        }
    }
    steps.reverse();
    Some(steps)
}

/// What each thing brings about at the same instant; `later`: what is set and entered after a wait as well, and nothing
/// that is sent.
fn effects(checked: &Checked, later: bool) -> Effects {
    let mut effects = Effects::new();
    let mut add = |from, to, at| effects.entry(from).or_default().push((to, at));
    for (position, segment) in checked.segments.iter().enumerate() {
        for (cause, at) in decides(checked, &segment.condition) {
            add(cause, Cause::Segment(SegmentId::at(position)), at);
        }
    }
    for (position, message) in checked.messages.iter().enumerate() {
        for trigger in &message.triggers {
            for cause in causes(checked, trigger) {
                add(cause, Cause::Message(MessageId::at(position)), trigger.at);
            }
        }
    }
    for (position, journey) in checked.journeys.iter().enumerate() {
        let this = Cause::Journey(JourneyId::at(position));
        for trigger in &journey.triggers {
            for cause in causes(checked, trigger) {
                add(cause, this, trigger.at);
            }
        }
        let mut reach = |statement: &Statement| match &statement.kind {
            StatementKind::Set { attribute, .. } => add(this, Cause::Attribute(*attribute), statement.at),
            StatementKind::Send(send) if !later => add(this, Cause::Message(send.message), statement.at),
            StatementKind::Enter(id) => add(this, Cause::Journey(*id), statement.at),
            _ => {}
        };
        match later {
            true => journey.statements().into_iter().for_each(reach),
            false => drop(at_once(&journey.body, &mut reach)),
        }
    }
    effects
}

/// What an occurrence can come from at the same instant.
fn causes(checked: &Checked, occurrence: &Occurrence) -> Vec<Cause> {
    match &occurrence.kind {
        OccurrenceKind::Enter(id) | OccurrenceKind::Leave(id) => vec![Cause::Segment(*id)],
        OccurrenceKind::Event(pattern) if pattern.event == SENT => match pattern.message {
            Some(id) => vec![Cause::Message(id)],
            None => {
                let sent = checked.messages.iter().enumerate().filter(|(_, one)| !one.via.is_empty());
                sent.map(|(position, _)| Cause::Message(MessageId::at(position))).collect()
            }
        },
        _ => Vec::new(),
    }
}

/// What a segment's condition looks at that can change at the same instant, through lets and tables.
fn decides(checked: &Checked, condition: &Expr) -> Vec<(Cause, Location)> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<Definition> = BTreeSet::new();
    let mut open = vec![condition];
    while let Some(expr) = open.pop() {
        open.extend(expr.children());
        match &expr.kind {
            ExprKind::Attribute(id) => found.push((Cause::Attribute(*id), expr.at)),
            ExprKind::Segment(id) => found.push((Cause::Segment(*id), expr.at)),
            ExprKind::InJourney(id) => found.push((Cause::Journey(*id), expr.at)),
            kind => {
                if let Some(definition) = Definition::named_by(kind)
                    && seen.insert(definition)
                {
                    open.extend(definition.bodies(checked));
                }
            }
        }
    }
    found
}

/// Visits the statements that can be reached before time passes. Whether it has passed at their end.
fn at_once<'s>(statements: &'s [Statement], visit: &mut dyn FnMut(&'s Statement)) -> bool {
    for statement in statements {
        visit(statement);
        let waits = match &statement.kind {
            StatementKind::Wait { .. }
            | StatementKind::WaitUntil { .. }
            | StatementKind::WaitFor { .. }
            | StatementKind::Exit => true,
            StatementKind::If { .. } | StatementKind::Split { .. } => {
                let ends: Vec<bool> =
                    statement.branches().into_iter().map(|branch| at_once(branch, visit)).collect();
                ends.into_iter().all(|passed| passed)
            }
            StatementKind::Together(branches) => {
                let ends: Vec<bool> = branches.iter().map(|branch| at_once(branch, visit)).collect();
                ends.into_iter().any(|passed| passed)
            }
            StatementKind::Repeat { body, .. } => at_once(body, visit),
            StatementKind::Send(send) => {
                at_once(&send.otherwise, visit);
                false
            }
            StatementKind::Set { .. } | StatementKind::Emit { .. } | StatementKind::Enter(_) => false,
        };
        if waits {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn set_segment_journey_set() {
        with_messages(
            r#"let known_age = profile.age is known
segment adult = known_age
segment gold_one = profile.tier == gold
segment grown_up = adult
journey a { on enter grown_up set profile.age = 18 }
//                            ^^^^^^^^^^^^^^^^^^^^ E0907
journey c { on leave gold_one if profile.age is known { wait 1d } else { enter d } }
journey d { on cart set profile.tier = silver }
//                  ^^^^^^^^^^^^^^^^^^^^^^^^^ E0907
"#,
        );
    }

    #[test]
    fn set_segment_journey_set_after_a_wait() {
        with_messages(
            r#"segment gold_one = profile.tier == gold
segment old = profile.age is known
segment named = profile.name is known
journey b { on leave gold_one wait 1d set profile.tier = gold }
//                                    ^^^^^^^^^^^^^^^^^^^^^^^ E0907
journey c { on enter old wait 1d enter d }
journey d { on cart wait for order up to 1d then { set profile.age = 18 } }
//                                                 ^^^^^^^^^^^^^^^^^^^^ E0907
journey e { on enter named set profile.tier = gold }
"#,
        );
    }

    #[test]
    fn messages_that_propose_themselves() {
        with_messages(
            r#"message a { class promotional purpose marketing on sent(a) via sms content sms { text "b" } }
//                                                 ^^^^^^^ E0907
message b { class promotional purpose marketing via sms content sms { text "b" } }
message c { class promotional purpose marketing via sms content sms { text "b" } }
message d { class promotional purpose marketing on opened(d) via sms content sms { text "b" } }
journey j { on sent(b) reenter always send b }
//                                    ^^^^^^ E0907
journey k { on sent(c) reenter always wait 1d send c }
"#,
        );
    }
}
