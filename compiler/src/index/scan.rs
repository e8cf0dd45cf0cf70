//! Looking through a slate.

use super::kernel::{Block, WORD, WORDS, all_of, any_of};
use super::patches::Patches;
use super::straight::Straight;
use super::{Doubt, Entry, Form, Literal, Narrow, Row, Rows, Slate, SlateId, VACANT, Word};
use crate::ids::*;
use crate::jit::Caller;
use std::ops::Range;

/// Where a look through a slate stands. It can be used again and again, for any slate; then nothing is allocated.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Of each axis, condition, gate, and of the date: the row that the customer is in.
    pub(crate) rows: Vec<Row>,
    /// Of a narrow slate: the entries that its rows let pass.
    pub(super) narrow: Narrow,
    /// Of a small slate: the entries that gates and date let pass.
    pub(super) open: u64,
    /// Of messages that have been amended: the ways that gates and date let pass.
    pub(super) patched: u64,
    /// The block that comes next.
    block: usize,
    /// What is left of the block before.
    left: [u64; WORDS],
    /// The word of it that is looked at.
    word: usize,
    best: Option<Found>,
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
    /// Begins. The rows have been set.
    #[inline]
    pub(crate) fn begin(&mut self) {
        self.block = 0;
        self.word = WORDS;
        self.best = None;
    }

    /// The best that has been found and is certain.
    #[inline]
    pub fn best(&self) -> Option<Found> {
        self.best
    }

    /// What is in doubt and was found last is certain now.
    pub fn confirm(&mut self, slate: &Slate, found: Found) {
        if self.best.is_none_or(|best| found.is_before(&best)) {
            self.best = Some(found);
        }
        if let Some(patches) = &slate.patches {
            self.patched &= !patches.of(found.message);
        }
        match &slate.form {
            // It was the best of those about which nobody had decided.
            Form::Straight(_) => self.open = 0,
            Form::Rows(rows) if self.word < WORDS => {
                let first = ((self.block - 1) * WORDS + self.word) * WORD;
                self.left[self.word] = without_ways(rows, first, self.left[self.word], found.message);
            }
            Form::Rows(_) => {}
        }
    }

    /// Goes on until something is found that is in doubt, better than what is certain, and about which `decide` can't say
    /// whether it passes.
    #[inline]
    pub(crate) fn next(
        &mut self,
        slate: &Slate,
        caller: &mut Caller<'_>,
        (id, excluded): (SlateId, &[MessageId]),
        mut decide: impl FnMut(&Found) -> Option<bool>,
    ) -> Option<Found> {
        let Some(patches) = &slate.patches else {
            return match &slate.form {
                Form::Straight(straight) => self.next_of_few(straight, caller, (id, excluded), decide),
                Form::Rows(rows) => self.next_of_many((rows, &[]), caller, excluded, decide),
            };
        };
        let found = match &slate.form {
            Form::Straight(straight) => self.next_of_few(straight, caller, (id, excluded), &mut decide),
            Form::Rows(rows) => self.next_of_many((rows, &patches.kept), caller, excluded, &mut decide),
        };
        found.or_else(|| self.next_of_amended(patches, caller, (id, excluded), decide))
    }

    #[inline]
    fn next_of_few(
        &mut self,
        straight: &Straight,
        caller: &mut Caller<'_>,
        (id, excluded): (SlateId, &[MessageId]),
        decide: impl FnMut(&Found) -> Option<bool>,
    ) -> Option<Found> {
        let mut open = self.open;
        if !excluded.is_empty() {
            open &= !straight.of(excluded);
        }
        let (found, stands) = straight.best_of(id, caller, &mut open, decide)?;
        if !stands {
            self.open = open;
            return Some(found);
        }
        // Whoever was in doubt before has failed, or nobody would ask any more.
        self.open = 0;
        self.best = Some(found);
        None
    }

    /// `kept` says by block who still counts; without it, all do.
    fn next_of_many(
        &mut self,
        (rows, kept): (&Rows, &[Block]),
        caller: &mut Caller<'_>,
        excluded: &[MessageId],
        mut decide: impl FnMut(&Found) -> Option<bool>,
    ) -> Option<Found> {
        let mut best = Best::of(self.best);
        loop {
            // The last block can have fewer.
            let words = WORDS.min(rows.words.len().saturating_sub(self.block.saturating_sub(1) * WORDS));
            while self.word < words {
                let mut left = self.left[self.word];
                if left == 0 {
                    self.word += 1;
                    continue;
                }
                let at = (self.block - 1) * WORDS + self.word;
                // Several that are left are worth the question whether any of them matters.
                if has_several(left) && !can_win(rows, caller, &rows.words[at], &best) {
                    return self.end(rows, &best);
                }
                while left != 0 {
                    let entry = &rows.entries[at * WORD + left.trailing_zeros() as usize];
                    left &= left - 1;
                    if best.rank < entry.rank {
                        return self.end(rows, &best);
                    }
                    let score = caller.score(entry.shape, &rows.parameters[entry.parameters as usize..]);
                    let is_better = best.is_after(entry, score);
                    if !score.is_finite() || (!is_better && !entry.has_more_ways) {
                        continue;
                    }
                    if excluded.contains(&entry.message) || !self.chooses(rows, rows.left_to_choose(entry)) {
                        continue;
                    }
                    let Entry { message, way, rank, doubt, .. } = *entry;
                    if doubt != Doubt::None {
                        let found = Found { message, way, rank, score, doubt };
                        match decide(&found) {
                            Some(true) => {}
                            Some(false) => continue,
                            None => {
                                // Whether it passes decides about the message's other ways, too.
                                self.left[self.word] = left;
                                self.best = best.found();
                                return Some(found);
                            }
                        }
                    }
                    if is_better {
                        best = Best { rank, message, way, score, doubt };
                    }
                    if entry.has_more_ways {
                        left = without_ways(rows, at * WORD, left, message);
                    }
                }
                self.word += 1;
            }
            match rows.words.get(self.block * WORDS) {
                Some(word) if can_win(rows, caller, word, &best) => self.next_block(rows, kept),
                _ => return self.end(rows, &best),
            }
        }
    }

    /// Goes on with the messages that have been amended, when all others have been looked through.
    fn next_of_amended(
        &mut self,
        patches: &Patches,
        caller: &mut Caller<'_>,
        (id, excluded): (SlateId, &[MessageId]),
        mut decide: impl FnMut(&Found) -> Option<bool>,
    ) -> Option<Found> {
        for (place, (patch, first, ways)) in patches.ways().enumerate() {
            let open = (self.patched & ways) >> first;
            self.patched &= !ways;
            if open == 0 || excluded.contains(&patch.message) {
                continue;
            }
            let mut passing = caller.patch(id, place, open);
            while passing != 0 {
                let at = passing.trailing_zeros() as usize;
                passing &= passing - 1;
                let found = patch.ways[at].found(caller.score_of(&patch.scores[at]));
                let is_better = self.best.is_none_or(|best| found.is_before(&best));
                if !found.score.is_finite() || (!is_better && passing == 0) {
                    continue;
                }
                match if found.doubt == Doubt::None { Some(true) } else { decide(&found) } {
                    Some(true) => {}
                    Some(false) => continue,
                    None => {
                        self.patched |= passing << first;
                        return Some(found);
                    }
                }
                if is_better {
                    self.best = Some(found);
                }
                // Whoever stands with one way doesn't ask for the others.
                break;
            }
        }
        None
    }

    /// Nobody who is left can be better.
    fn end(&mut self, rows: &Rows, best: &Best) -> Option<Found> {
        self.best = best.found();
        self.word = WORDS;
        self.block = rows.words.len();
        None
    }

    /// Goes through all that pass, in doubt or not.
    pub(crate) fn visit(
        &mut self,
        slate: &Slate,
        caller: &mut Caller<'_>,
        (id, excluded): (SlateId, &[MessageId]),
        mut visit: impl FnMut(Found),
    ) {
        match &slate.form {
            Form::Straight(straight) => {
                let mut passing = caller.straight_all(id.0 as usize, self.open & !straight.of(excluded));
                while let Some(found) = straight.first(passing) {
                    passing &= passing - 1;
                    visit(found);
                }
            }
            Form::Rows(rows) => {
                let kept = slate.patches.as_ref().map_or(&[][..], |patches| &patches.kept);
                self.visit_many((rows, kept), excluded, &mut visit);
            }
        }
        let Some(patches) = &slate.patches else { return };
        for (place, (patch, first, ways)) in patches.ways().enumerate() {
            let open = (self.patched & ways) >> first;
            if open == 0 || excluded.contains(&patch.message) {
                continue;
            }
            let mut passing = caller.patch(id, place, open);
            while passing != 0 {
                visit(patch.ways[passing.trailing_zeros() as usize].found(0.0));
                passing &= passing - 1;
            }
        }
    }

    fn visit_many(
        &mut self,
        (rows, kept): (&Rows, &[Block]),
        excluded: &[MessageId],
        mut visit: impl FnMut(Found),
    ) {
        while self.block * WORDS < rows.words.len() {
            let (first, range) = (self.block * WORDS, self.block * rows.rows..(self.block + 1) * rows.rows);
            self.next_block(rows, kept);
            if !rows.is_narrow() {
                self.left = self.chosen(rows, range, self.left);
            }
            for (word, left) in self.left.iter().enumerate() {
                let mut left = *left;
                while left != 0 {
                    let entry = &rows.entries[(first + word) * WORD + left.trailing_zeros() as usize];
                    left &= left - 1;
                    let Entry { message, way, rank, doubt, .. } = *entry;
                    if !excluded.contains(&message) && self.chooses(rows, (entry.rest, entry.choices.1)) {
                        visit(Found { message, way, rank, score: 0.0, doubt });
                    }
                }
            }
        }
    }

    /// Whether what is asked of an entry besides its rows holds.
    #[inline]
    fn chooses(&self, rows: &Rows, (mut at, end): (u32, u32)) -> bool {
        while at < end {
            let count = rows.choices[at as usize].axis;
            let literals = &rows.choices[at as usize + 1..(at + 1 + count) as usize];
            let holds = |literal: &Literal| {
                let bit = u32::from(self.rows[literal.axis as usize]).wrapping_add(literal.truth);
                rows.truths[bit as usize / 64] >> (bit % 64)
            };
            // Some at once, for which of them holds is what no processor can foretell.
            let some_hold =
                |some: &[Literal]| some.iter().fold(0, |any, literal| any | holds(literal)) & 1 == 1;
            if !literals.chunks(4).any(some_hold) {
                return false;
            }
            at += 1 + count;
        }
        true
    }

    /// Those of a block, whose rows these are, of which a choice of each plane holds.
    fn chosen(&self, rows: &Rows, block: Range<usize>, mut left: [u64; WORDS]) -> [u64; WORDS] {
        // Gates and dates have no choices.
        let coded = &self.rows[..rows.axes.len() + rows.conditions.len()];
        for plane in &rows.planes {
            let Block(holds) = any_of(&plane[block.clone()], coded);
            left.iter_mut().zip(holds).for_each(|(left, holds)| *left &= holds);
        }
        left
    }

    /// Those of a narrow slate that rows and planes leave, as of any other.
    #[cfg(test)]
    fn passing(&self, rows: &Rows) -> [u64; WORDS] {
        let Block(left) = all_of(&rows.bits, &self.rows);
        self.chosen(rows, 0..rows.rows, left)
    }

    /// Goes on to the next block.
    #[inline]
    fn next_block(&mut self, rows: &Rows, kept: &[Block]) {
        if rows.is_narrow() {
            self.left[..self.narrow.len()].copy_from_slice(&self.narrow);
            self.left[self.narrow.len()..].fill(0);
            #[cfg(test)]
            assert_eq!(self.left, self.passing(rows), "machine code combines as rows are combined");
        } else {
            let block = &rows.bits[self.block * rows.rows..(self.block + 1) * rows.rows];
            Block(self.left) = all_of(block, &self.rows);
        }
        if let Some(Block(kept)) = kept.get(self.block) {
            self.left.iter_mut().zip(kept).for_each(|(left, kept)| *left &= kept);
        }
        self.word = 0;
        self.block += 1;
    }
}

/// More than two bits.
#[inline]
fn has_several(word: u64) -> bool {
    let less = word & word.wrapping_sub(1);
    less & less.wrapping_sub(1) != 0
}

/// What is left of a word without the ways of a message that come next: where it stands with one, they don't matter.
fn without_ways(rows: &Rows, first: usize, mut left: u64, message: MessageId) -> u64 {
    while left != 0 && rows.entries[first + left.trailing_zeros() as usize].message == message {
        left &= left - 1;
    }
    left
}

/// The best so far; where there is none, one that comes after all others.
#[derive(Clone, Copy)]
struct Best {
    rank: u32,
    message: MessageId,
    way: u32,
    score: f64,
    doubt: Doubt,
}

impl Best {
    #[inline]
    fn of(found: Option<Found>) -> Best {
        match found {
            Some(Found { message, way, rank, score, doubt }) => Best { rank, message, way, score, doubt },
            None => Best {
                rank: u32::MAX,
                message: VACANT.message,
                way: 0,
                score: f64::NEG_INFINITY,
                doubt: Doubt::None,
            },
        }
    }

    #[inline]
    fn found(&self) -> Option<Found> {
        let Best { rank, message, way, score, doubt } = *self;
        (message != VACANT.message).then_some(Found { message, way, rank, score, doubt })
    }

    /// Whether an entry with a score comes before it, as [`Found::is_before`] has it.
    #[inline]
    fn is_after(&self, entry: &Entry, score: f64) -> bool {
        entry.rank < self.rank
            || (entry.rank == self.rank
                && (score > self.score || (score == self.score && entry.message < self.message)))
    }
}

/// Whether some entry from a word on can be the best: classes come in their order, and what reaches the same can come
/// first by its name.
#[inline]
fn can_win(rows: &Rows, caller: &mut Caller<'_>, word: &Word, best: &Best) -> bool {
    if word.rank != best.rank {
        return word.rank < best.rank;
    }
    let Some((from, to)) = word.bounds else { return true };
    let limits = &rows.limits[from as usize..to as usize];
    // What isn't a number limits nothing.
    limits.iter().any(|(shape, at)| {
        let most = caller.bound(*shape, &rows.bounds[*at as usize..]);
        most.is_nan() || most >= best.score
    })
}
