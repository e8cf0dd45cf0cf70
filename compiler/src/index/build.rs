//! From the plan to a slate: what is asked of each message on each of its ways.

use super::axis::{Truth, truth_of};
use super::bounds::Usual;
use super::clause::{Choice, Loose, of_condition, of_guard};
use super::order::positions;
use super::rows::Layout;
use super::shape::{ShapeId, Shapes};
use super::straight::{MOST_ENTRIES, Openings, Straight};
use super::{Doubt, Form, Found, Gate, Occasion, Slate};
use crate::engine::{Need, Tables, Walk};
use crate::ids::*;
use crate::plan::*;
use rustc_hash::FxHashMap;
use std::ops::Deref;
use std::sync::Arc;

/// A condition that isn't about one slot gets rows of its own where one in so many entries asks for it.
const SHARED_BY_ONE_IN: usize = 32;

/// What is asked of a message on one of its ways.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) message: MessageId,
    pub(crate) way: u32,
    pub(crate) rank: u32,
    pub(crate) choices: Vec<Choice>,
    pub(crate) score: ExprId,
    pub(super) gates: Vec<Gate>,
    /// What conditions, gates and date can't say of it: nothing, or whether its caps are full.
    pub(super) doubt: Doubt,
    pub(super) active: Option<(i64, i64)>,
}

impl Asked {
    /// Its conditions and its score, as often as they are asked for.
    pub(crate) fn exprs(&self) -> impl Iterator<Item = ExprId> {
        self.choices.iter().flatten().map(|(expr, _)| *expr).chain([self.score])
    }

    /// It, with a score.
    pub(super) fn found(&self, score: f64) -> Found {
        let Asked { message, way, rank, doubt, .. } = *self;
        Found { message, way, rank, score, doubt }
    }
}

/// A message on one of its ways, as it is before it has a position.
pub(super) struct Candidate {
    pub(super) asked: Asked,
    pub(super) shape: ShapeId,
    pub(super) usual: f64,
}

impl Deref for Candidate {
    type Target = Asked;

    fn deref(&self) -> &Asked {
        &self.asked
    }
}

/// A condition, as far as a slate can use it.
pub(super) enum Use {
    /// About one slot.
    Axis(SlotId, Truth),
    /// About several, with rows of its own.
    Shared,
    /// About several, of few messages.
    Rare,
    /// Too costly to ask of all.
    Costly,
}

impl Use {
    fn is_cheap(&self) -> bool {
        !matches!(self, Use::Costly)
    }
}

/// What is needed to build slates.
pub(super) struct Builder<'a> {
    pub(super) tables: &'a Tables,
    pub(super) plan: &'a Plan,
    pub(super) shapes: &'a mut Shapes,
    pub(super) usual: Usual,
    pub(super) walk: Walk,
}

impl Builder<'_> {
    /// The slate of some messages that an occasion proposes, if they can have one.
    pub(super) fn slate(&mut self, occasion: Occasion, messages: Vec<MessageId>) -> Option<Slate> {
        let candidates: Vec<Candidate> =
            messages.iter().flat_map(|message| self.candidates(occasion, *message)).collect();
        let uses = self.uses(&candidates);
        let is_certain = |candidate: &Candidate| {
            let mut conditions = candidate.choices.iter().flatten();
            candidate.doubt != Doubt::All && conditions.all(|loose| uses[loose].is_cheap())
        };
        // Whoever may fail on one way for its caps may stand on the next one, with a better score.
        let is_settled =
            |pair: &[Candidate]| pair[0].message != pair[1].message || pair[0].doubt == Doubt::None;
        let are_settled = candidates.windows(2).all(is_settled);
        if candidates.len() <= MOST_ENTRIES && are_settled && candidates.iter().all(is_certain) {
            return Some(self.straight(occasion, messages, candidates));
        }
        let layout = Layout::new(self.plan, &candidates, &uses)?;
        let positions = positions(candidates);
        Some(layout.rows_of(&positions.entries).finish(self, occasion, messages, positions, &uses))
    }

    /// The slate of a few messages.
    fn straight(
        &self,
        occasion: Occasion,
        messages: Vec<MessageId>,
        mut candidates: Vec<Candidate>,
    ) -> Slate {
        candidates.sort_by_key(|candidate| (candidate.rank, candidate.message, candidate.way));
        let entries: Box<[Asked]> = candidates.into_iter().map(|candidate| candidate.asked).collect();
        let mut gates: Vec<Gate> = entries.iter().flat_map(|entry| &entry.gates).copied().collect();
        gates.sort_unstable();
        gates.dedup();
        let openings = Openings::of(entries.iter(), &gates);
        let slots = Need::of(self.plan, entries.iter().flat_map(Asked::exprs)).slots;
        Slate {
            occasion,
            slots,
            gates: gates.into(),
            asks_for_date: openings.ask_for_date(),
            messages: messages.into(),
            form: Form::Straight(Arc::new(Straight { entries, openings })),
            patches: None,
        }
    }

    /// A message on each of its ways.
    fn candidates(&mut self, occasion: Occasion, id: MessageId) -> Vec<Candidate> {
        let candidate = |asked: Asked| {
            let (shape, _) = self.shapes.of(self.plan, asked.score);
            let nodes = self.walk.nodes(self.plan, asked.score);
            let usual = self.usual.score(self.tables, self.shapes, asked.score, nodes);
            Candidate { asked, shape, usual }
        };
        asked(self.plan, occasion, id).into_iter().map(candidate).collect()
    }

    /// What each condition can be used as.
    fn uses(&self, candidates: &[Candidate]) -> FxHashMap<Loose, Use> {
        let mut asked: FxHashMap<Loose, usize> = FxHashMap::default();
        for loose in candidates.iter().flat_map(|candidate| &candidate.choices).flatten() {
            *asked.entry(*loose).or_default() += 1;
        }
        let plan = self.plan;
        let rate = |(loose, times): (Loose, usize)| {
            let needs = Need::of(plan, [loose.0]);
            let found = if !needs.slots.iter().all(|slot| is_cheap(plan, *slot)) {
                Use::Costly
            } else if let Some((slot, truth)) = truth_of(plan, loose.0, loose.1) {
                Use::Axis(slot, truth)
            } else if times * SHARED_BY_ONE_IN >= candidates.len() {
                Use::Shared
            } else {
                Use::Rare
            };
            (loose, found)
        };
        asked.into_iter().map(rate).collect()
    }
}

/// What is asked of a message on each of its ways.
pub(super) fn asked(plan: &Plan, occasion: Occasion, id: MessageId) -> Vec<Asked> {
    let message = &plan.messages[id.index()];
    let mut common = Vec::new();
    if let Occasion::Event(_) = occasion {
        for trigger in &message.triggers {
            if let Trigger::Event { filter: Some(filter), .. } = trigger {
                of_condition(plan, *filter, false, &mut common);
            }
        }
    }
    of_guard(plan, &message.guard, &mut common);
    let mut all = Vec::new();
    for (way, route) in (0..).zip(ways(message, occasion)) {
        let mut choices = common.clone();
        for (_, when) in &route.suppressions {
            of_condition(plan, *when, true, &mut choices);
        }
        let mut gates = Vec::new();
        for purpose in &message.purposes {
            let rules = &plan.purposes[purpose.index()].channels[route.channel.index()];
            let free =
                rules.first().is_some_and(|rule| rule.when.is_none() && rule.mode == ConsentMode::Always);
            gates.extend((!free).then_some(Gate::Consent(*purpose, route.channel)));
        }
        if plan.channels[route.channel.index()].kind != ChannelKind::Inbound {
            gates.push(Gate::Reachable(route.channel));
        }
        let mut doubt = Doubt::None;
        for cap in &route.caps {
            match plan.caps[cap.index()].per {
                None => gates.push(Gate::Cap(*cap, ChannelId(0))),
                Some(CapPer::Channel) => gates.push(Gate::Cap(*cap, route.channel)),
                Some(CapPer::Message | CapPer::Tag) => doubt = Doubt::Caps,
            }
        }
        let (rank, score) = (plan.classes[message.class.index()].rank, route.score);
        all.push(Asked { message: id, way, rank, choices, score, gates, doubt, active: message.active });
    }
    all
}

/// The ways that a message has on an occasion.
pub(super) fn ways(message: &Message, occasion: Occasion) -> impl Iterator<Item = &Route> {
    let (routes, placement) = match occasion {
        Occasion::Event(_) => (&message.routes[..], None),
        Occasion::Placement(placement) => (&[][..], Some(placement)),
    };
    let displays = message.displays.iter().filter(move |display| Some(display.placement) == placement);
    routes.iter().chain(displays.map(|display| &display.route))
}

/// Whether a slot can be filled for a whole slate, whether it is needed or not.
pub(super) fn is_cheap(plan: &Plan, slot: SlotId) -> bool {
    match plan.slots[slot.index()].source {
        Source::Window(window) => {
            let window = &plan.windows[window.index()];
            let is_kept = !matches!(window.fold, Fold::Average | Fold::Min | Fold::Max | Fold::Distinct);
            window.filter.is_none() && is_kept
        }
        Source::Predict(_) => false,
        _ => true,
    }
}
