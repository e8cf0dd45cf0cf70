//! Which parts of the history an event enters. Most filters ask for one value of one field (`department == "deli"`): it
//! is looked up, so that an event costs the same however many values the policy asks for.

use comity_compiler::ids::*;
use comity_compiler::plan::{Comparison, Op, Plan, Source};
use comity_compiler::value::Value;
use rustc_hash::FxHashMap;

/// The streams of one type of event.
#[derive(Default)]
pub(crate) struct Entrances {
    /// Those that are no matter of one value.
    others: Vec<Entrance>,
    /// By field, and by the cell that it must have.
    by_value: Vec<(u32, FxHashMap<u64, Vec<Entrance>>)>,
}

/// A stream that an event may enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entrance {
    pub(crate) stream: StreamId,
    /// What the event must pass besides.
    pub(crate) filter: Option<ExprId>,
}

impl Entrances {
    /// Adds a stream; where conditions are counted, nothing is looked up instead of being asked.
    pub(super) fn add(&mut self, plan: &Plan, stream: StreamId, counting: bool) {
        let filter = plan.streams[stream.index()].filter;
        let asked = filter.filter(|_| !counting).and_then(|filter| asked_value(plan, filter));
        let Some((field, cells, is_all)) = asked else {
            return self.others.push(Entrance { stream, filter });
        };
        let known = self.by_value.iter().position(|(one, _)| *one == field);
        let known = known.unwrap_or_else(|| {
            self.by_value.push((field, FxHashMap::default()));
            self.by_value.len() - 1
        });
        let entrance = Entrance { stream, filter: if is_all { None } else { filter } };
        for cell in cells {
            self.by_value[known].1.entry(*cell).or_default().push(entrance);
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.others.is_empty() && self.by_value.is_empty()
    }

    /// Those that an event with these fields may enter.
    pub(crate) fn of(&self, fields: &[Option<Value>]) -> impl Iterator<Item = Entrance> {
        let of_value = self.by_value.iter().filter_map(|(field, streams)| {
            // A text that isn't a cell is none that the policy names.
            let Some(Value::Cell(cell)) = fields.get(*field as usize)? else { return None };
            streams.get(cell)
        });
        self.others.iter().chain(of_value.flatten()).copied()
    }
}

/// The field that a filter asks to have one of some values, these as cells, and whether it asks for nothing else.
fn asked_value(plan: &Plan, filter: ExprId) -> Option<(u32, &[u64], bool)> {
    let op = &plan.expr(filter).op;
    if let Op::And(a, b) = op {
        let (field, cells, _) = asked_value(plan, *a).or_else(|| asked_value(plan, *b))?;
        return Some((field, cells, false));
    }
    let (value, cells) = match op {
        Op::Compare(Comparison::Equal, a, b) => match &plan.expr(*b).op {
            Op::Constant(cell) => (*a, std::slice::from_ref(cell)),
            _ => return None,
        },
        Op::In(a, cells) => (*a, &cells[..]),
        _ => return None,
    };
    let Op::Slot(slot) = plan.expr(value).op else { return None };
    let slot = &plan.slots[slot.index()];
    // Equal doubles can have different bits, and a set is no cell.
    let by_bits = !slot.ty.is_float() && !matches!(slot.ty, comity_compiler::types::Type::Set(_));
    match slot.source {
        Source::Field(field) if by_bits => Some((field, cells, true)),
        _ => None,
    }
}
