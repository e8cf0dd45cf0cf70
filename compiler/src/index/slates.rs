//! All slates of a plan.

use super::bounds::Usual;
use super::build::{Builder, is_cheap, ways};
use super::patches::Score;
use super::shape::{ShapeId, Shapes};
use super::{Occasion, Slate};
use crate::builtin;
use crate::engine::{Tables, Walk};
use crate::ids::*;
use crate::plan::*;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A slate of so many messages is large: to compile the guard of each would take longer than it can save.
const LARGE: usize = 256;

/// A score of more operations than this is not for an index.
const MOST_NODES: usize = 256;

/// The number of a slate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlateId(pub u32);

/// The slates of a plan, one for each occasion that proposes messages.
#[derive(Clone, Debug, Default)]
pub struct Slates {
    /// All of them.
    pub all: Vec<Slate>,
    /// The shapes of the scores of all entries that they were built with.
    pub(crate) shapes: Arc<Shapes>,
    /// The shapes and the numbers of other scores, of messages that have been amended since.
    scores: BTreeMap<ExprId, (ShapeId, Box<[u64]>)>,
}

impl Slates {
    /// The slates of all occasions that propose messages.
    pub(crate) fn of(tables: &Tables) -> Slates {
        let plan = &*tables.plan;
        let mut shapes = Shapes::default();
        let (usual, walk) = (Usual::new(plan), Walk::new(plan));
        let mut builder = Builder { tables, plan, shapes: &mut shapes, usual, walk };
        let events = (0..plan.events.len()).map(|event| Occasion::Event(EventId::at(event)));
        let placements = (0..plan.placements.len()).map(|at| Occasion::Placement(PlacementId::at(at)));
        let mut members: Vec<(Occasion, Vec<MessageId>)> =
            events.chain(placements).map(|occasion| (occasion, Vec::new())).collect();
        for (index, message) in plan.messages.iter().enumerate() {
            let id = MessageId::at(index);
            for occasion in occasions(plan, message) {
                let at = match occasion {
                    Occasion::Event(event) => event.index(),
                    Occasion::Placement(placement) => plan.events.len() + placement.index(),
                };
                let is_new = members[at].1.last() != Some(&id);
                if is_new && is_indexable(plan, message, occasion, &mut builder.walk) {
                    members[at].1.push(id);
                }
            }
        }
        members.retain(|(_, messages)| !messages.is_empty());
        let all = members
            .into_iter()
            .filter_map(|(occasion, messages)| builder.slate(occasion, messages))
            .collect();
        Slates { all, shapes: Arc::new(shapes), scores: BTreeMap::new() }
    }

    /// The slates with some messages amended; none where an occasion proposes others than before, or where so many have
    /// been amended that it had better be built anew.
    pub(crate) fn amended(&self, tables: &Tables, messages: &[MessageId]) -> Option<Slates> {
        let plan = &*tables.plan;
        let mut walk = Walk::new(plan);
        let mut of: Vec<Vec<MessageId>> = self.all.iter().map(|_| Vec::new()).collect();
        for id in messages {
            let message = &plan.messages[id.index()];
            let mut indexable = occasions(plan, message);
            indexable.retain(|occasion| is_indexable(plan, message, *occasion, &mut walk));
            for (slate, of) in self.all.iter().zip(&mut of) {
                let was = slate.messages.binary_search(id).is_ok();
                if was != indexable.contains(&slate.occasion) {
                    return None;
                }
                of.extend(was.then_some(*id));
            }
            let has_slate = |occasion: &Occasion| self.all.iter().any(|slate| slate.occasion == *occasion);
            if !indexable.iter().all(has_slate) {
                return None;
            }
        }
        let amended = self.all.iter().zip(&of).map(|(slate, messages)| match messages[..] {
            [] => Some(slate.clone()),
            _ => slate.amended(tables, &self.shapes, messages),
        });
        let all: Vec<Slate> = amended.collect::<Option<_>>()?;
        let ways = all.iter().flat_map(Slate::patches).flat_map(|patch| patch.ways.iter().zip(&patch.scores));
        let scores = ways.filter_map(|(way, score)| match score {
            Score::Shape(shape, numbers) => Some((way.score, (*shape, numbers.clone()))),
            Score::Root(_) => None,
        });
        Some(Slates { scores: scores.collect(), all, shapes: Arc::clone(&self.shapes) })
    }

    /// A slate.
    #[inline]
    pub fn get(&self, id: SlateId) -> &Slate {
        &self.all[id.0 as usize]
    }

    /// The shape and the numbers of a score that is always known: the code of its shape is its own.
    pub(crate) fn shaped(&self, plan: &Plan, score: ExprId) -> Option<(u32, &[u64])> {
        let is_known = plan.exprs.get(score.index()).is_some_and(|node| !node.optional);
        let amended = || self.scores.get(&score).map(|(shape, numbers)| (*shape, &numbers[..]));
        self.shapes.known(score).or_else(amended).filter(|_| is_known)
    }

    /// Whether a message is in a slate so large that it is seldom judged by itself.
    pub(crate) fn is_seldom_judged(&self, message: MessageId) -> bool {
        let mut large = self.all.iter().filter(|slate| slate.len() >= LARGE);
        large.any(|slate| slate.messages.binary_search(&message).is_ok())
    }

    /// By message: whether it is in a slate so large that it is seldom judged by itself.
    pub(crate) fn seldom_judged(&self, plan: &Plan) -> Vec<bool> {
        let mut seldom = vec![false; plan.messages.len()];
        for slate in self.all.iter().filter(|slate| slate.len() >= LARGE) {
            slate.messages.iter().for_each(|message| seldom[message.index()] = true);
        }
        seldom
    }

    /// Bytes of memory of all of them.
    pub fn size(&self) -> usize {
        self.all.iter().map(Slate::size).sum()
    }
}

/// The occasions on which a message is proposed together with others.
///
/// A message that can be proposed a second time in what follows from an occasion is left out: whether it has been
/// proposed already must then be known of it by itself.
fn occasions(plan: &Plan, message: &Message) -> Vec<Occasion> {
    let is_plain = |trigger: &Trigger| match trigger {
        Trigger::Event { event, .. } => event.index() >= builtin::BUILTIN_EVENTS.len(),
        _ => false,
    };
    if !message.triggers.iter().all(is_plain) {
        return Vec::new();
    }
    let mut occasions = Vec::new();
    if let [Trigger::Event { event, .. }] = message.triggers[..] {
        occasions.push(Occasion::Event(event));
    }
    let placements = message.displays.iter().map(|display| Occasion::Placement(display.placement));
    occasions.extend(placements.filter(|_| !plan.placements.is_empty()));
    occasions
}

/// Whether an index can decide about a message: nobody needs to know of its arm when it is held back (reference §11),
/// and its score can be had without asking the history much.
fn is_indexable(plan: &Plan, message: &Message, occasion: Occasion, walk: &mut Walk) -> bool {
    let is_arm = |slot: SlotId| matches!(plan.slots[slot.index()].source, Source::Arm(_));
    let filters = message.triggers.iter().filter_map(Trigger::filter);
    let scores: SmallVec<[ExprId; 4]> = ways(message, occasion).map(|route| route.score).collect();
    !scores.is_empty()
        && scores.len() <= 64
        && plan.exprs[scores[0].index()].ty.is_float()
        && walk.slots(plan, scores.iter().copied()).all(|slot| is_cheap(plan, slot))
        && walk.len() <= MOST_NODES
        && !walk.slots(plan, plan.conditions(&message.guard).chain(filters)).any(is_arm)
}
