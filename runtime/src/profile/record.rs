//! The attributes of a customer as a flat record: a cell for each, so that what a decision looks at is copied, and not
//! looked up.

use comity_compiler::frame::Frame;
use comity_compiler::ids::*;
use comity_compiler::plan::Plan;
use comity_compiler::value::Value;

/// By attribute, what it holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Of a value that a cell says fully the cell, of another one its place among those.
    cells: Box<[u64]>,
    holds: Box<[Holds]>,
    /// Texts that the policy doesn't name, and sets; each belongs to one attribute.
    others: Vec<Value>,
    /// When each was set, µs; empty as long as none was but before all time.
    since: Box<[i64]>,
}

/// How an attribute's value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Nothing,
    Cell,
    Other,
}

impl Record {
    /// Of a customer of whom nothing is known.
    pub(crate) fn blank(plan: &Plan) -> Record {
        let count = plan.attributes.len();
        let mut record = Record {
            cells: vec![0; count].into(),
            holds: vec![Holds::Nothing; count].into(),
            others: Vec::new(),
            since: Box::default(),
        };
        for (at, attribute) in plan.attributes.iter().enumerate() {
            record.set(at, attribute.default.as_ref().map(|default| default.value()), i64::MIN);
        }
        record
    }

    /// Makes it what another one is, in the room that it has.
    pub(crate) fn become_as(&mut self, other: &Record) {
        self.cells.clone_from(&other.cells);
        self.holds.clone_from(&other.holds);
        self.others.clone_from(&other.others);
        self.since.clone_from(&other.since);
    }

    /// How many attributes there are.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    /// What an attribute holds.
    pub(crate) fn get(&self, at: usize) -> Option<Value> {
        match self.holds[at] {
            Holds::Nothing => None,
            Holds::Cell => Some(Value::Cell(self.cells[at])),
            Holds::Other => self.other(at).cloned(),
        }
    }

    /// The cell of an attribute, where that says it fully.
    pub(crate) fn cell(&self, at: usize) -> Option<u64> {
        (self.holds[at] == Holds::Cell).then_some(self.cells[at])
    }

    /// What an attribute holds that no cell says.
    pub(crate) fn other(&self, at: usize) -> Option<&Value> {
        if self.holds[at] != Holds::Other {
            return None;
        }
        self.others.get(self.cells[at] as usize)
    }

    /// When an attribute was set, µs; [`i64::MIN`] where that was before all time.
    pub(super) fn since(&self, at: usize) -> i64 {
        self.since.get(at).copied().unwrap_or(i64::MIN)
    }

    /// An attribute of which is not known when it was set holds what a cell says fully.
    #[inline]
    pub(crate) fn set_cell(&mut self, at: usize, cell: u64) {
        match (self.holds.get_mut(at), self.cells.get_mut(at)) {
            (Some(holds), Some(mine)) if *holds != Holds::Other => (*holds, *mine) = (Holds::Cell, cell),
            _ => self.set(at, Some(Value::Cell(cell)), i64::MIN),
        }
    }

    /// An attribute holds something else from now on.
    pub(crate) fn set(&mut self, at: usize, value: Option<Value>, since: i64) {
        if since > i64::MIN && self.since.is_empty() {
            self.since = vec![i64::MIN; self.cells.len()].into();
        }
        if let Some(mine) = self.since.get_mut(at) {
            *mine = since;
        }
        match value {
            Some(Value::Cell(cell)) => {
                self.forget(at);
                (self.holds[at], self.cells[at]) = (Holds::Cell, cell);
            }
            Some(other) => {
                if let (Holds::Other, Some(mine)) =
                    (self.holds[at], self.others.get_mut(self.cells[at] as usize))
                {
                    *mine = other;
                    return;
                }
                (self.holds[at], self.cells[at]) = (Holds::Other, self.others.len() as u64);
                self.others.push(other);
            }
            None => self.forget(at),
        }
    }

    /// An attribute holds nothing.
    fn forget(&mut self, at: usize) {
        let before = std::mem::replace(&mut self.holds[at], Holds::Nothing);
        let place = std::mem::take(&mut self.cells[at]);
        if before != Holds::Other {
            return;
        }
        // The last one takes its place.
        self.others.swap_remove(place as usize);
        let last = self.others.len() as u64;
        let mut moved = self.holds.iter().zip(&mut self.cells);
        if let Some((_, cell)) = moved.find(|(holds, cell)| **holds == Holds::Other && **cell == last) {
            *cell = place;
        }
    }

    /// Fills the slots of attributes in a frame, those that aren't filled.
    pub(crate) fn fill(&self, slots: &[(SlotId, AttributeId)], frame: &mut Frame) {
        let mut are_all_filled = true;
        frame.set_cells(slots.iter().filter_map(|(slot, attribute)| match self.holds[attribute.index()] {
            Holds::Cell => Some((*slot, Some(self.cells[attribute.index()]))),
            Holds::Nothing => Some((*slot, None)),
            Holds::Other => {
                are_all_filled = false;
                None
            }
        }));
        if are_all_filled {
            return;
        }
        for (slot, attribute) in slots {
            if let Some(value) = self.other(attribute.index()).filter(|_| !frame.is_filled(*slot)) {
                frame.set(*slot, Some(value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::tests::shop;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn holds_what_was_set_last(changes in proptest::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>(), any::<bool>()), 0..60)) {
            let plan = shop();
            let mut record = Record::blank(&plan);
            let mut plain: Vec<(Option<Value>, i64)> =
                plan.attributes.iter().map(|one| (one.default.as_ref().map(|default| default.value()), i64::MIN)).collect();
            for (at, kind, number, timed) in changes {
                let at = at.index(plain.len());
                let value = match kind {
                    0 => None,
                    1 => Some(Value::Cell(number.into())),
                    2 => Some(Value::Text(number.to_string().into())),
                    _ => Some(Value::Set([Value::Cell(number.into())].into())),
                };
                let since = if timed { i64::from(number) } else { i64::MIN };
                record.set(at, value.clone(), since);
                plain[at] = (value, since);
                for (at, (value, since)) in plain.iter().enumerate() {
                    prop_assert_eq!(&(record.get(at), record.since(at)), &(value.clone(), *since));
                    prop_assert_eq!(record.cell(at).map(Value::Cell).or(record.other(at).cloned()), value.clone());
                }
            }
            prop_assert!(record.others.len() <= plain.len());
        }
    }
}
