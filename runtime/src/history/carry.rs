//! The history under another version of the policy: what was kept and is asked for again.

use super::History;
use super::layout::Question;
use super::log::Log;
use super::total::Total;
use crate::state::Carry;
use comity_compiler::ids::StreamId;
use comity_compiler::plan::Stream;
use comity_compiler::types::Type;
use comity_compiler::value::Value;

impl History {
    /// What the new policy asks for and the old one didn't keep begins empty.
    pub(crate) fn carry(&self, carry: &Carry) -> History {
        let (old, new) = (&carry.old, &carry.new);
        let mut carried = History { now: self.now, ..History::default() };
        for (at, stream) in new.plan.streams.iter().enumerate() {
            let id = StreamId::at(at);
            let Some(before) = carry.streams[at] else { continue };
            let (Some(log), Some(layout), Some(layout_before)) =
                (self.log(before), new.history.stream(id), old.history.stream(before))
            else {
                continue;
            };
            let stream_before = &old.plan.streams[before.index()];
            let fields = carry.fields(stream_before.event, stream.event);
            for entry in self.entries(&old.history, before) {
                let value = |field: &Option<(u32, (Type, Type))>| {
                    let (at, types) = (*field)?;
                    carry.value(types, &entry.field(at)?)
                };
                let row: Vec<Option<Value>> = fields.iter().map(value).collect();
                carried.insert(&new.history, id, entry.time(), entry.sequence(), &row);
            }
            if !layout.has_totals || log.tally.count == 0 {
                continue;
            }
            let at = carried.streams.binary_search(&id).unwrap_or_else(|at| {
                carried.streams.insert(at, id);
                carried.logs.insert(at, Log::new(layout));
                at
            });
            // Totals count what has long been forgotten.
            carried.logs[at].tally = log.tally;
            for (total, question) in carried.logs[at].totals.iter_mut().zip(&layout.totals) {
                let same = |(_, other): &(&Total, &Question)| {
                    let [name, name_before] = [
                        field(&new.plan.events, stream, question.field),
                        field(&old.plan.events, stream_before, other.field),
                    ];
                    (question.fold, question.kind, question.float) == (other.fold, other.kind, other.float)
                        && name.is_some_and(|(name, _)| name_before.is_some_and(|(other, _)| name == other))
                };
                let known = log.totals.iter().zip(&layout_before.totals).find(same);
                if let Some((known, other)) = known
                    && let Some((_, from)) = field(&old.plan.events, stream_before, other.field)
                    && let Some((_, to)) = field(&new.plan.events, stream, question.field)
                {
                    *total = known.carry(|value| carry.value((from, to), value));
                }
            }
        }
        carried
    }
}

/// The name and the type of a kept field.
fn field<'e>(
    events: &'e [comity_compiler::plan::Event],
    stream: &Stream,
    field: usize,
) -> Option<(&'e str, Type)> {
    let at = *stream.fields.get(field)? as usize;
    let field = events.get(stream.event.index())?.fields.get(at)?;
    Some((&field.name, field.ty))
}

impl Total {
    fn carry(&self, value: impl Fn(&Value) -> Option<Value>) -> Total {
        match self {
            Total::Exact { sum, known } => Total::Exact { sum: *sum, known: *known },
            Total::Best(best) => {
                let best = best.and_then(|cell| value(&Value::Cell(cell)));
                Total::Best(best.and_then(|best| match best {
                    Value::Cell(cell) => Some(cell),
                    _ => None,
                }))
            }
            Total::Edge(edge) => {
                let edge = edge.as_ref().and_then(|edge| Some((edge.0, edge.1, value(&edge.2)?)));
                Total::Edge(edge.map(Box::new))
            }
            Total::Distinct(values) => Total::Distinct(Box::new(values.iter().filter_map(value).collect())),
        }
    }
}
