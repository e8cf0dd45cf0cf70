//! What journeys and experiments need to know of a plan, worked out once.

use super::watches::{asked_by, sources};
use crate::profile::{Cause, Snapshot};
use comity_compiler::engine::{Engine, extend_with_route};
use comity_compiler::ids::*;
use comity_compiler::plan::{Journey, Message, Plan, Source, StepKind, Trigger};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What is looked up while journeys run.
#[derive(Clone, Default)]
pub(crate) struct JourneyIndex {
    /// By journey: the fields of its trigger that it, or a message that it sends, can still ask for.
    fields: Arc<Vec<FxHashSet<TextId>>>,
    /// By message: the journeys that send it, or enter one that does.
    senders: Arc<FxHashMap<MessageId, Vec<usize>>>,
    /// The names of the fields, by event and position.
    names: Arc<[Vec<Option<TextId>>]>,
    /// By message: the experiments of which it asks for the arm.
    pub(crate) arms: Arc<Vec<Vec<Asked>>>,
    /// The rules of a purpose, a model or the filter of a window ask for an arm.
    pub(crate) arms_are_hidden: bool,
    /// By slot: whether it is an arm, or asks for one.
    arm_slots: Arc<[bool]>,
    /// By journey: the experiments for which its `when` asks.
    pub(crate) entry_arms: Arc<[Vec<ExperimentId>]>,
}

/// An experiment of which a message asks for the arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) experiment: ExperimentId,
    /// Its guard asks.
    pub(crate) guard: bool,
    /// The guard asks for nothing that asks for the arm in its turn.
    pub(crate) guard_is_plain: bool,
    /// A gate of its channels asks, or its score.
    pub(crate) ways: bool,
}

impl Asked {
    /// Whether the arm can decide if the message leaves: else it is only in its content.
    pub(crate) fn decides(&self) -> bool {
        self.guard || self.ways
    }
}

impl JourneyIndex {
    pub(super) fn new(engine: &Engine) -> JourneyIndex {
        let plan = engine.plan();
        let arm_slots = arm_slots(engine);
        let arms = plan.messages.iter().map(|message| arms(engine, message, &arm_slots)).collect();
        let of_entry = |journey: &Journey| experiments(engine, journey.when.into_iter().collect());
        let mut senders: FxHashMap<MessageId, Vec<usize>> = FxHashMap::default();
        let fields = (0..plan.journeys.len()).map(|start| {
            let (fields, sent) = fields(engine, start);
            sent.into_iter().for_each(|message| senders.entry(message).or_default().push(start));
            fields
        });
        JourneyIndex {
            fields: Arc::new(fields.collect()),
            senders: Arc::new(senders),
            names: names(engine),
            arms: Arc::new(arms),
            arms_are_hidden: arms_are_hidden(engine),
            arm_slots,
            entry_arms: plan.journeys.iter().map(of_entry).collect(),
        }
    }

    /// The same, where some messages ask for something else now; for which texts and slots, too, where these differ.
    pub(super) fn amended(
        &self,
        engine: &Engine,
        messages: &[MessageId],
        tables_differ: bool,
    ) -> JourneyIndex {
        let mut index = self.clone();
        if tables_differ {
            index.names = names(engine);
            index.arm_slots = arm_slots(engine);
            index.arms_are_hidden = arms_are_hidden(engine);
        }
        for id in messages.iter().map(|message| message.index()) {
            let arms = arms(engine, &engine.plan().messages[id], &index.arm_slots);
            if arms != index.arms[id] {
                Arc::make_mut(&mut index.arms)[id] = arms;
            }
        }
        for start in messages.iter().filter_map(|message| self.senders.get(message)).flatten() {
            let (fields, _) = fields(engine, *start);
            if fields != index.fields[*start] {
                Arc::make_mut(&mut index.fields)[*start] = fields;
            }
        }
        index
    }

    /// What of a cause a journey has to keep.
    pub(crate) fn trimmed(&self, journey: JourneyId, cause: &Cause) -> Cause {
        let Cause::Event(event) = cause else { return cause.clone() };
        let (needed, names) = (&self.fields[journey.index()], &self.names[event.event.index()]);
        let is_needed =
            |at: usize| names.get(at).copied().flatten().is_some_and(|name| needed.contains(&name));
        if (0..event.fields.len()).all(is_needed) {
            return cause.clone();
        }
        let fields = event.fields.iter().enumerate();
        let fields = fields.map(|(at, value)| value.clone().filter(|_| is_needed(at)));
        let mut fields: Vec<_> = fields.collect();
        while fields.last().is_some_and(Option::is_none) {
            fields.pop();
        }
        let fields = fields.into_boxed_slice();
        Cause::Event(Arc::new(Snapshot { id: event.id.clone(), event: event.event, fields }))
    }
}

/// Whether something asks for an arm that expressions ask for in their turn.
fn arms_are_hidden(engine: &Engine) -> bool {
    let plan = engine.plan();
    let rules = plan.purposes.iter().flat_map(|purpose| purpose.channels.iter().flatten());
    let mut exprs: Vec<ExprId> = rules.filter_map(|rule| rule.when).collect();
    exprs.extend(plan.windows.iter().filter_map(|window| window.filter));
    exprs.extend(plan.models.iter().flat_map(|model| model.exprs()));
    !experiments(engine, exprs).is_empty()
}

/// The names of the fields of events, where the policy names them.
fn names(engine: &Engine) -> Arc<[Vec<Option<TextId>>]> {
    let name = |field: &comity_compiler::plan::Field| engine.text_id(&field.name);
    engine.plan().events.iter().map(|event| event.fields.iter().map(name).collect()).collect()
}

/// By slot: whether it is an arm, or asks for one.
fn arm_slots(engine: &Engine) -> Arc<[bool]> {
    engine.plan().slots.iter().map(|slot| is_arm(engine, &slot.source)).collect()
}

/// Whether a slot is an arm, or asks for one.
fn is_arm(engine: &Engine, source: &Source) -> bool {
    matches!(source, Source::Arm(_)) || !experiments(engine, asked_by(engine.plan(), source)).is_empty()
}

/// The experiments of which a message asks for the arm. Few messages do.
fn arms(engine: &Engine, message: &Message, arm_slots: &[bool]) -> Vec<Asked> {
    let plan = engine.plan();
    let guard: Vec<ExprId> = plan.conditions(&message.guard).collect();
    let mut ways = Vec::new();
    for route in message.all_routes() {
        let channel = route.channel.index();
        ways.push(route.score);
        ways.extend(route.suppressions.iter().map(|(_, when)| *when));
        ways.extend(plan.channels[channel].quiet.iter().filter_map(|quiet| quiet.when));
        let rules = message.purposes.iter().flat_map(|id| &plan.purposes[id.index()].channels[channel]);
        ways.extend(rules.filter_map(|rule| rule.when));
    }
    let mut all = message_exprs(plan, message);
    all.extend(&ways);
    if !all.iter().any(|expr| engine.slots(*expr).iter().any(|slot| arm_slots[slot.index()])) {
        return Vec::new();
    }
    let all = experiments(engine, all);
    let asks_again = |source: &&Source| match source {
        Source::Window(window) => plan.windows[window.index()].filter.is_some(),
        Source::Consent(..) | Source::Predict(_) => true,
        _ => false,
    };
    let guard_is_plain = !sources(engine, guard.clone()).iter().any(asks_again);
    let (guard, ways) = (experiments(engine, guard), experiments(engine, ways));
    let asked = |experiment: ExperimentId| Asked {
        experiment,
        guard: guard.contains(&experiment),
        guard_is_plain,
        ways: ways.contains(&experiment),
    };
    all.into_iter().map(asked).collect()
}

/// The events that journeys and goals wait for.
pub(super) fn events(plan: &Plan) -> FxHashSet<EventId> {
    let goals = plan.experiments.iter().filter_map(|one| one.goal.as_ref()).map(|goal| &goal.on);
    let own = plan.journeys.iter().flat_map(Journey::patterns);
    let patterns = own.chain(plan.stops.iter().map(|stop| &stop.stop.on)).chain(goals);
    patterns.filter_map(event_of).collect()
}

/// The longest time, µs, for which something in a journey waits for an event.
pub(super) fn longest_wait(plan: &Plan) -> i64 {
    let steps = plan.journeys.iter().flat_map(|journey| &journey.steps);
    let waits = steps.map(|step| match step.kind {
        StepKind::WaitFor { up_to, .. } => up_to,
        StepKind::Send { chain: Some(within), .. } => within,
        _ => 0,
    });
    let goals = plan.journeys.iter().filter_map(|journey| journey.goal.as_ref());
    waits.chain(goals.map(|goal| goal.within)).max().unwrap_or(0)
}

/// The events that stop journeys.
pub(super) fn stops(plan: &Plan) -> FxHashSet<EventId> {
    let own = plan.journeys.iter().flat_map(|journey| &journey.stops);
    own.chain(plan.stops.iter().map(|stop| &stop.stop)).filter_map(|stop| event_of(&stop.on)).collect()
}

pub(super) fn event_of(on: &Trigger) -> Option<EventId> {
    match on {
        Trigger::Event { event, .. } => Some(*event),
        _ => None,
    }
}

/// The fields of its trigger that a journey asks for: in its own expressions, in the messages that it sends, and
/// in the journeys that it enters. With these messages.
fn fields(engine: &Engine, start: usize) -> (FxHashSet<TextId>, FxHashSet<MessageId>) {
    let plan = engine.plan();
    let mut found = FxHashSet::default();
    let mut sent = FxHashSet::default();
    let mut pending = vec![start];
    let mut seen = FxHashSet::default();
    while let Some(at) = pending.pop() {
        if !seen.insert(at) {
            continue;
        }
        let journey = &plan.journeys[at];
        // Its key and its `when` are asked at the entry, with the whole event.
        let mut exprs = journey.of_trigger(at != start);
        exprs.extend(journey.stop_when.iter().flat_map(|stop| plan.conditions(stop)));
        let class = journey.class;
        let stops = plan.stops.iter().filter(|stop| class.is_some_and(|class| stop.classes.contains(&class)));
        exprs.extend(stops.filter_map(|stop| stop.stop.known));
        for step in &journey.steps {
            match step.kind {
                StepKind::Send { message, .. } => {
                    sent.insert(message);
                    exprs.extend(message_exprs(plan, &plan.messages[message.index()]));
                }
                StepKind::Enter { journey, .. } => {
                    pending.push(journey.index());
                    exprs.extend(plan.journeys[journey.index()].triggers.iter().filter_map(Trigger::filter));
                }
                _ => {}
            }
        }
        for source in sources(engine, exprs) {
            if let Source::Event(name) = source {
                found.insert(*name);
            }
        }
    }
    (found, sent)
}

fn message_exprs(plan: &Plan, message: &Message) -> Vec<ExprId> {
    let mut exprs: Vec<ExprId> = plan.conditions(&message.guard).collect();
    message.all_routes().for_each(|route| extend_with_route(&mut exprs, route));
    exprs
}

/// The experiments of which some expressions ask for the arm, themselves or by what they ask for.
pub(crate) fn experiments(engine: &Engine, exprs: Vec<ExprId>) -> Vec<ExperimentId> {
    let mut found: Vec<ExperimentId> = sources(engine, exprs)
        .into_iter()
        .filter_map(|source| match source {
            Source::Arm(experiment) => Some(*experiment),
            _ => None,
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
