//! Blocks of 512 bits, their AND and their OR, and what is between two numbers, with the widest instructions that the
//! machine has.
//!
//! This is the one place beside machine code with `unsafe`: a function that is compiled for instructions which not every
//! machine has may be called only where they are there.

#![allow(unsafe_code)] // To call what was compiled for more than the least machine.

use super::Row;
use std::sync::LazyLock;

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
pub(super) fn all_of(block: &[Block], rows: &[Row]) -> Block {
    (KERNEL.all)(block, rows)
}

/// The OR of some rows of a block and of its last one, in which is who needs none of them.
#[inline]
pub(super) fn any_of(block: &[Block], rows: &[Row]) -> Block {
    (KERNEL.any)(block, rows)
}

/// Which instructions rows are combined with on this machine, such as `avx512`.
pub fn instructions() -> &'static str {
    KERNEL.name
}

/// Both, with the instructions of one kind of machine.
#[derive(Clone, Copy)]
struct Kernel {
    name: &'static str,
    all: fn(&[Block], &[Row]) -> Block,
    any: fn(&[Block], &[Row]) -> Block,
}

/// What every machine can do; the others are held against it.
const PORTABLE: Kernel = Kernel { name: "portable", all: portable::<false>, any: portable::<true> };

/// Sets a bit for each key that lies between two others, both included. There are as many words as the keys have, a
/// begun one included.
pub(super) fn mark_between(keys: &[i64], low: i64, high: i64, found: &mut [u64]) {
    MARKER(keys, low, high, found);
}

type Marker = fn(&[i64], i64, i64, &mut [u64]);

/// The best for this machine, found out once.
static KERNEL: LazyLock<Kernel> = LazyLock::new(|| kernels().last().copied().unwrap_or(PORTABLE));

static MARKER: LazyLock<Marker> =
    LazyLock::new(|| markers().last().map_or(mark_portable as Marker, |(_, marker)| *marker));

/// Those that this machine can run, the best last.
fn markers() -> Vec<(&'static str, Marker)> {
    #[allow(unused_mut)]
    let mut markers: Vec<(&'static str, Marker)> = vec![("portable", mark_portable)];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            markers.push(("avx2", x86::mark_avx2));
        }
        if is_x86_feature_detected!("avx512f") {
            markers.push(("avx512", x86::mark_avx512));
        }
    }
    markers
}

/// Those that this machine can run, the best last.
fn kernels() -> Vec<Kernel> {
    #[allow(unused_mut)]
    let mut kernels = vec![PORTABLE];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            kernels.push(Kernel { name: "avx2", all: x86::avx2::<false>, any: x86::avx2::<true> });
        }
        if is_x86_feature_detected!("avx512f") {
            kernels.push(Kernel { name: "avx512", all: x86::avx512::<false>, any: x86::avx512::<true> });
        }
    }
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("neon") {
        kernels.push(Kernel { name: "neon", all: arm::neon::<false>, any: arm::neon::<true> });
    }
    kernels
}

fn portable<const ANY: bool>(block: &[Block], rows: &[Row]) -> Block {
    let mut all = block.last().map_or([0; WORDS], |last| last.0);
    for row in rows {
        // Rows are positions in the block.
        let Some(Block(words)) = block.get(*row as usize) else { continue };
        for (word, more) in all.iter_mut().zip(words) {
            *word = if ANY { *word | more } else { *word & more };
        }
    }
    Block(all)
}

/// What every machine can do; the others are held against it.
fn mark_portable(keys: &[i64], low: i64, high: i64, found: &mut [u64]) {
    for (keys, word) in keys.chunks(WORD).zip(found) {
        for (at, key) in keys.iter().enumerate() {
            *word |= u64::from(low <= *key && *key <= high) << at;
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Block, Row, WORD, mark_portable};
    use std::arch::x86_64::*;

    pub(super) fn mark_avx512(keys: &[i64], low: i64, high: i64, found: &mut [u64]) {
        // SAFETY: it is only called where the machine has been found to have these instructions.
        unsafe { mark_wide512(keys, low, high, found) }
    }

    pub(super) fn mark_avx2(keys: &[i64], low: i64, high: i64, found: &mut [u64]) {
        // SAFETY: as above.
        unsafe { mark_wide256(keys, low, high, found) }
    }

    #[target_feature(enable = "avx512f")]
    fn mark_wide512(keys: &[i64], low: i64, high: i64, found: &mut [u64]) {
        let (lows, highs) = (_mm512_set1_epi64(low), _mm512_set1_epi64(high));
        let (words, rest) = keys.as_chunks::<WORD>();
        for (keys, word) in words.iter().zip(found.iter_mut()) {
            for (at, keys) in keys.as_chunks::<8>().0.iter().enumerate() {
                // SAFETY: eight keys can be read, wherever they lie.
                let keys = unsafe { _mm512_loadu_si512(keys.as_ptr().cast()) };
                let from = _mm512_cmple_epi64_mask(lows, keys);
                *word |= u64::from(_mm512_mask_cmple_epi64_mask(from, keys, highs)) << (at * 8);
            }
        }
        mark_portable(rest, low, high, found.get_mut(words.len()..).unwrap_or_default());
    }

    #[target_feature(enable = "avx2")]
    fn mark_wide256(keys: &[i64], low: i64, high: i64, found: &mut [u64]) {
        let (lows, highs) = (_mm256_set1_epi64x(low), _mm256_set1_epi64x(high));
        let (words, rest) = keys.as_chunks::<WORD>();
        for (keys, word) in words.iter().zip(found.iter_mut()) {
            for (at, keys) in keys.as_chunks::<4>().0.iter().enumerate() {
                // SAFETY: four keys can be read, wherever they lie.
                let keys = unsafe { _mm256_loadu_si256(keys.as_ptr().cast()) };
                let outside =
                    _mm256_or_si256(_mm256_cmpgt_epi64(lows, keys), _mm256_cmpgt_epi64(keys, highs));
                let outside = _mm256_movemask_pd(_mm256_castsi256_pd(outside));
                *word |= (!outside as u64 & 0b1111) << (at * 4);
            }
        }
        mark_portable(rest, low, high, found.get_mut(words.len()..).unwrap_or_default());
    }

    pub(super) fn avx512<const ANY: bool>(block: &[Block], rows: &[Row]) -> Block {
        // SAFETY: it is only called where the machine has been found to have these instructions.
        unsafe { wide512::<ANY>(block, rows) }
    }

    pub(super) fn avx2<const ANY: bool>(block: &[Block], rows: &[Row]) -> Block {
        // SAFETY: as above.
        unsafe { wide256::<ANY>(block, rows) }
    }

    #[target_feature(enable = "avx512f")]
    fn wide512<const ANY: bool>(block: &[Block], rows: &[Row]) -> Block {
        let Some(last) = block.last() else { return Block([0; super::WORDS]) };
        // SAFETY: a block is 64 bytes that can be read and written, aligned to 64.
        unsafe {
            let mut all = _mm512_load_si512(last.0.as_ptr().cast());
            for row in rows {
                let Some(row) = block.get(*row as usize) else { continue };
                let row = _mm512_load_si512(row.0.as_ptr().cast());
                all = if ANY { _mm512_or_si512(all, row) } else { _mm512_and_si512(all, row) };
            }
            let mut found = Block([0; super::WORDS]);
            _mm512_store_si512(found.0.as_mut_ptr().cast(), all);
            found
        }
    }

    #[target_feature(enable = "avx2")]
    fn wide256<const ANY: bool>(block: &[Block], rows: &[Row]) -> Block {
        let Some(last) = block.last() else { return Block([0; super::WORDS]) };
        // SAFETY: a block is twice 32 bytes that can be read and written, aligned to 64.
        unsafe {
            let half =
                |block: &Block, at: usize| _mm256_load_si256(block.0.as_ptr().cast::<__m256i>().add(at));
            let (mut low, mut high) = (half(last, 0), half(last, 1));
            for row in rows {
                let Some(row) = block.get(*row as usize) else { continue };
                let (first, second) = (half(row, 0), half(row, 1));
                low = if ANY { _mm256_or_si256(low, first) } else { _mm256_and_si256(low, first) };
                high = if ANY { _mm256_or_si256(high, second) } else { _mm256_and_si256(high, second) };
            }
            let mut found = Block([0; super::WORDS]);
            _mm256_store_si256(found.0.as_mut_ptr().cast(), low);
            _mm256_store_si256(found.0.as_mut_ptr().cast::<__m256i>().add(1), high);
            found
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use super::{Block, Row};
    use std::arch::aarch64::*;

    pub(super) fn neon<const ANY: bool>(block: &[Block], rows: &[Row]) -> Block {
        // SAFETY: it is only called where the machine has been found to have these instructions.
        unsafe { wide::<ANY>(block, rows) }
    }

    #[target_feature(enable = "neon")]
    fn wide<const ANY: bool>(block: &[Block], rows: &[Row]) -> Block {
        let Some(last) = block.last() else { return Block([0; super::WORDS]) };
        // SAFETY: a block is four times two words that can be read and written.
        unsafe {
            let quarter = |block: &Block, at: usize| vld1q_u64(block.0.as_ptr().add(at * 2));
            let mut all = [0, 1, 2, 3].map(|at| quarter(last, at));
            for row in rows {
                let Some(row) = block.get(*row as usize) else { continue };
                for (at, part) in all.iter_mut().enumerate() {
                    let more = quarter(row, at);
                    *part = if ANY { vorrq_u64(*part, more) } else { vandq_u64(*part, more) };
                }
            }
            let mut found = Block([0; super::WORDS]);
            for (at, part) in all.into_iter().enumerate() {
                vst1q_u64(found.0.as_mut_ptr().add(at * 2), part);
            }
            found
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_markers_agree() {
        let mut state = 3_u64;
        let mut key = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state as i64) >> (state % 63)
        };
        for count in [0_usize, 1, 63, 64, 65, 200, 1024] {
            let mut keys: Vec<i64> = (0..count).map(|_| key()).collect();
            keys.iter_mut().step_by(7).for_each(|key| *key = i64::MIN);
            for (low, high) in [(i64::MIN, i64::MAX), (-5, 9), (9, -5), (i64::MIN, -1), (key(), i64::MAX)] {
                // What was marked stays so.
                let before: Vec<u64> = (0..count.div_ceil(64)).map(|at| at as u64).collect();
                let mut expected = before.clone();
                mark_portable(&keys, low, high, &mut expected);
                for (name, marker) in markers() {
                    let mut found = before.clone();
                    marker(&keys, low, high, &mut found);
                    assert_eq!(found, expected, "{name} {low} {high}");
                }
            }
        }
    }

    #[test]
    fn all_kernels_agree() {
        let mut state = 1_u64;
        let mut word = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state | state >> 17
        };
        let block: Vec<Block> = (0..40).map(|_| Block(std::array::from_fn(|_| word()))).collect();
        for count in 0..12 {
            // A row that isn't there rules nothing out.
            let rows: Vec<Row> = (0..count).map(|_| (word() % 41) as Row).collect();
            let [all, any] = [portable::<false>(&block, &rows), portable::<true>(&block, &rows)];
            for Kernel { name, all: all_of, any: any_of } in kernels() {
                assert_eq!((all_of(&block, &rows), any_of(&block, &rows)), (all, any), "{name}");
                assert_eq!(all_of(&[], &rows), Block([0; WORDS]), "{name}");
                assert_eq!(any_of(&[], &rows), Block([0; WORDS]), "{name}");
            }
        }
        let names = kernels().iter().map(|kernel| kernel.name).collect::<Vec<_>>();
        assert_eq!(names.first(), Some(&"portable"), "{names:?}");
    }
}
