//! What must be true of a message before it can leave on a channel, as one conjunction: its guard, the filter of what
//! proposes it, and no rule that suppresses it.

use crate::ids::ExprId;
use crate::plan::{Guard, Op, Plan};

/// A condition, or its opposite.
pub(super) type Loose = (ExprId, bool);

/// Conditions of which one must hold.
pub(super) type Choice = Vec<Loose>;

/// The clauses of a guard.
pub(super) fn of_guard(plan: &Plan, guard: &Guard, clauses: &mut Vec<Choice>) {
    for clause in &guard.clauses {
        let literals = clause.literals.iter();
        clauses.push(literals.map(|l| (plan.atoms[l.atom.index()].expr, l.negated)).collect());
    }
}

/// The clauses of a condition, or of its opposite. `and` is taken apart at the top, and `or` below it; what is deeper
/// stays one condition.
pub(super) fn of_condition(plan: &Plan, condition: ExprId, negated: bool, clauses: &mut Vec<Choice>) {
    let mut conjuncts = vec![(condition, negated)];
    while let Some((expr, negated)) = conjuncts.pop() {
        match plan.expr(expr).op {
            Op::Not(a) => conjuncts.push((a, !negated)),
            Op::And(a, b) if !negated => conjuncts.extend([(b, false), (a, false)]),
            Op::Or(a, b) if negated => conjuncts.extend([(b, true), (a, true)]),
            _ => {
                let choice = choice(plan, expr, negated);
                if !is_certain(plan, &choice) {
                    clauses.push(choice);
                }
            }
        }
    }
}

fn choice(plan: &Plan, condition: ExprId, negated: bool) -> Choice {
    let mut choice = Vec::new();
    let mut pending = vec![(condition, negated)];
    while let Some((expr, negated)) = pending.pop() {
        match plan.expr(expr).op {
            Op::Not(a) => pending.push((a, !negated)),
            Op::Or(a, b) if !negated => pending.extend([(b, false), (a, false)]),
            Op::And(a, b) if negated => pending.extend([(b, true), (a, true)]),
            Op::Constant(cell) if (cell != 0) == negated => {}
            _ => choice.push((expr, negated)),
        }
    }
    choice
}

/// Whether one of its conditions is a constant that holds: what doesn't has been left out.
fn is_certain(plan: &Plan, choice: &Choice) -> bool {
    choice.iter().any(|(expr, _)| matches!(plan.expr(*expr).op, Op::Constant(_)))
}
