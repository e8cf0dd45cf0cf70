//! What is kept of the past: it follows from what windows ask.

use super::{Digests, Fold, Keep, Plan, Source, Stream, Window, WindowSpan};
use crate::engine::slots_of;
use crate::ids::*;
use std::collections::BTreeSet;

impl Plan {
    /// Says of each stream what is kept of it and how long, from what windows ask of it now. Streams at which no window looks
    /// go.
    ///
    /// The state of customers is numbered by streams: their order follows from what they say, whoever asks for them.
    pub(crate) fn keep_what_is_asked_for(&mut self, digests: &Digests) {
        let mut asked = vec![Vec::new(); self.streams.len()];
        for (at, window) in self.windows.iter().enumerate() {
            asked[window.stream.index()].push(at);
        }
        let mut order: Vec<usize> = (0..asked.len()).filter(|stream| !asked[*stream].is_empty()).collect();
        order.sort_by_cached_key(|stream| {
            let Stream { event, filter, .. } = self.streams[*stream];
            (event, filter.map(|filter| digests.expr(filter)))
        });
        let windows = |stream: usize| asked[stream].iter().map(|at| &self.windows[*at]);
        self.streams = order.iter().map(|old| self.kept(&self.streams[*old], windows(*old))).collect();
        for (stream, old) in order.iter().enumerate() {
            for at in &asked[*old] {
                self.windows[*at].stream = StreamId::at(stream);
            }
        }
    }

    /// The stream, at which these windows look.
    fn kept<'w>(&self, stream: &Stream, windows: impl Iterator<Item = &'w Window>) -> Stream {
        let Stream { event, filter, .. } = *stream;
        let is_double = |field: u32| {
            let fields = self.events.get(event.index()).map(|event| &event.fields);
            fields.and_then(|fields| fields.get(field as usize)).is_some_and(|field| field.ty.is_float())
        };
        let mut keep = Keep::default();
        let mut fields = BTreeSet::new();
        for window in windows {
            fields.extend(window.field);
            fields.extend(window.filter.into_iter().flat_map(|filter| self.fields_of(filter)));
            match window.span {
                WindowSpan::Rolling(length) => keep.rolling = keep.rolling.max(length),
                WindowSpan::Calendar(calendar) => keep.calendar = keep.calendar.max(Some(calendar)),
                // A further condition may change its mind about any entry, and a sum of doubles depends on their
                // order, which a late event changes; all else can be had from running totals.
                WindowSpan::Ever => {
                    let adds = matches!(window.fold, Fold::Sum | Fold::Average);
                    keep.ever |= window.filter.is_some() || adds && window.field.is_some_and(is_double);
                }
            }
        }
        Stream { event, filter, fields: fields.into_iter().collect(), keep }
    }

    /// The fields of an event at which a filter looks.
    fn fields_of(&self, filter: ExprId) -> Vec<u32> {
        let source = |slot: &SlotId| match self.slots[slot.index()].source {
            Source::Field(field) => Some(field),
            _ => None,
        };
        slots_of(self, filter).iter().filter_map(source).collect()
    }
}
