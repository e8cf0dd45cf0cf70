//! The frame: what expressions look at, as a flat record of cells with one place for each slot of the plan.
//!
//! The runtime fills the slots that an expression needs ([`crate::engine::Engine::slots`]), each at most once
//! per moment, and [`Frame::clear`]s the frame when the moment has passed. After warm-up nothing is allocated.

use crate::engine::Answer;
use crate::ids::SlotId;
use crate::plan::Plan;
use crate::types::Type;
use crate::value::Value;
use smol_str::SmolStr;
use std::ops::Range;
use std::sync::Arc;

/// The values that expressions look at, at one moment, for one customer.
///
/// A slot that isn't filled reads as unknown.
#[derive(Clone, Debug)]
pub struct Frame {
    cells: Vec<u64>,
    /// 1 where the slot's value is known.
    known: Vec<u8>,
    states: Vec<State>,
    /// The slots that are not [`State::Fresh`], where they are few.
    touched: Vec<SlotId>,
    /// Any may be.
    many: bool,
    pub(crate) pool: Pool,
    /// Room for the interpreter: an answer for each expression, once it has evaluated any.
    pub(crate) scratch: Vec<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// Not touched since the last clear.
    Fresh,
    /// Made unfilled again.
    Unset,
    Filled,
}

/// The cell of the first text that the policy doesn't name: a constant, so that machine code stays right when an edit makes
/// the policy name one more.
pub const FIRST_UNNAMED: u64 = 1 << 30;

/// Texts and sets that cells of a frame refer to.
///
/// A text's cell below [`FIRST_UNNAMED`] is one of those that the policy names; the others follow from there on, in the
/// order in which they came into the frame, so that a cell says at once whether the policy names the text. A
/// set's cell is 0 where it is empty, else one more than its position.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    texts: Vec<Text>,
    /// The texts that expressions made.
    made: String,
    sets: Vec<Arc<[Value]>>,
}

#[derive(Clone, Debug)]
enum Text {
    Given(SmolStr),
    Made(Range<usize>),
}

/// What slots hold, by their position: those of a frame, or of a record beside it.
#[derive(Debug)]
pub struct Values<'v> {
    pub(crate) cells: &'v [u64],
    pub(crate) known: &'v [u8],
    pub(crate) pool: &'v mut Pool,
}

/// How far a frame's texts and sets reached at some time: see [`Frame::rewind`].
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    texts: usize,
    made: usize,
    sets: usize,
}

impl Frame {
    /// An empty frame for a plan.
    pub fn new(plan: &Plan) -> Frame {
        let mut frame = Frame {
            cells: Vec::new(),
            known: Vec::new(),
            states: Vec::new(),
            touched: Vec::new(),
            many: false,
            pool: Pool::default(),
            scratch: Vec::new(),
        };
        frame.fit(plan);
        frame
    }

    /// Makes sure that there is a place for every slot of the plan. A frame that was made for another plan
    /// then reads as unknown where it had no place.
    pub(crate) fn fit(&mut self, plan: &Plan) {
        let slots = plan.slots.len();
        if self.cells.len() < slots {
            self.cells.resize(slots, 0);
            self.known.resize(slots, 0);
            self.states.resize(slots, State::Fresh);
        }
    }

    /// Forgets all values, texts and sets.
    pub fn clear(&mut self) {
        if self.many || self.is_much(self.touched.len()) {
            self.many = false;
            self.cells.fill(0);
            self.known.fill(0);
            self.states.fill(State::Fresh);
            self.touched.clear();
        }
        for slot in self.touched.drain(..) {
            self.cells[slot.index()] = 0;
            self.known[slot.index()] = 0;
            self.states[slot.index()] = State::Fresh;
        }
        self.pool.texts.clear();
        self.pool.made.clear();
        self.pool.sets.clear();
    }

    /// Whether so many slots are many of all.
    fn is_much(&self, slots: usize) -> bool {
        slots > self.cells.len() / 8
    }

    /// Whether the slot has been filled since the last clear, be it as unknown.
    #[inline]
    pub fn is_filled(&self, slot: SlotId) -> bool {
        self.states.get(slot.index()) == Some(&State::Filled)
    }

    /// What the slots hold; there is a place for every slot of the plan.
    #[inline]
    pub fn values(&mut self, plan: &Plan) -> Values<'_> {
        self.fit(plan);
        Values { cells: &self.cells, known: &self.known, pool: &mut self.pool }
    }

    /// A record that lies ready, looked at where it lies: by the position of the slots what cells say fully (as
    /// [`Frame::set_cell`]), and a flag for each, 0 where the value is unknown. The frame gives room for what is made
    /// on the way, and its own slots stay as they are.
    #[inline]
    pub fn with_record<'v>(&'v mut self, cells: &'v [u64], known: &'v [u8]) -> Values<'v> {
        Values { cells, known, pool: &mut self.pool }
    }

    /// Fills a slot; `None` is unknown.
    #[inline]
    pub fn set(&mut self, slot: SlotId, value: Option<&Value>) {
        match value {
            Some(Value::Cell(cell)) => self.fill(slot, *cell, 1),
            Some(other) => {
                let cell = self.pool.add(other);
                self.fill(slot, cell, 1);
            }
            None => self.fill(slot, 0, 0),
        }
    }

    /// Fills a slot with what a cell says fully: no set, and of texts those that the policy names.
    #[inline]
    pub fn set_cell(&mut self, slot: SlotId, cell: u64) {
        self.fill(slot, cell, 1);
    }

    /// Fills many slots at once, those that aren't filled: each with a cell, as [`Frame::set_cell`] takes it, or with `None`
    /// for unknown.
    #[inline]
    pub fn set_cells(&mut self, cells: impl IntoIterator<Item = (SlotId, Option<u64>)>) {
        let given = cells.into_iter();
        self.many |= given.size_hint().1.is_none_or(|most| self.is_much(most));
        let Frame { cells, known, states, touched, many, .. } = self;
        let places = states.len().min(cells.len()).min(known.len());
        let (cells, known, states) = (&mut cells[..places], &mut known[..places], &mut states[..places]);
        for (slot, cell) in given {
            let at = slot.index();
            if at < places && states[at] != State::Filled {
                if !*many && states[at] == State::Fresh {
                    touched.push(slot);
                }
                states[at] = State::Filled;
                (cells[at], known[at]) = (cell.unwrap_or_default(), u8::from(cell.is_some()));
            }
        }
    }

    /// Makes a slot unfilled again.
    pub fn unset(&mut self, slot: SlotId) {
        if self.is_filled(slot) {
            self.cells[slot.index()] = 0;
            self.known[slot.index()] = 0;
            self.states[slot.index()] = State::Unset;
        }
    }

    #[inline]
    fn fill(&mut self, slot: SlotId, cell: u64, known: u8) {
        let Some(state) = self.states.get_mut(slot.index()) else { return };
        if *state == State::Fresh {
            self.touched.push(slot);
        }
        *state = State::Filled;
        self.cells[slot.index()] = cell;
        self.known[slot.index()] = known;
    }

    /// What a slot holds.
    pub fn get(&self, slot: SlotId) -> Answer {
        match (self.cells.get(slot.index()), self.known.get(slot.index())) {
            (Some(cell), Some(known)) => Answer { cell: *cell, known: *known != 0 },
            _ => Answer::UNKNOWN,
        }
    }

    /// The text that a cell of a text means; empty where it means none.
    pub fn text<'a>(&'a self, plan: &'a Plan, cell: u64) -> &'a str {
        self.pool.text(plan, cell)
    }

    /// The members of the set that a cell means, sorted; empty where it means none.
    pub fn members(&self, cell: u64) -> &[Value] {
        self.pool.members(cell)
    }

    /// A cell of a type as a value that outlives the frame.
    pub fn value(&self, plan: &Plan, ty: Type, cell: u64) -> Value {
        match ty {
            Type::Set(_) => match self.pool.set(cell) {
                Some(set) => Value::Set(set.clone()),
                None => Value::Set([].into()),
            },
            _ if ty.is_text() && self.pool.is_unnamed(cell) => Value::Text(self.text(plan, cell).into()),
            _ => Value::Cell(cell),
        }
    }

    /// Where texts and sets end now.
    pub fn mark(&self) -> Mark {
        Mark { texts: self.pool.texts.len(), made: self.pool.made.len(), sets: self.pool.sets.len() }
    }

    /// Forgets the texts and sets that came since the mark. Slots that were filled with them since must be
    /// filled anew or unset: whoever fills slots for one entry of the history after the other keeps the
    /// frame small with this.
    pub fn rewind(&mut self, mark: Mark) {
        self.pool.texts.truncate(mark.texts);
        // The end of a text is the end of a character; should the mark be of another frame, nothing is cut.
        if self.pool.made.is_char_boundary(mark.made) {
            self.pool.made.truncate(mark.made);
        }
        self.pool.sets.truncate(mark.sets);
    }
}

impl Pool {
    fn add(&mut self, value: &Value) -> u64 {
        match value {
            Value::Cell(cell) => *cell,
            Value::Text(text) => self.push(Text::Given(text.clone())),
            Value::Set(members) if members.is_empty() => 0,
            Value::Set(members) => {
                self.sets.push(members.clone());
                self.sets.len() as u64
            }
        }
    }

    fn push(&mut self, text: Text) -> u64 {
        self.texts.push(text);
        FIRST_UNNAMED + self.texts.len() as u64 - 1
    }

    /// Whether the policy doesn't name the text of this cell.
    pub(crate) fn is_unnamed(&self, cell: u64) -> bool {
        cell >= FIRST_UNNAMED
    }

    /// Keeps a text that an expression made and that the policy doesn't name.
    pub(crate) fn make(&mut self, text: &str) -> u64 {
        let start = self.made.len();
        self.made.push_str(text);
        self.push(Text::Made(start..self.made.len()))
    }

    pub(crate) fn text<'a>(&'a self, plan: &'a Plan, cell: u64) -> &'a str {
        match usize::try_from(cell.wrapping_sub(FIRST_UNNAMED)).ok().and_then(|index| self.texts.get(index)) {
            Some(Text::Given(text)) => text,
            Some(Text::Made(range)) => self.made.get(range.clone()).unwrap_or_default(),
            None => {
                usize::try_from(cell).ok().and_then(|index| plan.texts.get(index)).map_or("", |text| text)
            }
        }
    }

    fn set(&self, cell: u64) -> Option<&Arc<[Value]>> {
        self.sets.get(usize::try_from(cell.checked_sub(1)?).ok()?)
    }

    pub(crate) fn members(&self, cell: u64) -> &[Value] {
        self.set(cell).map_or(&[], |set| set)
    }
}

#[cfg(test)]
mod tests;
