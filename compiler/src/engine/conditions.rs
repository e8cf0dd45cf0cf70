//! The conditions of a plan: what is asked of a customer, an event or the time, and is true or false.

use super::roots;
use crate::ids::ExprId;
use crate::plan::{Op, Plan};
use crate::types::Type;

/// Every condition that something depends on, ascending, each once: no `and`, `or` and `not`, but what they are made
/// of, and what values choose by.
pub fn conditions(plan: &Plan) -> Vec<ExprId> {
    let mut seen = vec![false; plan.exprs.len()];
    let mut found = Vec::new();
    // With whether it decides something as it is.
    let mut pending: Vec<(ExprId, bool)> = roots(plan).into_iter().map(|root| (root, true)).collect();
    // What decides comes first: a condition can be an operand elsewhere.
    pending.sort_by_key(|(expr, _)| plan.expr(*expr).ty == Type::Bool);
    while let Some((expr, decides)) = pending.pop() {
        let node = plan.expr(expr);
        let decides = decides && node.ty == Type::Bool;
        if seen[expr.index()] && !decides {
            continue;
        }
        match node.op {
            Op::Constant(_) | Op::Unknown => continue,
            Op::And(..) | Op::Or(..) | Op::Not(_) if decides => {
                if !seen[expr.index()] {
                    pending.extend(node.op.operands().map(|operand| (operand, true)));
                }
            }
            Op::If(condition, then, otherwise) => {
                if !seen[expr.index()] {
                    pending.extend([(condition, true), (then, decides), (otherwise, decides)]);
                }
            }
            ref op => {
                if decides {
                    found.push(expr);
                }
                if !seen[expr.index()] {
                    pending.extend(op.operands().map(|operand| (operand, false)));
                }
            }
        }
        seen[expr.index()] = true;
    }
    found.sort_unstable();
    found.dedup();
    found
}
