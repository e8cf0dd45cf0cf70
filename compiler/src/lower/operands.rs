//! The operands of an operation.

use crate::ids::ExprId;
use crate::plan::Op;

/// Calls with each operand, in order.
pub(super) fn each_operand(op: &Op, call: impl FnMut(ExprId)) {
    crate::engine::operands(op).for_each(call);
}

/// Calls with each operand, in order, so that it can be renumbered.
pub(super) fn each_operand_mut(op: &mut Op, mut call: impl FnMut(&mut ExprId)) {
    match op {
        Op::Constant(_) | Op::Unknown | Op::Slot(_) => {}
        Op::Not(a)
        | Op::IsKnown(a)
        | Op::In(a, _)
        | Op::Negate(a)
        | Op::Abs(a)
        | Op::ToNumber(a)
        | Op::ToMajor(a, _)
        | Op::Round(a)
        | Op::Floor(a)
        | Op::Ceil(a)
        | Op::Lower(a)
        | Op::Upper(a)
        | Op::Length(a)
        | Op::Matches(a, _)
        | Op::SetLength(a) => call(a),
        Op::And(a, b)
        | Op::Or(a, b)
        | Op::Otherwise(a, b)
        | Op::Compare(_, a, b)
        | Op::Add(a, b)
        | Op::Subtract(a, b)
        | Op::Multiply(a, b)
        | Op::Divide(a, b)
        | Op::Scale(a, b)
        | Op::Unscale(a, b)
        | Op::Min(a, b)
        | Op::Max(a, b)
        | Op::StartsWith(a, b)
        | Op::EndsWith(a, b)
        | Op::TextContains(a, b)
        | Op::SetContains(a, b)
        | Op::SetContainsAll(a, b)
        | Op::SetOverlaps(a, b)
        | Op::YearsBetween(a, b) => {
            call(a);
            call(b);
        }
        Op::If(a, b, c) => {
            call(a);
            call(b);
            call(c);
        }
    }
}
