//! By what the plan asks for it is decided what is kept of a customer, and by which numbers: slots with their windows,
//! texts, regular expressions. A message may change without the rest as long as these stay the same.

use crate::engine::{Need, extend_with_message, uses};
use crate::ids::*;
use crate::plan::*;
use rustc_hash::FxHashSet;

/// How many messages ask for something, and the rest of the policy as one more.
pub(super) struct Uses {
    slots: Vec<u32>,
    texts: Vec<u32>,
    regexes: Vec<u32>,
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Asked {
    Slot(SlotId),
    Text(u64),
    Regex(RegexId),
}

impl Uses {
    pub(super) fn of(plan: &Plan) -> Uses {
        let mut all = Uses {
            slots: vec![0; plan.slots.len()],
            texts: vec![0; plan.texts.len()],
            regexes: vec![0; plan.regexes.len()],
        };
        all.count(&of_rest(plan), true);
        for message in &plan.messages {
            all.count(&of_message(plan, message), true);
        }
        all
    }

    /// A message is another one now; whether all that was asked for still is, and nothing else.
    pub(super) fn change(&mut self, before: &Plan, after: &Plan, id: MessageId) -> bool {
        let old = of_message(before, &before.messages[id.index()]);
        let new = of_message(after, &after.messages[id.index()]);
        let is_known = new.iter().all(|asked| self.of_one(*asked).is_some_and(|count| *count > 0));
        if !is_known {
            return false;
        }
        self.count(&new, true);
        self.count(&old, false);
        old.iter().all(|asked| self.of_one(*asked).is_some_and(|count| *count > 0))
    }

    fn count(&mut self, asked: &FxHashSet<Asked>, more: bool) {
        for one in asked {
            if let Some(count) = self.of_one(*one) {
                *count = if more { *count + 1 } else { count.saturating_sub(1) };
            }
        }
    }

    fn of_one(&mut self, asked: Asked) -> Option<&mut u32> {
        match asked {
            Asked::Slot(slot) => self.slots.get_mut(slot.index()),
            Asked::Text(cell) => self.texts.get_mut(usize::try_from(cell).ok()?),
            Asked::Regex(regex) => self.regexes.get_mut(regex.index()),
        }
    }
}

fn of_message(plan: &Plan, message: &Message) -> FxHashSet<Asked> {
    let mut roots: Vec<ExprId> = plan.conditions(&message.guard).collect();
    extend_with_message(&mut roots, message);
    let mut asked = of_exprs(plan, roots);
    for attribute in &message.attributes {
        if let Constant::Cell(cell) = attribute.value
            && attribute.ty.is_text()
        {
            asked.insert(Asked::Text(cell));
        }
    }
    asked
}

/// What is asked for besides messages.
fn of_rest(plan: &Plan) -> FxHashSet<Asked> {
    let bare = Plan { messages: Vec::new(), atoms: Vec::new(), ..plan.clone() };
    let mut roots = uses(&bare);
    let stops = plan.journeys.iter().flat_map(|journey| &journey.stop_when);
    let guards = plan.segments.iter().map(|segment| &segment.condition).chain(stops);
    roots.extend(guards.flat_map(|guard| plan.conditions(guard)));
    let mut asked = of_exprs(plan, roots);
    for attribute in &plan.attributes {
        if let Some(Constant::Cell(cell)) = attribute.default
            && attribute.ty.is_text()
        {
            asked.insert(Asked::Text(cell));
        }
    }
    asked
}

fn of_exprs(plan: &Plan, roots: Vec<ExprId>) -> FxHashSet<Asked> {
    let mut asked = FxHashSet::default();
    for expr in &Need::of(plan, roots).nodes {
        let node = plan.expr(*expr);
        match &node.op {
            Op::Slot(slot) => _ = asked.insert(Asked::Slot(*slot)),
            Op::Constant(cell) if node.ty.is_text() => _ = asked.insert(Asked::Text(*cell)),
            Op::In(a, cells) if plan.expr(*a).ty.is_text() => {
                asked.extend(cells.iter().map(|cell| Asked::Text(*cell)));
            }
            Op::Matches(_, regex) => _ = asked.insert(Asked::Regex(*regex)),
            _ => {}
        }
    }
    asked
}
