//! Machine code for a slate of a few messages: one after the other, without a loop.

use super::emit::{Computed, Emit};
use super::likely;
use crate::engine::Need;
use crate::ids::*;
use crate::index::build::Asked;
use crate::plan::Plan;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::types::{F64, I8, I32, I64};
use cranelift_codegen::ir::{Block, Function, InstBuilder, MemFlagsData, Value};
use cranelift_codegen::isa::TargetIsa;
use cranelift_frontend::{FunctionBuilderContext, Variable};
use rustc_hash::FxHashMap;

/// Writes the position of the best entry among those that the first of the numbers says are open, and gives its score;
/// where there is none, the position is one beyond the last.
pub(super) fn best(
    plan: &Plan,
    isa: &dyn TargetIsa,
    ways: &[Asked],
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let mut emit = Emit::new(plan, isa, function, context);
    let flags = MemFlagsData::trusted().with_readonly().with_can_move();
    let open = emit.builder.ins().load(I64, flags, emit.place, 0);
    let (best, at) = (emit.builder.declare_var(F64), emit.builder.declare_var(I32));
    let nothing = emit.builder.ins().f64const(f64::NEG_INFINITY);
    let nobody = emit.builder.ins().iconst(I32, ways.len() as i64);
    emit.builder.def_var(best, nothing);
    emit.builder.def_var(at, nobody);
    let end = emit.builder.create_block();
    let mut entries = ways.iter().enumerate().peekable();
    let mut decided = emit.builder.create_block();
    // What has been computed on every way to the next message.
    let mut common = None;
    while let Some((position, row)) = entries.next() {
        let next = emit.builder.create_block();
        let lasting = emit.conditions((position, row), ways.len() > 1, open, next);
        emit.score((position, row), (best, at), (next, decided));
        // Not each message comes to its second way.
        emit.computed = common.get_or_insert(lasting).clone();
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

/// Writes which of the entries pass that the first of the numbers says are open, a bit for each.
pub(super) fn passing(
    plan: &Plan,
    isa: &dyn TargetIsa,
    ways: &[Asked],
    function: &mut Function,
    context: &mut FunctionBuilderContext,
) {
    let mut emit = Emit::new(plan, isa, function, context);
    let flags = MemFlagsData::trusted().with_readonly().with_can_move();
    let open = emit.builder.ins().load(I64, flags, emit.place, 0);
    let passing = emit.builder.declare_var(I64);
    let nobody = emit.builder.ins().iconst(I64, 0);
    emit.builder.def_var(passing, nobody);
    for (position, row) in ways.iter().enumerate() {
        let next = emit.builder.create_block();
        let lasting = emit.conditions((position, row), ways.len() > 1, open, next);
        let before = emit.builder.use_var(passing);
        let mine = emit.builder.ins().iconst(I64, 1 << position);
        let with = emit.builder.ins().bor(before, mine);
        emit.builder.def_var(passing, with);
        emit.builder.ins().jump(next, &[]);
        emit.builder.seal_block(next);
        emit.builder.switch_to_block(next);
        emit.computed = lasting;
    }
    let passing = emit.builder.use_var(passing);
    emit.builder.ins().store(MemFlagsData::trusted(), passing, emit.rows, 0);
    let zero = emit.builder.ins().f64const(0.0);
    emit.builder.ins().return_(&[zero]);
    emit.builder.finalize(isa.frontend_config());
}

/// So many conditions are looked at before a branch: each branch is a guess of the processor, and half of the guesses on
/// one condition are wrong.
const TOGETHER: usize = 3;

/// The choices of an entry in the order in which they are looked at. Beside others what hardly ever holds comes first, so
/// that the first branch is nearly always the same; for one alone it matters more how few values are looked at.
fn ordered<'r>(plan: &Plan, row: &'r Asked, others: bool) -> Vec<&'r Vec<(ExprId, bool)>> {
    let mut choices: Vec<_> = row.choices.iter().collect();
    if others {
        choices.sort_by(|one, other| likely::of_choice(plan, one).total_cmp(&likely::of_choice(plan, other)));
    }
    choices
}

/// What has been computed.
type Known = FxHashMap<ExprId, Computed>;

impl Emit<'_> {
    /// Whether an entry, which there are others beside or not, is open and all its choices hold: goes on at the block where
    /// one doesn't. Gives what has been
    /// computed on either way.
    fn conditions(
        &mut self,
        (position, row): (usize, &Asked),
        others: bool,
        open: Value,
        fails: Block,
    ) -> Known {
        let bit = self.builder.ins().ushr_imm_u(open, position as i64);
        let bit = self.builder.ins().ireduce(I8, bit);
        let mut condition = self.builder.ins().band_imm_s(bit, 1);
        // What is computed before the first branch has been on every way to the entries that follow; what comes later
        // hasn't.
        let mut lasting = None;
        let mut pending = 0;
        for choice in ordered(self.plan, row, others) {
            if pending >= TOGETHER {
                lasting.get_or_insert_with(|| self.computed.clone());
                self.go_on_if(condition, fails);
                condition = self.builder.ins().iconst(I8, 1);
                pending = 0;
            }
            let mut any: Option<Value> = None;
            for (expr, negated) in choice {
                self.all_of(*expr);
                let holds = self.holds(*expr, *negated);
                any = Some(any.map_or(holds, |any| self.builder.ins().bor(any, holds)));
            }
            let any = any.unwrap_or_else(|| self.builder.ins().iconst(I8, 0));
            condition = self.builder.ins().band(condition, any);
            pending += choice.len();
        }
        lasting.get_or_insert_with(|| self.computed.clone());
        self.go_on_if(condition, fails);
        lasting.unwrap_or_default()
    }

    /// Goes on at the first block where an entry's score isn't finite, else at the second, with the better one.
    fn score(
        &mut self,
        (position, row): (usize, &Asked),
        (best, at): (Variable, Variable),
        (fails, stands): (Block, Block),
    ) {
        self.all_of(row.score);
        let score = self.value(row.score).value;
        let size = self.builder.ins().fabs(score);
        let infinity = self.builder.ins().f64const(f64::INFINITY);
        let is_finite = self.builder.ins().fcmp(FloatCC::LessThan, size, infinity);
        self.go_on_if(is_finite, fails);
        // Of equals the first stays.
        let than = self.builder.use_var(best);
        let better = self.builder.ins().fcmp(FloatCC::GreaterThan, score, than);
        let score = self.builder.ins().select(better, score, than);
        self.builder.def_var(best, score);
        let (mine, other) = (self.builder.ins().iconst(I32, position as i64), self.builder.use_var(at));
        let mine = self.builder.ins().select(better, mine, other);
        self.builder.def_var(at, mine);
        self.builder.ins().jump(stands, &[]);
    }

    /// Computes an expression with all its operands.
    fn all_of(&mut self, expr: ExprId) {
        for node in &Need::of(self.plan, [expr]).nodes {
            self.node(*node);
        }
    }

    fn go_on_if(&mut self, condition: Value, fails: Block) {
        let next = self.builder.create_block();
        self.builder.ins().brif(condition, next, &[], fails, &[]);
        self.builder.seal_block(next);
        self.builder.switch_to_block(next);
    }
}
