//! Messages that have been amended since a slate was built: what the slate knows of them counts no more, and each is
//! decided by itself, after all others. So an edit of one message takes as long as that message.

use super::build::{Asked, asked, is_cheap};
use super::kernel::{BLOCK, Block, WORD, WORDS};
use super::shape::{ShapeId, Shapes};
use super::straight::{MOST_ENTRIES, Openings};
use super::{Doubt, Form, Gate, Occasion, Slate};
use crate::engine::{Need, Tables};
use crate::ids::*;
use crate::plan::Plan;
use std::sync::Arc;

/// A message that has been amended.
#[derive(Debug)]
pub(crate) struct Patch {
    pub(crate) message: MessageId,
    /// Its ways, in their order.
    pub(crate) ways: Box<[Asked]>,
    /// Of each way how its score is known.
    pub(crate) scores: Box<[Score]>,
    slots: Box<[SlotId]>,
}

/// How the score of a way is known.
#[derive(Clone, Debug)]
pub(crate) enum Score {
    /// By a shape, with these numbers.
    Shape(ShapeId, Box<[u64]>),
    /// By code of its own.
    Root(ExprId),
}

/// All messages of a slate that have been amended.
#[derive(Debug)]
pub(crate) struct Patches {
    /// Ascending by message; together at most [`MOST_ENTRIES`] ways.
    pub(super) all: Vec<Arc<Patch>>,
    /// The slate as it was built.
    built: Arc<Slate>,
    /// When ways are open, all patches' one after the other.
    pub(super) openings: Openings,
    /// Where there are rows, by block: who still counts.
    pub(super) kept: Box<[Block]>,
    /// Where there are none: the entries that don't count any more.
    pub(super) replaced: u64,
}

impl Patch {
    fn new(plan: &Plan, shapes: &Shapes, occasion: Occasion, message: MessageId) -> Patch {
        let mut ways = asked(plan, occasion, message);
        for way in &mut ways {
            let is_cheap = |choice: &[super::clause::Loose]| {
                let needs = Need::of(plan, choice.iter().map(|loose| loose.0));
                needs.slots.iter().all(|slot| is_cheap(plan, *slot))
            };
            let asks = way.choices.len();
            way.choices.retain(|choice| is_cheap(choice));
            if way.choices.len() < asks {
                way.doubt = Doubt::All;
            }
        }
        let score = |way: &Asked| match shapes.like(plan, way.score) {
            Some((shape, numbers)) => Score::Shape(shape, numbers),
            None => Score::Root(way.score),
        };
        let scores = ways.iter().map(score).collect();
        let slots = Need::of(plan, ways.iter().flat_map(Asked::exprs)).slots;
        Patch { message, ways: ways.into(), scores, slots }
    }
}

impl Patches {
    /// The bits of all patches' ways, each with its first one's position.
    pub(super) fn ways(&self) -> impl Iterator<Item = (&Patch, usize, u64)> {
        self.all.iter().scan(0, |end, patch| {
            let first = *end;
            *end += patch.ways.len();
            Some((&**patch, first, ((1 << patch.ways.len()) - 1) << first))
        })
    }

    /// The bits of a message's ways.
    pub(super) fn of(&self, message: MessageId) -> u64 {
        self.ways().find(|(patch, ..)| patch.message == message).map_or(0, |(.., ways)| ways)
    }

    pub(super) fn size(&self) -> usize {
        self.kept.len() * size_of::<Block>()
    }
}

impl Slate {
    /// The messages that have been amended since it was built, ascending.
    pub(crate) fn patches(&self) -> &[Arc<Patch>] {
        self.patches.as_ref().map_or(&[], |patches| &patches.all)
    }

    /// The slate with some of its messages amended; none where so many have been that it had better be built anew.
    pub(super) fn amended(&self, tables: &Tables, shapes: &Shapes, messages: &[MessageId]) -> Option<Slate> {
        let plan = &*tables.plan;
        let before = self.patches().iter().filter(|patch| !messages.contains(&patch.message)).cloned();
        let fresh = messages.iter().map(|id| Arc::new(Patch::new(plan, shapes, self.occasion, *id)));
        let mut all: Vec<Arc<Patch>> = before.chain(fresh).collect();
        all.sort_by_key(|patch| patch.message);
        let ways = || all.iter().flat_map(|patch| &patch.ways);
        if ways().count() > MOST_ENTRIES {
            return None;
        }
        let built = match &self.patches {
            Some(patches) => Arc::clone(&patches.built),
            None => Arc::new(self.clone()),
        };
        let mut slots: Vec<SlotId> = built.slots.to_vec();
        slots.extend(all.iter().flat_map(|patch| patch.slots.iter().copied()));
        slots.sort_unstable();
        slots.dedup();
        // Those of the slate as it was built keep their positions.
        let mut gates: Vec<Gate> =
            ways().flat_map(|way| &way.gates).filter(|gate| !built.gates.contains(gate)).copied().collect();
        gates.sort_unstable();
        gates.dedup();
        let gates: Box<[Gate]> = built.gates.iter().copied().chain(gates).collect();
        let openings = Openings::of(ways(), &gates);
        let asks_for_date = built.asks_for_date || openings.ask_for_date();
        let is_amended =
            |message: MessageId| all.binary_search_by_key(&message, |patch| patch.message).is_ok();
        let (mut kept, mut replaced) = (Vec::new(), 0);
        match &self.form {
            Form::Rows(rows) => {
                kept.resize(rows.words.len().div_ceil(WORDS), Block([!0; WORDS]));
                for (at, _) in rows.entries.iter().enumerate().filter(|(_, entry)| is_amended(entry.message))
                {
                    let Block(words) = &mut kept[at / BLOCK];
                    words[at % BLOCK / WORD] &= !(1 << (at % WORD));
                }
            }
            Form::Straight(straight) => {
                replaced = straight.of(&all.iter().map(|patch| patch.message).collect::<Vec<_>>());
            }
        }
        let patches = Patches { all, built, openings, kept: kept.into(), replaced };
        Some(Slate {
            slots: slots.into(),
            gates,
            asks_for_date,
            patches: Some(Arc::new(patches)),
            occasion: self.occasion,
            messages: Arc::clone(&self.messages),
            form: self.form.clone(),
        })
    }
}
