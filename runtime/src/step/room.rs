//! Memory that steps work in again and again, so that they take none from the heap but for what stays.

use crate::intake::Fields;
use crate::profile::Snapshot;
use comity_compiler::ids::EventId;
use smallvec::SmallVec;
use smol_str::SmolStr;
use std::sync::Arc;

/// What a step finds left of the steps before.
#[derive(Default)]
pub(super) struct Room {
    /// For the texts of contents.
    pub(super) text: String,
    /// Events of the last steps: one that nobody keeps gives its place to the next.
    events: SmallVec<[Arc<Snapshot>; EVENTS]>,
}

/// Room is kept for so many events.
const EVENTS: usize = 4;

impl Room {
    /// An event; what it holds is taken, and room for as much given back where there is some.
    pub(super) fn event(&mut self, id: SmolStr, event: EventId, fields: &mut Fields) -> Arc<Snapshot> {
        let is_free = |kept: &mut Arc<Snapshot>| Arc::get_mut(kept).is_some();
        let free = self.events.iter_mut().position(is_free);
        if let Some(mut kept) = free.map(|at| self.events.swap_remove(at))
            && let Some(snapshot) = Arc::get_mut(&mut kept)
        {
            std::mem::swap(&mut snapshot.fields, fields);
            fields.fill(None);
            (snapshot.id, snapshot.event) = (id, event);
            return kept;
        }
        Arc::new(Snapshot { id, event, fields: std::mem::take(fields) })
    }

    /// An event has been dealt with.
    pub(super) fn keep(&mut self, event: Arc<Snapshot>) {
        if self.events.len() == EVENTS {
            self.events.remove(0);
        }
        self.events.push(event);
    }
}
