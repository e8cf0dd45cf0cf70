//! Slates of a few messages, for which looking at one after the other is quicker than rows: machine code without a loop,
//! in the order of classes and names.

use super::clause::Choice;
use super::{Doubt, Found, SlateId};
use crate::ids::*;
use crate::jit::Caller;

/// A slate has no more entries than this to be decided so: from here on rows are quicker (`docs/benchmarks.md`).
pub(crate) const MOST_ENTRIES: usize = 24;

/// The entries of a small slate, with all that is asked of them.
#[derive(Clone, Debug)]
pub(crate) struct Straight {
    /// Better classes first, then by name, each message's ways in their order; 64 at most.
    pub(crate) entries: Box<[Row]>,
    /// Of each gate the entries that it closes.
    pub(super) closed_by: Box<[u64]>,
    /// First and last local date, and the entry that is active between them.
    pub(super) active: Box<[(i64, i64, u64)]>,
}

/// A message on one of its ways.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) message: MessageId,
    pub(crate) way: u32,
    pub(crate) rank: u32,
    pub(crate) choices: Vec<Choice>,
    pub(crate) score: ExprId,
    /// What conditions, gates and date can't say of it: nothing, or whether its caps are full.
    pub(super) doubt: Doubt,
}

impl Straight {
    /// All conditions and scores, as often as they are asked for.
    pub(crate) fn exprs(&self) -> impl Iterator<Item = ExprId> {
        let conditions = |row: &Row| row.choices.iter().flatten().map(|(expr, _)| *expr).collect::<Vec<_>>();
        self.entries.iter().flat_map(move |row| conditions(row).into_iter().chain([row.score]))
    }

    /// The entries that gates and the local date let pass, a bit for each.
    #[inline]
    pub(crate) fn open(&self, date: i64, is_open: impl Iterator<Item = bool>) -> u64 {
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

    /// The best of the entries that are open, and its bit.
    #[inline]
    pub(super) fn best(&self, slate: usize, caller: &mut Caller<'_>, open: u64) -> Option<(u64, Found)> {
        let (at, score) = caller.straight(slate, open)?;
        let Row { message, way, rank, doubt, .. } = *self.entries.get(at as usize)?;
        Some((1 << at, Found { message, way, rank, score, doubt }))
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
        let Row { message, way, rank, doubt, .. } = *self.entries.get(entries.trailing_zeros() as usize)?;
        Some(Found { message, way, rank, score: 0.0, doubt })
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
