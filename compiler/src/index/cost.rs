//! What an occasion costs at worst, before anything happens: known from the policy alone.
//!
//! A step is a comparison, an operation of arithmetic, a question whether a cap is full, or the AND of a row of 512
//! messages. On a machine of today it takes about a nanosecond; what counts is that there are never more.

use super::build::{is_cheap, ways};
use super::kernel::{BLOCK, Block};
use super::{Doubt, Form, Occasion, Slate, Slates, VACANT};
use crate::engine::{Need, Tables};
use crate::ids::*;
use crate::plan::{Message, Plan, Route, Source, Trigger};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What an occasion costs at worst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// What proposes messages.
    pub occasion: Occasion,
    /// How many messages it can propose.
    pub messages: usize,
    /// How the index decides about its messages; none where all are looked at by themselves.
    pub decided: Option<Decided>,
    /// Messages that the index has, but can't say for certain that they pass, and those that it doesn't have: each is
    /// looked at by itself.
    pub apart: usize,
    /// Where the entries of the history are gone through one by one, for each message that asks: these events.
    pub walks: BTreeSet<EventId>,
    /// The models that are asked.
    pub models: BTreeSet<ModelId>,
    /// Steps at most, walks and models apart.
    pub steps: u64,
    /// Bytes of memory that its index takes.
    pub bytes: usize,
}

/// How an index decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// One message after the other, by machine code for just these.
    Straight,
    /// By rows of bits.
    Rows {
        /// The rows that are combined.
        rows: usize,
        /// Of so many parts each, of 512 messages.
        parts: usize,
    },
}

/// What proposes messages that are each judged by themselves, without an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Besides {
    /// `on every monday at 10:00`
    Schedules,
    /// `on enter …`, `on leave …`
    Segments,
    /// `send …` in a journey.
    Journeys,
}

/// What messages cost at worst that are each judged by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostBesides {
    /// What proposes them.
    pub by: Besides,
    /// How many it can propose.
    pub messages: usize,
    /// Steps at most for the one of them that takes most, walks and models apart.
    pub most_steps: u64,
    /// Where the entries of the history are gone through one by one: these events.
    pub walks: BTreeSet<EventId>,
    /// The models that are asked.
    pub models: BTreeSet<ModelId>,
}

/// What is proposed otherwise than by an event or a request, as far as there is any.
pub fn costs_besides(plan: &Plan) -> Vec<CostBesides> {
    let sent: BTreeSet<MessageId> = plan
        .journeys
        .iter()
        .flat_map(|journey| &journey.steps)
        .filter_map(|step| step.kind.sends())
        .collect();
    let is_proposed = |by: Besides, at: usize, message: &Message| match by {
        Besides::Schedules => message.triggers.iter().any(|on| matches!(on, Trigger::Every { .. })),
        Besides::Segments => {
            message.triggers.iter().any(|on| matches!(on, Trigger::Enter(_) | Trigger::Leave(_)))
        }
        Besides::Journeys => sent.contains(&MessageId::at(at)),
    };
    let of = |by: Besides| {
        let mut all =
            CostBesides { by, messages: 0, most_steps: 0, walks: BTreeSet::new(), models: BTreeSet::new() };
        for (_, message) in
            plan.messages.iter().enumerate().filter(|(at, message)| is_proposed(by, *at, message))
        {
            let steps = looking(plan, message, message.routes.iter(), &mut all.walks, &mut all.models);
            all.messages += 1;
            all.most_steps = all.most_steps.max(steps);
        }
        (all.messages > 0).then_some(all)
    };
    [Besides::Schedules, Besides::Segments, Besides::Journeys].into_iter().filter_map(of).collect()
}

/// What each occasion of a plan costs at worst, events first, in the order of the plan.
pub fn costs(plan: &Arc<Plan>) -> Vec<Cost> {
    let tables = Tables::new(Arc::clone(plan));
    let slates = Slates::of(&tables);
    let events = (0..plan.events.len()).map(|event| Occasion::Event(EventId::at(event)));
    let placements = (0..plan.placements.len()).map(|at| Occasion::Placement(PlacementId::at(at)));
    events.chain(placements).filter_map(|occasion| cost(plan, &slates, occasion)).collect()
}

fn cost(plan: &Plan, slates: &Slates, occasion: Occasion) -> Option<Cost> {
    let slate = slates.all.iter().find(|slate| slate.occasion == occasion);
    let is_proposed = |message: &Message| match occasion {
        Occasion::Event(event) => {
            message.triggers.iter().any(|on| matches!(on, Trigger::Event { event: on, .. } if *on == event))
        }
        Occasion::Placement(placement) => message.displays.iter().any(|shown| shown.placement == placement),
    };
    let proposed = plan.messages.iter().enumerate().filter(|(_, message)| is_proposed(message));
    let proposed: Vec<MessageId> = proposed.map(|(at, _)| MessageId::at(at)).collect();
    if proposed.is_empty() {
        return None;
    }
    let mut apart: BTreeSet<MessageId> = slate.map(|slate| doubtful(slate).collect()).unwrap_or_default();
    apart.extend(proposed.iter().filter(|id| slate.is_none_or(|slate| !slate.messages.contains(id))));
    let mut cost = Cost {
        occasion,
        messages: proposed.len(),
        decided: slate.map(Slate::decided),
        apart: apart.len(),
        walks: BTreeSet::new(),
        models: BTreeSet::new(),
        steps: slate.map_or(0, |slate| slate.steps(plan, slates)),
        bytes: slate.map_or(0, Slate::size),
    };
    for message in &apart {
        let message = &plan.messages[message.index()];
        let ways = ways(message, occasion);
        cost.steps += looking(plan, message, ways, &mut cost.walks, &mut cost.models);
    }
    Some(cost)
}

/// The messages about which an index isn't certain.
fn doubtful(slate: &Slate) -> impl Iterator<Item = MessageId> {
    let entries = slate.rows().map_or(&[][..], |rows| &rows.entries);
    entries.iter().filter(|entry| entry.doubt == Doubt::All).map(|entry| entry.message)
}

/// The steps that it takes to look at a message by itself, on these ways, and what is gone through for it.
fn looking<'p>(
    plan: &Plan,
    message: &Message,
    ways: impl Iterator<Item = &'p Route>,
    walks: &mut BTreeSet<EventId>,
    models: &mut BTreeSet<ModelId>,
) -> u64 {
    let mut steps = 0;
    let mut exprs: Vec<ExprId> = plan.conditions(&message.guard).collect();
    exprs.extend(message.triggers.iter().filter_map(Trigger::filter));
    for route in ways {
        exprs.extend(route.suppressions.iter().map(|(_, when)| *when));
        exprs.push(route.score);
        // Consent, reachability and caps.
        steps += (2 + route.caps.len()) as u64;
    }
    let need = Need::of(plan, exprs);
    for slot in need.slots.iter().filter(|slot| !is_cheap(plan, **slot)) {
        match plan.slots[slot.index()].source {
            Source::Window(window) => {
                let stream = plan.windows[window.index()].stream;
                walks.insert(plan.streams[stream.index()].event);
            }
            Source::Predict(model) => drop(models.insert(model)),
            _ => {}
        }
    }
    steps + need.nodes.len() as u64
}

impl Slate {
    fn decided(&self) -> Decided {
        match &self.form {
            Form::Straight(_) => Decided::Straight,
            Form::Rows(rows) => {
                Decided::Rows { rows: rows.first_rows.len(), parts: rows.entries.len().div_ceil(BLOCK) }
            }
        }
    }

    /// Steps at most, where everybody is left by the rows and nobody ends the search.
    fn steps(&self, plan: &Plan, slates: &Slates) -> u64 {
        let nodes = |exprs: Vec<ExprId>| Need::of(plan, exprs).nodes.len();
        let of_caps = |message: MessageId, way: u32| {
            let message = &plan.messages[message.index()];
            ways(message, self.occasion).nth(way as usize).map_or(0, |route| route.caps.len())
        };
        let gates = self.gates.len() + usize::from(self.asks_for_date);
        let steps = match &self.form {
            Form::Straight(straight) => {
                let of_row =
                    |row: &super::build::Asked| nodes(row.exprs().collect()) + of_caps(row.message, row.way);
                straight.entries.iter().map(of_row).sum::<usize>() + gates
            }
            Form::Rows(rows) => {
                // Cuts are compared two at a time, or halved.
                let comparisons = |cuts: usize| cuts.div_ceil(2).min(usize::BITS as usize) + 1;
                let placing: usize = rows.axes.iter().map(|axis| comparisons(axis.cuts.len())).sum();
                let conditions = nodes(rows.conditions.to_vec());
                let planes = if rows.is_narrow() { rows.planes.len() * rows.axes.len() } else { 0 };
                let combining = rows.first_rows.len() * rows.entries.len().div_ceil(BLOCK) + planes;
                let of_shape = |shape: u32| slates.shapes.all[shape as usize].nodes.len();
                let bounding: usize = rows.limits.iter().map(|(shape, _)| 4 * of_shape(*shape)).sum();
                let entries = rows.entries.iter().filter(|entry| entry.message != VACANT.message);
                let looking = entries.map(|entry| {
                    let caps = if entry.doubt == Doubt::Caps { of_caps(entry.message, entry.way) } else { 0 };
                    let (from, to) = rows.left_to_choose(entry);
                    (to - from) as usize + of_shape(entry.shape) + caps
                });
                placing + conditions + combining + bounding + looking.sum::<usize>() + gates
            }
        };
        steps as u64
    }
}

/// What is kept of each condition of a message besides, at most, in bytes: in which intervals it holds, its part of a
/// choice, and two cuts.
pub const MOST_BYTES_OF_CONDITION: usize =
    super::rows::MOST_INTERVALS / 8 + 2 * size_of::<super::Literal>() + 2 * 8;

/// What the rows of one slate take at most, in bytes: for every 512 messages so much.
pub const MOST_BYTES_OF_ROWS: usize =
    super::rows::MOST_ROWS * size_of::<Block>() + super::rows::MOST_ROWS_OF_ALL_PLANES * size_of::<Block>();
