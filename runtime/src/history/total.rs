//! Answers over the whole history that need no entries.

use super::layout::{Kind, Question};
use super::state::{Wide, beats, exact, plain};
use comity_compiler::plan::Fold;
use comity_compiler::value::Value;
use rustc_hash::FxHashSet;

/// How many events there were, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) oldest: i64,
    pub(super) newest: i64,
}

/// The answer to one question, over all events that there ever were.
#[derive(Clone, Debug)]
pub(super) enum Total {
    Exact {
        sum: Wide,
        known: u64,
    },
    Best(Option<u64>),
    /// The first or last value with its event's time and sequence.
    Edge(Option<Box<(i64, u64, Value)>>),
    Distinct(Box<FxHashSet<Value>>),
}

impl Tally {
    pub(super) const EMPTY: Tally = Tally { count: 0, oldest: i64::MAX, newest: i64::MIN };

    pub(super) fn add(&mut self, time: i64) {
        self.merge(Tally { count: 1, oldest: time, newest: time });
    }

    pub(super) fn merge(&mut self, other: Tally) {
        self.count += other.count;
        self.oldest = self.oldest.min(other.oldest);
        self.newest = self.newest.max(other.newest);
    }

    /// The answer to a question that needs no values.
    pub(super) fn answer(self, question: Question) -> Option<Value> {
        let known = self.count > 0;
        match question.fold {
            Fold::LastTime => known.then_some(Value::Cell(self.newest as u64)),
            Fold::FirstTime => known.then_some(Value::Cell(self.oldest as u64)),
            Fold::Any => Some(Value::Cell(u64::from(known))),
            _ => Some(Value::Cell(self.count)),
        }
    }
}

impl Total {
    pub(super) fn empty(question: Question) -> Total {
        match question.fold {
            Fold::Min | Fold::Max => Total::Best(None),
            Fold::Last | Fold::First => Total::Edge(None),
            Fold::Distinct => Total::Distinct(Box::default()),
            _ => Total::Exact { sum: Wide::default(), known: 0 },
        }
    }

    pub(super) fn add(&mut self, question: Question, (time, sequence): (i64, u64), value: &Value) {
        let cell = match value {
            Value::Cell(cell) => Some(*cell),
            _ => None,
        };
        if cell.is_none() && question.kind != Kind::Value {
            return;
        }
        match (self, cell) {
            (Total::Exact { sum, known }, Some(cell)) if question.kind != Kind::Value => {
                sum.add(cell);
                *known += 1;
            }
            (Total::Best(best), Some(cell)) if question.kind != Kind::Value => improve(question, best, cell),
            (Total::Edge(edge), _) => {
                let new = (time, sequence, value.clone());
                match edge {
                    Some(edge) if replaces(question, key(&new), key(edge)) => **edge = new,
                    Some(_) => {}
                    None => *edge = Some(Box::new(new)),
                }
            }
            (Total::Distinct(values), _) => {
                values.insert(plain(question, value.clone()));
            }
            _ => {}
        }
    }

    /// As if all that the other has counted had been added here.
    pub(super) fn merge(&mut self, question: Question, other: Total) {
        match (self, other) {
            (Total::Exact { sum, known }, Total::Exact { sum: sum2, known: known2 }) => {
                sum.set(sum.get() + sum2.get());
                *known += known2;
            }
            (Total::Best(best), Total::Best(Some(cell))) => improve(question, best, cell),
            (Total::Edge(edge), Total::Edge(Some(other))) => match edge {
                Some(edge) if !replaces(question, key(&other), key(edge)) => {}
                edge => *edge = Some(other),
            },
            (Total::Distinct(values), Total::Distinct(other)) => values.extend(*other),
            _ => {}
        }
    }

    pub(super) fn answer(&self, question: Question) -> Option<Value> {
        match self {
            Total::Exact { sum, known } => exact(question, sum.get(), *known),
            Total::Best(best) => best.map(Value::Cell),
            Total::Edge(edge) => edge.as_ref().map(|edge| edge.2.clone()),
            Total::Distinct(values) => Some(Value::Cell(values.len() as u64)),
        }
    }

    /// Bytes on the heap, about.
    pub(super) fn memory(&self) -> usize {
        match self {
            Total::Edge(Some(edge)) => size_of_val(&**edge) + super::entries::value_memory(&edge.2),
            Total::Distinct(values) => size_of_val(&**values) + values.capacity() * (size_of::<Value>() + 1),
            _ => 0,
        }
    }
}

fn improve(question: Question, best: &mut Option<u64>, cell: u64) {
    if best.is_none_or(|best| beats(question, cell, best)) {
        *best = Some(cell);
    }
}

fn key(edge: &(i64, u64, Value)) -> (i64, u64) {
    (edge.0, edge.1)
}

/// Whether the value of one event takes the place of another's.
fn replaces(question: Question, new: (i64, u64), old: (i64, u64)) -> bool {
    if question.fold == Fold::First { new < old } else { new >= old }
}
