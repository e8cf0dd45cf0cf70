//! What conditions came out as, counted while the interpreter evaluates: for the coverage of tests.

use super::Answer;
use crate::ids::ExprId;
use crate::plan::{Op, Plan};
use crate::types::Type;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

/// By expression: how often it was false, and how often true. Of what isn't a condition, nothing.
pub(super) struct Seen(Box<[[AtomicU64; 2]]>);

thread_local! {
    /// By expression: whether its answer means something.
    static SOUND: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) };
}

impl Seen {
    pub(super) fn new(plan: &Plan) -> Seen {
        Seen(plan.exprs.iter().map(|_| Default::default()).collect())
    }

    pub(super) fn counts(&self, expr: ExprId) -> [u64; 2] {
        let none = [0, 0];
        self.0.get(expr.index()).map_or(none, |counts| counts.each_ref().map(|n| n.load(Ordering::Relaxed)))
    }

    /// Counts the conditions among these nodes, which are given in the order of the arena, operands first. What was
    /// asked of an unknown value counts as neither: its answer means nothing.
    pub(super) fn note(&self, plan: &Plan, nodes: &[ExprId], answers: &[Answer]) {
        SOUND.with_borrow_mut(|sound| {
            sound.resize(sound.len().max(answers.len()), false);
            for id in nodes {
                let answer = |id: ExprId| answers.get(id.index()).copied().unwrap_or(Answer::UNKNOWN);
                let usable = |sound: &[bool], id: ExprId| sound[id.index()] && answer(id).known;
                let node = plan.expr(*id);
                let is_sound = match node.op {
                    Op::IsKnown(_) => true,
                    Op::Otherwise(a, b) => usable(sound, a) || sound[b.index()],
                    Op::If(c, a, b) => {
                        usable(sound, c) && sound[if answer(c).cell != 0 { a } else { b }.index()]
                    }
                    // One side alone can decide.
                    Op::And(a, b) => {
                        let decides = |id: ExprId| usable(sound, id) && answer(id).cell == 0;
                        usable(sound, a) && usable(sound, b) || decides(a) || decides(b)
                    }
                    Op::Or(a, b) => {
                        let decides = |id: ExprId| usable(sound, id) && answer(id).cell != 0;
                        usable(sound, a) && usable(sound, b) || decides(a) || decides(b)
                    }
                    ref op => op.operands().all(|operand| usable(sound, operand)),
                };
                sound[id.index()] = is_sound;
                if is_sound && node.ty == Type::Bool && answer(*id).known {
                    let count = &self.0[id.index()][usize::from(answer(*id).cell != 0)];
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
}
