//! Operations on constants, by the same functions that the engines use.

use super::build::Builder;
use crate::arithmetic;
use crate::ids::ExprId;
use crate::plan::{Comparison, Op};
use crate::types::Type;

/// The cell that an operation on numbers gives, where its operands are constants; within, `None` where that is
/// unknown.
pub(super) fn fold(builder: &Builder, op: &Op) -> Option<Option<u64>> {
    let int = |id: ExprId| builder.as_constant(id).map(|cell| cell as i64);
    let double = |id: ExprId| builder.as_constant(id).map(f64::from_bits);
    let is_float = |id: ExprId| builder.node(id).ty.is_float();

    let floats = |a, b, f: fn(f64, f64) -> f64| Some(Some(f(double(a)?, double(b)?).to_bits()));
    let ints = |a, b, f: fn(i64, i64) -> i64| Some(Some(f(int(a)?, int(b)?) as u64));
    let to_int = |a, f: fn(f64) -> i64| Some(Some(f(double(a)?) as u64));

    match *op {
        Op::Add(a, b) if is_float(a) => floats(a, b, arithmetic::add),
        Op::Add(a, b) => ints(a, b, i64::saturating_add),
        Op::Subtract(a, b) if is_float(a) => floats(a, b, arithmetic::subtract),
        Op::Subtract(a, b) => ints(a, b, i64::saturating_sub),
        Op::Multiply(a, b) if is_float(a) => floats(a, b, arithmetic::multiply),
        Op::Multiply(a, b) => ints(a, b, i64::saturating_mul),
        Op::Divide(_, b) | Op::Unscale(_, b) if double(b) == Some(0.0) => Some(None),
        Op::Divide(a, b) => Some(arithmetic::divide(double(a)?, double(b)?).map(f64::to_bits)),
        Op::Scale(a, b) => Some(Some(arithmetic::scale(int(a)?, double(b)?) as u64)),
        Op::Unscale(a, b) => Some(arithmetic::unscale(int(a)?, double(b)?).map(|cell| cell as u64)),
        Op::Negate(a) if is_float(a) => Some(Some((-double(a)?).to_bits())),
        Op::Negate(a) => Some(Some(int(a)?.saturating_neg() as u64)),
        Op::Abs(a) if is_float(a) => Some(Some(double(a)?.abs().to_bits())),
        Op::Abs(a) => Some(Some(int(a)?.saturating_abs() as u64)),
        Op::Min(a, b) if is_float(a) => floats(a, b, arithmetic::min),
        Op::Min(a, b) => ints(a, b, i64::min),
        Op::Max(a, b) if is_float(a) => floats(a, b, arithmetic::max),
        Op::Max(a, b) => ints(a, b, i64::max),
        Op::ToNumber(a) => Some(Some((int(a)? as f64).to_bits())),
        Op::ToMajor(a, units) => Some(Some(arithmetic::to_major(int(a)?, units).to_bits())),
        Op::Round(a) => to_int(a, arithmetic::round),
        Op::Floor(a) => to_int(a, arithmetic::floor),
        Op::Ceil(a) => to_int(a, arithmetic::ceil),
        Op::YearsBetween(a, b) => ints(a, b, arithmetic::years_between),
        _ => None,
    }
}

/// Whether a comparison of two cells of a type holds; of texts and members, only equality is asked.
pub(super) fn holds(comparison: Comparison, ty: Type, a: u64, b: u64) -> bool {
    match ty.is_float() {
        true => comparison.holds(f64::from_bits(a), f64::from_bits(b)),
        false => comparison.holds(a as i64, b as i64),
    }
}
