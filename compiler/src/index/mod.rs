//! The index: which of very many messages may leave, and which is the best of them, without looking at each.
//!
//! The messages that one occurrence proposes together, an event of a type or a placement's request, are a *slate*. What
//! must be true of each is a conjunction; most of what it asks for is about one slot: an attribute, an aggregate, a
//! consent, a cap that isn't full. So the values of each slot are cut into intervals ([`axis`]), and for each interval
//! there is a *row*: a bit for each entry of the slate that such a value doesn't rule out. A customer is one interval
//! of each axis, and the entries that are left are the AND of as many rows, 512 entries at a time. What isn't about
//! one slot is looked at for those that are left only.
//!
//! Entries lie in the order of their classes, and within a class in that of the scores that they are likely to have.
//! What the best of those from some entry on can reach is worked out from the least and the greatest of their numbers
//! ([`shape`]); where that is less than a score that has been found, the scan goes no further.
//!
//! It is exact: what the rows can't say for certain, the one who asks is asked for ([`Found::doubt`]). The idea of
//! rows for intervals is that of bitmap indexes with range encoding (O'Neil and Quass, "Improved query performance with
//! variant indexes", 1997), that of the scan the threshold algorithm's (Fagin, Lotem and Naor, 2001).

pub(crate) mod axis;
mod bounds;
pub(crate) mod build;
mod clause;
pub mod columns;
mod cost;
mod explain;
mod kernel;
mod order;
pub(crate) mod patches;
mod rows;
mod scan;
pub(crate) mod shape;
mod slates;
pub(crate) mod straight;
#[cfg(test)]
mod tests;

pub use cost::{
    Besides, Cost, CostBesides, Decided, MOST_BYTES_OF_CONDITION, MOST_BYTES_OF_ROWS, costs, costs_besides,
};
pub use explain::Reason;
pub use kernel::instructions;
pub use scan::{Found, Scan};
pub use slates::{SlateId, Slates};

use crate::ids::*;
use crate::jit::Caller;
use axis::Axis;
use kernel::Block;
use patches::Patches;
use shape::ShapeId;
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Arc;
use straight::Straight;

/// The position of a row of bits within each block: where a customer lies on an axis.
pub type Row = u16;

/// The entries of a *narrow* slate, which has no more than these bits, and not very many rows: machine code combines its
/// rows when it has found them.
pub(crate) type Narrow = [u64; 2];

/// What an occurrence proposes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occasion {
    /// An event of this type.
    Event(EventId),
    /// A request for this placement.
    Placement(PlacementId),
}

/// Something besides slots that messages must pass, found out once for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// The purpose allows the channel.
    Consent(PurposeId, ChannelId),
    /// The channel's address is known.
    Reachable(ChannelId),
    /// The cap isn't full for a message on the channel; not one that counts by message or by tag.
    Cap(CapId, ChannelId),
}

/// The messages that one occurrence proposes together.
#[derive(Clone, Debug)]
pub struct Slate {
    /// What proposes them.
    pub occasion: Occasion,
    /// The slots that must be filled, ascending.
    pub slots: Box<[SlotId]>,
    /// The gates, in the order in which their states are given.
    pub gates: Box<[Gate]>,
    /// Whether the local date matters.
    pub asks_for_date: bool,
    /// Its messages, ascending.
    pub messages: Arc<[MessageId]>,
    form: Form,
    patches: Option<Arc<Patches>>,
}

/// How messages are decided on together.
#[derive(Clone, Debug)]
enum Form {
    /// As rows of bits.
    Rows(Arc<Rows>),
    /// Where there are only a few: one by one.
    Straight(Arc<Straight>),
}

/// Messages as rows of bits.
#[derive(Debug)]
pub(crate) struct Rows {
    axes: Box<[Axis]>,
    /// Conditions that are no matter of one slot, and that many entries share.
    conditions: Box<[ExprId]>,
    gates: Box<[Gate]>,
    /// The local dates at which some message begins or ceases to be active, ascending.
    dates: Box<[i64]>,
    /// Of axes, then conditions, then gates, then dates: the first row.
    first_rows: Box<[Row]>,
    /// Rows of a block.
    rows: usize,
    /// By block and row.
    bits: Box<[Block]>,
    /// Of the first choices of the entries, then of their second ones, and so on, by block and row: whose choice holds
    /// in this interval. For who asks for all that pass.
    planes: Box<[Box<[Block]>]>,
    words: Box<[Word]>,
    /// By position; where a word isn't full, nobody.
    entries: Box<[Entry]>,
    /// What is asked of those that are left: each choice as the number of its literals, then these.
    choices: Box<[Literal]>,
    /// In which intervals conditions hold, a bit for each.
    truths: Box<[u64]>,
    /// The numbers of scores.
    parameters: Box<[u64]>,
    /// Of words: the shapes of which it is known what they can reach, and where the numbers that limit them begin.
    limits: Box<[(ShapeId, u32)]>,
    /// The least and the greatest numbers of the rest of a class, in turn.
    bounds: Box<[u64]>,
}

/// A message on one of its channels.
#[derive(Clone, Copy, Debug)]
struct Entry {
    message: MessageId,
    /// Which of the ways that it has on this occasion.
    way: u32,
    /// 0 is the first class.
    rank: u32,
    shape: ShapeId,
    /// Where its numbers begin.
    parameters: u32,
    /// From and to, among the choices.
    choices: (u32, u32),
    /// Where those begin that are in no plane.
    rest: u32,
    /// What rows and choices can't say of it.
    doubt: Doubt,
    /// Whether the next one is another way of its message.
    has_more_ways: bool,
}

/// What is left to find out about an entry that its rows and choices let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Nothing.
    None,
    /// Whether the caps that count by message or by tag are full.
    Caps,
    /// Anything: it may still fail at each of its gates.
    All,
}

/// Nobody.
const VACANT: Entry = Entry {
    message: MessageId(u32::MAX),
    way: 0,
    rank: u32::MAX,
    shape: 0,
    parameters: 0,
    choices: (0, 0),
    rest: 0,
    doubt: Doubt::None,
    has_more_ways: false,
};

/// A condition on one axis, as one bit for each of its intervals.
#[derive(Clone, Copy, Debug)]
struct Literal {
    /// Position among axes and conditions; of the head of a choice how many literals follow.
    axis: u32,
    /// Where its bits begin, among the truths, less the first row of its axis.
    truth: u32,
}

/// What is known of the 64 entries of a word.
#[derive(Clone, Copy, Debug)]
struct Word {
    /// The class of the first one; nobody who follows is of a better one.
    rank: u32,
    /// From and to, among the limits: what the entries of this class can reach from here on; none where nothing is
    /// known of them.
    bounds: Option<(u32, u32)>,
}

impl Slate {
    /// How many messages it has.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Bytes of memory.
    pub fn size(&self) -> usize {
        self.rows().map_or(0, Rows::size) + self.patches.as_ref().map_or(0, |patches| patches.size())
    }

    /// Finds the rows that a customer is in.
    #[inline]
    pub(crate) fn place(
        &self,
        id: SlateId,
        caller: &mut Caller<'_>,
        date: i64,
        mut is_open: impl FnMut(&Gate) -> bool,
        scan: &mut Scan,
    ) {
        let Some(patches) = &self.patches else {
            match &self.form {
                Form::Straight(straight) => scan.open = straight.open(date, self.gates.iter().map(is_open)),
                Form::Rows(rows) => rows.place(id, caller, date, self.gates.iter().map(is_open), scan),
            }
            return;
        };
        // The gates of what hasn't been amended come first.
        let states: SmallVec<[bool; 64]> = self.gates.iter().map(&mut is_open).collect();
        match &self.form {
            Form::Straight(straight) => {
                scan.open = straight.open(date, states.iter().copied()) & !patches.replaced;
            }
            Form::Rows(rows) => rows.place(id, caller, date, states.iter().copied(), scan),
        }
        scan.patched = patches.openings.open(date, states.into_iter());
    }

    /// Where there are only a few messages: how they are decided one by one.
    #[inline]
    pub(crate) fn straight(&self) -> Option<&Straight> {
        match &self.form {
            Form::Straight(straight) => Some(straight),
            Form::Rows(_) => None,
        }
    }

    /// Whether messages have been amended since it was built.
    #[inline]
    pub(crate) fn is_patched(&self) -> bool {
        self.patches.is_some()
    }

    /// Where there are many.
    pub(crate) fn rows(&self) -> Option<&Rows> {
        match &self.form {
            Form::Rows(rows) => Some(rows),
            Form::Straight(_) => None,
        }
    }
}

impl Rows {
    fn size(&self) -> usize {
        let cuts: usize = self.axes.iter().map(|axis| axis.cuts.len() * 8).sum();
        let blocks = self.bits.len() + self.planes.iter().map(|plane| plane.len()).sum::<usize>();
        // Machine code has those of a narrow slate once more.
        let narrow = if self.is_narrow() { blocks * size_of::<Narrow>() } else { 0 };
        narrow
            + blocks * size_of::<Block>()
            + self.entries.len() * size_of::<Entry>()
            + self.choices.len() * size_of::<Literal>()
            + self.words.len() * size_of::<Word>()
            + self.limits.len() * size_of::<(ShapeId, u32)>()
            + (self.truths.len() + self.parameters.len() + self.bounds.len() + self.dates.len()) * 8
            + cuts
    }

    #[inline]
    fn place(
        &self,
        id: SlateId,
        caller: &mut Caller<'_>,
        date: i64,
        are_open: impl Iterator<Item = bool>,
        scan: &mut Scan,
    ) {
        let coded = self.axes.len() + self.conditions.len();
        let rows = &mut scan.rows;
        if rows.len() != self.first_rows.len() {
            rows.resize(self.first_rows.len(), 0);
        }
        scan.narrow = caller.classify(id.0 as usize, rows, coded);
        for (at, is_open) in (coded..coded + self.gates.len()).zip(are_open) {
            rows[at] = self.first_rows[at] + Row::from(is_open);
        }
        if !self.dates.is_empty() {
            let at = coded + self.gates.len();
            rows[at] = self.first_rows[at] + self.dates.partition_point(|begins| *begins <= date) as Row;
        }
        if self.is_narrow() {
            // Machine code knows neither gates nor dates.
            let left = |[a, b]: Narrow, row: &Row| {
                let Block([first, second, ..]) = self.bits[*row as usize];
                [a & first, b & second]
            };
            scan.narrow = rows[coded..].iter().fold(scan.narrow, left);
        }
    }

    #[inline]
    fn is_narrow(&self) -> bool {
        self.words.len() <= Narrow::default().len() && self.rows <= rows::MOST_ROWS_OF_NARROW
    }

    /// The choices that are still to be looked at of an entry which the rows of its block leave.
    #[inline]
    fn left_to_choose(&self, entry: &Entry) -> (u32, u32) {
        // The planes of a narrow slate are combined with its rows.
        (if self.is_narrow() { entry.rest } else { entry.choices.0 }, entry.choices.1)
    }

    /// Of a narrow slate the entries that each row leaves, and of each plane those whose choice holds in it.
    pub(crate) fn narrow(&self) -> Option<(Vec<Narrow>, Vec<Vec<Narrow>>)> {
        let of = |rows: &[Block]| rows.iter().map(|Block([first, second, ..])| [*first, *second]).collect();
        self.is_narrow().then(|| (of(&self.bits), self.planes.iter().map(|plane| of(plane)).collect()))
    }

    /// The row that says who is there at all; of a plane, who doesn't need it.
    pub(crate) fn last_row(&self) -> usize {
        self.rows - 1
    }

    pub(crate) fn axes(&self) -> &[Axis] {
        &self.axes
    }

    pub(crate) fn conditions(&self) -> &[ExprId] {
        &self.conditions
    }

    /// The rows of an axis, or, after all axes, of a condition.
    pub(crate) fn rows_of(&self, axis: usize) -> Range<usize> {
        let first = self.first_rows[axis] as usize;
        first..first + self.axes.get(axis).map_or(2, Axis::intervals)
    }

    /// Of an axis, or, after all axes, of a condition.
    pub(crate) fn first_row(&self, axis: usize) -> Row {
        self.first_rows[axis]
    }
}
