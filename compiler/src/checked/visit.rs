//! Walking over typed expressions.

use super::{Expr, ExprKind};
use smallvec::{SmallVec, smallvec};

impl Expr {
    /// Whether a diagnostic has been given for it.
    pub fn is_error(&self) -> bool {
        self.kind == ExprKind::Error
    }

    /// Its direct operands, the filter of an aggregate included, in the order of the text.
    pub fn children(&self) -> SmallVec<[&Expr; 4]> {
        let mut children = SmallVec::new();
        self.each_child(|child| children.push(child));
        children
    }

    /// Visits the same.
    pub fn each_child<'e>(&'e self, mut visit: impl FnMut(&'e Expr)) {
        match &self.kind {
            ExprKind::Error
            | ExprKind::Constant(_)
            | ExprKind::Attribute(_)
            | ExprKind::EventField(_)
            | ExprKind::TriggerField(_)
            | ExprKind::MessageAttribute(_)
            | ExprKind::MessageName
            | ExprKind::MessageClass
            | ExprKind::Channel
            | ExprKind::Field(_)
            | ExprKind::Parameter(_)
            | ExprKind::Propensity
            | ExprKind::Value
            | ExprKind::Lever
            | ExprKind::Now
            | ExprKind::Local(_)
            | ExprKind::Segment(_)
            | ExprKind::Bucket(_)
            | ExprKind::Predict(_)
            | ExprKind::Arm(_)
            | ExprKind::InJourney(_) => {}
            ExprKind::Let(_, all) | ExprKind::Table(_, all) | ExprKind::Min(all) | ExprKind::Max(all) => {
                all.iter().for_each(visit);
            }
            ExprKind::Aggregate(aggregate) => {
                aggregate.pattern.filter.iter().for_each(|filter| visit(filter));
            }
            ExprKind::ToNumber(a)
            | ExprKind::Not(a)
            | ExprKind::Negate(a)
            | ExprKind::IsKnown(a)
            | ExprKind::IsUnknown(a)
            | ExprKind::InList(a, _)
            | ExprKind::InRange(a, _)
            | ExprKind::Matches(a, _)
            | ExprKind::YearsSince(a)
            | ExprKind::DaysSince(a)
            | ExprKind::Abs(a)
            | ExprKind::Round(a)
            | ExprKind::Floor(a)
            | ExprKind::Ceil(a)
            | ExprKind::Lower(a)
            | ExprKind::Upper(a)
            | ExprKind::Length(a)
            | ExprKind::Consent(_, a)
            | ExprKind::Reachable(a) => visit(a),
            ExprKind::And(a, b)
            | ExprKind::Or(a, b)
            | ExprKind::Otherwise(a, b)
            | ExprKind::Compare(_, a, b)
            | ExprKind::Arithmetic(_, a, b)
            | ExprKind::Contains(a, b)
            | ExprKind::ContainsAll(a, b)
            | ExprKind::Overlaps(a, b)
            | ExprKind::StartsWith(a, b)
            | ExprKind::EndsWith(a, b) => {
                visit(a);
                visit(b);
            }
            ExprKind::If(a, b, c) | ExprKind::Clamp(a, b, c) => {
                visit(a);
                visit(b);
                visit(c);
            }
            ExprKind::Match(subject, arms) => {
                visit(subject);
                arms.iter().for_each(|(_, value)| visit(value));
            }
        }
    }

    /// Visits it and everything in it, until the visitor has found something.
    pub fn find<T>(&self, visit: &mut dyn FnMut(&Expr) -> Option<T>) -> Option<T> {
        let mut open: SmallVec<[&Expr; 16]> = smallvec![self];
        while let Some(expr) = open.pop() {
            if let Some(found) = visit(expr) {
                return Some(found);
            }
            let before = open.len();
            expr.each_child(|child| open.push(child));
            open[before..].reverse();
        }
        None
    }
}
