//! Slates of a few messages, for which looking at one after the other is quicker than rows: machine code without a loop,
//! in the order of classes and names.

use super::build::Asked;
use super::{Doubt, Found, Gate, SlateId};
use crate::ids::*;
use crate::jit::Caller;

/// A slate has no more entries than this to be decided so: from here on rows are quicker (`docs/benchmarks.md`).
pub(crate) const MOST_ENTRIES: usize = 24;

/// The entries of a small slate, with all that is asked of them.
#[derive(Debug)]
pub(crate) struct Straight {
    /// Better classes first, then by name, each message's ways in their order; 64 at most.
    pub(crate) entries: Box<[Asked]>,
    pub(super) openings: Openings,
}

/// What gates and the local date close of some entries, 64 at most.
#[derive(Debug)]
pub(super) struct Openings {
    /// Of each gate the entries that it closes.
    closed_by: Box<[u64]>,
    /// First and last local date, and the entry that is active between them.
    active: Box<[(i64, i64, u64)]>,
}

impl Openings {
    pub(super) fn of<'e>(entries: impl Iterator<Item = &'e Asked> + Clone, gates: &[Gate]) -> Openings {
        let closed = |gate: &Gate| {
            let asks = |(at, entry): (usize, &Asked)| u64::from(entry.gates.contains(gate)) << at;
            entries.clone().enumerate().map(asks).fold(0, |all, entry| all | entry)
        };
        let closed_by = gates.iter().map(closed).collect();
        let active = entries.clone().enumerate();
        let active =
            active.filter_map(|(at, entry)| entry.active.map(|(from, to)| (from, to, 1 << at))).collect();
        Openings { closed_by, active }
    }

    /// Whether the local date matters.
    pub(super) fn ask_for_date(&self) -> bool {
        !self.active.is_empty()
    }

    /// The entries that gates and the local date let pass, a bit for each.
    #[inline]
    pub(super) fn open(&self, date: i64, is_open: impl Iterator<Item = bool>) -> u64 {
        let mut open = !0_u64;
        for (closed, is_open) in self.closed_by.iter().zip(is_open) {
            if !is_open {
                open &= !closed;
            }
        }
        for (first, last, entry) in &self.active {
            if date < *first || *last < date {
                open &= !entry;
            }
        }
        open
    }
}

impl Straight {
    /// The entries that gates and the local date let pass, a bit for each.
    #[inline]
    pub(crate) fn open(&self, date: i64, is_open: impl Iterator<Item = bool>) -> u64 {
        self.openings.open(date, is_open)
    }

    /// The best of the entries that are open, and its bit.
    #[inline]
    pub(super) fn best(&self, slate: usize, caller: &mut Caller<'_>, open: u64) -> Option<(u64, Found)> {
        let (at, score) = caller.straight(slate, open)?;
        Some((1 << at, self.entries.get(at as usize)?.found(score)))
    }

    /// The best of the entries that are open and that stand, or the first before it about which `decide` can't say
    /// whether it does; and whether it stands. Those that are left are open then.
    #[inline]
    pub(crate) fn best_of(
        &self,
        slate: SlateId,
        caller: &mut Caller<'_>,
        open: &mut u64,
        mut decide: impl FnMut(&Found) -> Option<bool>,
    ) -> Option<(Found, bool)> {
        loop {
            let (entry, found) = self.best(slate.0 as usize, caller, *open)?;
            *open &= !entry;
            match if found.doubt == Doubt::None { Some(true) } else { decide(&found) } {
                Some(true) => return Some((found, true)),
                Some(false) => {}
                None => return Some((found, false)),
            }
        }
    }

    /// The first of some entries that all pass.
    pub(super) fn first(&self, entries: u64) -> Option<Found> {
        Some(self.entries.get(entries.trailing_zeros() as usize)?.found(0.0))
    }

    /// The entries of some messages.
    pub(super) fn of(&self, messages: &[MessageId]) -> u64 {
        let mut entries = 0;
        for (at, row) in self.entries.iter().enumerate() {
            entries |= u64::from(messages.contains(&row.message)) << at;
        }
        entries
    }
}
