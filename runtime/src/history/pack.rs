//! The history as bytes: the entries that some rule can still ask for, and the totals. What is held ready of
//! answers is worked out again.

use super::History;
use super::layout::StreamLayout;
use super::log::Log;
use super::total::{Tally, Total};
use crate::state::{Damage, Reader, Writer};
use comity_compiler::ids::StreamId;
use comity_compiler::plan::Plan;
use comity_compiler::types::Type;
use comity_compiler::value::Value;

impl History {
    /// Writes what can be asked for at an instant or later.
    pub(crate) fn write(&self, to: &mut Writer<'_>, now: i64) {
        to.instant(self.now);
        let now = self.now.max(now);
        let kept = self.streams.iter().zip(&self.logs).filter_map(|(id, log)| {
            let layout = to.policy.history.stream(*id)?;
            let first = layout.horizon(now).map_or(0, |horizon| log.entries.after(horizon));
            let is_kept = first < log.entries.len() || log.tally.count > 0;
            is_kept.then_some((*id, log, layout, first))
        });
        let kept: smallvec::SmallVec<[_; 8]> = kept.collect();
        to.count(kept.len());
        let mut next = 0;
        for (id, log, layout, first) in kept {
            to.count(id.index() - next);
            next = id.index() + 1;
            log.write(to, layout, &types(to.plan, id), first);
        }
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<History, Damage> {
        let now = from.instant()?;
        let count = from.count()?;
        let (mut streams, mut logs) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut next: usize = 0;
        for _ in 0..count {
            let policy = from.policy;
            let id = StreamId::at(next.saturating_add(from.below(policy.plan.streams.len())? as usize));
            let layout = policy.history.stream(id).ok_or(Damage("it names what the policy hasn't"))?;
            streams.push(id);
            logs.push(Log::read(from, layout, &types(from.plan, id))?);
            next = id.index() + 1;
        }
        Ok(History { now, streams, logs, ..History::default() })
    }
}

/// What the kept fields of a stream hold.
fn types(plan: &Plan, id: StreamId) -> smallvec::SmallVec<[Type; 4]> {
    let stream = &plan.streams[id.index()];
    let fields = &plan.events[stream.event.index()].fields;
    stream.fields.iter().map(|field| fields[*field as usize].ty).collect()
}

impl Log {
    fn write(&self, to: &mut Writer<'_>, layout: &StreamLayout, types: &[Type], first: usize) {
        let entries = &self.entries;
        to.count(entries.len() - first);
        let mut before = None;
        for at in first..entries.len() {
            let Some((time, sequence)) = entries.key(at) else { continue };
            match before {
                None => {
                    to.instant(time);
                    to.number(sequence);
                }
                Some((before, received)) => {
                    to.number(time.wrapping_sub(before) as u64);
                    to.signed(sequence.wrapping_sub(received) as i64);
                }
            }
            before = Some((time, sequence));
            to.presence((0..types.len()).map(|field| entries.has(at, field)));
            for (field, ty) in types.iter().enumerate() {
                match entries.cell(at, field) {
                    Some(cell) => to.cell(*ty, cell),
                    None => entries.value(at, field).iter().for_each(|value| to.value(*ty, value)),
                }
            }
        }
        if !layout.has_totals {
            return;
        }
        to.number(self.tally.count);
        if self.tally.count == 0 {
            return;
        }
        to.instant(self.tally.oldest);
        to.instant(self.tally.newest);
        for (total, question) in self.totals.iter().zip(&layout.totals) {
            total.write(to, types.get(question.field).copied().unwrap_or(Type::Int));
        }
    }

    fn read(from: &mut Reader<'_>, layout: &StreamLayout, types: &[Type]) -> Result<Log, Damage> {
        let mut log = Log::new(layout);
        let mut before: Option<(i64, u64)> = None;
        let mut row: smallvec::SmallVec<[Option<Value>; 4]> = smallvec::smallvec![None; types.len()];
        let count = from.count()?;
        log.entries.reserve(count);
        for _ in 0..count {
            let key = match before {
                None => (from.instant()?, from.number()?),
                Some((time, received)) => {
                    (time.wrapping_add(from.number()? as i64), received.wrapping_add(from.signed()? as u64))
                }
            };
            if before.is_some_and(|before| key < before) {
                return Err(Damage("events are not in their order"));
            }
            before = Some(key);
            let present = from.presence(types.len())?;
            for (field, ty) in types.iter().enumerate() {
                row[field] = if present.has(field) { Some(from.value(*ty)?) } else { None };
            }
            log.entries.insert(key, |field| row.get(field)?.as_ref());
        }
        if !layout.has_totals {
            return Ok(log);
        }
        let count = from.number()?;
        if count == 0 {
            return Ok(log);
        }
        log.tally = Tally { count, oldest: from.instant()?, newest: from.instant()? };
        for (total, question) in log.totals.iter_mut().zip(&layout.totals) {
            total.read(from, types.get(question.field).copied().unwrap_or(Type::Int))?;
        }
        Ok(log)
    }
}

impl Total {
    fn write(&self, to: &mut Writer<'_>, ty: Type) {
        match self {
            Total::Exact { sum, known } => {
                to.wide(sum.get());
                to.number(*known);
            }
            Total::Best(best) => {
                to.presence(std::iter::once(best.is_some()));
                best.iter().for_each(|cell| to.cell(ty, *cell));
            }
            Total::Edge(edge) => {
                to.presence(std::iter::once(edge.is_some()));
                if let Some((time, sequence, value)) = edge.as_deref() {
                    to.instant(*time);
                    to.number(*sequence);
                    to.value(ty, value);
                }
            }
            Total::Distinct(values) => {
                to.members(ty, values.iter());
            }
        }
    }

    /// Reads into an empty one.
    fn read(&mut self, from: &mut Reader<'_>, ty: Type) -> Result<(), Damage> {
        match self {
            Total::Exact { sum, known } => {
                sum.set(from.wide()?);
                *known = from.number()?;
            }
            Total::Best(best) => {
                if from.presence(1)?.has(0) {
                    *best = Some(from.cell(ty)?);
                }
            }
            Total::Edge(edge) => {
                if from.presence(1)?.has(0) {
                    *edge = Some(Box::new((from.instant()?, from.number()?, from.value(ty)?)));
                }
            }
            Total::Distinct(values) => {
                for _ in 0..from.count()? {
                    values.insert(from.value(ty)?);
                }
            }
        }
        Ok(())
    }
}
