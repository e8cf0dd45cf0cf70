//! What a condition is about, so that two conditions on the same value meet.

use crate::checked::print_expression::key;
use crate::checked::{Expr, ExprKind};
use crate::ids::*;

/// A value that conditions ask about. What is asked most often has a form that costs nothing; all else is known by its
/// [`key`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject<'e> {
    Attribute(AttributeId),
    EventField(&'e str),
    Segment(SegmentId),
    Other(String),
    /// Whether a value is known.
    Known(Box<Subject<'e>>),
}

impl<'e> Subject<'e> {
    pub(super) fn of(expr: &'e Expr) -> Subject<'e> {
        match &expr.kind {
            ExprKind::Attribute(id) => Subject::Attribute(*id),
            ExprKind::EventField(name) => Subject::EventField(name),
            ExprKind::Segment(id) => Subject::Segment(*id),
            _ => Subject::Other(key(expr)),
        }
    }

    pub(super) fn known(expr: &'e Expr) -> Subject<'e> {
        Subject::Known(Box::new(Subject::of(expr)))
    }
}
