//! What can be proved of conditions without knowing any customer: that they always hold, or never.
//!
//! Each value that a condition compares with constants has a domain: what it can be where it is looked at. A
//! conjunction narrows the domains for what stands to its right, a disjunction for the case that its left side doesn't
//! hold. Only what is proved is said; whatever isn't understood can be anything.

mod domain;
mod subject;

use crate::checked::print_expression::key;
use crate::checked::{Checked, Constant, Expr, ExprKind, Location};
use crate::plan::Comparison;
use crate::types::Type;
use comity_grammar::tree::Fold;
use domain::Domain;
use std::borrow::Cow;
use std::rc::Rc;
use subject::Subject;

/// Longer conditions than any author reads aren't looked at: the work grows faster than they do.
const LONGEST: usize = 200;

/// What is known of values where a condition is looked at: what has been found last, then all that was known before, so
/// that each place in a long condition costs no more than what it adds.
#[derive(Clone, Default)]
pub(crate) struct Facts<'e> {
    last: Option<Rc<Fact<'e>>>,
}

struct Fact<'e> {
    subject: Subject<'e>,
    domain: Domain<'e>,
    from: KnownFrom,
    before: Facts<'e>,
}

/// The condition by which something is known.
#[derive(Clone, Copy)]
pub(crate) struct KnownFrom {
    pub(crate) at: Location,
    /// Whether it is known because it holds, or because it doesn't.
    pub(crate) holds: bool,
}

impl<'e> Facts<'e> {
    fn get(&self, subject: &Subject<'e>) -> Option<&Domain<'e>> {
        self.fact(subject).map(|fact| &fact.domain)
    }

    fn fact(&self, subject: &Subject<'e>) -> Option<&Fact<'e>> {
        let mut facts = self;
        while let Some(fact) = &facts.last {
            if fact.subject == *subject {
                return Some(fact);
            }
            facts = &fact.before;
        }
        None
    }

    fn with(&self, subject: Subject<'e>, domain: Domain<'e>, from: KnownFrom) -> Facts<'e> {
        Facts { last: Some(Rc::new(Fact { subject, domain, from, before: self.clone() })) }
    }

    /// The last condition that told something of a value that `expr` asks about.
    pub(crate) fn known_from(&self, expr: &'e Expr) -> Option<KnownFrom> {
        expr.find(&mut |part| atom(part).and_then(|(subject, ..)| self.fact(&subject)).map(|fact| fact.from))
    }
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
pub(crate) fn truth<'e>(checked: &Checked, expr: &'e Expr, facts: &Facts<'e>) -> Option<bool> {
    match &expr.kind {
        ExprKind::Constant(Constant::Bool(value)) => Some(*value),
        ExprKind::Not(inner) => truth(checked, inner, facts).map(|holds| !holds),
        ExprKind::And(a, b) => both(checked, a, b, facts, true),
        ExprKind::Or(a, b) => both(checked, a, b, facts, false).map(|neither| !neither),
        ExprKind::If(condition, then, otherwise) => match truth(checked, condition, facts) {
            Some(true) => truth(checked, then, facts),
            Some(false) => truth(checked, otherwise, facts),
            None => {
                let branch = |branch: &'e Expr, holds| {
                    truth(checked, branch, &assume(checked, condition, facts, holds)?)
                };
                let (a, b) = (branch(then, true)?, branch(otherwise, false)?);
                (a == b).then_some(a)
            }
        },
        _ => {
            let (subject, question, negated) = atom(expr)?;
            let holds = question.ask(&question.domain(checked, &subject, facts))?;
            Some(holds != negated)
        }
    }
}

/// Whether `a` and `b` both hold; with `hold` false, whether neither does.
fn both<'e>(checked: &Checked, a: &'e Expr, b: &'e Expr, facts: &Facts<'e>, hold: bool) -> Option<bool> {
    let (first, after) = judge(checked, a, facts, hold);
    let Some(after) = after.filter(|_| first != Some(!hold)) else { return Some(false) };
    joined(first, truth(checked, b, &after), hold).map(|holds| holds == hold)
}

/// The [`truth`] of a condition, and what can be [assumed](assume) where it holds, or doesn't. Of chains of `and`, and of
/// chains of `or` that don't hold, both are found on one way.
pub(crate) fn judge<'e>(
    checked: &Checked,
    expr: &'e Expr,
    facts: &Facts<'e>,
    holds: bool,
) -> (Option<bool>, Option<Facts<'e>>) {
    match &expr.kind {
        ExprKind::Not(inner) => {
            let (truth, facts) = judge(checked, inner, facts, !holds);
            (truth.map(|holds| !holds), facts)
        }
        ExprKind::And(a, b) | ExprKind::Or(a, b) if matches!(expr.kind, ExprKind::And(..)) == holds => {
            let (first, Some(after)) = judge(checked, a, facts, holds) else { return (Some(!holds), None) };
            let (second, after) = judge(checked, b, &after, holds);
            (joined(first, second, holds), after)
        }
        ExprKind::And(..) | ExprKind::Or(..) | ExprKind::If(..) | ExprKind::Constant(_) => {
            (truth(checked, expr, facts), assume(checked, expr, facts, holds))
        }
        _ => {
            let Some((subject, question, negated)) = atom(expr) else { return (None, Some(facts.clone())) };
            let domain = question.domain(checked, &subject, facts);
            let left = question.narrow(&domain, holds != negated);
            let truth = match (left.is_some(), question.leaves(&domain, holds == negated)) {
                (true, true) => None,
                (as_asked, otherwise) => Some(if holds { as_asked } else { otherwise }),
            };
            (truth, left.map(|domain| facts.with(subject, domain, KnownFrom { at: expr.at, holds })))
        }
    }
}

/// A chain of `and`, or of `or`, part by part.
pub(crate) struct Chain<'e> {
    pub(crate) first: &'e Expr,
    /// The [`truth`] of the first part.
    pub(crate) first_truth: Option<bool>,
    /// What follows the first part.
    pub(crate) links: Vec<Link<'e>>,
    /// What can be [assumed](assume) where all of them hold, or, of `or`, none does.
    pub(crate) after: Option<Facts<'e>>,
}

impl Chain<'_> {
    /// The [`truth`] of all of it.
    pub(crate) fn truth(&self) -> Option<bool> {
        self.links.last().map_or(self.first_truth, |last| last.truth)
    }
}

/// What is known along a chain.
pub(crate) struct Link<'e> {
    /// The chain up to here.
    pub(crate) whole: &'e Expr,
    /// Its last part.
    pub(crate) right: &'e Expr,
    /// What is known where the last part is looked at; `None` where it never is.
    pub(crate) before: Option<Facts<'e>>,
    /// The [`truth`] of the last part there.
    pub(crate) right_truth: Option<bool>,
    /// The [`truth`] of the chain up to here.
    pub(crate) truth: Option<bool>,
}

/// A condition as a chain of `and`, or of `or`; what is neither has one part.
pub(crate) fn chain<'e>(checked: &Checked, expr: &'e Expr, facts: &Facts<'e>) -> Chain<'e> {
    let is_and = matches!(expr.kind, ExprKind::And(..));
    let mut parts = Vec::new();
    let mut first = expr;
    while let ExprKind::And(a, b) | ExprKind::Or(a, b) = &first.kind
        && matches!(first.kind, ExprKind::And(..)) == is_and
    {
        parts.push((first, &**b));
        first = a;
    }
    let (first_truth, mut known) = judge(checked, first, facts, is_and);
    let mut truth = first_truth;
    let mut links = Vec::with_capacity(parts.len());
    for (whole, right) in parts.into_iter().rev() {
        let before = known.take();
        let mut right_truth = None;
        (truth, known) = match &before {
            Some(before) => {
                let (second, after) = judge(checked, right, before, is_and);
                right_truth = second;
                (joined(truth, second, is_and), after)
            }
            None => (Some(!is_and), None),
        };
        links.push(Link { whole, right, before, right_truth, truth });
    }
    Chain { first, first_truth, links, after: known }
}

/// The truth of `a and b` from those of its parts, the second where the first holds; with `hold` false, of `a or b`, the
/// second where the first doesn't hold.
fn joined(first: Option<bool>, second: Option<bool>, hold: bool) -> Option<bool> {
    match second {
        _ if first == Some(!hold) => Some(!hold),
        Some(second) if second != hold => Some(!hold),
        Some(_) if first == Some(hold) => Some(hold),
        _ => None,
    }
}

/// What is known where a condition holds, or doesn't; `None` where that can't be.
pub(crate) fn assume<'e>(
    checked: &Checked,
    expr: &'e Expr,
    facts: &Facts<'e>,
    holds: bool,
) -> Option<Facts<'e>> {
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
            let Some((subject, question, negated)) = atom(expr) else { return Some(facts.clone()) };
            let domain = question.domain(checked, &subject, facts);
            let left = question.narrow(&domain, holds != negated)?;
            Some(facts.with(subject, left, KnownFrom { at: expr.at, holds }))
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

impl<'e> Question<'e> {
    /// What its subject can be where the facts are known.
    fn domain<'f>(
        &self,
        checked: &Checked,
        subject: &Subject<'e>,
        facts: &'f Facts<'e>,
    ) -> Cow<'f, Domain<'e>> {
        match (facts.get(subject), self) {
            (Some(domain), _) => Cow::Borrowed(domain),
            (None, Question::Compare(of, ..) | Question::InList(of, _) | Question::InRange(of, ..)) => {
                Cow::Owned(Domain::of(checked, of))
            }
            (None, Question::Holds) => Cow::Owned(Domain::Anything),
        }
    }

    fn ask(&self, domain: &Domain<'e>) -> Option<bool> {
        // It never holds where nothing is left when it does, and always where nothing is left when it doesn't.
        if !self.leaves(domain, true) {
            return Some(false);
        }
        (!self.leaves(domain, false)).then_some(true)
    }

    /// Whether something is left where it holds, or doesn't.
    fn leaves(&self, domain: &Domain<'e>, holds: bool) -> bool {
        match (self, domain) {
            // There are always other texts.
            (Question::InList(..), Domain::Text { among: None, .. }) if !holds => true,
            _ => self.narrow(domain, holds).is_some(),
        }
    }

    fn narrow(&self, domain: &Domain<'e>, holds: bool) -> Option<Domain<'e>> {
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
                    let under = domain.compared(Comparison::Less, low);
                    let over = domain.compared(opposite(below), high);
                    match (under, over) {
                        (None, None) => None,
                        (Some(side), None) | (None, Some(side)) => Some(side),
                        (Some(_), Some(_)) => Some(domain.clone()),
                    }
                }
            }
            Question::Holds => match domain {
                Domain::Bool(known) if *known != holds => None,
                _ => Some(Domain::Bool(holds)),
            },
        }
    }
}

/// The question that a condition asks, with what it is about and whether the answer is turned round.
fn atom(expr: &Expr) -> Option<(Subject<'_>, Question<'_>, bool)> {
    let whole = || Some((Subject::of(expr), Question::Holds, false));
    match &expr.kind {
        ExprKind::Compare(comparison, a, b) => match (&a.kind, &b.kind) {
            (_, ExprKind::Constant(constant)) => {
                Some((Subject::of(a), Question::Compare(a, *comparison, constant), false))
            }
            (ExprKind::Constant(constant), _) => {
                Some((Subject::of(b), Question::Compare(b, turned(*comparison), constant), false))
            }
            _ => whole(),
        },
        ExprKind::InList(a, constants) => Some((Subject::of(a), Question::InList(a, constants), false)),
        ExprKind::InRange(a, range) => {
            let of_time = a.ty == Type::Time;
            if let (true, Constant::Time(from), Constant::Time(to)) = (of_time, &range.start, &range.end)
                && from > to
            {
                return whole();
            }
            Some((Subject::of(a), Question::InRange(a, &range.start, &range.end, !of_time), false))
        }
        ExprKind::IsKnown(a) => Some((Subject::known(a), Question::Holds, false)),
        ExprKind::IsUnknown(a) => Some((Subject::known(a), Question::Holds, true)),
        ExprKind::Aggregate(aggregate) if aggregate.fold == Fold::No => {
            let mut asked = aggregate.clone();
            asked.fold = Fold::Any;
            let any = Expr { kind: ExprKind::Aggregate(asked), ..expr.clone() };
            Some((Subject::Other(key(&any)), Question::Holds, true))
        }
        ExprKind::Error => None,
        _ if expr.ty == Type::Bool => whole(),
        _ => None,
    }
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
