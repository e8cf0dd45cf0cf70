//! What is looked at again when something about a customer changes: the segments, and the messages that are sent on
//! a schedule.
//!
//! A watch is judged by a guard. While nothing that the guard asks for changes, its answer holds until an instant
//! that is known, so that a customer to whom nothing happens costs nothing.

use super::TriggerRef;
use comity_compiler::engine::Engine;
use comity_compiler::ids::*;
use comity_compiler::plan::{Guard, Plan, Source, Trigger};
use rustc_hash::FxHashSet;

/// The number of a watch: those of the segments first, then those of the schedules.
pub(crate) type WatchId = u32;

/// The watches of a policy, and what concerns them.
#[derive(Default)]
pub(crate) struct Watches {
    /// By stream: those that ask for its entries.
    pub(crate) of_stream: Vec<Vec<WatchId>>,
    /// Those that look at attributes, or at what depends on them.
    pub(crate) of_attributes: Vec<WatchId>,
    /// Those that ask for consent.
    pub(crate) of_consents: Vec<WatchId>,
    /// Those that ask whether the customer is in a journey.
    pub(crate) of_journeys: Vec<WatchId>,
    /// `every monday at 10:00`, of each message that says so.
    pub(crate) schedules: Vec<Schedule>,
    /// The local times of the schedules, each once.
    pub(crate) clocks: Vec<Clock>,
}

/// One `on every …` of a message.
pub(crate) struct Schedule {
    pub(crate) on: TriggerRef,
    /// Position among the clocks.
    pub(crate) clock: usize,
    /// Whether its message asks for something of which it isn't told when it changes: it is judged each time.
    pub(crate) is_restless: bool,
}

/// A local time of day, on one weekday or on all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) weekday: Option<u8>,
    /// µs
    pub(crate) time: i64,
}

impl Watches {
    pub(super) fn new(engine: &Engine) -> Watches {
        let plan = engine.plan();
        let mut watches =
            Watches { of_stream: plan.streams.iter().map(|_| Vec::new()).collect(), ..Watches::default() };
        for (index, segment) in plan.segments.iter().enumerate() {
            watches.concern(plan, index as WatchId, &sources(engine, &segment.condition));
        }
        for (index, message) in plan.messages.iter().enumerate() {
            let schedules = message.triggers.iter().enumerate().filter_map(|(trigger, on)| match *on {
                Trigger::Every { weekday, time } => Some((trigger as u32, Clock { weekday, time })),
                _ => None,
            });
            for (trigger, clock) in schedules {
                let sources = sources(engine, &message.guard);
                watches.concern(plan, (plan.segments.len() + watches.schedules.len()) as WatchId, &sources);
                let known = watches.clocks.iter().position(|one| *one == clock);
                let clock = known.unwrap_or_else(|| {
                    watches.clocks.push(clock);
                    watches.clocks.len() - 1
                });
                let untold = |source: &&Source| matches!(source, Source::Predict(_));
                let is_restless = sources.iter().any(untold);
                let on = TriggerRef { message: MessageId::at(index), trigger };
                watches.schedules.push(Schedule { on, clock, is_restless });
            }
        }
        watches
    }

    /// Notes what a watch is concerned with.
    fn concern(&mut self, plan: &Plan, watch: WatchId, sources: &[&Source]) {
        let add = |watches: &mut Vec<WatchId>| {
            if watches.last() != Some(&watch) {
                watches.push(watch);
            }
        };
        for source in sources {
            match source {
                Source::Window(window) => {
                    add(&mut self.of_stream[plan.windows[window.index()].stream.index()]);
                }
                Source::Attribute(_) | Source::Reachable(_) => add(&mut self.of_attributes),
                Source::Consent(..) => {
                    add(&mut self.of_consents);
                    // Grants belong to addresses.
                    add(&mut self.of_attributes);
                }
                Source::InJourney(_) => add(&mut self.of_journeys),
                _ => {}
            }
        }
    }
}

/// All that a guard asks for, also by way of the filters of windows and the rules of purposes.
fn sources<'e>(engine: &'e Engine, guard: &Guard) -> Vec<&'e Source> {
    let plan = engine.plan();
    let literals = guard.clauses.iter().flat_map(|clause| &clause.literals);
    let mut pending: Vec<ExprId> = literals.map(|literal| plan.atoms[literal.atom.index()].expr).collect();
    let mut seen = FxHashSet::default();
    let mut sources = Vec::new();
    while let Some(expr) = pending.pop() {
        for slot in engine.slots(expr) {
            if !seen.insert(*slot) {
                continue;
            }
            let source = &plan.slots[slot.index()].source;
            sources.push(source);
            match source {
                Source::Window(window) => pending.extend(plan.windows[window.index()].filter),
                Source::Consent(purpose, channel) => {
                    let rules = &plan.purposes[purpose.index()].channels[channel.index()];
                    pending.extend(rules.iter().filter_map(|rule| rule.when));
                }
                _ => {}
            }
        }
    }
    sources
}
