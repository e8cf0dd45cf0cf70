//! What scores usually are, to lay the likely best first, and between which numbers those of many entries lie.

use super::shape::{ShapeId, Shapes};
use crate::engine::Tables;
use crate::frame::Frame;
use crate::ids::*;
use crate::interpret;
use crate::plan::Plan;
use crate::types::Type;

/// Values as they are usual, to guess the order of scores with. Wrong guesses cost time, and nothing else.
pub(super) struct Usual {
    frame: Frame,
}

impl Usual {
    pub(super) fn new(plan: &Plan) -> Usual {
        let mut frame = Frame::new(plan);
        for (index, slot) in plan.slots.iter().enumerate() {
            let cell = match slot.ty {
                Type::Percent => 0.5_f64.to_bits(),
                Type::Number => 10.0_f64.to_bits(),
                Type::Money(currency) => 100 * currency.minor_units() as u64,
                Type::Int => 10,
                Type::Duration => crate::units::DAY as u64,
                Type::Bool => 1,
                _ => 0,
            };
            frame.set_cell(SlotId::at(index), cell);
        }
        Usual { frame }
    }

    /// What a score usually is; one that isn't finite comes last.
    pub(super) fn score(&mut self, tables: &Tables, shapes: &Shapes, score: ExprId, nodes: &[ExprId]) -> f64 {
        debug_assert!(shapes.known(score).is_some());
        let answer = interpret::evaluate(tables, score, nodes, &mut self.frame);
        let score = f64::from_bits(answer.cell);
        if score.is_finite() { score } else { f64::NEG_INFINITY }
    }
}

/// The least and the greatest of some numbers, for each parameter of a shape.
#[derive(Clone)]
pub(super) struct Span {
    pub(super) shape: ShapeId,
    /// Least and greatest in turn.
    pub(super) cells: Vec<u64>,
}

impl Span {
    pub(super) fn of(shape: ShapeId, parameters: &[u64]) -> Span {
        Span { shape, cells: parameters.iter().flat_map(|cell| [*cell, *cell]).collect() }
    }

    /// Widens it by another entry's numbers.
    pub(super) fn widen(&mut self, plan: &Plan, shapes: &Shapes, parameters: &[u64]) {
        let types = &shapes.all[self.shape as usize].parameters;
        for ((pair, cell), expr) in self.cells.chunks_exact_mut(2).zip(parameters).zip(types) {
            let less = |a: u64, b: u64| match plan.expr(*expr).ty.is_float() {
                true => f64::from_bits(a) < f64::from_bits(b),
                false => (a as i64) < b as i64,
            };
            if less(*cell, pair[0]) {
                pair[0] = *cell;
            }
            if less(pair[1], *cell) {
                pair[1] = *cell;
            }
        }
    }
}
