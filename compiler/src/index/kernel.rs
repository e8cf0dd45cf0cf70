//! Blocks of 512 bits, and their AND, with the widest instructions that the machine has.
//!
//! This is the one place beside machine code with `unsafe`: a function that is compiled for instructions which not every
//! machine has may be called only where they are there.

#![allow(unsafe_code)] // To call what was compiled for more than the least machine.

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
pub(super) fn all_of(block: &[Block], rows: &[u32]) -> Block {
    KERNEL(block, rows)
}

type Kernel = fn(&[Block], &[u32]) -> Block;

/// The best for this machine, found out once.
static KERNEL: LazyLock<Kernel> =
    LazyLock::new(|| kernels().last().map_or(portable as Kernel, |(_, kernel)| *kernel));

/// Those that this machine can run, the best last.
fn kernels() -> Vec<(&'static str, Kernel)> {
    #[allow(unused_mut)]
    let mut kernels: Vec<(&'static str, Kernel)> = vec![("portable", portable)];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            kernels.push(("avx2", x86::avx2));
        }
        if is_x86_feature_detected!("avx512f") {
            kernels.push(("avx512", x86::avx512));
        }
    }
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("neon") {
        kernels.push(("neon", arm::neon));
    }
    kernels
}

/// What every machine can do; the others are held against it.
fn portable(block: &[Block], rows: &[u32]) -> Block {
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

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Block;
    use std::arch::x86_64::*;

    pub(super) fn avx512(block: &[Block], rows: &[u32]) -> Block {
        // SAFETY: it is only called where the machine has been found to have these instructions.
        unsafe { wide512(block, rows) }
    }

    pub(super) fn avx2(block: &[Block], rows: &[u32]) -> Block {
        // SAFETY: as above.
        unsafe { wide256(block, rows) }
    }

    #[target_feature(enable = "avx512f")]
    fn wide512(block: &[Block], rows: &[u32]) -> Block {
        let Some(last) = block.last() else { return Block([0; super::WORDS]) };
        // SAFETY: a block is 64 bytes that can be read and written, aligned to 64.
        unsafe {
            let mut all = _mm512_load_si512(last.0.as_ptr().cast());
            for row in rows {
                let Some(row) = block.get(*row as usize) else { continue };
                all = _mm512_and_si512(all, _mm512_load_si512(row.0.as_ptr().cast()));
            }
            let mut found = Block([0; super::WORDS]);
            _mm512_store_si512(found.0.as_mut_ptr().cast(), all);
            found
        }
    }

    #[target_feature(enable = "avx2")]
    fn wide256(block: &[Block], rows: &[u32]) -> Block {
        let Some(last) = block.last() else { return Block([0; super::WORDS]) };
        // SAFETY: a block is twice 32 bytes that can be read and written, aligned to 64.
        unsafe {
            let half =
                |block: &Block, at: usize| _mm256_load_si256(block.0.as_ptr().cast::<__m256i>().add(at));
            let (mut low, mut high) = (half(last, 0), half(last, 1));
            for row in rows {
                let Some(row) = block.get(*row as usize) else { continue };
                low = _mm256_and_si256(low, half(row, 0));
                high = _mm256_and_si256(high, half(row, 1));
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
    use super::Block;
    use std::arch::aarch64::*;

    pub(super) fn neon(block: &[Block], rows: &[u32]) -> Block {
        // SAFETY: it is only called where the machine has been found to have these instructions.
        unsafe { wide(block, rows) }
    }

    #[target_feature(enable = "neon")]
    fn wide(block: &[Block], rows: &[u32]) -> Block {
        let Some(last) = block.last() else { return Block([0; super::WORDS]) };
        // SAFETY: a block is four times two words that can be read and written.
        unsafe {
            let quarter = |block: &Block, at: usize| vld1q_u64(block.0.as_ptr().add(at * 2));
            let mut all = [0, 1, 2, 3].map(|at| quarter(last, at));
            for row in rows {
                let Some(row) = block.get(*row as usize) else { continue };
                for (at, part) in all.iter_mut().enumerate() {
                    *part = vandq_u64(*part, quarter(row, at));
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
    fn all_kernels_agree() {
        let mut state = 1_u64;
        let mut word = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state | state >> 17
        };
        let block: Vec<Block> = (0..40).map(|_| Block(std::array::from_fn(|_| word()))).collect();
        for count in 0..12 {
            // A row that isn't there rules nothing out.
            let rows: Vec<u32> = (0..count).map(|_| (word() % 41) as u32).collect();
            let expected = portable(&block, &rows);
            for (name, kernel) in kernels() {
                assert_eq!(kernel(&block, &rows), expected, "{name}");
                assert_eq!(kernel(&[], &rows), Block([0; WORDS]), "{name}");
            }
        }
        println!("{:?}", kernels().iter().map(|(name, _)| name).collect::<Vec<_>>());
    }
}
