//! What lowering builds upon: tables in which each expression, slot and window stands once, and constructors
//! that leave out what is certain.
//!
//! The numbers given here are provisional: [`super::number`] gives those of the plan. Where something has to be put in
//! order, that is done by [marks](Builder::mark), which depend on nothing but what it says.

use super::fold::holds;
use super::intern::Table;
use crate::ids::*;
use crate::plan::{Comparison, Node, Op, Slot, Source, Window};
use crate::types::Type;
use rustc_hash::FxHasher;
use smallvec::{SmallVec, smallvec};
use smol_str::SmolStr;
use std::hash::{Hash, Hasher};

/// Streams by event and filter.
pub(super) type StreamKey = (EventId, Option<ExprId>);

/// The tables.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) exprs: Table<Node>,
    pub(super) slots: Table<Slot>,
    /// Their fields are positions in the event until they are numbered.
    pub(super) windows: Table<Window>,
    pub(super) streams: Table<StreamKey>,
    pub(super) texts: Table<SmolStr>,
    pub(super) regexes: Table<SmolStr>,
    /// By expression: whether it looks at nothing but fields and constants.
    fields_only: Vec<bool>,
    /// By expression.
    marks: Vec<u64>,
    /// By message: its name.
    messages: Vec<SmolStr>,
}

impl Builder {
    /// For a policy with these messages.
    pub(super) fn new(messages: impl IntoIterator<Item = SmolStr>) -> Builder {
        Builder { messages: messages.into_iter().collect(), ..Builder::default() }
    }

    /// The node of an expression.
    pub(super) fn node(&self, id: ExprId) -> &Node {
        self.exprs.get(id.index())
    }

    /// Whether it looks at nothing but the fields of the event that a `where` looks at.
    pub(super) fn fields_only(&self, id: ExprId) -> bool {
        self.fields_only[id.index()]
    }

    /// An operation as it is.
    pub(super) fn push(&mut self, op: Op, ty: Type, optional: bool) -> ExprId {
        let id = self.exprs.intern(Node { op, ty, optional });
        if id == self.fields_only.len() {
            let op = &self.exprs.get(id).op;
            let mut local = match op {
                Op::Slot(slot) => matches!(self.slots.get(slot.index()).source, Source::Field(_)),
                _ => true,
            };
            local &= op.operands().all(|operand| self.fields_only[operand.index()]);
            self.fields_only.push(local);
            self.marks.push(self.mark_of(id));
        }
        ExprId::at(id)
    }

    /// A number that follows from what an expression says, not from where and in which order that was written. Equal
    /// expressions have equal marks; different ones all but always different ones.
    pub(super) fn mark(&self, id: ExprId) -> u64 {
        self.marks[id.index()]
    }

    fn mark_of(&self, id: usize) -> u64 {
        let mut hasher = FxHasher::default();
        let Node { mut op, ty, optional } = self.exprs.get(id).clone();
        for operand in op.operands_mut() {
            self.mark(*operand).hash(&mut hasher);
            *operand = ExprId(0);
        }
        match &mut op {
            Op::Constant(cell) => self.mark_cell(ty, std::mem::take(cell), &mut hasher),
            Op::In(_, cells) => {
                let ty = self.exprs.get(id).op.operands().next().map_or(ty, |operand| self.node(operand).ty);
                let mark = |cell: &u64| {
                    let mut hasher = FxHasher::default();
                    self.mark_cell(ty, *cell, &mut hasher);
                    hasher.finish()
                };
                let mut marks: Vec<u64> = cells.iter().map(mark).collect();
                marks.sort_unstable();
                *cells = marks;
            }
            Op::Slot(slot) => self.mark_slot(std::mem::replace(slot, SlotId(0)), &mut hasher),
            Op::Matches(_, regex) => {
                self.regexes.get(std::mem::replace(regex, RegexId(0)).index()).hash(&mut hasher);
            }
            _ => {}
        }
        (op, ty, optional).hash(&mut hasher);
        hasher.finish()
    }

    fn mark_cell(&self, ty: Type, cell: u64, hasher: &mut FxHasher) {
        match ty {
            Type::Message => self.messages.get(cell as usize).hash(hasher),
            ty if ty.is_text() => self.texts.get(cell as usize).hash(hasher),
            _ => cell.hash(hasher),
        }
    }

    fn mark_slot(&self, slot: SlotId, hasher: &mut FxHasher) {
        let Slot { source, ty, optional } = self.slots.get(slot.index());
        (std::mem::discriminant(source), ty, optional).hash(hasher);
        match source {
            Source::Event(text) | Source::Bucket(text) => self.texts.get(text.index()).hash(hasher),
            Source::Window(window) => {
                let mut window = self.windows.get(window.index()).clone();
                self.stream_mark(std::mem::replace(&mut window.stream, StreamId(0))).hash(hasher);
                let filter = window.filter.take();
                (filter.map(|filter| self.mark(filter)), window).hash(hasher);
            }
            source => source.hash(hasher),
        }
    }

    /// The same of a stream.
    pub(super) fn stream_mark(&self, stream: StreamId) -> (EventId, Option<u64>) {
        let (event, filter) = *self.streams.get(stream.index());
        (event, filter.map(|filter| self.mark(filter)))
    }

    /// What a slot holds.
    pub(super) fn slot(&mut self, source: Source, ty: Type, optional: bool) -> ExprId {
        let slot = SlotId::at(self.slots.intern(Slot { source, ty, optional }));
        self.push(Op::Slot(slot), ty, optional)
    }

    /// The provisional number of a text.
    pub(super) fn text(&mut self, text: &SmolStr) -> TextId {
        TextId::at(self.texts.intern(text.clone()))
    }

    pub(super) fn constant(&mut self, cell: u64, ty: Type) -> ExprId {
        self.push(Op::Constant(cell), ty, false)
    }

    pub(super) fn bool(&mut self, value: bool) -> ExprId {
        self.constant(value.into(), Type::Bool)
    }

    pub(super) fn unknown(&mut self, ty: Type) -> ExprId {
        self.push(Op::Unknown, ty, true)
    }

    /// The cell of a constant.
    pub(super) fn as_constant(&self, id: ExprId) -> Option<u64> {
        match self.node(id).op {
            Op::Constant(cell) => Some(cell),
            _ => None,
        }
    }

    fn as_bool(&self, id: ExprId) -> Option<bool> {
        self.as_constant(id).map(|cell| cell != 0)
    }

    pub(super) fn not(&mut self, a: ExprId) -> ExprId {
        match self.node(a).op {
            Op::Constant(cell) => self.bool(cell == 0),
            Op::Not(inner) => inner,
            _ => self.push(Op::Not(a), Type::Bool, false),
        }
    }

    pub(super) fn and(&mut self, a: ExprId, b: ExprId) -> ExprId {
        match (self.as_bool(a), self.as_bool(b)) {
            (Some(true), _) => b,
            (_, Some(true)) => a,
            (Some(false), _) => a,
            (_, Some(false)) => b,
            _ if a == b => a,
            _ if self.opposite(a, b) => self.bool(false),
            _ => self.push(Op::And(a, b), Type::Bool, false),
        }
    }

    pub(super) fn or(&mut self, a: ExprId, b: ExprId) -> ExprId {
        match (self.as_bool(a), self.as_bool(b)) {
            (Some(false), _) => b,
            (_, Some(false)) => a,
            (Some(true), _) => a,
            (_, Some(true)) => b,
            _ if a == b => a,
            _ if self.opposite(a, b) => self.bool(true),
            _ => self.push(Op::Or(a, b), Type::Bool, false),
        }
    }

    fn opposite(&self, a: ExprId, b: ExprId) -> bool {
        self.node(a).op == Op::Not(b) || self.node(b).op == Op::Not(a)
    }

    /// All of them.
    pub(super) fn all(&mut self, conditions: impl IntoIterator<Item = ExprId>) -> ExprId {
        let always = self.bool(true);
        conditions.into_iter().fold(always, |all, condition| self.and(all, condition))
    }

    /// `is known`
    pub(super) fn known(&mut self, a: ExprId) -> ExprId {
        let node = self.node(a);
        if !node.optional {
            return self.bool(true);
        }
        match node.op {
            Op::Unknown => self.bool(false),
            Op::If(condition, yes, no) => {
                let (yes, no) = (self.known(yes), self.known(no));
                self.choose(condition, yes, no, true)
            }
            Op::Otherwise(a, b) => {
                let (a, b) = (self.known(a), self.known(b));
                self.or(a, b)
            }
            _ => self.push(Op::IsKnown(a), Type::Bool, false),
        }
    }

    /// The first if it is known, else the second.
    pub(super) fn otherwise(&mut self, a: ExprId, b: ExprId) -> ExprId {
        let node = self.node(a);
        let (ty, unknown) = (node.ty, |id: ExprId| self.node(id).op == Op::Unknown);
        match node.op {
            _ if !node.optional => a,
            Op::Unknown => b,
            // A default goes to where the unknown comes from.
            Op::If(condition, yes, no) if !self.node(yes).optional && unknown(no) => {
                self.choose(condition, yes, b, false)
            }
            _ if unknown(b) => a,
            _ => {
                let optional = self.node(b).optional;
                self.push(Op::Otherwise(a, b), ty, optional)
            }
        }
    }

    /// `if condition then yes else no`; `known` where the author has shown that the whole is never unknown.
    pub(super) fn choose(&mut self, condition: ExprId, yes: ExprId, no: ExprId, known: bool) -> ExprId {
        if let Some(certain) = self.as_bool(condition) {
            return if certain { yes } else { no };
        }
        if let Op::Not(inner) = self.node(condition).op {
            return self.choose(inner, no, yes, known);
        }
        if yes == no {
            return yes;
        }
        if let Op::IsKnown(tested) = self.node(condition).op
            && tested == yes
        {
            return self.otherwise(yes, no);
        }
        let ty = self.node(yes).ty;
        let optional = !known && (self.node(yes).optional || self.node(no).optional);
        if ty == Type::Bool && !optional {
            match (self.as_bool(yes), self.as_bool(no)) {
                (Some(true), _) => return self.or(condition, no),
                (_, Some(false)) => return self.and(condition, yes),
                (Some(false), _) => {
                    let not = self.not(condition);
                    return self.and(not, no);
                }
                (_, Some(true)) => {
                    let not = self.not(condition);
                    return self.or(not, yes);
                }
                _ => {}
            }
        }
        self.push(Op::If(condition, yes, no), ty, optional)
    }

    /// A comparison, a constant on its right.
    pub(super) fn compare(&mut self, comparison: Comparison, a: ExprId, b: ExprId) -> ExprId {
        let ty = self.node(a).ty;
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(a), Some(b)) => return self.bool(holds(comparison, ty, a, b)),
            (Some(_), None) => return self.compare(comparison.mirrored(), b, a),
            (None, None) if self.mark(a) > self.mark(b) => return self.compare(comparison.mirrored(), b, a),
            (None, Some(cell)) if ty == Type::Bool => match comparison {
                Comparison::Equal => return if cell == 0 { self.not(a) } else { a },
                Comparison::NotEqual => return if cell == 0 { a } else { self.not(a) },
                _ => {}
            },
            _ => {}
        }
        if a == b && !self.node(a).optional {
            return self.bool(holds(comparison, ty, 0, 0));
        }
        self.push(Op::Compare(comparison, a, b), Type::Bool, false)
    }

    /// Whether it is one of these cells.
    pub(super) fn is_in(&mut self, a: ExprId, mut cells: Vec<u64>) -> ExprId {
        cells.sort_unstable();
        cells.dedup();
        let ty = self.node(a).ty;
        if let Some(cell) = self.as_constant(a) {
            let found = cells.iter().any(|&member| holds(Comparison::Equal, ty, cell, member));
            return self.bool(found);
        }
        if cells.is_empty() {
            return self.bool(false);
        }
        if cells.len() == 1 || ty.is_float() || ty == Type::Bool {
            let never = self.bool(false);
            return cells.into_iter().fold(never, |any, cell| {
                let member = self.constant(cell, ty);
                let equal = self.compare(Comparison::Equal, a, member);
                self.or(any, equal)
            });
        }
        self.push(Op::In(a, cells), Type::Bool, false)
    }

    /// A double, where it is integer-like.
    pub(super) fn as_number(&mut self, a: ExprId) -> ExprId {
        match self.node(a).ty {
            ty if ty.is_float() => a,
            _ => self.operation(Op::ToNumber(a), Type::Number),
        }
    }

    /// Money as its amount in major units, all else as a double.
    pub(super) fn as_major(&mut self, a: ExprId) -> ExprId {
        match self.node(a).ty {
            Type::Money(currency) => self.operation(Op::ToMajor(a, currency.minor_units()), Type::Number),
            _ => self.as_number(a),
        }
    }

    /// An operation on numbers, done at once where the operands are constants.
    pub(super) fn operation(&mut self, op: Op, ty: Type) -> ExprId {
        match super::fold::fold(self, &op) {
            Some(Some(cell)) => self.constant(cell, ty),
            Some(None) => self.unknown(ty),
            None => {
                let optional = match op {
                    // Unknown only where the divisor is zero.
                    Op::Divide(_, divisor) | Op::Unscale(_, divisor) => self.as_constant(divisor).is_none(),
                    _ => false,
                };
                self.push(op, ty, optional)
            }
        }
    }

    /// Conjuncts of a condition (or of its opposite), `not` pushed inward, each with whether it is negated.
    /// Without recursion: chains of `and` may be long.
    pub(super) fn conjuncts(&self, condition: ExprId, negated: bool) -> SmallVec<[(ExprId, bool); 8]> {
        let mut found = SmallVec::new();
        let mut pending: SmallVec<[(ExprId, bool); 8]> = smallvec![(condition, negated)];
        while let Some((id, negated)) = pending.pop() {
            match self.node(id).op {
                Op::Not(inner) => pending.push((inner, !negated)),
                Op::And(a, b) if !negated => pending.extend([(b, false), (a, false)]),
                Op::Or(a, b) if negated => pending.extend([(b, true), (a, true)]),
                _ => found.push((id, negated)),
            }
        }
        found
    }
}
