//! Machine code for a slate of a few messages: one after the other, without a loop.

use super::emit::Emit;
use crate::ids::*;
use crate::index::straight::{Row, Straight};
use crate::plan::Plan;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I8, I32, I64};
use cranelift_codegen::ir::{Block, Function, InstBuilder, MemFlagsData, Value};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::{FunctionBuilderContext, Variable};

/// Writes the position of the best entry among those that the first of the numbers says are open, and gives its score;
/// where there is none, the position is one beyond the last.
pub(super) fn best(
    plan: &Plan,
    isa: &dyn TargetIsa,
    straight: &Straight,
    need: &dyn Fn(ExprId) -> Box<[ExprId]>,
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let mut emit = Emit::new(plan, isa, function, context);
    let flags = MemFlagsData::trusted().with_readonly().with_can_move();
    let open = emit.builder.ins().load(I64, flags, emit.place, 0);
    let (best, at) = (emit.builder.declare_var(F64), emit.builder.declare_var(I32));
    let nothing = emit.builder.ins().f64const(f64::NEG_INFINITY);
    let nobody = emit.builder.ins().iconst(I32, straight.entries.len() as i64);
    emit.builder.def_var(best, nothing);
    emit.builder.def_var(at, nobody);
    let end = emit.builder.create_block();
    let mut entries = straight.entries.iter().enumerate().peekable();
    let mut decided = emit.builder.create_block();
    // What has been computed on every way to the next message.
    let mut common = None;
    while let Some((position, row)) = entries.next() {
        let next = emit.builder.create_block();
        emit.entry((position, row), need, (open, best, at), (next, decided));
        // Not each message comes to its second way.
        emit.computed = common.get_or_insert_with(|| emit.computed.clone()).clone();
        emit.builder.seal_block(next);
        emit.builder.switch_to_block(next);
        let following = entries.peek().map(|(_, row)| *row);
        if following.is_none_or(|following| following.message != row.message) {
            // Whoever stands with one way doesn't ask for the others.
            common = None;
            emit.builder.ins().jump(decided, &[]);
            emit.builder.seal_block(decided);
            emit.builder.switch_to_block(decided);
            decided = emit.builder.create_block();
        }
        if following.is_some_and(|following| following.rank != row.rank) {
            // The best of a class comes before all of the next one.
            let at = emit.builder.use_var(at);
            let none = emit.builder.ins().icmp(IntCC::Equal, at, nobody);
            let go_on = emit.builder.create_block();
            emit.builder.ins().brif(none, go_on, &[], end, &[]);
            emit.builder.seal_block(go_on);
            emit.builder.switch_to_block(go_on);
        }
    }
    emit.builder.ins().jump(end, &[]);
    emit.builder.seal_block(end);
    emit.builder.switch_to_block(end);
    // Made for an entry that didn't come.
    emit.builder.seal_block(decided);
    let (best, at) = (emit.builder.use_var(best), emit.builder.use_var(at));
    emit.builder.ins().store(MemFlagsData::trusted(), at, emit.rows, 0);
    emit.builder.ins().return_(&[best]);
    emit.builder.finalize(isa.frontend_config());
}

impl Emit<'_> {
    /// One entry: goes on at the first block where it fails, at the second where it stands.
    fn entry(
        &mut self,
        (position, row): (usize, &Row),
        need: &dyn Fn(ExprId) -> Box<[ExprId]>,
        (open, best, at): (Value, Variable, Variable),
        (fails, stands): (Block, Block),
    ) {
        let bit = self.builder.ins().ushr_imm_u(open, position as i64);
        let bit = self.builder.ins().ireduce(I8, bit);
        let mut condition = self.builder.ins().band_imm_s(bit, 1);
        // What is computed here has been on every way to the entries that follow; what comes later hasn't.
        let mut lasting = None;
        for choice in &row.choices {
            let mut any: Option<Value> = None;
            for (expr, negated) in choice {
                for node in &need(*expr) {
                    self.node(*node);
                }
                let holds = self.holds(*expr, *negated);
                any = Some(any.map_or(holds, |any| self.builder.ins().bor(any, holds)));
            }
            let any = any.unwrap_or_else(|| self.builder.ins().iconst(I8, 0));
            condition = self.builder.ins().band(condition, any);
            lasting.get_or_insert_with(|| self.computed.clone());
            let next = self.builder.create_block();
            self.builder.ins().brif(condition, next, &[], fails, &[]);
            self.builder.seal_block(next);
            self.builder.switch_to_block(next);
            condition = self.builder.ins().iconst(I8, 1);
        }
        if row.choices.is_empty() {
            let next = self.builder.create_block();
            self.builder.ins().brif(condition, next, &[], fails, &[]);
            self.builder.seal_block(next);
            self.builder.switch_to_block(next);
        }
        let lasting = lasting.unwrap_or_else(|| self.computed.clone());
        for node in &need(row.score) {
            self.node(*node);
        }
        let score = self.value(row.score).value;
        let size = self.builder.ins().fabs(score);
        let infinity = self.builder.ins().f64const(f64::INFINITY);
        let is_finite = self.builder.ins().fcmp(FloatCC::LessThan, size, infinity);
        let finite = self.builder.create_block();
        self.builder.ins().brif(is_finite, finite, &[], fails, &[]);
        self.builder.seal_block(finite);
        self.builder.switch_to_block(finite);
        // Of equals the first stays.
        let than = self.builder.use_var(best);
        let better = self.builder.ins().fcmp(FloatCC::GreaterThan, score, than);
        let score = self.builder.ins().select(better, score, than);
        self.builder.def_var(best, score);
        let (mine, other) = (self.builder.ins().iconst(I32, position as i64), self.builder.use_var(at));
        let mine = self.builder.ins().select(better, mine, other);
        self.builder.def_var(at, mine);
        self.builder.ins().jump(stands, &[]);
        self.computed = lasting;
    }
}
