//! What is looked at again when something about a customer changes: the segments, and the messages that are sent on
//! a schedule.
//!
//! A watch is judged by a guard. While nothing that the guard asks for changes, its answer holds until an instant
//! that is known, so that a customer to whom nothing happens costs nothing.

use super::TriggerRef;
use comity_compiler::engine::Engine;
use comity_compiler::ids::*;
use comity_compiler::plan::{ChannelKind, Comparison, Fold, Guard, Message, Op, Plan, Source, Trigger};
use rustc_hash::FxHashSet;

/// The number of a watch: those of the segments first, then those of the schedules.
pub(crate) type WatchId = u32;

/// What a watch's guard came to when it was last judged: the first clause that didn't hold, by its position, or one
/// of the numbers from [`CLOSED`] on.
pub(crate) type Standing = u16;

/// All clauses held, but no channel may be used or none has an address.
pub(crate) const CLOSED: Standing = u16::MAX - 2;
/// No clause matters before the instant at which the watch is due.
pub(crate) const ASLEEP: Standing = u16::MAX - 1;
/// All clauses held.
pub(crate) const HOLDS: Standing = u16::MAX;

/// The watches of a policy, and what concerns them.
#[derive(Default)]
pub(crate) struct Watches {
    /// By stream: who asks for its entries.
    pub(crate) of_stream: Vec<Vec<Stake>>,
    /// By attribute: who looks at it, or at what depends on it.
    pub(crate) of_attribute: Vec<Vec<Stake>>,
    /// Who asks for consent.
    pub(crate) of_consents: Vec<Stake>,
    /// Who asks whether the customer is in a journey.
    pub(crate) of_journeys: Vec<Stake>,
    /// `every monday at 10:00`, of each message that says so.
    pub(crate) schedules: Vec<Schedule>,
    /// The local times of the schedules, each once.
    pub(crate) clocks: Vec<Clock>,
}

/// What a change of something can do to a clause of a watch's guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stake {
    pub(crate) watch: WatchId,
    pub(crate) clause: Standing,
    /// It can come to hold.
    pub(crate) helps: bool,
    /// It can cease to hold.
    pub(crate) hurts: bool,
}

/// One `on every …`.
pub(crate) struct Schedule {
    pub(crate) on: Scheduled,
    /// Position among the clocks.
    pub(crate) clock: usize,
    /// Whether its message asks for something of which it isn't told when it changes: it is judged each time.
    pub(crate) is_restless: bool,
}

/// What a schedule brings about.
#[derive(Clone, Copy)]
pub(crate) enum Scheduled {
    /// A message is proposed.
    Message(TriggerRef),
    /// A journey is entered.
    Journey(JourneyId),
}

impl Scheduled {
    /// Of the message or the journey.
    pub(crate) fn name(self, plan: &Plan) -> (bool, &str) {
        match self {
            Scheduled::Message(on) => (true, &plan.messages[on.message.index()].name),
            Scheduled::Journey(journey) => (false, &plan.journeys[journey.index()].name),
        }
    }
}

/// A local time of day, on one weekday or on all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) weekday: Option<u8>,
    /// µs
    pub(crate) time: i64,
}

impl Watches {
    pub(super) fn new(engine: &Engine, closable: &[bool]) -> Watches {
        let plan = engine.plan();
        let mut watches = Watches {
            of_stream: plan.streams.iter().map(|_| Vec::new()).collect(),
            of_attribute: plan.attributes.iter().map(|_| Vec::new()).collect(),
            ..Watches::default()
        };
        for (index, segment) in plan.segments.iter().enumerate() {
            watches.concern(engine, index as WatchId, &segment.condition);
        }
        for (index, message) in plan.messages.iter().enumerate() {
            let schedules = message.triggers.iter().enumerate().filter_map(|(trigger, on)| match *on {
                Trigger::Every { weekday, time } => Some((trigger as u32, Clock { weekday, time })),
                _ => None,
            });
            for (trigger, clock) in schedules {
                let watch = plan.segments.len() + watches.schedules.len();
                let watch = watch as WatchId;
                let is_restless = watches.concern(engine, watch, &message.guard);
                if closable[index] {
                    let stake = Stake { watch, clause: CLOSED, helps: true, hurts: false };
                    watches.of_consents.push(stake);
                    for channel in message.routes.iter().map(|route| route.channel) {
                        let of_address =
                            address_of(plan, channel).map(|id| &mut watches.of_attribute[id.index()]);
                        of_address.into_iter().for_each(|stakes| stakes.push(stake));
                    }
                }
                let clock = watches.clock(clock);
                let on = Scheduled::Message(TriggerRef { message: MessageId::at(index), trigger });
                watches.schedules.push(Schedule { on, clock, is_restless });
            }
        }
        for (index, journey) in plan.journeys.iter().enumerate() {
            for on in &journey.triggers {
                if let Trigger::Every { weekday, time } = *on {
                    let clock = watches.clock(Clock { weekday, time });
                    let on = Scheduled::Journey(JourneyId::at(index));
                    watches.schedules.push(Schedule { on, clock, is_restless: true });
                }
            }
        }
        watches
    }

    /// The position of a clock.
    fn clock(&mut self, clock: Clock) -> usize {
        let known = self.clocks.iter().position(|one| *one == clock);
        known.unwrap_or_else(|| {
            self.clocks.push(clock);
            self.clocks.len() - 1
        })
    }

    /// Notes what concerns a watch; says whether there is more of which it isn't told.
    fn concern(&mut self, engine: &Engine, watch: WatchId, guard: &Guard) -> bool {
        let plan = engine.plan();
        let mut is_restless = false;
        for (index, clause) in guard.clauses.iter().enumerate() {
            let clause_id = clause_id(index);
            for literal in &clause.literals {
                let condition = plan.atoms[literal.atom.index()].expr;
                let rising = rising_window(plan, condition);
                let add = |stakes: &mut Vec<Stake>, helps: bool, hurts: bool| match stakes.last_mut() {
                    Some(last) if last.watch == watch && last.clause == clause_id => {
                        last.helps |= helps;
                        last.hurts |= hurts;
                    }
                    _ => stakes.push(Stake { watch, clause: clause_id, helps, hurts }),
                };
                for source in sources(engine, vec![condition]) {
                    match *source {
                        Source::Window(window) => {
                            let rises = rising == Some(window);
                            let stream = plan.windows[window.index()].stream.index();
                            let (helps, hurts) = (!rises || !literal.negated, !rises || literal.negated);
                            add(&mut self.of_stream[stream], helps, hurts);
                        }
                        Source::Attribute(id) => add(&mut self.of_attribute[id.index()], true, true),
                        Source::Reachable(channel) => {
                            if let Some(id) = address_of(plan, channel) {
                                add(&mut self.of_attribute[id.index()], true, true);
                            }
                        }
                        Source::Consent(_, channel) => {
                            add(&mut self.of_consents, true, true);
                            // Grants belong to addresses.
                            if let Some(id) = address_of(plan, channel) {
                                add(&mut self.of_attribute[id.index()], true, true);
                            }
                        }
                        Source::InJourney(_) => add(&mut self.of_journeys, true, true),
                        // An arm that holds a message back matters, too (§11).
                        Source::Predict(_) | Source::Arm(_) => is_restless = true,
                        _ => {}
                    }
                }
            }
        }
        is_restless
    }
}

/// The attribute that a channel sends to.
fn address_of(plan: &Plan, channel: ChannelId) -> Option<AttributeId> {
    match plan.channels[channel.index()].kind {
        ChannelKind::Address(id) | ChannelKind::Device(id) => Some(id),
        ChannelKind::Inbound => None,
    }
}

/// Whether no rule that decides about consent to a message's channels has a condition.
pub(super) fn is_closable(plan: &Plan, message: &Message) -> bool {
    message.purposes.iter().all(|purpose| {
        message.routes.iter().all(|route| {
            let rules = &plan.purposes[purpose.index()].channels[route.channel.index()];
            rules.first().is_none_or(|rule| rule.when.is_none())
        })
    })
}

/// The position of a clause as it is kept.
pub(crate) fn clause_id(index: usize) -> Standing {
    // Guards have few clauses; should there be more, the last ones share a number.
    index.min(usize::from(CLOSED) - 1) as Standing
}

/// The window of which a condition asks whether it has any entry, or more than so many: a further entry can only
/// help it.
fn rising_window(plan: &Plan, condition: ExprId) -> Option<WindowId> {
    let constant = |expr: ExprId| matches!(plan.expr(expr).op, Op::Constant(_));
    let (asked, folds) = match plan.expr(condition).op {
        Op::Slot(_) => (condition, &[Fold::Any][..]),
        Op::Compare(Comparison::Greater | Comparison::GreaterEqual, a, b) if constant(b) => {
            (a, &[Fold::Count, Fold::Distinct][..])
        }
        _ => return None,
    };
    let Op::Slot(slot) = plan.expr(asked).op else { return None };
    let Source::Window(window) = plan.slots[slot.index()].source else { return None };
    folds.contains(&plan.windows[window.index()].fold).then_some(window)
}

/// All that some expressions ask for, also by way of the filters of windows and the rules of purposes.
pub(super) fn sources(engine: &Engine, mut pending: Vec<ExprId>) -> Vec<&Source> {
    let plan = engine.plan();
    let mut seen = FxHashSet::default();
    let mut sources = Vec::new();
    while let Some(expr) = pending.pop() {
        for slot in engine.slots(expr) {
            if !seen.insert(*slot) {
                continue;
            }
            let source = &plan.slots[slot.index()].source;
            sources.push(source);
            pending.extend(asked_by(plan, source));
        }
    }
    sources
}

/// What has to be evaluated before a slot can be filled.
pub(super) fn asked_by(plan: &Plan, source: &Source) -> Vec<ExprId> {
    match source {
        Source::Window(window) => plan.windows[window.index()].filter.into_iter().collect(),
        Source::Consent(purpose, channel) => {
            let rules = &plan.purposes[purpose.index()].channels[channel.index()];
            rules.iter().filter_map(|rule| rule.when).collect()
        }
        Source::Predict(model) => plan.models[model.index()].exprs().collect(),
        _ => Vec::new(),
    }
}
