//! From expressions to Cranelift's intermediate form.
//!
//! A function computes all nodes that it needs, operands first, each once: operations are total and have no
//! effect that shows, so that nothing has to be skipped. Only guards stop early, after each clause.

use super::host::Call;
use crate::engine::Needs;
use crate::frame::FIRST_UNNAMED;
use crate::ids::*;
use crate::plan::{Comparison, Guard, Op, Plan};
use crate::types::Type;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I8, I64};
use cranelift_codegen::ir::{
    AbiParam, BlockArg, Function, InstBuilder, MemFlagsData, SigRef, Signature, Value,
};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use rustc_hash::FxHashMap;

/// Cells, known flags, host, place for the cell; whether it is known.
pub(super) fn signature(isa: &dyn TargetIsa) -> Signature {
    let mut signature = Signature::new(isa.default_call_conv());
    signature.params.extend([AbiParam::new(isa.pointer_type()); 4]);
    signature.returns.push(AbiParam::new(I8));
    signature
}

/// The function of a root.
pub(super) fn root(
    plan: &Plan,
    isa: &dyn TargetIsa,
    root: ExprId,
    nodes: &[ExprId],
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let mut emit = Emit::new(plan, isa, function, context);
    for node in nodes {
        emit.node(*node);
    }
    let value = emit.value(root);
    let cell = emit.as_cell(value.value);
    let place = emit.place;
    emit.builder.ins().store(MemFlagsData::trusted(), cell, place, 0);
    let known = emit.known(value);
    emit.builder.ins().return_(&[known]);
    emit.builder.finalize(isa.frontend_config());
}

/// The function of a guard.
pub(super) fn guard(
    plan: &Plan,
    isa: &dyn TargetIsa,
    needs: &Needs,
    guard: &Guard,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let mut emit = Emit::new(plan, isa, function, context);
    let fails = emit.builder.create_block();
    for clause in &guard.clauses {
        let mut any: Option<Value> = None;
        for literal in &clause.literals {
            let atom = plan.atoms[literal.atom.index()].expr;
            // What an earlier clause needed has been computed on every way that leads here.
            for node in needs.root(atom).map_or(&[][..], |need| need.nodes) {
                emit.node(*node);
            }
            let holds = emit.holds(atom, literal.negated);
            any = Some(any.map_or(holds, |any| emit.builder.ins().bor(any, holds)));
        }
        let any = any.unwrap_or_else(|| emit.builder.ins().iconst(I8, 0));
        let next = emit.builder.create_block();
        emit.builder.ins().brif(any, next, &[], fails, &[]);
        emit.builder.seal_block(next);
        emit.builder.switch_to_block(next);
    }
    let yes = emit.builder.ins().iconst(I8, 1);
    emit.builder.ins().return_(&[yes]);
    emit.builder.seal_block(fails);
    emit.builder.switch_to_block(fails);
    let no = emit.builder.ins().iconst(I8, 0);
    emit.builder.ins().return_(&[no]);
    emit.builder.finalize(isa.frontend_config());
}

/// A node's value: of a bool an `i8` that is 0 or 1, of number and percent an `f64`, of all others an `i64`.
#[derive(Clone, Copy)]
pub(super) struct Computed {
    pub(super) value: Value,
    /// An `i8`, 0 or 1; `None` where it is always known.
    pub(super) known: Option<Value>,
}

pub(super) struct Emit<'a> {
    pub(super) plan: &'a Plan,
    pub(super) builder: FunctionBuilder<'a>,
    pub(super) computed: FxHashMap<ExprId, Computed>,
    /// The constants that are read from the place, and where, in bytes.
    pub(super) parameters: FxHashMap<ExprId, i32>,
    calls: SigRef,
    pub(super) cells: Value,
    pub(super) flags: Value,
    pub(super) host: Value,
    pub(super) place: Value,
    /// The last argument of the function.
    pub(super) rows: Value,
}

impl<'a> Emit<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        isa: &dyn TargetIsa,
        function: &'a mut Function,
        context: &'a mut FunctionBuilderContext,
    ) -> Emit<'a> {
        let mut builder = FunctionBuilder::new(function, context);
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        builder.seal_block(entry);
        let mut signature = Signature::new(isa.default_call_conv());
        signature.params.extend([isa.pointer_type(), I64, I64].map(AbiParam::new));
        signature.returns.push(AbiParam::new(I64));
        let calls = builder.import_signature(signature);
        let [cells, flags, host, place] = [0, 1, 2, 3].map(|index| builder.block_params(entry)[index]);
        let rows = builder.block_params(entry).last().copied().unwrap_or(place);
        let (computed, parameters) = (FxHashMap::default(), FxHashMap::default());
        Emit { plan, builder, computed, parameters, calls, cells, flags, host, place, rows }
    }

    fn ty(&self, expr: ExprId) -> Type {
        self.plan.expr(expr).ty
    }

    /// What has been computed for an operand.
    pub(super) fn value(&self, expr: ExprId) -> Computed {
        // Needs are closed under operands, and the arena has them first: it is there.
        self.computed[&expr]
    }

    fn known(&mut self, computed: Computed) -> Value {
        computed.known.unwrap_or_else(|| self.builder.ins().iconst(I8, 1))
    }

    /// Whether an atom, or its opposite, holds.
    pub(super) fn holds(&mut self, atom: ExprId, negated: bool) -> Value {
        // Where it is unknown, its cell is 0.
        let holds = self.value(atom).value;
        if negated { self.not(holds) } else { holds }
    }

    /// Computes a node, if it hasn't been.
    pub(super) fn node(&mut self, id: ExprId) {
        if !self.computed.contains_key(&id) {
            let computed = self.compute(id);
            self.computed.insert(id, computed);
        }
    }

    fn compute(&mut self, id: ExprId) -> Computed {
        let node = self.plan.expr(id);
        let [a, b] = self.operands(&node.op);
        let value = match node.op {
            Op::Constant(_) if self.parameters.contains_key(&id) => {
                let ty = if node.ty.is_float() { F64 } else { I64 };
                let (flags, at) = (MemFlagsData::trusted().with_readonly(), self.parameters[&id]);
                self.builder.ins().load(ty, flags, self.place, at)
            }
            Op::Constant(cell) => self.constant(node.ty, cell),
            Op::Unknown => {
                let known = Some(self.builder.ins().iconst(I8, 0));
                return Computed { value: self.constant(node.ty, 0), known };
            }
            Op::Slot(slot) => return self.slot(node.ty, slot),

            Op::Not(_) => self.not(a),
            Op::And(..) => self.builder.ins().band(a, b),
            Op::Or(..) => self.builder.ins().bor(a, b),
            Op::IsKnown(optional) => self.known(self.value(optional)),
            Op::Otherwise(a, b) => return self.otherwise(a, b),
            Op::If(condition, then, otherwise) => return self.choose(condition, then, otherwise),

            Op::Compare(comparison, a, b) => self.compare(comparison, a, b),
            Op::In(_, ref members) => self.is_in(id, a, members),

            Op::Add(..) | Op::Subtract(..) | Op::Multiply(..) | Op::Min(..) | Op::Max(..)
                if node.ty.is_float() =>
            {
                self.double_operation(&node.op, a, b)
            }
            Op::Add(..) => self.saturating_add(a, b),
            Op::Subtract(..) => self.saturating_subtract(a, b),
            Op::Multiply(..) => self.saturating_multiply(a, b),
            Op::Min(..) => self.first_unless(IntCC::SignedLessThan, a, b),
            Op::Max(..) => self.first_unless(IntCC::SignedGreaterThan, a, b),
            Op::Divide(..) => return self.divide(a, b, |_, quotient| quotient),
            Op::Scale(..) => {
                let amount = self.builder.ins().fcvt_from_sint(F64, a);
                let product = self.builder.ins().fmul(amount, b);
                let product = self.no_nan(product);
                self.round(product)
            }
            Op::Unscale(..) => {
                let amount = self.builder.ins().fcvt_from_sint(F64, a);
                return self.divide(amount, b, Emit::round);
            }
            Op::Negate(_) if node.ty.is_float() => self.builder.ins().fneg(a),
            Op::Abs(_) if node.ty.is_float() => self.builder.ins().fabs(a),
            Op::Negate(_) => self.saturating_negate(a),
            Op::Abs(_) => {
                let negated = self.saturating_negate(a);
                let negative = self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, a, 0);
                self.builder.ins().select(negative, negated, a)
            }
            Op::ToNumber(_) => self.builder.ins().fcvt_from_sint(F64, a),
            Op::ToMajor(_, units) => self.major(a, units),
            Op::Round(_) => self.round(a),
            Op::Floor(_) => {
                let floor = self.builder.ins().floor(a);
                self.builder.ins().fcvt_to_sint_sat(I64, floor)
            }
            Op::Ceil(_) => {
                let ceil = self.builder.ins().ceil(a);
                self.builder.ins().fcvt_to_sint_sat(I64, ceil)
            }

            Op::Lower(_) => self.call_unary(Call::Lower, a),
            Op::Upper(_) => self.call_unary(Call::Upper, a),
            Op::Length(_) => self.call_unary(Call::Length, a),
            Op::StartsWith(..) => self.ask(Call::StartsWith, a, b),
            Op::EndsWith(..) => self.ask(Call::EndsWith, a, b),
            Op::TextContains(..) => self.ask(Call::TextContains, a, b),
            Op::Matches(_, regex) => {
                let regex = self.builder.ins().iconst(I64, i64::from(regex.0));
                self.ask(Call::Matches, a, regex)
            }

            Op::SetContains(_, member) if self.ty(member).is_text() => self.ask(Call::SetContainsText, a, b),
            Op::SetContains(..) => self.ask(Call::SetContains, a, b),
            Op::SetContainsAll(..) => self.ask(Call::SetContainsAll, a, b),
            Op::SetOverlaps(..) => self.ask(Call::SetOverlaps, a, b),
            Op::SetLength(_) => self.call_unary(Call::SetLength, a),

            Op::YearsBetween(..) => self.call(Call::YearsBetween, a, b),
        };
        Computed { value, known: None }
    }

    /// The values of the first two operands; where there are fewer, any value stands there.
    fn operands(&self, op: &Op) -> [Value; 2] {
        let mut values = [self.host; 2];
        for (value, operand) in values.iter_mut().zip(op.operands()) {
            *value = self.value(operand).value;
        }
        values
    }

    fn constant(&mut self, ty: Type, cell: u64) -> Value {
        match ty {
            Type::Bool => self.builder.ins().iconst(I8, i64::from(cell != 0)),
            _ if ty.is_float() => self.builder.ins().f64const(f64::from_bits(cell)),
            _ => self.builder.ins().iconst(I64, cell as i64),
        }
    }

    /// Whether a slot's value is known.
    pub(super) fn known_flag(&mut self, slot: SlotId) -> Value {
        let flags = MemFlagsData::trusted().with_readonly().with_can_move();
        self.builder.ins().load(I8, flags, self.flags, slot.0 as i32)
    }

    fn slot(&mut self, ty: Type, slot: SlotId) -> Computed {
        // The frame doesn't change while a function runs.
        let flags = MemFlagsData::trusted().with_readonly().with_can_move();
        // Validation has bounded the number of slots.
        let position = slot.0 as i32;
        let known = self.known_flag(slot);
        let loaded = if ty.is_float() { F64 } else { I64 };
        let value = self.builder.ins().load(loaded, flags, self.cells, position * 8);
        let value = match ty {
            Type::Bool => self.builder.ins().icmp_imm_s(IntCC::NotEqual, value, 0),
            _ => value,
        };
        Computed { value, known: Some(known) }
    }

    fn not(&mut self, value: Value) -> Value {
        self.builder.ins().bxor_imm_s(value, 1)
    }

    fn otherwise(&mut self, a: ExprId, b: ExprId) -> Computed {
        let (a, b) = (self.value(a), self.value(b));
        let Some(known) = a.known else { return a };
        let value = self.builder.ins().select(known, a.value, b.value);
        let known = b.known.map(|other| self.builder.ins().bor(known, other));
        Computed { value, known }
    }

    fn choose(&mut self, condition: ExprId, then: ExprId, otherwise: ExprId) -> Computed {
        let (condition, then, otherwise) =
            (self.value(condition).value, self.value(then), self.value(otherwise));
        let value = self.builder.ins().select(condition, then.value, otherwise.value);
        let known = (then.known.is_some() || otherwise.known.is_some()).then(|| {
            let (then, otherwise) = (self.known(then), self.known(otherwise));
            self.builder.ins().select(condition, then, otherwise)
        });
        Computed { value, known }
    }

    fn compare(&mut self, comparison: Comparison, a: ExprId, b: ExprId) -> Value {
        let ty = self.ty(a);
        let is_constant = |expr: ExprId| matches!(self.plan.expr(expr).op, Op::Constant(_));
        let named = is_constant(a) || is_constant(b);
        let (a, b) = (self.value(a).value, self.value(b).value);
        match (ty, comparison) {
            // Where the policy names one of the texts, equal texts have equal cells.
            (_, Comparison::Equal) if ty.is_text() && !named => self.text_equal(a, b),
            (_, Comparison::NotEqual) if ty.is_text() && !named => {
                let equal = self.text_equal(a, b);
                self.not(equal)
            }
            (Type::Set(_), Comparison::Equal) => self.ask(Call::SetEqual, a, b),
            (Type::Set(_), Comparison::NotEqual) => {
                let equal = self.ask(Call::SetEqual, a, b);
                self.not(equal)
            }
            _ if ty.is_float() => {
                let condition = match comparison {
                    Comparison::Equal => FloatCC::Equal,
                    Comparison::NotEqual => FloatCC::NotEqual,
                    Comparison::Less => FloatCC::LessThan,
                    Comparison::LessEqual => FloatCC::LessThanOrEqual,
                    Comparison::Greater => FloatCC::GreaterThan,
                    Comparison::GreaterEqual => FloatCC::GreaterThanOrEqual,
                };
                self.builder.ins().fcmp(condition, a, b)
            }
            _ => {
                let condition = match comparison {
                    Comparison::Equal => IntCC::Equal,
                    Comparison::NotEqual => IntCC::NotEqual,
                    Comparison::Less => IntCC::SignedLessThan,
                    Comparison::LessEqual => IntCC::SignedLessThanOrEqual,
                    Comparison::Greater => IntCC::SignedGreaterThan,
                    Comparison::GreaterEqual => IntCC::SignedGreaterThanOrEqual,
                };
                self.builder.ins().icmp(condition, a, b)
            }
        }
    }

    /// Equal cells are equal texts. Only two texts that the policy doesn't name have to be read.
    fn text_equal(&mut self, a: Value, b: Value) -> Value {
        let named = FIRST_UNNAMED as i64;
        let same = self.builder.ins().icmp(IntCC::Equal, a, b);
        let a_is_unnamed = self.builder.ins().icmp_imm_u(IntCC::UnsignedGreaterThanOrEqual, a, named);
        let b_is_unnamed = self.builder.ins().icmp_imm_u(IntCC::UnsignedGreaterThanOrEqual, b, named);
        let unnamed = self.builder.ins().band(a_is_unnamed, b_is_unnamed);
        let differ = self.builder.ins().icmp(IntCC::NotEqual, a, b);
        let must_read = self.builder.ins().band(unnamed, differ);
        let read = self.builder.create_block();
        let done = self.builder.create_block();
        let equal = self.builder.append_block_param(done, I8);
        self.builder.set_cold_block(read);
        self.builder.ins().brif(must_read, read, &[], done, &[BlockArg::Value(same)]);
        self.builder.seal_block(read);
        self.builder.switch_to_block(read);
        let asked = self.ask(Call::TextEqual, a, b);
        self.builder.ins().jump(done, &[BlockArg::Value(asked)]);
        self.builder.seal_block(done);
        self.builder.switch_to_block(done);
        equal
    }

    /// Members that lie close together are one test of a bit; too many that don't are looked up.
    fn is_in(&mut self, id: ExprId, value: Value, members: &[u64]) -> Value {
        const MAX_GROUPS: usize = 8;
        let cell = self.as_cell(value);
        let mut groups: Vec<(u64, u64)> = Vec::new();
        for member in members {
            match groups.last_mut() {
                Some((base, bits)) if member - *base < 64 => *bits |= 1 << (member - *base),
                _ => groups.push((*member, 1)),
            }
        }
        if groups.len() > MAX_GROUPS {
            let id = self.builder.ins().iconst(I64, i64::from(id.0));
            return self.ask(Call::In, cell, id);
        }
        let mut any: Option<Value> = None;
        for (base, bits) in groups {
            let found = if bits == 1 {
                self.builder.ins().icmp_imm_s(IntCC::Equal, cell, base as i64)
            } else {
                let base = self.builder.ins().iconst(I64, base as i64);
                let position = self.builder.ins().isub(cell, base);
                let inside = self.builder.ins().icmp_imm_u(IntCC::UnsignedLessThan, position, 64);
                let bits = self.builder.ins().iconst(I64, bits as i64);
                let bit = self.builder.ins().ushr(bits, position);
                let bit = self.builder.ins().ireduce(I8, bit);
                self.builder.ins().band(bit, inside)
            };
            any = Some(any.map_or(found, |any| self.builder.ins().bor(any, found)));
        }
        any.unwrap_or_else(|| self.builder.ins().iconst(I8, 0))
    }

    /// As the 64 bits of a cell.
    fn as_cell(&mut self, value: Value) -> Value {
        match self.builder.func.dfg.value_type(value) {
            I8 => self.builder.ins().uextend(I64, value),
            F64 => self.builder.ins().bitcast(I64, MemFlagsData::new(), value),
            _ => value,
        }
    }

    fn call_unary(&mut self, call: Call, a: Value) -> Value {
        let nothing = self.builder.ins().iconst(I64, 0);
        self.call(call, a, nothing)
    }

    /// A call that gives a bool.
    fn ask(&mut self, call: Call, a: Value, b: Value) -> Value {
        let answer = self.call(call, a, b);
        self.builder.ins().ireduce(I8, answer)
    }

    fn call(&mut self, call: Call, a: Value, b: Value) -> Value {
        let flags = MemFlagsData::trusted().with_readonly().with_can_move();
        let (a, b) = (self.as_cell(a), self.as_cell(b));
        let pointer = self.builder.func.dfg.value_type(self.host);
        let table = self.builder.ins().load(pointer, flags, self.host, 0);
        let offset = call as i32 * pointer.bytes() as i32;
        let function = self.builder.ins().load(pointer, flags, table, offset);
        let call = self.builder.ins().call_indirect(self.calls, function, &[self.host, a, b]);
        self.builder.inst_results(call)[0]
    }
}
