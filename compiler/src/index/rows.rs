//! The rows of a slate: for each interval the entries that it doesn't rule out.

use super::axis::{Axis, Truth};
use super::build::{Builder, Candidate, Use};
use super::clause::Loose;
use super::kernel::{BLOCK, Block, WORD, WORDS};
use super::order::{Positions, words};
use super::shape::ShapeId;
use super::{Doubt, Entry, Form, Gate, Literal, Occasion, Row, Rows, Slate, VACANT};
use crate::engine::Need;
use crate::ids::*;
use crate::plan::Plan;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::sync::Arc;

/// An axis has no more cuts: where conditions would need more, its rows say "perhaps".
const MOST_CUTS: usize = 1022;

/// Intervals of an axis, at most.
pub(super) const MOST_INTERVALS: usize = MOST_CUTS + 2;

/// A slate has no more rows, which are 64 bytes for every 512 entries: 3 MiB for 1,000 messages at most.
pub(super) const MOST_ROWS: usize = 24_576;

/// Where truths begin is a number of 32 bits; what comes after so many is looked at by itself.
const MOST_WORDS_OF_TRUTHS: usize = u32::MAX as usize / 64 - MOST_INTERVALS - MOST_ROWS;

/// So many choices of each entry have planes, where a slate doesn't have very many rows.
const MOST_PLANES: usize = 3;
const MOST_ROWS_OF_PLANES: usize = 4096;

/// A narrow slate has no more rows, with its planes in less memory than others may have.
pub(super) const MOST_ROWS_OF_NARROW: usize = MOST_ROWS_OF_PLANES;

/// Rows of all planes together, at most.
pub(super) const MOST_ROWS_OF_ALL_PLANES: usize = MOST_PLANES * MOST_ROWS_OF_PLANES;

/// Rows in the making.
pub(super) struct Layout {
    axes: Vec<Axis>,
    conditions: Vec<ExprId>,
    gates: Vec<Gate>,
    dates: Vec<i64>,
    first_rows: Vec<Row>,
    rows: usize,
    bits: Vec<Block>,
    /// Of axes and conditions, by slot and by expression.
    axis_of: FxHashMap<SlotId, usize>,
    condition_of: FxHashMap<ExprId, usize>,
}

impl Layout {
    /// `None` where more rows would be needed than there may be, however few intervals an axis has.
    pub(super) fn new(plan: &Plan, candidates: &[Candidate], uses: &FxHashMap<Loose, Use>) -> Option<Layout> {
        let mut truths: FxHashMap<SlotId, Vec<&Truth>> = FxHashMap::default();
        let mut conditions = FxHashSet::default();
        for (loose, found) in uses {
            match found {
                Use::Axis(slot, truth) => truths.entry(*slot).or_default().push(truth),
                Use::Shared => drop(conditions.insert(loose.0)),
                Use::Rare | Use::Costly => {}
            }
        }
        // In the order of the plan, whatever that of the maps is.
        let mut slots: Vec<SlotId> = truths.keys().copied().collect();
        slots.sort_unstable();
        let mut conditions: Vec<ExprId> = conditions.into_iter().collect();
        conditions.sort_unstable();
        let mut gates: Vec<Gate> =
            candidates.iter().flat_map(|candidate| &candidate.gates).copied().collect();
        gates.sort_unstable();
        gates.dedup();
        let active = candidates.iter().filter_map(|candidate| candidate.active);
        let mut dates: Vec<i64> = active.flat_map(|(first, last)| [first, last.saturating_add(1)]).collect();
        dates.sort_unstable();
        dates.dedup();
        let mut most_cuts = MOST_CUTS;
        loop {
            let axis = |slot: &SlotId| {
                let ty = plan.slots[slot.index()].ty;
                Axis::new(*slot, ty, truths[slot].iter().copied(), most_cuts)
            };
            let axes: Vec<Axis> = slots.iter().map(axis).collect();
            let mut rows = 0;
            let mut first_rows = Vec::new();
            let sizes = axes.iter().map(Axis::intervals);
            let sizes = sizes.chain(conditions.iter().map(|_| 2)).chain(gates.iter().map(|_| 2));
            for size in sizes.chain((!dates.is_empty()).then_some(dates.len() + 1)) {
                first_rows.push(rows as Row);
                rows += size;
            }
            if rows > MOST_ROWS {
                if most_cuts == 0 {
                    return None;
                }
                most_cuts /= 2;
                continue;
            }
            return Some(Layout {
                axis_of: slots.iter().copied().zip(0..).collect(),
                condition_of: conditions.iter().copied().zip(axes.len()..).collect(),
                axes,
                conditions,
                gates,
                dates,
                first_rows,
                // The last one says who is there at all.
                rows: rows + 1,
                bits: Vec::new(),
            });
        }
    }

    /// Makes room for the rows of these entries: nothing is ruled out yet.
    pub(super) fn rows_of(mut self, entries: &[Option<Candidate>]) -> Layout {
        let blocks = entries.len().div_ceil(BLOCK);
        self.bits = Vec::with_capacity(blocks * self.rows);
        for block in 0..blocks {
            let mut present = [0; WORDS];
            for (at, _) in
                entries.iter().enumerate().skip(block * BLOCK).take(BLOCK).filter(|(_, e)| e.is_some())
            {
                present[at % BLOCK / WORD] |= 1 << (at % WORD);
            }
            self.bits.extend((0..self.rows).map(|_| Block(present)));
        }
        self
    }

    fn rule_out(&mut self, position: usize, row: usize) {
        let Block(words) = &mut self.bits[position / BLOCK * self.rows + row];
        words[position % BLOCK / WORD] &= !(1 << (position % WORD));
    }

    pub(super) fn finish(
        mut self,
        builder: &mut Builder<'_>,
        occasion: Occasion,
        messages: Vec<MessageId>,
        positions: Positions,
        uses: &FxHashMap<Loose, Use>,
    ) -> Slate {
        let plan = builder.plan;
        let Positions { entries: candidates, bounded } = positions;
        let mut truths = Truths::default();
        let mut choices = Vec::new();
        let mut parameters: Vec<u64> = Vec::new();
        let mut shapes_used: FxHashSet<ShapeId> = FxHashSet::default();
        let gates_at = self.axes.len() + self.conditions.len();
        let mut entries = Vec::with_capacity(candidates.len());
        for (position, candidate) in candidates.iter().enumerate() {
            let Some(candidate) = candidate else {
                entries.push(VACANT);
                continue;
            };
            let mut doubt = candidate.doubt;
            let first_choice = choices.len() as u32;
            for choice in &candidate.choices {
                if !self.ask(position, choice, uses, &mut truths, &mut choices) {
                    doubt = Doubt::All;
                }
            }
            for gate in &candidate.gates {
                if let Ok(at) = self.gates.binary_search(gate) {
                    let closed = self.first_rows[gates_at + at] as usize;
                    self.rule_out(position, closed);
                }
            }
            if let Some((first, last)) = candidate.active {
                let row = self.first_rows[gates_at + self.gates.len()] as usize;
                for interval in 0..=self.dates.len() {
                    let begins = interval.checked_sub(1).map_or(i64::MIN, |before| self.dates[before]);
                    if begins < first || last < begins {
                        self.rule_out(position, row + interval);
                    }
                }
            }
            shapes_used.insert(candidate.shape);
            let numbers = builder.shapes.known(candidate.score).map_or(&[][..], |known| known.1);
            entries.push(Entry {
                message: candidate.message,
                way: candidate.way,
                rank: candidate.rank,
                shape: candidate.shape,
                parameters: parameters.len() as u32,
                choices: (first_choice, choices.len() as u32),
                rest: first_choice,
                doubt,
                has_more_ways: false,
            });
            parameters.extend(numbers);
        }
        let (words, limits, bounds) = words(plan, builder.shapes, &entries, &parameters, &bounded);
        mark_ways(&mut entries);
        let planes = self.planes(&mut entries, &choices, &truths);
        let mut slots: Vec<SlotId> = self.axes.iter().map(|axis| axis.slot).collect();
        slots.extend(Need::of(plan, self.conditions.iter().copied()).slots);
        slots.extend(
            shapes_used.iter().flat_map(|shape| builder.shapes.all[*shape as usize].slots.iter().copied()),
        );
        slots.sort_unstable();
        slots.dedup();
        let gates: Box<[Gate]> = self.gates.into();
        let asks_for_date = !self.dates.is_empty();
        let rows = Rows {
            axes: self.axes.into(),
            conditions: self.conditions.into(),
            gates: gates.clone(),
            dates: self.dates.into(),
            first_rows: self.first_rows.into(),
            rows: self.rows,
            bits: self.bits.into(),
            planes,
            words: words.into(),
            entries: entries.into(),
            choices: choices.into(),
            truths: truths.bits.into(),
            parameters: parameters.into(),
            limits: limits.into(),
            bounds: bounds.into(),
        };
        let (slots, messages, form) = (slots.into(), messages.into(), Form::Rows(Arc::new(rows)));
        Slate { occasion, slots, gates, asks_for_date, messages, form, patches: None }
    }

    /// Notes what a choice asks of an entry, in the rows or for later; says whether that is all that it asks.
    fn ask(
        &mut self,
        position: usize,
        choice: &[Loose],
        uses: &FxHashMap<Loose, Use>,
        truths: &mut Truths,
        choices: &mut Vec<Literal>,
    ) -> bool {
        if truths.bits.len() >= MOST_WORDS_OF_TRUTHS {
            return false;
        }
        let mut literals: SmallVec<[(usize, usize); 4]> = SmallVec::new();
        let mut is_exact = true;
        for loose in choice {
            let axis = match &uses[loose] {
                Use::Axis(slot, _) => self.axis_of[slot],
                Use::Shared => self.condition_of[&loose.0],
                Use::Rare | Use::Costly => return false,
            };
            let (truth, exact) = truths.of(*loose, &uses[loose], self.axes.get(axis));
            is_exact &= exact;
            literals.push((axis, truth));
        }
        let same_axis = literals.iter().all(|(axis, _)| *axis == literals[0].0);
        if literals.is_empty() || same_axis {
            // Of nothing nothing holds.
            let axis = literals.first().map_or(0, |literal| literal.0);
            let size = match (literals.is_empty(), self.axes.get(axis)) {
                (true, _) => return self.never(position),
                (_, Some(axis)) => axis.intervals(),
                (_, None) => 2,
            };
            for interval in 0..size {
                if !literals.iter().any(|(_, truth)| truths.holds(*truth, interval)) {
                    let row = self.first_rows[axis] as usize + interval;
                    self.rule_out(position, row);
                }
            }
            return is_exact;
        }
        choices.push(Literal { axis: literals.len() as u32, truth: 0 });
        choices.extend(literals.iter().map(|(axis, truth)| {
            let truth = (*truth as u32).wrapping_sub(self.first_rows[*axis].into());
            Literal { axis: *axis as u32, truth }
        }));
        is_exact
    }

    /// Says of the first choices of entries in which intervals they hold; the last row of a plane has who doesn't need it.
    fn planes(&self, entries: &mut [Entry], choices: &[Literal], truths: &Truths) -> Box<[Box<[Block]>]> {
        let all = entries.len().div_ceil(BLOCK) * self.rows;
        let sizes: Vec<usize> = self.axes.iter().map(Axis::intervals).collect();
        let mut planes = Vec::new();
        while planes.len() < MOST_PLANES && self.rows <= MOST_ROWS_OF_PLANES {
            if entries.iter().all(|entry| entry.rest == entry.choices.1) {
                break;
            }
            let mut plane = vec![Block([0; WORDS]); all];
            for (position, entry) in entries.iter_mut().enumerate() {
                let mut add = |row: usize| {
                    let Block(words) = &mut plane[position / BLOCK * self.rows + row];
                    words[position % BLOCK / WORD] |= 1 << (position % WORD);
                };
                if entry.rest == entry.choices.1 {
                    add(self.rows - 1);
                    continue;
                }
                let count = choices[entry.rest as usize].axis;
                let literals = entry.rest as usize + 1..(entry.rest + 1 + count) as usize;
                entry.rest = literals.end as u32;
                for literal in &choices[literals] {
                    let axis = literal.axis as usize;
                    let (first, size) = (self.first_rows[axis], sizes.get(axis).copied().unwrap_or(2));
                    let rows = (u32::from(first)..u32::from(first) + size as u32)
                        .filter(|row| truths.holds(row.wrapping_add(literal.truth) as usize, 0));
                    rows.for_each(|row| add(row as usize));
                }
            }
            planes.push(plane.into());
        }
        planes.into()
    }

    /// Rules an entry out whatever comes.
    fn never(&mut self, position: usize) -> bool {
        for row in 0..self.rows {
            self.rule_out(position, row);
        }
        true
    }
}

/// Notes of each entry whether the next one is another way of its message.
fn mark_ways(entries: &mut [Entry]) {
    for at in 1..entries.len() {
        entries[at - 1].has_more_ways =
            entries[at - 1].message == entries[at].message && entries[at].message != VACANT.message;
    }
}

/// In which intervals conditions hold, each once.
#[derive(Default)]
struct Truths {
    bits: Vec<u64>,
    /// Where the bits of a condition begin, and whether they are exact.
    known: FxHashMap<Loose, (usize, bool)>,
}

impl Truths {
    fn of(&mut self, loose: Loose, found: &Use, axis: Option<&Axis>) -> (usize, bool) {
        if let Some(known) = self.known.get(&loose) {
            return *known;
        }
        let (holds, exact) = match (found, axis) {
            (Use::Axis(_, truth), Some(axis)) => axis.project(truth),
            // Of a condition: where it doesn't hold, and where it does.
            _ => (vec![loose.1, !loose.1], true),
        };
        let start = self.bits.len() * 64;
        self.bits.extend(
            holds
                .chunks(64)
                .map(|bits| bits.iter().zip(0..).fold(0, |word, (holds, at)| word | u64::from(*holds) << at)),
        );
        self.known.insert(loose, (start, exact));
        (start, exact)
    }

    fn holds(&self, truth: usize, interval: usize) -> bool {
        let at = truth + interval;
        self.bits[at / 64] >> (at % 64) & 1 == 1
    }
}
