//! What can be proved of conditions without knowing any customer: that they always hold, or never.
//!
//! Each value that a condition compares with constants has a domain: what it can be where it is looked at. A
//! conjunction narrows the domains for what stands to its right, a disjunction for the case that its left side doesn't
//! hold. Only what is proved is said; whatever isn't understood can be anything.

mod domain;

use crate::checked::print_expression::key;
use crate::checked::{Checked, Constant, Expr, ExprKind};
use crate::plan::Comparison;
use crate::types::Type;
use comity_grammar::tree::Fold;
use domain::Domain;
use std::collections::BTreeMap;

/// Longer conditions than any author reads aren't looked at: the work grows faster than they do.
const LONGEST: usize = 200;

/// What is known of values where a condition is looked at.
#[derive(Clone, Default)]
pub(crate) struct Facts {
    /// By the key of the expression.
    domains: BTreeMap<String, Domain>,
}

/// Whether a condition is short enough to be looked at.
pub(crate) fn is_short(expr: &Expr) -> bool {
    let mut count = 0;
    expr.find(&mut |_| {
        count += 1;
        (count > LONGEST).then_some(())
    })
    .is_none()
}

/// Whether a condition always holds, or never does, where the facts are known; `None` where that isn't proved.
pub(crate) fn truth(checked: &Checked, expr: &Expr, facts: &Facts) -> Option<bool> {
    match &expr.kind {
        ExprKind::Constant(Constant::Bool(value)) => Some(*value),
        ExprKind::Not(inner) => truth(checked, inner, facts).map(|holds| !holds),
        ExprKind::And(a, b) => both(checked, a, b, facts, true),
        ExprKind::Or(a, b) => both(checked, a, b, facts, false).map(|neither| !neither),
        ExprKind::If(condition, then, otherwise) => match truth(checked, condition, facts) {
            Some(true) => truth(checked, then, facts),
            Some(false) => truth(checked, otherwise, facts),
            None => {
                let branch =
                    |branch: &Expr, holds| truth(checked, branch, &assume(checked, condition, facts, holds)?);
                let (a, b) = (branch(then, true)?, branch(otherwise, false)?);
                (a == b).then_some(a)
            }
        },
        _ => {
            let (key, question, negated) = atom(expr)?;
            let domain = facts.domains.get(&key);
            let holds = question.ask(domain.unwrap_or(&question.subject_domain(checked)))?;
            Some(holds != negated)
        }
    }
}

/// Whether `a` and `b` both hold; with `hold` false, whether neither does.
fn both(checked: &Checked, a: &Expr, b: &Expr, facts: &Facts, hold: bool) -> Option<bool> {
    let is = |expr: &Expr, facts: &Facts| truth(checked, expr, facts).map(|holds| holds == hold);
    let first = is(a, facts);
    if first == Some(false) {
        return Some(false);
    }
    let Some(after) = assume(checked, a, facts, hold) else { return Some(false) };
    match is(b, &after) {
        Some(false) => Some(false),
        Some(true) if first == Some(true) => Some(true),
        _ => None,
    }
}

/// What is known where a condition holds, or doesn't; `None` where that can't be.
pub(crate) fn assume(checked: &Checked, expr: &Expr, facts: &Facts, holds: bool) -> Option<Facts> {
    match &expr.kind {
        ExprKind::Not(inner) => assume(checked, inner, facts, !holds),
        ExprKind::And(a, b) | ExprKind::Or(a, b) => {
            let conjunction = matches!(expr.kind, ExprKind::And(..));
            if conjunction == holds {
                let after = assume(checked, a, facts, holds)?;
                return assume(checked, b, &after, holds);
            }
            // One of them, but which? Where one can't be, it is the other.
            if truth(checked, a, facts) == Some(conjunction) {
                return assume(checked, b, facts, holds);
            }
            if truth(checked, b, facts) == Some(conjunction) {
                return assume(checked, a, facts, holds);
            }
            Some(facts.clone())
        }
        ExprKind::Constant(Constant::Bool(value)) => (*value == holds).then(|| facts.clone()),
        _ => {
            let Some((key, question, negated)) = atom(expr) else { return Some(facts.clone()) };
            let mut after = facts.clone();
            let domain = after.domains.remove(&key).unwrap_or_else(|| question.subject_domain(checked));
            after.domains.insert(key, question.narrow(domain, holds != negated)?);
            Some(after)
        }
    }
}

/// A question to one value.
enum Question<'e> {
    Compare(&'e Expr, Comparison, &'e Constant),
    InList(&'e Expr, &'e [Constant]),
    /// Low and high, the high end included or not.
    InRange(&'e Expr, &'e Constant, &'e Constant, bool),
    /// Whether a truth value is true.
    Holds,
}

impl Question<'_> {
    fn subject_domain(&self, checked: &Checked) -> Domain {
        match self {
            Question::Compare(subject, ..)
            | Question::InList(subject, _)
            | Question::InRange(subject, ..) => Domain::of(checked, subject),
            Question::Holds => Domain::Anything,
        }
    }

    fn ask(&self, domain: &Domain) -> Option<bool> {
        // It never holds where nothing is left when it does, and always where nothing is left when it doesn't.
        match (self.narrow(domain.clone(), true), self.narrow(domain.clone(), false)) {
            (None, _) => Some(false),
            (_, None) => Some(true),
            _ => None,
        }
    }

    fn narrow(&self, domain: Domain, holds: bool) -> Option<Domain> {
        match self {
            Question::Compare(_, comparison, constant) => {
                domain.compared(if holds { *comparison } else { opposite(*comparison) }, constant)
            }
            Question::InList(_, constants) => domain.among(constants, holds),
            Question::InRange(_, low, high, included) => {
                let below = if *included { Comparison::LessEqual } else { Comparison::Less };
                if holds {
                    domain.compared(Comparison::GreaterEqual, low)?.compared(below, high)
                } else {
                    let under = domain.clone().compared(Comparison::Less, low);
                    let over = domain.clone().compared(opposite(below), high);
                    match (under, over) {
                        (None, None) => None,
                        (Some(side), None) | (None, Some(side)) => Some(side),
                        (Some(_), Some(_)) => Some(domain),
                    }
                }
            }
            Question::Holds => match domain {
                Domain::Bool(known) if known != holds => None,
                _ => Some(Domain::Bool(holds)),
            },
        }
    }
}

/// The question that a condition asks, with the key of the value and whether the answer is turned round.
fn atom(expr: &Expr) -> Option<(String, Question<'_>, bool)> {
    Some(match &expr.kind {
        ExprKind::Compare(comparison, a, b) => match (&a.kind, &b.kind) {
            (_, ExprKind::Constant(constant)) => (key(a), Question::Compare(a, *comparison, constant), false),
            (ExprKind::Constant(constant), _) => {
                (key(b), Question::Compare(b, turned(*comparison), constant), false)
            }
            _ => (key(expr), Question::Holds, false),
        },
        ExprKind::InList(a, constants) => (key(a), Question::InList(a, constants), false),
        ExprKind::InRange(a, range) => {
            let of_time = a.ty == Type::Time;
            if let (true, Constant::Time(from), Constant::Time(to)) = (of_time, &range.start, &range.end)
                && from > to
            {
                return Some((key(expr), Question::Holds, false));
            }
            (key(a), Question::InRange(a, &range.start, &range.end, !of_time), false)
        }
        ExprKind::IsKnown(a) => (format!("{} is known", key(a)), Question::Holds, false),
        ExprKind::IsUnknown(a) => (format!("{} is known", key(a)), Question::Holds, true),
        ExprKind::Aggregate(aggregate) if aggregate.fold == Fold::No => {
            let mut asked = aggregate.clone();
            asked.fold = Fold::Any;
            let any = Expr { kind: ExprKind::Aggregate(asked), ..expr.clone() };
            (key(&any), Question::Holds, true)
        }
        ExprKind::Error => return None,
        _ if expr.ty == Type::Bool => (key(expr), Question::Holds, false),
        _ => return None,
    })
}

fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterEqual,
        Comparison::LessEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessEqual,
        Comparison::GreaterEqual => Comparison::Less,
    }
}

/// With its sides exchanged.
fn turned(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal | Comparison::NotEqual => comparison,
        Comparison::Less => Comparison::Greater,
        Comparison::LessEqual => Comparison::GreaterEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterEqual => Comparison::LessEqual,
    }
}
