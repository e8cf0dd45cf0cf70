//! What profiles alone can't say of segments and messages.

use super::Target;
use crate::audience::build::guard_of;
use comity_compiler::engine::slots_of;
use comity_compiler::ids::*;
use comity_compiler::plan::{ConsentMode, Plan, Purpose, Route, Source, Trigger};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// What customers are looked for although profiles alone can't say all about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Segments and messages that ask for what has happened, of which nothing is known here, by name.
    pub history: Vec<SmolStr>,
    /// The events that these ask for, by name.
    pub events: BTreeSet<SmolStr>,
    /// Messages that ask for what would propose them, an event in a condition or after `on … where`, or that a segment is entered
    /// or left, by name: what they ask of it rules nobody out.
    pub proposals: Vec<SmolStr>,
    /// The purposes of messages for which it matters on one of their channels what a customer has agreed to, or has withdrawn
    /// from, by name.
    pub purposes: BTreeSet<SmolStr>,
}

/// The purposes of messages that need a customer's consent on one of their channels, by name.
pub fn asking_purposes(plan: &Plan, messages: impl IntoIterator<Item = MessageId>) -> BTreeSet<SmolStr> {
    purposes(plan, messages, |mode| matches!(mode, ConsentMode::OptIn | ConsentMode::DoubleOptIn))
}

fn purposes(
    plan: &Plan,
    messages: impl IntoIterator<Item = MessageId>,
    asks: impl Fn(ConsentMode) -> bool,
) -> BTreeSet<SmolStr> {
    let messages = messages.into_iter().map(|id| &plan.messages[id.index()]);
    let concerns = |purpose: &Purpose, route: &Route| {
        let rules = &purpose.channels[route.channel.index()];
        rules.iter().any(|rule| asks(rule.mode))
    };
    let asking = messages.flat_map(|message| {
        let purposes = message.purposes.iter().map(|purpose| &plan.purposes[purpose.index()]);
        purposes.filter(|purpose| message.all_routes().any(|route| concerns(purpose, route)))
    });
    asking.map(|purpose| purpose.name.clone()).collect()
}

impl Notes {
    pub(super) fn new(plan: &Plan, targets: &[Target]) -> Notes {
        let messages = targets.iter().filter_map(|target| match target {
            Target::Message(id) => Some(*id),
            Target::Segment(_) => None,
        });
        let purposes =
            purposes(plan, messages, |mode| !matches!(mode, ConsentMode::Always | ConsentMode::Never));
        let mut notes = Notes { purposes, ..Notes::default() };
        for target in targets {
            let (asks_for_history, asks_for_event) = notes.look(plan, *target);
            let name = match target {
                Target::Segment(id) => &plan.segments[id.index()].name,
                Target::Message(id) => &plan.messages[id.index()].name,
            };
            notes.history.extend(asks_for_history.then(|| name.clone()));
            notes.proposals.extend(asks_for_event.then(|| name.clone()));
        }
        notes
    }

    /// Whether it asks for the history, and whether for the event that proposes.
    fn look(&mut self, plan: &Plan, target: Target) -> (bool, bool) {
        let mut pending: Vec<ExprId> = plan.conditions(guard_of(plan, target)).collect();
        if let Target::Message(id) = target {
            let message = &plan.messages[id.index()];
            for route in message.all_routes() {
                pending.extend(route.suppressions.iter().map(|(_, when)| *when));
                pending.extend(consents(plan, &message.purposes, route));
            }
        }
        let (mut asks_for_history, mut asks_for_event) = (false, false);
        if let Target::Message(id) = target {
            // Entering or leaving a segment is what happens, too.
            asks_for_event = plan.messages[id.index()].triggers.iter().any(|trigger| {
                matches!(
                    trigger,
                    Trigger::Event { filter: Some(_), .. } | Trigger::Enter(_) | Trigger::Leave(_)
                )
            });
        }
        let mut seen: BTreeSet<ExprId> = BTreeSet::new();
        while let Some(expr) = pending.pop() {
            if !seen.insert(expr) {
                continue;
            }
            for slot in slots_of(plan, expr) {
                match &plan.slots[slot.index()].source {
                    Source::Window(window) => {
                        asks_for_history = true;
                        let stream = plan.windows[window.index()].stream;
                        let event = plan.streams[stream.index()].event;
                        self.events.insert(plan.events[event.index()].name.clone());
                    }
                    Source::InJourney(_) => asks_for_history = true,
                    Source::Event(_) | Source::Field(_) => asks_for_event = true,
                    Source::Predict(model) => pending.extend(plan.models[model.index()].exprs()),
                    _ => {}
                }
            }
        }
        (asks_for_history, asks_for_event)
    }
}

/// What the purposes' rules ask on the channel of a route.
fn consents(plan: &Plan, purposes: &[PurposeId], route: &Route) -> impl Iterator<Item = ExprId> {
    let rules =
        purposes.iter().flat_map(|purpose| &plan.purposes[purpose.index()].channels[route.channel.index()]);
    rules.filter_map(|rule| rule.when)
}
