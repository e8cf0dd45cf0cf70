//! Blocks of 512 bits, and their AND.

/// The bits of 512 entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct Block(pub(super) [u64; WORDS]);

/// Words of a block.
pub(super) const WORDS: usize = 8;

/// Entries of a word.
pub(super) const WORD: usize = 64;

/// Entries of a block.
pub(super) const BLOCK: usize = WORDS * WORD;

/// The AND of some rows of a block and of its last one, in which is who is there at all.
#[inline]
pub(super) fn all_of(block: &[Block], rows: &[u32]) -> Block {
    let mut all = block.last().map_or([0; WORDS], |last| last.0);
    for row in rows {
        // Rows are positions in the block.
        let Some(Block(words)) = block.get(*row as usize) else { continue };
        for (word, more) in all.iter_mut().zip(words) {
            *word &= more;
        }
    }
    Block(all)
}
