//! How likely conditions hold, as far as they say so themselves: nothing is known of the customers. It decides in which
//! order they are looked at, never what comes of them.

use crate::ids::*;
use crate::plan::{Comparison, Op, Plan};
use crate::types::Type;

/// Of what says nothing.
const EVEN: f64 = 0.5;

/// How many values types have of which there are more than can be counted, as far as a policy names them.
const MANY: f64 = 20.0;

/// How likely one of a choice's conditions holds, between 0 and 1.
pub(super) fn of_choice(plan: &Plan, choice: &[(ExprId, bool)]) -> f64 {
    let fails = |(expr, negated): &(ExprId, bool)| {
        let holds = of(plan, *expr);
        if *negated { holds } else { 1.0 - holds }
    };
    1.0 - choice.iter().map(fails).product::<f64>()
}

fn of(plan: &Plan, condition: ExprId) -> f64 {
    match plan.expr(condition).op {
        Op::Compare(Comparison::Equal, a, _) => 1.0 / values(plan, a),
        Op::Compare(Comparison::NotEqual, a, _) => 1.0 - 1.0 / values(plan, a),
        Op::In(a, ref members) => (members.len() as f64 / values(plan, a)).min(1.0),
        _ => EVEN,
    }
}

/// How many values an expression can have.
fn values(plan: &Plan, expr: ExprId) -> f64 {
    let count = match plan.expr(expr).ty {
        Type::Bool => 2,
        Type::Weekday => 7,
        Type::Enum(id) => plan.enums[id.index()].members.len(),
        Type::Channel => plan.channels.len(),
        Type::Arm(id) => plan.experiments[id.index()].arms.len(),
        _ => return MANY,
    };
    count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::random::{self, Tape};
    use crate::plan::{Enum, Node};

    #[test]
    fn what_names_few_of_many_values_is_unlikely() {
        let mut plan = random::plan(&mut Tape::new(&[]), 0);
        let members = ["a", "b", "c", "d", "e", "f", "g", "h"].map(Into::into).to_vec();
        plan.enums = vec![Enum { name: "Eight".into(), ordered: false, members }];
        let node = |op, ty| Node { op, ty, optional: false };
        let (member, bool) = (Type::Enum(EnumId(0)), Type::Bool);
        plan.exprs = vec![
            node(Op::Slot(SlotId(0)), member),
            node(Op::Constant(3), member),
            node(Op::Compare(Comparison::Equal, ExprId(0), ExprId(1)), bool),
            node(Op::In(ExprId(0), vec![1, 3]), bool),
            node(Op::Slot(SlotId(1)), bool),
        ];
        let likely = |choice: &[(u32, bool)]| {
            let choice: Vec<_> = choice.iter().map(|(expr, negated)| (ExprId(*expr), *negated)).collect();
            of_choice(&plan, &choice)
        };
        assert_eq!(likely(&[(2, false)]), 0.125);
        assert_eq!(likely(&[(2, true)]), 0.875);
        assert_eq!(likely(&[(3, false)]), 0.25);
        assert_eq!(likely(&[(4, false)]), 0.5);
        assert_eq!(likely(&[(3, false), (4, true)]), 0.625);
        assert_eq!(likely(&[]), 0.0);
    }
}
