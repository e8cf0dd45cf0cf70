//! Shapes: what score expressions have in common when their numbers are left out.
//!
//! Thousands of messages have scores of a handful of forms (`propensity * value * lever`, each with its own numbers).
//! So a form is compiled once, and takes the numbers of a message as parameters; and what the best of many messages
//! can reach follows from the least and the greatest of their numbers.

use crate::ids::{ExprId, SlotId};
use crate::plan::{Op, Plan};
use crate::types::Type;
use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};
use std::hash::{Hash, Hasher};

/// The number of a shape.
pub(crate) type ShapeId = u32;

/// A form of scores.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// An expression of this shape.
    pub(crate) example: ExprId,
    /// What it is made of, operands first.
    pub(crate) nodes: Box<[ExprId]>,
    /// The constants in it that are parameters, in the order of the parameters.
    pub(crate) parameters: Box<[ExprId]>,
    /// The slots that it looks at, ascending.
    pub(crate) slots: Box<[SlotId]>,
}

/// All shapes of some expressions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shapes {
    pub(crate) all: Vec<Shape>,
    /// By the hash of their keys.
    known: FxHashMap<u64, Vec<Known>>,
    /// Of each expression that was asked for: its shape and its parameters.
    of: FxHashMap<ExprId, (ShapeId, Box<[u64]>)>,
}

/// A shape, and what distinguishes it.
type Known = (ShapeId, Box<[Key]>);

/// A node as far as it belongs to the shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    /// With operands numbered within the shape, and without the value of a parameter.
    op: Op,
    ty: Type,
    is_parameter: bool,
}

impl Shapes {
    /// The shape of an expression, and its parameters.
    pub(crate) fn of(&mut self, plan: &Plan, expr: ExprId) -> (ShapeId, &[u64]) {
        if !self.of.contains_key(&expr) {
            let found = self.find(plan, expr);
            self.of.insert(expr, found);
        }
        let (shape, parameters) = &self.of[&expr];
        (*shape, parameters)
    }

    /// The same of an expression that has been asked for before.
    pub(crate) fn known(&self, expr: ExprId) -> Option<(ShapeId, &[u64])> {
        self.of.get(&expr).map(|(shape, parameters)| (*shape, &parameters[..]))
    }

    /// The same of any expression, where there is its shape already.
    pub(crate) fn like(&self, plan: &Plan, expr: ExprId) -> Option<(ShapeId, Box<[u64]>)> {
        if let Some((shape, parameters)) = self.known(expr) {
            return Some((shape, parameters.into()));
        }
        let form = Form::of(plan, expr);
        let same = self.known.get(&form.hash())?;
        Some((form.among(same)?, form.values.into()))
    }

    fn find(&mut self, plan: &Plan, expr: ExprId) -> (ShapeId, Box<[u64]>) {
        let form = Form::of(plan, expr);
        let same = self.known.entry(form.hash()).or_default();
        if let Some(shape) = form.among(same) {
            return (shape, form.values.into());
        }
        let Form { nodes, keys, parameters, values } = form;
        let shape = self.all.len() as ShapeId;
        same.push((shape, keys.into()));
        let mut slots: Vec<SlotId> = nodes
            .iter()
            .filter_map(|id| match plan.expr(*id).op {
                Op::Slot(slot) => Some(slot),
                _ => None,
            })
            .collect();
        slots.sort_unstable();
        slots.dedup();
        self.all.push(Shape {
            example: expr,
            nodes: nodes.into(),
            parameters: parameters.into(),
            slots: slots.into(),
        });
        (shape, values.into())
    }
}

/// An expression as the shape that it has, and its numbers.
struct Form {
    nodes: Vec<ExprId>,
    keys: Vec<Key>,
    parameters: Vec<ExprId>,
    values: Vec<u64>,
}

impl Form {
    fn of(plan: &Plan, expr: ExprId) -> Form {
        let nodes = in_order(plan, expr);
        let fixed = fixed(plan, &nodes);
        let position = |id: ExprId| nodes.iter().position(|node| *node == id).unwrap_or_default();
        let mut keys = Vec::with_capacity(nodes.len());
        let (mut parameters, mut values) = (Vec::new(), Vec::new());
        for (id, fixed) in nodes.iter().zip(fixed) {
            let node = plan.expr(*id);
            let mut op = node.op.clone();
            let is_parameter = match op {
                Op::Constant(cell) if is_number(node.ty) && !fixed => {
                    parameters.push(*id);
                    values.push(cell);
                    op = Op::Constant(0);
                    true
                }
                _ => false,
            };
            op.operands_mut().for_each(|operand| *operand = ExprId::at(position(*operand)));
            keys.push(Key { op, ty: node.ty, is_parameter });
        }
        Form { nodes, keys, parameters, values }
    }

    fn hash(&self) -> u64 {
        let mut hasher = rustc_hash::FxHasher::default();
        self.keys.hash(&mut hasher);
        hasher.finish()
    }

    /// Its shape, where it is one of these.
    fn among(&self, known: &[Known]) -> Option<ShapeId> {
        known.iter().find(|(_, keys)| keys[..] == self.keys[..]).map(|(shape, _)| *shape)
    }
}

/// What an expression is made of, each once, operands first, in the order in which they are met from left to right: the
/// same for all expressions of a shape. They are so few that looking through them takes less than a hash of each.
fn in_order(plan: &Plan, expr: ExprId) -> Vec<ExprId> {
    let mut nodes = Vec::new();
    let mut stack: SmallVec<[(ExprId, bool); 32]> = smallvec![(expr, false)];
    while let Some((id, operands_done)) = stack.pop() {
        if operands_done {
            nodes.push(id);
        } else if !nodes.contains(&id) {
            stack.push((id, true));
            let start = stack.len();
            stack.extend(plan.expr(id).op.operands().map(|operand| (operand, false)));
            stack[start..].reverse();
        }
    }
    nodes
}

/// By node: whether it is something that more than arithmetic looks at. Such constants belong to the shape.
fn fixed(plan: &Plan, nodes: &[ExprId]) -> Vec<bool> {
    let mut fixed = vec![false; nodes.len()];
    for id in nodes {
        match plan.expr(*id).op {
            Op::Add(..)
            | Op::Subtract(..)
            | Op::Multiply(..)
            | Op::Min(..)
            | Op::Max(..)
            | Op::Negate(_)
            | Op::ToNumber(_)
            | Op::ToMajor(..)
            | Op::Otherwise(..) => {}
            // The condition of a choice is no number.
            Op::If(..) => {}
            ref op => {
                let operands = op.operands();
                let positions = operands.filter_map(|id| nodes.iter().position(|node| *node == id));
                positions.for_each(|position| fixed[position] = true);
            }
        }
    }
    fixed
}

fn is_number(ty: Type) -> bool {
    matches!(ty, Type::Number | Type::Percent | Type::Int | Type::Money(_) | Type::Duration)
}
