//! The answer to one question, kept up to date while entries come and go.

use super::entries::Entries;
use super::layout::{Kind, Question};
use comity_compiler::plan::Fold;
use comity_compiler::value::Value;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::collections::VecDeque;

/// What is known of the answer over a range of the entries.
#[derive(Clone, Debug, Default)]
pub(super) enum State {
    /// Nothing: nobody has asked yet, or the range has jumped.
    #[default]
    Cold,
    /// Sums of integers, exact; whether any of them was negative.
    Exact { sum: Wide, known: u32, negative: bool },
    /// Sums of doubles, from left to right: any change but at the right end makes it stale.
    Double { sum: f64, known: u32, stale: bool },
    /// Where the smallest or largest value is, then the best of what follows it, and so on: each is better than all
    /// behind it, so that when the first leaves, the next is the best.
    #[allow(clippy::box_collection)] // So that a state stays small.
    Best(Box<VecDeque<u32>>),
    /// Where the first or last entry with the field is.
    Place { at: Option<u32>, stale: bool },
    /// How often each value occurs.
    Distinct(Box<FxHashMap<Value, u32>>),
}

/// An `i128` that is aligned like its neighbours, so that a state has 24 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wide([u64; 2]);

impl Wide {
    pub(super) fn get(self) -> i128 {
        (i128::from(self.0[1] as i64) << 64) | i128::from(self.0[0])
    }

    pub(super) fn set(&mut self, sum: i128) {
        self.0 = [sum as u64, (sum >> 64) as u64];
    }

    pub(super) fn add(&mut self, cell: u64) {
        self.set(self.get() + i128::from(cell as i64));
    }

    pub(super) fn subtract(&mut self, cell: u64) {
        self.set(self.get() - i128::from(cell as i64));
    }
}

/// Which entries a question is about, as far as their values don't matter.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Members {
    pub(super) count: usize,
    /// Position of the first one, where there is one.
    pub(super) first: usize,
    /// Position of the last one, where there is one.
    pub(super) last: usize,
}

impl State {
    /// What is known of no entries.
    pub(super) fn empty(question: Question) -> State {
        match question.fold {
            Fold::Count | Fold::Any | Fold::LastTime | Fold::FirstTime => State::Cold,
            Fold::Sum | Fold::Average if question.kind == Kind::Double => {
                State::Double { sum: 0.0, known: 0, stale: false }
            }
            Fold::Sum | Fold::Average => State::Exact { sum: Wide::default(), known: 0, negative: false },
            Fold::Min | Fold::Max => State::Best(Box::default()),
            Fold::Last | Fold::First => State::Place { at: None, stale: false },
            Fold::Distinct => State::Distinct(Box::default()),
        }
    }

    /// An entry behind all others has come into the range.
    pub(super) fn push(&mut self, question: Question, entries: &Entries, at: usize) {
        match self {
            State::Double { sum, known, .. } => {
                if let Some(cell) = entries.cell(at, question.field) {
                    *sum = plus(*sum, f64::from_bits(cell));
                    *known += 1;
                }
            }
            _ => self.insert(question, entries, at, true),
        }
    }

    /// An entry has been put at a position, inside the range (`member`) or before it.
    pub(super) fn insert(&mut self, question: Question, entries: &Entries, at: usize, member: bool) {
        match self {
            State::Place { at: Some(place), .. } if *place as usize >= at => *place += 1,
            State::Best(places) => {
                places
                    .iter_mut()
                    .rev()
                    .take_while(|place| **place as usize >= at)
                    .for_each(|place| *place += 1);
            }
            _ => {}
        }
        if !member {
            return;
        }
        match self {
            State::Cold => {}
            State::Exact { sum, known, negative } => {
                if let Some(cell) = entries.cell(at, question.field) {
                    sum.add(cell);
                    *known += 1;
                    *negative |= (cell as i64) < 0;
                }
            }
            State::Double { stale, known, .. } => {
                if at + 1 == entries.len() {
                    return self.push(question, entries, at);
                }
                if entries.has(at, question.field) {
                    *known += 1;
                    *stale = true;
                }
            }
            State::Best(places) => {
                let Some(cell) = entries.cell(at, question.field) else { return };
                let beats = |place: u32, other| {
                    entries
                        .cell(place as usize, question.field)
                        .is_some_and(|cell| beats(question, cell, other))
                };
                let mut behind = places.partition_point(|place| (*place as usize) < at);
                if let Some(next) =
                    places.get(behind).and_then(|next| entries.cell(*next as usize, question.field))
                    && !self::beats(question, cell, next)
                {
                    return;
                }
                while behind > 0 && places.get(behind - 1).is_some_and(|place| !beats(*place, cell)) {
                    behind -= 1;
                    places.remove(behind);
                }
                places.insert(behind, at as u32);
            }
            State::Place { at: place, .. } => {
                let before = place.map(|place| at < place as usize);
                let better = match question.fold {
                    Fold::First => before.is_none_or(|before| before),
                    _ => before.is_none_or(|before| !before),
                };
                if better && entries.has(at, question.field) {
                    *place = Some(at as u32);
                }
            }
            State::Distinct(values) => {
                if let Some(value) = entries.value(at, question.field) {
                    *values.entry(plain(question, value)).or_default() += 1;
                }
            }
        }
    }

    /// The first entry of the range leaves it.
    pub(super) fn remove(&mut self, question: Question, entries: &Entries, at: usize) {
        match self {
            State::Cold => {}
            State::Exact { sum, known, .. } => {
                if let Some(cell) = entries.cell(at, question.field) {
                    sum.subtract(cell);
                    *known -= 1;
                }
            }
            State::Double { sum, known, stale } => {
                if entries.has(at, question.field) {
                    *known -= 1;
                    (*stale, *sum) = (*known > 0, 0.0);
                }
            }
            State::Best(places) => {
                if places.front() == Some(&(at as u32)) {
                    places.pop_front();
                }
            }
            State::Place { at: place, stale } => {
                if *place == Some(at as u32) {
                    // Behind the last one there is none.
                    *stale = question.fold == Fold::First;
                    *place = None;
                }
            }
            State::Distinct(values) => {
                if let Some(value) = entries.value(at, question.field) {
                    let value = plain(question, value);
                    if let Some(count) = values.get_mut(&value) {
                        *count -= 1;
                        if *count == 0 {
                            values.remove(&value);
                        }
                    }
                }
            }
        }
    }

    /// Entries before the range are gone.
    pub(super) fn shift(&mut self, count: usize) {
        let shift = |place: &mut u32| *place = place.saturating_sub(count as u32);
        match self {
            State::Place { at: Some(place), .. } => shift(place),
            State::Best(places) => places.iter_mut().for_each(shift),
            _ => {}
        }
    }

    /// Makes it true of the entries from `first` on.
    pub(super) fn refresh(&mut self, question: Question, entries: &Entries, first: usize) {
        match self {
            State::Place { stale: true, .. } => {
                let at = (first..entries.len()).find(|at| entries.has(*at, question.field));
                *self = State::Place { at: at.map(|at| at as u32), stale: false };
            }
            State::Double { sum, stale, .. } if *stale => {
                let doubles = entries.cells(first, question.field).map(f64::from_bits);
                // What has become NaN stays so: then once more, carefully.
                *sum = doubles.clone().fold(0.0, |sum, value| sum + value);
                if sum.is_nan() {
                    *sum = doubles.fold(0.0, plus);
                }
                *stale = false;
            }
            State::Cold => {
                *self = State::empty(question);
                for at in first..entries.len() {
                    self.push(question, entries, at);
                }
            }
            _ => {}
        }
    }

    /// The answer; it must not be stale.
    pub(super) fn answer(&self, question: Question, entries: &Entries, members: Members) -> Option<Value> {
        let time = |at| (members.count > 0).then(|| Value::Cell(entries.time(at) as u64));
        match (question.fold, self) {
            (Fold::Count, _) => Some(Value::Cell(members.count as u64)),
            (Fold::Any, _) => Some(Value::Cell(u64::from(members.count > 0))),
            (Fold::LastTime, _) => time(members.last),
            (Fold::FirstTime, _) => time(members.first),
            (_, State::Cold) => None,
            (_, State::Exact { sum, known, .. }) => exact(question, sum.get(), u64::from(*known)),
            (Fold::Sum, State::Double { sum, .. }) => Some(Value::Cell(sum.to_bits())),
            (_, State::Double { known: 0, .. }) => None,
            (_, State::Double { sum, known, .. }) => Some(Value::Cell((sum / f64::from(*known)).to_bits())),
            (_, State::Best(places)) => entries.value(*places.front()? as usize, question.field),
            (_, State::Place { at, .. }) => entries.value((*at)? as usize, question.field),
            (_, State::Distinct(values)) => Some(Value::Cell(values.len() as u64)),
        }
    }

    /// Bytes on the heap, about.
    pub(super) fn memory(&self) -> usize {
        match self {
            State::Distinct(values) => {
                size_of_val(&**values) + values.capacity() * (size_of::<(Value, u32)>() + 1)
            }
            State::Best(places) => size_of_val(&**places) + places.capacity() * size_of::<u32>(),
            _ => 0,
        }
    }
}

/// A sum or an average of integers.
pub(super) fn exact(question: Question, sum: i128, known: u64) -> Option<Value> {
    let integer = |sum: i128| saturated(sum) as u64;
    match (question.fold, question.float) {
        (Fold::Sum, _) => Some(Value::Cell(integer(sum))),
        _ if known == 0 => None,
        (_, true) => Some(Value::Cell((sum as f64 / known as f64).to_bits())),
        (_, false) => Some(Value::Cell(integer(divide(sum, known.into())))),
    }
}

/// The nearest integer of 64 bits.
pub(super) fn saturated(sum: i128) -> i64 {
    sum.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

/// The quotient, ties to even.
fn divide(sum: i128, count: i128) -> i128 {
    let (quotient, rest) = (sum.div_euclid(count), sum.rem_euclid(count));
    match (2 * rest).cmp(&count) {
        Ordering::Less => quotient,
        Ordering::Greater => quotient + 1,
        Ordering::Equal => quotient + (quotient & 1),
    }
}

/// The sum of two doubles, which is never NaN (§4).
fn plus(left: f64, right: f64) -> f64 {
    let sum = left + right;
    if sum.is_nan() { f64::INFINITY } else { sum }
}

/// Whether a cell is smaller or larger, as is asked for, than another.
pub(super) fn beats(question: Question, cell: u64, other: u64) -> bool {
    let order = match question.kind {
        // Total, so that the order of entries doesn't matter: -0 is less than 0.
        Kind::Double => f64::from_bits(cell).total_cmp(&f64::from_bits(other)),
        _ => (cell as i64).cmp(&(other as i64)),
    };
    order == if question.fold == Fold::Min { Ordering::Less } else { Ordering::Greater }
}

/// One value for what is equal: -0 is 0.
pub(super) fn plain(question: Question, value: Value) -> Value {
    match value {
        Value::Cell(cell) if question.kind == Kind::Double && f64::from_bits(cell) == 0.0 => Value::Cell(0),
        value => value,
    }
}
