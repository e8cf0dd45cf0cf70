//! By what the plan asks for it is decided what is kept of a customer, and by which numbers: slots with their windows,
//! texts. Who asks is counted, so that what only one message asks for comes and goes with it.

use crate::engine::{Need, extend_with_message, uses};
use crate::ids::*;
use crate::plan::*;
use crate::types::Type;
use rustc_hash::FxHashSet;

/// How many messages ask for something, and the rest of the policy as one more.
pub(super) struct Uses {
    slots: Vec<u32>,
    texts: Vec<u32>,
    /// For which messages expressions ask.
    messages: Vec<u32>,
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Asked {
    Slot(SlotId),
    Text(TextId),
    Message(u64),
}

impl Uses {
    pub(super) fn of(plan: &Plan) -> Uses {
        let mut all = Uses {
            slots: vec![0; plan.slots.len()],
            texts: vec![0; plan.texts.len()],
            messages: vec![0; plan.messages.len()],
        };
        all.count(&of_rest(plan), true);
        for message in &plan.messages {
            all.count(&of_message(plan, message), true);
        }
        all
    }

    /// A message is another one now. The slots for which nobody asks any longer, ascending; `None` where something of which
    /// more depends is asked for for the first time, or isn't any more.
    pub(super) fn change(&mut self, before: &Plan, after: &Plan, id: MessageId) -> Option<Vec<SlotId>> {
        self.slots.resize(after.slots.len(), 0);
        self.texts.resize(after.texts.len(), 0);
        let old = of_message(before, &before.messages[id.index()]);
        let new = of_message(after, &after.messages[id.index()]);
        // Messages for which conditions ask are read beside any other.
        let is_message = |asked: &&Asked| matches!(asked, Asked::Message(_));
        if new.iter().filter(is_message).any(|asked| self.of_one(*asked).is_none_or(|count| *count == 0)) {
            return None;
        }
        self.count(&new, true);
        self.count(&old, false);
        let gone = old.iter().filter(|asked| self.of_one(**asked).is_none_or(|count| *count == 0));
        let mut idle = Vec::new();
        for asked in gone.copied().collect::<Vec<_>>() {
            match asked {
                Asked::Slot(slot) => match after.slots[slot.index()].source {
                    Source::Predict(_) | Source::InJourney(_) => return None,
                    _ => idle.push(slot),
                },
                Asked::Message(_) => return None,
                Asked::Text(_) => {}
            }
        }
        idle.sort_unstable();
        Some(idle)
    }

    /// Whether other texts are asked for than those that the plan has in their order.
    pub(super) fn texts_differ(&self, plan: &Plan) -> bool {
        let asked = self.texts.iter().filter(|count| **count > 0).count();
        asked != plan.texts_in_order.len() || plan.texts_in_order.iter().any(|id| self.texts[id.index()] == 0)
    }

    /// The texts that something asks for, in alphabetical order.
    pub(super) fn texts_in_order(&self, plan: &Plan) -> Vec<TextId> {
        let texts = (0..).map(TextId).zip(&self.texts);
        let mut order: Vec<TextId> = texts.filter(|(_, count)| **count > 0).map(|(id, _)| id).collect();
        order.sort_unstable_by_key(|id| &plan.texts[id.index()]);
        order
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
            Asked::Text(text) => self.texts.get_mut(text.index()),
            Asked::Message(cell) => self.messages.get_mut(usize::try_from(cell).ok()?),
        }
    }
}

fn of_message(plan: &Plan, message: &Message) -> FxHashSet<Asked> {
    let mut roots: Vec<ExprId> = plan.conditions(&message.guard).collect();
    extend_with_message(&mut roots, message);
    let mut asked = of_exprs(plan, roots);
    asked.extend(message.attributes.iter().filter_map(|attribute| attribute.value.text()).map(Asked::Text));
    asked
}

/// What is asked for besides messages.
fn of_rest(plan: &Plan) -> FxHashSet<Asked> {
    // Windows are asked for by who looks at their slots.
    let bare = Plan {
        messages: Vec::new(),
        atoms: Vec::new(),
        streams: Vec::new(),
        windows: Vec::new(),
        exprs: Vec::new(),
        ..plan.clone()
    };
    let mut roots = uses(&bare);
    let stops = plan.journeys.iter().flat_map(|journey| &journey.stop_when);
    let guards = plan.segments.iter().map(|segment| &segment.condition).chain(stops);
    roots.extend(guards.flat_map(|guard| plan.conditions(guard)));
    let mut asked = of_exprs(plan, roots);
    let defaults = plan.attributes.iter().filter_map(|attribute| attribute.default.as_ref());
    asked.extend(defaults.filter_map(Constant::text).map(Asked::Text));
    asked
}

/// What expressions ask for, and the windows at which they look.
fn of_exprs(plan: &Plan, mut roots: Vec<ExprId>) -> FxHashSet<Asked> {
    let mut asked = FxHashSet::default();
    while !roots.is_empty() {
        for expr in &Need::of(plan, std::mem::take(&mut roots)).nodes {
            let node = plan.expr(*expr);
            match &node.op {
                Op::Slot(slot) if asked.insert(Asked::Slot(*slot)) => match plan.slots[slot.index()].source {
                    Source::Event(text) | Source::Bucket(text) => _ = asked.insert(Asked::Text(text)),
                    Source::Window(window) => {
                        let window = &plan.windows[window.index()];
                        let stream = plan.streams.get(window.stream.index());
                        roots.extend(window.filter);
                        roots.extend(stream.and_then(|stream| stream.filter));
                    }
                    _ => {}
                },
                Op::Constant(cell) => asked.extend(of_constant(node.ty, *cell)),
                Op::In(a, cells) => {
                    let ty = plan.expr(*a).ty;
                    asked.extend(cells.iter().filter_map(|cell| of_constant(ty, *cell)));
                }
                _ => {}
            }
        }
    }
    asked
}

fn of_constant(ty: Type, cell: u64) -> Option<Asked> {
    match ty {
        Type::Message => Some(Asked::Message(cell)),
        ty if ty.is_text() => Some(Asked::Text(TextId(u32::try_from(cell).ok()?))),
        _ => None,
    }
}
