//! The interpreter: the definition of what expressions mean (reference §4 and §5).
//!
//! It evaluates all that an expression is made of, operands first, in the order of the arena. Nothing is
//! skipped: operations are total and have no effect, so that what isn't needed does no harm, and a chain of
//! operations of any length needs no stack.

pub(crate) mod sets;
pub(crate) mod texts;

use crate::arithmetic;
use crate::engine::{Answer, Tables};
use crate::frame::{Frame, Pool};
use crate::ids::ExprId;
use crate::plan::{Comparison, Node, Op};
use crate::types::Type;

/// The value of an expression, whose nodes are given in the order of the arena.
pub(crate) fn evaluate(tables: &Tables, expr: ExprId, nodes: &[ExprId], frame: &mut Frame) -> Answer {
    let mut answers = std::mem::take(&mut frame.scratch);
    if answers.len() < tables.plan.exprs.len() {
        answers.resize(tables.plan.exprs.len(), Answer::UNKNOWN);
    }
    for id in nodes {
        let answer = evaluate_node(tables, tables.plan.expr(*id), &answers, frame);
        answers[id.index()] = answer;
    }
    let answer = answers.get(expr.index()).copied().unwrap_or(Answer::UNKNOWN);
    frame.scratch = answers;
    answer
}

fn evaluate_node(tables: &Tables, node: &Node, answers: &[Answer], frame: &mut Frame) -> Answer {
    let answer = |id: ExprId| answers[id.index()];
    // Operands are never unknown where an operation needs them.
    let cell = |id: ExprId| answer(id).cell;
    let int = |id: ExprId| cell(id) as i64;
    let double = |id: ExprId| f64::from_bits(cell(id));
    let is_float = |id: ExprId| tables.plan.expr(id).ty.is_float();
    let pool = &mut frame.pool;

    Answer::known(match node.op {
        Op::Constant(cell) => cell,
        Op::Unknown => return Answer::UNKNOWN,
        Op::Slot(slot) => {
            let value = frame.get(slot);
            return if node.ty == Type::Bool { bool_slot(value) } else { value };
        }

        Op::Not(a) => u64::from(cell(a) == 0),
        Op::And(a, b) => u64::from(cell(a) != 0 && cell(b) != 0),
        Op::Or(a, b) => u64::from(cell(a) != 0 || cell(b) != 0),
        Op::IsKnown(a) => u64::from(answer(a).known),
        Op::Otherwise(a, b) => return if answer(a).known { answer(a) } else { answer(b) },
        Op::If(condition, then, otherwise) => {
            return if cell(condition) != 0 { answer(then) } else { answer(otherwise) };
        }

        Op::Compare(comparison, a, b) => {
            let ty = tables.plan.expr(a).ty;
            u64::from(compare(tables, pool, comparison, ty, cell(a), cell(b)))
        }
        Op::In(a, ref members) => u64::from(members.binary_search(&cell(a)).is_ok()),

        Op::Add(a, b) if is_float(a) => arithmetic::add(double(a), double(b)).to_bits(),
        Op::Add(a, b) => int(a).saturating_add(int(b)) as u64,
        Op::Subtract(a, b) if is_float(a) => arithmetic::subtract(double(a), double(b)).to_bits(),
        Op::Subtract(a, b) => int(a).saturating_sub(int(b)) as u64,
        Op::Multiply(a, b) if is_float(a) => arithmetic::multiply(double(a), double(b)).to_bits(),
        Op::Multiply(a, b) => int(a).saturating_mul(int(b)) as u64,
        Op::Divide(a, b) => match arithmetic::divide(double(a), double(b)) {
            Some(quotient) => quotient.to_bits(),
            None => return Answer::UNKNOWN,
        },
        Op::Scale(a, b) => arithmetic::scale(int(a), double(b)) as u64,
        Op::Unscale(a, b) => match arithmetic::unscale(int(a), double(b)) {
            Some(quotient) => quotient as u64,
            None => return Answer::UNKNOWN,
        },
        Op::Negate(a) if is_float(a) => (-double(a)).to_bits(),
        Op::Negate(a) => int(a).saturating_neg() as u64,
        Op::Abs(a) if is_float(a) => double(a).abs().to_bits(),
        Op::Abs(a) => int(a).saturating_abs() as u64,
        Op::Min(a, b) if is_float(a) => arithmetic::min(double(a), double(b)).to_bits(),
        Op::Min(a, b) => int(a).min(int(b)) as u64,
        Op::Max(a, b) if is_float(a) => arithmetic::max(double(a), double(b)).to_bits(),
        Op::Max(a, b) => int(a).max(int(b)) as u64,
        Op::ToNumber(a) => (int(a) as f64).to_bits(),
        Op::ToMajor(a, units) => arithmetic::to_major(int(a), units).to_bits(),
        Op::Round(a) => arithmetic::round(double(a)) as u64,
        Op::Floor(a) => arithmetic::floor(double(a)) as u64,
        Op::Ceil(a) => arithmetic::ceil(double(a)) as u64,

        Op::Lower(a) => texts::lower(tables, pool, cell(a)),
        Op::Upper(a) => texts::upper(tables, pool, cell(a)),
        Op::Length(a) => texts::length(tables, pool, cell(a)),
        Op::StartsWith(a, b) => u64::from(texts::starts_with(tables, pool, cell(a), cell(b))),
        Op::EndsWith(a, b) => u64::from(texts::ends_with(tables, pool, cell(a), cell(b))),
        Op::TextContains(a, b) => u64::from(texts::contains(tables, pool, cell(a), cell(b))),
        Op::Matches(a, regex) => u64::from(texts::matches(tables, pool, cell(a), regex)),

        Op::SetContains(a, b) => {
            let is_text = tables.plan.expr(b).ty.is_text();
            u64::from(sets::contains(tables, pool, cell(a), cell(b), is_text))
        }
        Op::SetContainsAll(a, b) => u64::from(sets::contains_all(pool, cell(a), cell(b))),
        Op::SetOverlaps(a, b) => u64::from(sets::overlaps(pool, cell(a), cell(b))),
        Op::SetLength(a) => sets::length(pool, cell(a)),

        Op::YearsBetween(a, b) => arithmetic::years_between(int(a), int(b)) as u64,
    })
}

/// A bool is 0 or 1, whatever it was filled with.
fn bool_slot(value: Answer) -> Answer {
    Answer { cell: u64::from(value.cell != 0), ..value }
}

fn compare(tables: &Tables, pool: &Pool, comparison: Comparison, ty: Type, a: u64, b: u64) -> bool {
    match (ty, comparison) {
        (_, Comparison::Equal) if ty.is_text() => texts::equal(tables, pool, a, b),
        (_, Comparison::NotEqual) if ty.is_text() => !texts::equal(tables, pool, a, b),
        (Type::Set(_), Comparison::Equal) => sets::equal(pool, a, b),
        (Type::Set(_), Comparison::NotEqual) => !sets::equal(pool, a, b),
        _ if ty.is_float() => comparison.holds(f64::from_bits(a), f64::from_bits(b)),
        _ => comparison.holds(a as i64, b as i64),
    }
}

#[cfg(test)]
mod tests;
