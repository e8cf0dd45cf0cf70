//! W0201: a condition that always holds, or never.

use super::never_eligible::Eligible;
use super::prelude::*;
use crate::checked::{Constant, Expr, ExprKind, Message, StatementKind};
use crate::truth::{Chain, Facts, assume, chain, is_short, truth};

pub(super) const CODE: Code =
    Code::new("W0201", include_str!("../../../docs/diagnostics/W0201.md")).lint("constant-condition");

/// Every condition, or part of one, of which it is proved that it always holds or never does, but for those of messages.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let plain = Facts::default();
    for condition in conditions(checked) {
        if let ExprKind::Constant(Constant::Bool(value)) = condition.kind {
            problems.push(constant(checked, condition, value, &Facts::default()));
        } else {
            walk(checked, condition, &plain, &mut problems);
        }
    }
    let lets = checked.lets.iter().map(|one| &one.value);
    let rows = checked.tables.iter().flat_map(|table| &table.rows).map(|row| &row.result);
    let features = checked.models.iter().flat_map(|one| &one.features).map(|(_, value)| value);
    let scores = checked.arbitrate.iter().filter_map(|one| one.score.as_ref());
    for expr in lets.chain(rows).chain(features).chain(scores) {
        walk(checked, expr, &plain, &mut problems);
    }
    for journey in &checked.journeys {
        for expr in journey.expressions() {
            walk(checked, expr, &plain, &mut problems);
        }
    }
    problems
}

/// The same of a message. Those that can never be eligible have a lint of their own: `eligible` is what that has found.
pub(crate) fn find_in<'c>(
    checked: &'c Checked,
    message: &'c Message,
    eligible: &Eligible<'c>,
    problems: &mut Vec<Diagnostic>,
) {
    if eligible.problem.is_some() {
        return;
    }
    for condition in message.when.iter().chain(&message.unless) {
        if let ExprKind::Constant(Constant::Bool(value)) = condition.kind {
            problems.push(constant(checked, condition, value, &Facts::default()));
        }
    }
    let plain = Facts::default();
    let is_when = |expr: &Expr| message.when.as_ref().is_some_and(|when| std::ptr::eq(when, expr));
    for expr in message.expressions() {
        match &eligible.when {
            Some(when) if is_when(expr) => walk_chain(checked, when, &plain, problems),
            _ => walk(checked, expr, &plain, problems),
        }
    }
}

/// The conditions of rules, of segments and of journeys' branches.
fn conditions(checked: &Checked) -> Vec<&Expr> {
    let segments = checked.segments.iter().map(|one| &one.condition);
    let suppressions = checked.suppressions.iter().map(|one| &one.condition);
    let quiet = checked.channels.iter().flat_map(|one| &one.quiet).filter_map(|one| one.when.as_ref());
    let consents = checked.purposes.iter().flat_map(|one| &one.rules).filter_map(|one| one.when.as_ref());
    let mut all: Vec<&Expr> = segments.chain(suppressions).chain(quiet).chain(consents).collect();
    for journey in &checked.journeys {
        let literal = |expr: &&Expr| matches!(expr.kind, ExprKind::Constant(_));
        let mut own: Vec<&Expr> = journey.when.iter().chain(&journey.stop_when).collect();
        own.extend(journey.statements().into_iter().filter_map(|statement| match &statement.kind {
            StatementKind::If { condition, .. } => Some(condition),
            _ => None,
        }));
        all.extend(own.into_iter().filter(literal));
    }
    all
}

/// Tells of the smallest parts that are constant.
fn walk<'e>(checked: &Checked, expr: &'e Expr, facts: &Facts<'e>, problems: &mut Vec<Diagnostic>) {
    if is_short(expr) {
        walk_short(checked, expr, facts, problems);
    }
}

fn walk_short<'e>(checked: &Checked, expr: &'e Expr, facts: &Facts<'e>, problems: &mut Vec<Diagnostic>) {
    walk_known(checked, expr, || truth(checked, expr, facts), facts, problems);
}

/// The same, where there is a shorter way to its truth.
fn walk_known<'e>(
    checked: &Checked,
    expr: &'e Expr,
    truth: impl FnOnce() -> Option<bool>,
    facts: &Facts<'e>,
    problems: &mut Vec<Diagnostic>,
) {
    if let ExprKind::And(..) | ExprKind::Or(..) = expr.kind {
        return walk_chain(checked, &chain(checked, expr, facts), facts, problems);
    }
    let asks = matches!(
        expr.kind,
        ExprKind::Compare(..) | ExprKind::InList(..) | ExprKind::InRange(..) | ExprKind::Not(_)
    );
    let value = if asks { truth() } else { None };
    let before = problems.len();
    parts(checked, expr, facts, problems);
    if let (Some(value), true) = (value, problems.len() == before) {
        problems.push(constant(checked, expr, value, facts));
    }
}

/// The same of a chain of `and`, or of `or`.
fn walk_chain<'e>(checked: &Checked, chain: &Chain<'e>, facts: &Facts<'e>, problems: &mut Vec<Diagnostic>) {
    let Chain { first, first_truth, links, .. } = chain;
    let mut before = Vec::with_capacity(links.len());
    for link in links.iter().rev() {
        before.push(problems.len());
        // Of a contradiction, both sides are needed.
        if let (None, Some(known)) = (link.truth, &link.before) {
            walk_known(checked, link.right, || link.right_truth, known, problems);
        }
    }
    walk_known(checked, first, || *first_truth, facts, problems);
    for (link, before) in links.iter().zip(before.into_iter().rev()) {
        if let (Some(value), true) = (link.truth, problems.len() == before) {
            problems.push(constant(checked, link.whole, value, facts));
        }
    }
}

/// Looks at the parts of an expression, each with what is known there.
fn parts<'e>(checked: &Checked, expr: &'e Expr, facts: &Facts<'e>, problems: &mut Vec<Diagnostic>) {
    let mut after = |condition: &'e Expr, holds: bool, then: &'e Expr| {
        if let Some(known) = assume(checked, condition, facts, holds) {
            walk_short(checked, then, &known, problems);
        }
    };
    match &expr.kind {
        ExprKind::If(condition, then, otherwise) => {
            after(condition, true, then);
            after(condition, false, otherwise);
            walk_short(checked, condition, facts, problems);
        }
        ExprKind::Aggregate(aggregate) => {
            if let Some(filter) = &aggregate.pattern.filter {
                walk_short(checked, filter, &Facts::default(), problems);
            }
        }
        _ => expr.each_child(|child| walk_short(checked, child, facts, problems)),
    }
}

/// `facts` are what is known where it stands: it may be so only because of them.
fn constant(checked: &Checked, expr: &Expr, value: bool, facts: &Facts<'_>) -> Diagnostic {
    let by_itself = truth(checked, expr, &Facts::default()) == Some(value);
    if let (false, Some(from)) = (by_itself, facts.known_from(expr)) {
        let (text, label) = match value {
            true => ("this always holds here", "true for everyone whom the conditions before it leave"),
            false => ("this never holds here", "true for no one whom the conditions before it leave"),
        };
        let holds = if from.holds { "only where this holds" } else { "only where this doesn't hold" };
        return CODE
            .at(expr.at, text, label)
            .also(from.at, holds)
            .help("leave it out, or correct one of them");
    }
    let (text, label, help) = match value {
        true => {
            ("this always holds", "true for every customer", "leave it out, or correct what it compares with")
        }
        false => match expr.kind {
            ExprKind::And(..) => (
                "this never holds",
                "its parts exclude each other",
                "correct one of the two, or join them with `or`",
            ),
            _ => (
                "this never holds",
                "true for no customer",
                "correct what it compares with, or leave the rule out",
            ),
        },
    };
    CODE.at(expr.at, text, label).help(help)
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_always_or_never_holds() {
        with_vocabulary(
            r#"segment a = count of purchase >= 0
//          ^^^^^^^^^^^^^^^^^^^^^^ W0201
segment b = profile.score > 3 and profile.score < 2
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ W0201
segment c = profile.tier == gold and profile.tier != gold
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ W0201
segment d = profile.tier >= bronze and profile.vip
//          ^^^^^^^^^^^^^^^^^^^^^^ W0201
segment e = profile.country in ["DE", "AT"] and (profile.vip or profile.country == "FR")
//                                                              ^^^^^^^^^^^^^^^^^^^^^^^ W0201
segment f = profile.vip or not profile.vip
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ W0201
segment g = local.hour > 23
//          ^^^^^^^^^^^^^^^ W0201
segment h = any purchase within 7d and no purchase within 7d
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ W0201
segment i = count of purchase > 3 and count of purchase > 2
//                                    ^^^^^^^^^^^^^^^^^^^^^ W0201
segment j = any (purchase where count > 3 and count in 1..3)
//                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^ W0201
segment k = true
//          ^^^^ W0201
segment l = any purchase within 7d and no purchase within 1d
segment m = profile.spent > 3 EUR and profile.spent < 3.02 EUR and profile.spent != 3 EUR
//                                                                 ^^^^^^^^^^^^^^^^^^^^^^ W0201
segment n = profile.score > 3 and profile.score < 3.0000001
segment o = profile.age is known and profile.age > 3 or profile.age is unknown
segment p = profile.country != "DE" and profile.country != "AT"
segment q = local.time in 22:00..06:00 and local.time in 05:00..23:00
segment r = not (profile.spent > 3 EUR and profile.spent < 2 EUR)
//               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ W0201
let s = if profile.vip then 1 else if profile.vip then 2 else 3
let debug = false
segment t = debug and profile.delay > 3d
"#,
        );
    }

    #[test]
    fn what_holds_by_itself_is_told_from_what_holds_after_others() {
        let told = |condition: &str| {
            let found = crate::check(&project(&vocabulary(&format!("segment a = {condition}")))).diagnostics;
            let found = found.into_iter().find(|one| one.code == super::CODE).unwrap();
            let labels: Vec<String> = found.labels.iter().map(|label| label.text.to_string()).collect();
            format!("{}: {}", found.message, labels.join(", "))
        };
        let always = "this always holds here: true for everyone whom the conditions before it leave";
        let never = "this never holds here: true for no one whom the conditions before it leave";
        let spent = told("profile.spent > 770 EUR and profile.spent > 649 EUR");
        assert_eq!(spent, format!("{always}, only where this holds"));
        let tier = told("profile.tier == bronze and (profile.tier >= gold or profile.vip)");
        assert_eq!(tier, format!("{never}, only where this holds"));
        let both =
            told("profile.tier == bronze and (profile.vip and profile.tier == gold or profile.score > 3)");
        assert_eq!(both, format!("{never}, only where this holds"));
        let score = told("profile.score > 3 or profile.score > 5");
        assert_eq!(score, format!("{never}, only where this doesn't hold"));
        assert_eq!(
            told("profile.vip and profile.tier >= bronze"),
            "this always holds: true for every customer"
        );
        let apart = told("profile.score > 3 and profile.score < 2");
        assert_eq!(apart, "this never holds: its parts exclude each other");
    }
}
