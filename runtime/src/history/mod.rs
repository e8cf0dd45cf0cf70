//! What is known of a customer's past: exactly what some rule can still ask for (language reference §5.1).
//!
//! A [`History`] belongs to one profile and a [`Layout`] to the plan. Events come with the instant at which they
//! happened and the number under which they were received; those of equal time are ordered by it. The answers to
//! windows without a further filter are held ready and move with time; those with one look at the entries in
//! their span. What was answered is kept until something can change it. [`recompute`] says what all of this means.
//!
//! A question is about an instant that is not before the latest event. Events go by what they make of time:
//! what no rule can ask for after the latest of them isn't kept.

mod aggregates;
mod carry;
mod definition;
mod entries;
mod layout;
mod log;
mod pack;
mod state;
#[cfg(test)]
mod tests;
mod total;

pub use definition::{Past, recompute};
pub use layout::Layout;

use crate::zone::Zone;
use aggregates::Aggregates;
use comity_compiler::engine::Answer;
use comity_compiler::frame::Frame;
use comity_compiler::ids::{SlotId, StreamId, WindowId};
use comity_compiler::plan::Comparison;
use comity_compiler::value::Value;
use entries::Entries;
use layout::{Place, WindowLayout};
use log::{Answered, Log};

/// The past of one profile. Without entries it owns no memory.
#[derive(Clone, Debug)]
pub struct History {
    /// The time of the latest event.
    now: i64,
    /// Ascending: those that have a log. Apart from these, so that looking for one reads little.
    streams: Vec<StreamId>,
    /// In the order of the streams.
    logs: Vec<Log>,
    /// What windows have answered.
    aggregates: Aggregates,
}

/// A kept event.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'h> {
    entries: &'h Entries,
    at: usize,
    fields: &'h [u32],
}

impl Entry<'_> {
    /// When it happened, µs since 1970-01-01T00:00:00Z.
    pub fn time(&self) -> i64 {
        self.entries.time(self.at)
    }

    /// The number under which it was received.
    pub fn sequence(&self) -> u64 {
        self.entries.key(self.at).map_or(0, |key| key.1)
    }

    /// The value of a field, by its position in the event's declaration; `None` where the event lacks it or it
    /// isn't kept.
    pub fn field(&self, field: u32) -> Option<Value> {
        self.entries.value(self.at, self.fields.binary_search(&field).ok()?)
    }

    /// The same where only a cell is wanted: faster, and `None` for texts and sets that aren't cells.
    pub fn cell(&self, field: u32) -> Option<u64> {
        let field = self.fields.binary_search(&field).ok()?;
        self.entries.cell(self.at, field).or_else(|| match self.entries.value(self.at, field)? {
            Value::Cell(cell) => Some(cell),
            _ => None,
        })
    }
}

impl Default for History {
    fn default() -> History {
        History { now: i64::MIN, streams: Vec::new(), logs: Vec::new(), aggregates: Aggregates::default() }
    }
}

impl History {
    /// Takes in an event that passes a stream's filter: its time, the number under which it was received, and its
    /// fields by their position in the event's declaration. It can be late. What no rule can ask for any more
    /// isn't kept.
    pub fn insert(
        &mut self,
        layout: &Layout,
        stream: StreamId,
        time: i64,
        sequence: u64,
        fields: &[Option<Value>],
    ) {
        let Some(kept) = layout.stream(stream) else { return };
        // So that every entry is later than the beginning of time.
        let key = (time.max(i64::MIN + 1), sequence);
        self.now = self.now.max(key.0);
        let horizon = kept.horizon(self.now);
        let is_kept = horizon.is_none_or(|horizon| key.0 > horizon);
        if !is_kept && !kept.has_totals {
            return;
        }
        self.aggregates.forget(kept.aggregates.clone());
        let value = |field: usize| fields.get(*kept.fields.get(field)? as usize)?.as_ref();
        let at = self.streams.binary_search(&stream).unwrap_or_else(|at| {
            self.streams.insert(at, stream);
            self.logs.insert(at, Log::new(kept));
            at
        });
        let Some(log) = self.logs.get_mut(at) else { return };
        if kept.has_totals {
            log.count(kept, key, value);
        }
        if let Some(horizon) = horizon {
            log.prune(kept, horizon, true);
        }
        if is_kept {
            log.insert(kept, key, value);
        }
    }

    /// The answer to a window without a further filter. A filter that it has is not looked at: see
    /// [`History::window_filtered`].
    pub fn window(&mut self, layout: &Layout, window: WindowId, now: i64, zone: &Zone) -> Option<Value> {
        let (id, window) = (window, layout.window(window)?);
        // What is kept of one with a filter is the answer to another question.
        let is_whole = !matches!(window.place, Place::Entries);
        if let Some(Answer { cell, known }) = self.known(layout, id, now, zone).filter(|_| is_whole) {
            return known.then_some(Value::Cell(cell));
        }
        let stream = layout.stream(window.stream)?;
        let Some(log) = self.log_mut(window.stream) else { return nothing(window) };
        let answered = log.answer(stream, window, now, zone);
        if is_whole { self.keep(layout, window, now, zone, answered) } else { answered.value }
    }

    /// The answer to a window over those entries that pass its further filter. Where that looks at nothing but the
    /// entries, the answer is kept.
    pub fn window_filtered(
        &mut self,
        layout: &Layout,
        window: WindowId,
        now: i64,
        zone: &Zone,
        filter: impl FnMut(&Entry<'_>) -> bool,
    ) -> Option<Value> {
        let answered = self.scan(layout, window, now, zone, filter)?;
        self.keep(layout, layout.window(window)?, now, zone, answered)
    }

    /// What a window answers, where that is known from a question before.
    #[inline]
    pub fn known(&self, layout: &Layout, window: WindowId, now: i64, zone: &Zone) -> Option<Answer> {
        self.aggregates.get(layout.window(window)?.aggregate?, now, zone.id())
    }

    /// Fills slots in a frame with the answers at places ([`Layout::aggregate`]), where they are known from questions
    /// before and the slots aren't filled.
    pub fn fill(&self, slots: &[(SlotId, usize)], now: i64, zone: &Zone, frame: &mut Frame) {
        self.aggregates.fill(slots, now, zone.id(), frame);
    }

    fn keep(
        &mut self,
        layout: &Layout,
        window: &WindowLayout,
        now: i64,
        zone: &Zone,
        Answered { value, until }: Answered,
    ) -> Option<Value> {
        if let Some(place) = window.aggregate {
            self.aggregates.keep((place, layout.aggregates), (now, until), zone.id(), value.as_ref());
        }
        value
    }

    /// The answer to a window over those entries that pass any filter.
    pub fn window_where(
        &self,
        layout: &Layout,
        window: WindowId,
        now: i64,
        zone: &Zone,
        filter: impl FnMut(&Entry<'_>) -> bool,
    ) -> Option<Value> {
        self.scan(layout, window, now, zone, filter)?.value
    }

    fn scan(
        &self,
        layout: &Layout,
        window: WindowId,
        now: i64,
        zone: &Zone,
        mut filter: impl FnMut(&Entry<'_>) -> bool,
    ) -> Option<Answered> {
        let window = layout.window(window)?;
        let fields = layout.stream(window.stream).map_or(&[][..], |stream| &stream.fields);
        let Some(log) = self.log(window.stream) else {
            // Where there is nothing, nothing is kept.
            return Some(Answered { value: nothing(window), until: now });
        };
        let entries = &log.entries;
        Some(log.scan(window, now, zone, |at| filter(&Entry { entries, at, fields })))
    }

    /// The next instant after `now` at which what a window holds can change although no event comes; `None` where
    /// it can't. Never late; with a further filter it may be early. An event that comes in can bring it forward.
    pub fn next_change(&self, layout: &Layout, window: WindowId, now: i64, zone: &Zone) -> Option<i64> {
        let window = layout.window(window)?;
        self.log(window.stream)?.next_change(window, now, zone)
    }

    /// The next instant after `now` at which the answer to a window ([`Window::is_foreseen`]) compares differently
    /// with an integer although no event comes; `None` where it doesn't. Never late; it may be early.
    ///
    /// [`Window::is_foreseen`]: comity_compiler::plan::Window::is_foreseen
    pub fn next_crossing(
        &mut self,
        layout: &Layout,
        window: WindowId,
        (comparison, value): (Comparison, i64),
        now: i64,
        zone: &Zone,
    ) -> Option<i64> {
        let window = layout.window(window)?;
        let stream = layout.stream(window.stream)?;
        self.log_mut(window.stream)?.next_crossing(stream, window, (comparison, value), now, zone)
    }

    /// The kept events of a stream, oldest first. There may be some that no rule asks for any more, up to an
    /// eighth of them.
    pub fn entries<'h>(
        &'h self,
        layout: &'h Layout,
        stream: StreamId,
    ) -> impl DoubleEndedIterator<Item = Entry<'h>> {
        let fields = layout.stream(stream).map_or(&[][..], |stream| &stream.fields);
        let log = self.log(stream);
        let len = log.map_or(0, |log| log.entries.len());
        (0..len).filter_map(move |at| Some(Entry { entries: &log?.entries, at, fields }))
    }

    /// Drops everything that no rule can ask for at `now` or later.
    pub fn prune(&mut self, layout: &Layout, now: i64) {
        self.now = self.now.max(now);
        let (streams, logs) = (std::mem::take(&mut self.streams), std::mem::take(&mut self.logs));
        for (id, mut log) in streams.into_iter().zip(logs) {
            let Some(stream) = layout.stream(id) else { continue };
            if let Some(horizon) = stream.horizon(self.now) {
                log.prune(stream, horizon, false);
            }
            if stream.has_totals || log.entries.len() > 0 {
                self.streams.push(id);
                self.logs.push(log);
            }
        }
        if self.logs.is_empty() {
            self.aggregates = Aggregates::default();
        }
    }

    /// Takes in another profile's history, as if its events had all come here; of events that agree in time and
    /// number, this profile's own come first. Both must be of the same layout.
    pub fn merge(&mut self, layout: &Layout, other: History) {
        self.aggregates = Aggregates::default();
        for (id, log) in other.streams.into_iter().zip(other.logs) {
            match self.streams.binary_search(&id) {
                Ok(at) => {
                    if let (Some(mine), Some(stream)) = (self.logs.get_mut(at), layout.stream(id)) {
                        mine.merge(stream, log);
                    }
                }
                Err(at) => {
                    self.streams.insert(at, id);
                    self.logs.insert(at, log);
                }
            }
        }
        self.prune(layout, other.now);
    }

    /// Bytes that it takes, about; texts that are shared count each time.
    pub fn memory(&self) -> usize {
        let logs: usize = self.logs.iter().map(Log::memory).sum();
        let index = self.streams.capacity() * size_of::<StreamId>();
        let kept = self.aggregates.memory();
        size_of::<History>() + index + self.logs.capacity() * size_of::<Log>() + logs + kept
    }

    fn log(&self, stream: StreamId) -> Option<&Log> {
        let at = self.streams.binary_search(&stream).ok()?;
        self.logs.get(at)
    }

    fn log_mut(&mut self, stream: StreamId) -> Option<&mut Log> {
        let at = self.streams.binary_search(&stream).ok()?;
        self.logs.get_mut(at)
    }
}

/// The answer where there is no event.
fn nothing(window: &WindowLayout) -> Option<Value> {
    use comity_compiler::plan::Fold;
    // The integer 0, the double 0 and `false` have the same cell.
    matches!(window.question.fold, Fold::Count | Fold::Any | Fold::Sum | Fold::Distinct)
        .then_some(Value::Cell(0))
}
