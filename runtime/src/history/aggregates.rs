//! The aggregates of a customer as a flat record: for each window the cell that it last answered, and how long that
//! holds, so that a decision copies it, and asks only for what may have changed since.
//!
//! An answer changes by what enters the history, by time, and with the zone of a calendar span; not by what is dropped
//! from the history, for nothing asks for that. Windows over one stream lie together, so that an event makes them stale
//! with one sweep.

use comity_compiler::engine::Answer;
use comity_compiler::frame::Frame;
use comity_compiler::ids::SlotId;
use comity_compiler::value::Value;
use std::ops::Range;

/// By place of a window in the record ([`Layout`](super::Layout)), what it last answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Aggregates {
    /// Empty as long as there is none.
    cells: Box<[Answer]>,
    /// Each holds before this instant, µs.
    until: Box<[i64]>,
    /// The instant, µs, of the last question: who asks of an earlier one asks anew.
    from: i64,
    /// The zone in which they were asked for.
    zone: u32,
}

impl Aggregates {
    fn hold(&self, now: i64, zone: u32) -> bool {
        self.from <= now && self.zone == zone
    }

    /// The answer at a place, where it is known.
    #[inline]
    pub(super) fn get(&self, place: usize, now: i64, zone: u32) -> Option<Answer> {
        let holds = now < *self.until.get(place)? && self.hold(now, zone);
        self.cells.get(place).copied().filter(|_| holds)
    }

    /// Fills slots with the answers at places, where they are known and the slots aren't filled.
    pub(super) fn fill(&self, slots: &[(SlotId, usize)], now: i64, zone: u32, frame: &mut Frame) {
        if self.cells.is_empty() || !self.hold(now, zone) {
            return;
        }
        frame.set_cells(slots.iter().filter_map(|(slot, place)| {
            let holds = now < *self.until.get(*place)?;
            let answer = self.cells.get(*place).filter(|_| holds)?;
            Some((*slot, answer.known.then_some(answer.cell)))
        }));
    }

    /// Keeps the answer at one of so many places, from `now` until, but not at, another instant. What no cell says isn't
    /// kept.
    pub(super) fn keep(
        &mut self,
        (place, places): (usize, usize),
        (now, until): (i64, i64),
        zone: u32,
        answer: Option<&Value>,
    ) {
        let answer = match answer {
            _ if until <= now => return,
            Some(Value::Cell(cell)) => Answer { cell: *cell, known: true },
            Some(_) => return,
            None => Answer::UNKNOWN,
        };
        if self.cells.is_empty() {
            self.cells = vec![Answer::UNKNOWN; places].into();
            self.until = vec![i64::MIN; places].into();
        } else if !self.hold(now, zone) {
            self.until.fill(i64::MIN);
        }
        (self.from, self.zone) = (now, zone);
        if let (Some(mine), Some(end)) = (self.cells.get_mut(place), self.until.get_mut(place)) {
            (*mine, *end) = (answer, until);
        }
    }

    /// Something has entered that the windows at these places look at.
    #[inline]
    pub(super) fn forget(&mut self, places: Range<usize>) {
        if let Some(until) = self.until.get_mut(places) {
            until.fill(i64::MIN);
        }
    }

    /// Bytes on the heap.
    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.cells) + size_of_val(&*self.until)
    }
}
