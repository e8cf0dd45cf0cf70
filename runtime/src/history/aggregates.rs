//! The aggregates of a customer as a flat record: for each window the cell that it last answered, and how long that
//! holds, so that a decision copies it, and asks only for what may have changed since.
//!
//! An answer changes by what enters the history, by time, and with the zone of a calendar span; not by what is dropped
//! from the history, for nothing asks for that.

use comity_compiler::engine::Answer;
use comity_compiler::frame::Frame;
use comity_compiler::ids::{SlotId, WindowId};
use comity_compiler::value::Value;

/// By window, what it last answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Aggregates {
    /// Empty as long as there is none.
    cells: Box<[Aggregate]>,
    /// The instant, µs, of the last question: who asks of an earlier one asks anew.
    from: i64,
    /// The zone in which they were asked for.
    zone: u32,
}

#[derive(Clone, Copy, Debug)]
struct Aggregate {
    cell: u64,
    known: bool,
    /// It holds before this instant, µs.
    until: i64,
}

impl Aggregate {
    const STALE: Aggregate = Aggregate { cell: 0, known: false, until: i64::MIN };
}

impl Aggregates {
    fn hold(&self, now: i64, zone: u32) -> bool {
        self.from <= now && self.zone == zone
    }

    /// What a window answers, where that is known.
    #[inline]
    pub(super) fn get(&self, window: WindowId, now: i64, zone: u32) -> Option<Answer> {
        let Aggregate { cell, known, until } = *self.cells.get(window.index())?;
        (now < until && self.hold(now, zone)).then_some(Answer { cell, known })
    }

    /// Fills slots with what their windows answer, where that is known and they aren't filled.
    pub(super) fn fill(&self, slots: &[(SlotId, WindowId)], now: i64, zone: u32, frame: &mut Frame) {
        if self.cells.is_empty() || !self.hold(now, zone) {
            return;
        }
        frame.set_cells(slots.iter().filter_map(|(slot, window)| {
            let Aggregate { cell, known, until } = *self.cells.get(window.index())?;
            (now < until).then_some((*slot, known.then_some(cell)))
        }));
    }

    /// Keeps what one of so many windows answers from `now` until, but not at, another instant. What no cell says isn't
    /// kept.
    pub(super) fn keep(
        &mut self,
        (window, windows): (WindowId, usize),
        (now, until): (i64, i64),
        zone: u32,
        answer: Option<&Value>,
    ) {
        let (cell, known) = match answer {
            _ if until <= now => return,
            Some(Value::Cell(cell)) => (*cell, true),
            Some(_) => return,
            None => (0, false),
        };
        if self.cells.is_empty() {
            self.cells = vec![Aggregate::STALE; windows].into();
        } else if !self.hold(now, zone) {
            self.cells.fill(Aggregate::STALE);
        }
        (self.from, self.zone) = (now, zone);
        if let Some(kept) = self.cells.get_mut(window.index()) {
            *kept = Aggregate { cell, known, until };
        }
    }

    /// Something has entered that these windows look at.
    pub(super) fn forget(&mut self, windows: &[WindowId]) {
        for window in windows {
            if let Some(kept) = self.cells.get_mut(window.index()) {
                kept.until = i64::MIN;
            }
        }
    }

    /// Bytes on the heap.
    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.cells)
    }
}
