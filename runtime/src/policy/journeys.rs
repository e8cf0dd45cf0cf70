//! What journeys and experiments need to know of a plan, worked out once.

use super::watches::sources;
use crate::profile::{Cause, Snapshot};
use comity_compiler::engine::{Engine, extend_with_route};
use comity_compiler::ids::*;
use comity_compiler::plan::{Journey, Message, Plan, Source, StepKind, Trigger};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// What is looked up while journeys run.
#[derive(Clone, Default)]
pub(crate) struct JourneyIndex {
    /// By journey: the fields of its trigger that it, or a message that it sends, can still ask for.
    fields: Arc<[FxHashSet<TextId>]>,
    /// The names of the fields, by event and position.
    names: Arc<[Vec<Option<TextId>>]>,
    /// By message: the experiments of which it asks for the arm.
    pub(crate) arms: Arc<Vec<Vec<ExperimentId>>>,
    /// The same, of its guard alone.
    pub(crate) guard_arms: Arc<Vec<Vec<ExperimentId>>>,
    /// Of the experiments for which its guard asks, those for which a gate of its channels, or its score, asks too.
    pub(crate) way_arms: Arc<Vec<Vec<ExperimentId>>>,
    /// By journey: the experiments for which its `when` asks.
    pub(crate) entry_arms: Arc<[Vec<ExperimentId>]>,
}

impl JourneyIndex {
    pub(super) fn new(engine: &Engine) -> JourneyIndex {
        let plan = engine.plan();
        let arms = plan.messages.iter().map(|message| arms(engine, message));
        let (arms, guard_arms): (Vec<_>, Vec<_>) = arms.unzip();
        let asked = plan.messages.iter().zip(&guard_arms);
        let way_arms = asked.map(|(message, guard)| way_arms(engine, message, guard)).collect();
        let of_entry = |journey: &Journey| experiments(engine, journey.when.into_iter().collect());
        let name = |field: &comity_compiler::plan::Field| engine.text_id(&field.name);
        JourneyIndex {
            fields: (0..plan.journeys.len()).map(|start| fields(engine, start)).collect(),
            names: plan.events.iter().map(|event| event.fields.iter().map(name).collect()).collect(),
            arms: Arc::new(arms),
            guard_arms: Arc::new(guard_arms),
            way_arms: Arc::new(way_arms),
            entry_arms: plan.journeys.iter().map(of_entry).collect(),
        }
    }

    /// The same, where some messages that no journey sends ask for something else now.
    pub(super) fn amended(&self, engine: &Engine, messages: &[MessageId]) -> JourneyIndex {
        let mut index = self.clone();
        for id in messages.iter().map(|message| message.index()) {
            let message = &engine.plan().messages[id];
            let (arms, guard_arms) = arms(engine, message);
            let way_arms = way_arms(engine, message, &guard_arms);
            if way_arms != index.way_arms[id] {
                Arc::make_mut(&mut index.way_arms)[id] = way_arms;
            }
            if arms != index.arms[id] {
                Arc::make_mut(&mut index.arms)[id] = arms;
            }
            if guard_arms != index.guard_arms[id] {
                Arc::make_mut(&mut index.guard_arms)[id] = guard_arms;
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

/// The experiments of which a message asks for the arm, and those of which its guard does.
fn arms(engine: &Engine, message: &Message) -> (Vec<ExperimentId>, Vec<ExperimentId>) {
    let plan = engine.plan();
    (
        experiments(engine, message_exprs(plan, message)),
        experiments(engine, plan.conditions(&message.guard).collect()),
    )
}

/// Of some experiments those for which the gates of a message's channels ask, or its scores.
fn way_arms(engine: &Engine, message: &Message, of: &[ExperimentId]) -> Vec<ExperimentId> {
    if of.is_empty() {
        return Vec::new();
    }
    let plan = engine.plan();
    let mut exprs = Vec::new();
    let shown = message.displays.iter().map(|display| &display.route);
    for route in message.routes.iter().chain(shown) {
        let channel = route.channel.index();
        exprs.push(route.score);
        exprs.extend(route.suppressions.iter().map(|(_, when)| *when));
        exprs.extend(plan.channels[channel].quiet.iter().filter_map(|quiet| quiet.when));
        let rules = message.purposes.iter().flat_map(|id| &plan.purposes[id.index()].channels[channel]);
        exprs.extend(rules.filter_map(|rule| rule.when));
    }
    let mut asked = experiments(engine, exprs);
    asked.retain(|experiment| of.contains(experiment));
    asked
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
/// in the journeys that it enters.
fn fields(engine: &Engine, start: usize) -> FxHashSet<TextId> {
    let plan = engine.plan();
    let mut found = FxHashSet::default();
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
    found
}

fn message_exprs(plan: &Plan, message: &Message) -> Vec<ExprId> {
    let mut exprs: Vec<ExprId> = plan.conditions(&message.guard).collect();
    let shown = message.displays.iter().map(|display| &display.route);
    message.routes.iter().chain(shown).for_each(|route| extend_with_route(&mut exprs, route));
    exprs
}

fn experiments(engine: &Engine, exprs: Vec<ExprId>) -> Vec<ExperimentId> {
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
