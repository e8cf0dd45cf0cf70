//! Machine code for the index: in which intervals a customer lies, what a score of a shape is, and what the best of
//! many can be.

use super::emit::{Computed, Emit};
use super::host::LEFT;
use crate::ids::*;
use crate::index::axis::Axis;
use crate::index::shape::Shape;
use crate::index::{Narrow, Row, Rows};
use crate::plan::{Op, Plan};
use crate::types::Type;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{F64, I64, I64X2};
use cranelift_codegen::ir::{AbiParam, Function, InstBuilder, MemFlagsData, Signature, Value};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::FunctionBuilderContext;
use rustc_hash::FxHashMap;

/// Up to here cuts are compared with one by one.
const FEW_CUTS: usize = 2;

/// Up to here they are compared with two at a time.
const SOME_CUTS: usize = 24;

/// Where cuts lie within so many keys, the interval is looked up.
const DENSE: i64 = 1024;

/// Cells, known flags, host, numbers, place for rows; a double.
pub(super) fn signature(isa: &dyn TargetIsa) -> Signature {
    let mut signature = Signature::new(isa.default_call_conv());
    signature.params.extend([AbiParam::new(isa.pointer_type()); 5]);
    signature.returns.push(AbiParam::new(F64));
    signature
}

/// How an axis's interval is found.
enum Search {
    /// By comparing with each cut.
    Each,
    /// By comparing with the keys before the cuts, two at a time; where they begin, in bytes.
    Pairs { start: usize },
    /// By a table of 16-bit numbers, from the first key to the last one; where it begins, in bytes. Keys beyond lie where
    /// the nearest of these does.
    Table { start: usize, first: i64, last: i64 },
    /// Among the cuts, which begin there, in bytes.
    Halving { start: usize },
}

/// How the interval of each axis is found, and the tables in which it is looked up.
pub(super) struct Searches {
    each: Vec<Search>,
    pub(super) tables: Vec<u64>,
    narrow: Option<Places>,
}

/// Where the rows of a narrow slate are among the tables, in bytes.
struct Places {
    rows: i32,
    planes: Vec<Plane>,
}

/// Where the rows of a plane are, and whether it has choices on each axis and condition.
struct Plane {
    start: i32,
    axes: Vec<bool>,
}

/// On which axes and conditions some choice of a plane holds.
fn axes_of(rows: &Rows, plane: &[Narrow]) -> Vec<bool> {
    let coded = rows.axes().len() + rows.conditions().len();
    (0..coded).map(|axis| plane[rows.rows_of(axis)].iter().any(|row| *row != [0; 2])).collect()
}

pub(super) fn searches(rows: &Rows) -> Searches {
    let mut data: Vec<u64> = Vec::new();
    let search = |axis: &Axis| {
        let start = data.len() * 8;
        let (Some(&first), Some(&last)) = (axis.cuts.first(), axis.cuts.last()) else { return Search::Each };
        if axis.cuts.len() <= FEW_CUTS {
            return Search::Each;
        }
        // The key before the first cut; where no key is less than zero, the least one saves a comparison.
        let first = if axis.ty.is_ordinal() && last <= DENSE { 0 } else { first.saturating_sub(1) };
        if last.checked_sub(first).is_some_and(|span| span <= DENSE) {
            let counts: Vec<u16> =
                (first..=last).map(|key| axis.cuts.partition_point(|cut| *cut <= key) as u16).collect();
            data.extend(counts.chunks(4).map(|four| {
                let mut bytes = [0; 8];
                for (pair, count) in bytes.chunks_exact_mut(2).zip(four) {
                    pair.copy_from_slice(&count.to_ne_bytes());
                }
                u64::from_ne_bytes(bytes)
            }));
            return Search::Table { start, first, last };
        }
        if axis.cuts.len() <= SOME_CUTS {
            // Nothing comes after the last key, which fills an odd pair; no cut is the first key.
            data.extend(axis.cuts.iter().map(|cut| cut.wrapping_sub(1) as u64));
            data.extend((axis.cuts.len() % 2 == 1).then_some(i64::MAX as u64));
            return Search::Pairs { start };
        }
        data.extend(axis.cuts.iter().map(|cut| *cut as u64));
        Search::Halving { start }
    };
    let each = rows.axes().iter().map(search).collect();
    let mut table = |rows: &[Narrow]| {
        let start = data.len() as i32 * 8;
        data.extend(rows.iter().flatten());
        start
    };
    let narrow = rows.narrow().map(|(all, planes)| Places {
        rows: table(&all),
        planes: planes
            .iter()
            .map(|plane| Plane { start: table(plane), axes: axes_of(rows, plane) })
            .collect(),
    });
    Searches { each, tables: data, narrow }
}

/// Writes the row of each axis and of each condition.
pub(super) fn classify(
    plan: &Plan,
    isa: &dyn TargetIsa,
    (rows, searches): (&Rows, &Searches),
    nodes: &[ExprId],
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let mut emit = Emit::new(plan, isa, function, context);
    for (position, (axis, search)) in rows.axes().iter().zip(&searches.each).enumerate() {
        let count = emit.intervals_below(axis, search);
        let first = i64::from(rows.first_row(position));
        let mut row = emit.builder.ins().iadd_imm_s(count, first + 1);
        if axis.asks_known {
            let known = emit.known_flag(axis.slot);
            let outside = emit.builder.ins().iconst(I64, first);
            row = emit.builder.ins().select(known, row, outside);
        }
        emit.store_row(position, row);
    }
    for node in nodes {
        emit.node(*node);
    }
    for (position, condition) in rows.conditions().iter().enumerate() {
        let position = rows.axes().len() + position;
        let holds = emit.value(*condition).value;
        let holds = emit.builder.ins().uextend(I64, holds);
        let row = emit.builder.ins().iadd_imm_s(holds, i64::from(rows.first_row(position)));
        emit.store_row(position, row);
    }
    if let Some(places) = &searches.narrow {
        emit.combine(rows, places);
    }
    let zero = emit.builder.ins().f64const(0.0);
    emit.builder.ins().return_(&[zero]);
    emit.builder.finalize(isa.frontend_config());
}

/// A score of a shape, with the numbers that it is given.
pub(super) fn score(
    plan: &Plan,
    isa: &dyn TargetIsa,
    shape: &Shape,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let mut emit = Emit::new(plan, isa, function, context);
    emit.parameters = shape.parameters.iter().copied().zip((0..).step_by(8)).collect();
    for node in &shape.nodes {
        emit.node(*node);
    }
    let value = emit.value(shape.example).value;
    emit.builder.ins().return_(&[value]);
    emit.builder.finalize(isa.frontend_config());
}

/// What a score of a shape can't exceed where each number lies between the two that are given; +∞ where nothing is
/// known. Operations that round to nearest keep order, so what is computed of the limits of the operands limits the
/// result (Moore, "Interval analysis", 1966).
pub(super) fn bound(
    plan: &Plan,
    isa: &dyn TargetIsa,
    shape: &Shape,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let mut emit = Emit::new(plan, isa, function, context);
    let places = shape.parameters.iter().copied().zip((0..).step_by(16)).collect();
    let limits = Limits { emit: &mut emit, places, known: FxHashMap::default() };
    let reached = limits.of(shape);
    let reached = reached.unwrap_or_else(|| emit.builder.ins().f64const(f64::INFINITY));
    emit.builder.ins().return_(&[reached]);
    emit.builder.finalize(isa.frontend_config());
}

/// How two words are read from tables, which are aligned to one.
fn two_words() -> MemFlagsData {
    MemFlagsData::new().with_notrap().with_readonly().with_can_move()
}

impl Emit<'_> {
    fn store_row(&mut self, position: usize, row: Value) {
        let offset = position as i32 * size_of::<Row>() as i32;
        self.builder.ins().istore16(MemFlagsData::trusted(), row, self.rows, offset);
    }

    /// Writes which entries of a narrow slate are left by all rows of axes and conditions, and by the planes.
    fn combine(&mut self, rows: &Rows, places: &Places) {
        let mut last = |start: i32| {
            let at = start + (rows.last_row() * size_of::<Narrow>()) as i32;
            self.builder.ins().load(I64X2, two_words(), self.place, at)
        };
        let mut left = last(places.rows);
        let mut chosen: Vec<Value> = places.planes.iter().map(|plane| last(plane.start)).collect();
        for position in 0..rows.axes().len() + rows.conditions().len() {
            // As it has been written: in a register there is no room for all of them.
            let offset = position as i32 * size_of::<Row>() as i32;
            let row = self.builder.ins().uload16(I64, MemFlagsData::trusted(), self.rows, offset);
            let offset = self.builder.ins().ishl_imm_u(row, 4);
            let at = self.builder.ins().iadd(self.place, offset);
            let entries = self.builder.ins().load(I64X2, two_words(), at, places.rows);
            left = self.builder.ins().band(left, entries);
            let planes = places.planes.iter().zip(&mut chosen);
            for (plane, chosen) in planes.filter(|(plane, _)| plane.axes[position]) {
                let entries = self.builder.ins().load(I64X2, two_words(), at, plane.start);
                *chosen = self.builder.ins().bor(*chosen, entries);
            }
        }
        let left = chosen.into_iter().fold(left, |left, chosen| self.builder.ins().band(left, chosen));
        self.builder.ins().store(MemFlagsData::new().with_notrap(), left, self.host, LEFT);
    }

    /// The key of what a slot holds, as [`crate::index::axis::key`] has it.
    fn key(&mut self, slot: SlotId, ty: Type) -> Value {
        let flags = MemFlagsData::trusted().with_readonly().with_can_move();
        let cell = self.builder.ins().load(I64, flags, self.cells, slot.0 as i32 * 8);
        if ty == Type::Bool {
            let holds = self.builder.ins().icmp_imm_s(IntCC::NotEqual, cell, 0);
            return self.builder.ins().uextend(I64, holds);
        }
        if ty.is_float() {
            let sign = self.builder.ins().sshr_imm_u(cell, 63);
            let others = self.builder.ins().ushr_imm_u(sign, 1);
            return self.builder.ins().bxor(cell, others);
        }
        cell
    }

    /// How many cuts are at or below the key.
    fn intervals_below(&mut self, axis: &Axis, search: &Search) -> Value {
        let key = self.key(axis.slot, axis.ty);
        let flags = MemFlagsData::trusted().with_readonly().with_can_move();
        match *search {
            Search::Each if axis.ty == Type::Bool && axis.cuts[..] == [1] => key,
            Search::Each => {
                let mut count = self.builder.ins().iconst(I64, 0);
                for cut in &axis.cuts {
                    let cut = self.builder.ins().iconst(I64, *cut);
                    let above = self.builder.ins().icmp(IntCC::SignedGreaterThanOrEqual, key, cut);
                    let above = self.builder.ins().uextend(I64, above);
                    count = self.builder.ins().iadd(count, above);
                }
                count
            }
            Search::Pairs { start } => {
                let keys = self.builder.ins().splat(I64X2, key);
                let mut counts: Option<Value> = None;
                for pair in 0..axis.cuts.len().div_ceil(2) {
                    let at = (start + pair * 16) as i32;
                    let before = self.builder.ins().load(I64X2, two_words(), self.place, at);
                    // All ones, which is -1, where it is so.
                    let above = self.builder.ins().icmp(IntCC::SignedGreaterThan, keys, before);
                    counts = Some(match counts {
                        Some(counts) => self.builder.ins().iadd(counts, above),
                        None => above,
                    });
                }
                let counts = counts.unwrap_or(keys);
                let [first, second] = [0, 1].map(|lane| self.builder.ins().extractlane(counts, lane));
                let count = self.builder.ins().iadd(first, second);
                self.builder.ins().ineg(count)
            }
            Search::Table { start, first, last } => {
                let last = self.builder.ins().iconst(I64, last);
                let position = if axis.ty.is_ordinal() && first == 0 {
                    self.builder.ins().umin(key, last)
                } else {
                    let first = self.builder.ins().iconst(I64, first);
                    let key = self.builder.ins().smax(key, first);
                    let key = self.builder.ins().smin(key, last);
                    self.builder.ins().isub(key, first)
                };
                let offset = self.builder.ins().ishl_imm_u(position, 1);
                let at = self.builder.ins().iadd(self.place, offset);
                self.builder.ins().uload16(I64, flags, at, start as i32)
            }
            Search::Halving { start } => {
                // After each step the cuts before `base` are at or below the key, those from `base + left` on above.
                let mut base = self.place;
                let mut left = axis.cuts.len();
                while left > 0 {
                    let half = left.div_ceil(2);
                    let cut = self.builder.ins().load(I64, flags, base, (start + (half - 1) * 8) as i32);
                    let above = self.builder.ins().icmp(IntCC::SignedGreaterThanOrEqual, key, cut);
                    let further = self.builder.ins().iadd_imm_s(base, (half * 8) as i64);
                    base = self.builder.ins().select(above, further, base);
                    left -= half;
                }
                let bytes = self.builder.ins().isub(base, self.place);
                self.builder.ins().ushr_imm_u(bytes, 3)
            }
        }
    }
}

/// A value that lies between two.
#[derive(Clone, Copy)]
struct Between {
    low: Value,
    high: Value,
}

struct Limits<'e, 'a> {
    emit: &'e mut Emit<'a>,
    /// Where the limits of each parameter are, in bytes.
    places: FxHashMap<ExprId, i32>,
    /// The limits of what depends on parameters; of all else there is a value.
    known: FxHashMap<ExprId, Between>,
}

impl Limits<'_, '_> {
    fn of(mut self, shape: &Shape) -> Option<Value> {
        for id in &shape.nodes {
            let node = self.emit.plan.expr(*id);
            if let Some(place) = self.places.get(id) {
                let flags = MemFlagsData::trusted().with_readonly();
                let ty = if node.ty.is_float() { F64 } else { I64 };
                let numbers = self.emit.place;
                let low = self.emit.builder.ins().load(ty, flags, numbers, *place);
                let high = self.emit.builder.ins().load(ty, flags, numbers, *place + 8);
                self.known.insert(*id, Between { low, high });
            } else if node.op.operands().any(|operand| self.known.contains_key(&operand)) {
                let between = self.operation(&node.op.clone(), node.ty)?;
                self.known.insert(*id, between);
            } else {
                self.emit.node(*id);
            }
        }
        Some(self.get(shape.example).high)
    }

    fn get(&self, id: ExprId) -> Between {
        self.known.get(&id).copied().unwrap_or_else(|| {
            let Computed { value, .. } = self.emit.value(id);
            Between { low: value, high: value }
        })
    }

    /// The limits of an operation on values that lie between others; none where that isn't worked out.
    fn operation(&mut self, op: &Op, ty: Type) -> Option<Between> {
        let is_float = ty.is_float();
        Some(match *op {
            Op::Add(a, b) if is_float => {
                let (a, b) = (self.get(a), self.get(b));
                Between { low: self.double(op, a.low, b.low), high: self.double(op, a.high, b.high) }
            }
            Op::Subtract(a, b) if is_float => {
                let (a, b) = (self.get(a), self.get(b));
                Between { low: self.double(op, a.low, b.high), high: self.double(op, a.high, b.low) }
            }
            Op::Multiply(a, b) if is_float => {
                let (a, b) = (self.get(a), self.get(b));
                let corners = [(a.low, b.low), (a.low, b.high), (a.high, b.low), (a.high, b.high)];
                let mut products: Vec<Value> = Vec::with_capacity(4);
                let mut seen = Vec::with_capacity(4);
                for corner in corners {
                    if !seen.contains(&corner) {
                        seen.push(corner);
                        products.push(self.double(op, corner.0, corner.1));
                    }
                }
                let (mut low, mut high) = (products[0], products[0]);
                for product in &products[1..] {
                    low = self.emit.lesser(low, *product);
                    high = self.emit.greater(high, *product);
                }
                Between { low, high }
            }
            Op::Min(a, b) | Op::Max(a, b) if is_float => {
                let (a, b) = (self.get(a), self.get(b));
                Between { low: self.double(op, a.low, b.low), high: self.double(op, a.high, b.high) }
            }
            Op::Negate(a) if is_float => {
                let a = self.get(a);
                let low = self.emit.builder.ins().fneg(a.high);
                Between { low, high: self.emit.builder.ins().fneg(a.low) }
            }
            Op::ToNumber(a) => {
                let a = self.get(a);
                let low = self.emit.builder.ins().fcvt_from_sint(F64, a.low);
                Between { low, high: self.emit.builder.ins().fcvt_from_sint(F64, a.high) }
            }
            Op::ToMajor(a, units) if units > 0 => {
                let a = self.get(a);
                let [low, high] = [a.low, a.high].map(|minor| self.emit.major(minor, units));
                Between { low, high }
            }
            Op::Otherwise(a, b) if !self.known.contains_key(&a) => {
                let (value, default) = (self.emit.value(a), self.get(b));
                let Some(known) = value.known else { return Some(self.get(a)) };
                let [low, high] = [default.low, default.high]
                    .map(|default| self.emit.builder.ins().select(known, value.value, default));
                Between { low, high }
            }
            Op::If(condition, then, otherwise) if !self.known.contains_key(&condition) => {
                let condition = self.emit.value(condition).value;
                let (then, otherwise) = (self.get(then), self.get(otherwise));
                let low = self.emit.builder.ins().select(condition, then.low, otherwise.low);
                let high = self.emit.builder.ins().select(condition, then.high, otherwise.high);
                Between { low, high }
            }
            _ => return None,
        })
    }

    fn double(&mut self, op: &Op, a: Value, b: Value) -> Value {
        self.emit.double_operation(op, a, b)
    }
}
