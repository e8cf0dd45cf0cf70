//! Looking through a slate.

use super::kernel::{BLOCK, Block, WORD, WORDS, all_of};
use super::straight::Straight;
use super::{Doubt, Entry, Slate, SlateId, Word};
use crate::ids::*;
use crate::jit::Caller;

/// Where a look through a slate stands. It can be used again and again, for any slate; then nothing is allocated.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Of each axis, condition, gate, and of the date: the row that the customer is in.
    pub(crate) rows: Vec<u32>,
    /// Of a small slate: the entries that gates and date let pass.
    pub(super) open: u64,
    block: usize,
    /// What is left of the block.
    left: [u64; WORDS],
    word: usize,
    best: Option<Found>,
    /// Whether all are asked for, and not the best one.
    wants_all: bool,
}

/// A message that may leave on one of its ways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The message.
    pub message: MessageId,
    /// Which of the ways that it has on this occasion.
    pub way: u32,
    /// 0 is the first class.
    pub rank: u32,
    /// Finite, where the best is looked for.
    pub score: f64,
    /// What is still to be found out about it.
    pub doubt: Doubt,
}

impl Found {
    /// Whether it comes before another one: by class, then score, then name (reference §9). Messages are numbered in
    /// the order of their names.
    pub fn is_before(&self, other: &Found) -> bool {
        let by_score = || (other.score + 0.0).total_cmp(&(self.score + 0.0));
        self.rank.cmp(&other.rank).then_with(by_score).then(self.message.cmp(&other.message)).is_lt()
    }
}

impl Scan {
    /// Begins to look for the best, or for all. The rows have been set.
    pub(crate) fn begin(&mut self, wants_all: bool) {
        self.block = 0;
        self.word = WORDS;
        self.left = [0; WORDS];
        self.best = None;
        self.wants_all = wants_all;
    }

    /// The best that has been found and is certain.
    pub fn best(&self) -> Option<Found> {
        self.best
    }

    /// What is in doubt and was found last is certain now.
    pub fn confirm(&mut self, slate: &Slate, found: Found) {
        self.take(found);
        match slate.straight() {
            // It was the best of those about which nobody had decided.
            Some(_) => self.open = 0,
            None => self.skip_ways(slate, found.message),
        }
    }

    fn take(&mut self, found: Found) {
        if self.best.is_none_or(|best| found.is_before(&best)) {
            self.best = Some(found);
        }
    }

    /// The other ways of a message that stands with one don't matter.
    fn skip_ways(&mut self, slate: &Slate, message: MessageId) {
        while self.word < WORDS && self.left[self.word] != 0 {
            let position = self.position();
            if slate.entries[position].message != message {
                break;
            }
            self.left[self.word] &= self.left[self.word] - 1;
        }
    }

    /// Of the next one in this word.
    fn position(&self) -> usize {
        (self.block - 1) * BLOCK + self.word * WORD + self.left[self.word].trailing_zeros() as usize
    }

    /// Goes on until something is found that is in doubt, and better than what is certain; of all, to the next one.
    pub(crate) fn next(
        &mut self,
        slate: &Slate,
        caller: &mut Caller<'_>,
        (id, excluded): (SlateId, &[MessageId]),
    ) -> Option<Found> {
        if let Some(straight) = slate.straight() {
            return self.next_of_few(straight, caller, (id, excluded));
        }
        loop {
            while self.word < WORDS {
                // Several that are left are worth the question whether any of them matters.
                if self.left[self.word].count_ones() > 2 && self.best.is_some() {
                    let at = (self.block - 1) * WORDS + self.word;
                    let word = &slate.words[at];
                    if !self.can_win(slate, caller, word) {
                        let end = (word.end as usize - (self.block - 1) * WORDS).min(WORDS);
                        self.left[self.word..end].fill(0);
                        self.word = end;
                        continue;
                    }
                }
                while self.left[self.word] != 0 {
                    let entry = &slate.entries[self.position()];
                    self.left[self.word] &= self.left[self.word] - 1;
                    if let Some(found) = self.look(slate, caller, excluded, entry) {
                        return Some(found);
                    }
                }
                self.word += 1;
            }
            if !self.next_block(slate, caller) {
                return None;
            }
        }
    }

    /// The same of a slate of a few messages.
    fn next_of_few(
        &mut self,
        straight: &Straight,
        caller: &mut Caller<'_>,
        (id, excluded): (SlateId, &[MessageId]),
    ) -> Option<Found> {
        let slate = id.0 as usize;
        if self.wants_all {
            if self.block == 0 {
                self.open = caller.straight_all(slate, self.open & !straight.of(excluded));
                self.block = 1;
            }
            let found = straight.first(self.open)?;
            self.open &= self.open - 1;
            return Some(found);
        }
        if !excluded.is_empty() {
            self.open &= !straight.of(excluded);
        }
        let (entry, found) = straight.best(slate, caller, self.open)?;
        if found.doubt == Doubt::None {
            // Whoever was in doubt before has failed, or nobody would ask any more.
            self.open = 0;
            self.best = Some(found);
            return None;
        }
        self.open &= !entry;
        Some(found)
    }

    /// Looks at one that is left; gives it where someone must decide about it.
    #[inline]
    fn look(
        &mut self,
        slate: &Slate,
        caller: &mut Caller<'_>,
        excluded: &[MessageId],
        entry: &Entry,
    ) -> Option<Found> {
        if self.wants_all {
            let Entry { message, way, rank, doubt, .. } = *entry;
            let passes = !excluded.contains(&message) && self.chooses(slate, entry);
            return passes.then_some(Found { message, way, rank, score: 0.0, doubt });
        }
        let score = caller.score(entry.shape, &slate.parameters[entry.parameters as usize..]);
        let Entry { message, way, rank, doubt, .. } = *entry;
        let found = Found { message, way, rank, score, doubt };
        let has_more_ways =
            self.left[self.word] != 0 && { slate.entries[self.position()].message == message };
        let is_better = self.best.is_none_or(|best| found.is_before(&best));
        if !score.is_finite() || (!is_better && !has_more_ways) {
            return None;
        }
        if excluded.contains(&message) || !self.chooses(slate, entry) {
            return None;
        }
        if doubt != Doubt::None {
            // Whether it passes decides about the message's other ways, too.
            return Some(found);
        }
        self.take(found);
        self.skip_ways(slate, message);
        None
    }

    /// Whether what is asked of an entry besides its rows holds.
    #[inline]
    fn chooses(&self, slate: &Slate, entry: &Entry) -> bool {
        let (mut at, end) = entry.choices;
        while at < end {
            let count = slate.choices[at as usize].axis;
            let literals = &slate.choices[at as usize + 1..(at + 1 + count) as usize];
            let holds = literals.iter().any(|literal| {
                let interval = self.rows[literal.axis as usize] - slate.first_rows[literal.axis as usize];
                let bit = literal.truth + interval;
                slate.truths[bit as usize / 64] >> (bit % 64) & 1 == 1
            });
            if !holds {
                return false;
            }
            at += 1 + count;
        }
        true
    }

    /// Whether some entry of a word, or of the rest of its run, can be the best.
    #[inline]
    fn can_win(&self, slate: &Slate, caller: &mut Caller<'_>, word: &Word) -> bool {
        let Some(best) = self.best else { return true };
        // Classes come in their order; what reaches the same can come first by its name.
        word.rank < best.rank
            || (word.rank == best.rank
                && word.bound.is_none_or(|(shape, at)| {
                    caller.bound(shape, &slate.bounds[at as usize..]) >= best.score
                }))
    }

    /// Goes on to the next block in which something can matter.
    fn next_block(&mut self, slate: &Slate, caller: &mut Caller<'_>) -> bool {
        loop {
            let first = self.block * WORDS;
            let end = (first + WORDS).min(slate.words.len());
            let (mut mask, mut matters, mut at) = ([0; WORDS], false, first);
            while at < end {
                let word = &slate.words[at];
                let to = (word.end as usize).clamp(at + 1, end);
                if self.can_win(slate, caller, word) {
                    mask[at - first..to - first].fill(!0);
                    matters = true;
                } else if self.best.is_some_and(|best| word.rank > best.rank) {
                    break;
                }
                at = to;
            }
            if !matters {
                // Nobody in the block, nor in the rest of the run in which it ends.
                match slate.words.get(at.max(first + 1) - 1) {
                    Some(last) if at == end && end > first => {
                        self.block = (last.end as usize / WORDS).max(self.block + 1)
                    }
                    _ => return false,
                }
                continue;
            }
            let block = &slate.bits[self.block * slate.rows..(self.block + 1) * slate.rows];
            let Block(left) = all_of(block, &self.rows);
            self.left = left;
            self.left.iter_mut().zip(mask).for_each(|(word, mask)| *word &= mask);
            self.word = 0;
            self.block += 1;
            return true;
        }
    }
}
