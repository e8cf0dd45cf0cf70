//! The order in which entries lie: by class, the likely best first; and what the rest of a class can reach.

use super::bounds::Span;
use super::build::Candidate;
use super::kernel::WORD;
use super::shape::{ShapeId, Shapes};
use super::{Entry, VACANT, Word};
use crate::plan::Plan;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;

/// What the entries of a class can reach is known of those whose scores have one of the most frequent shapes, so many;
/// all others come first and are looked at.
const MOST_BOUNDED: usize = 4;

/// Entries by position, and the shapes of each class of which it is known what they can reach.
pub(super) struct Positions {
    pub(super) entries: Vec<Option<Candidate>>,
    pub(super) bounded: FxHashSet<(u32, ShapeId)>,
}

/// The order of the entries: by class, those of rare shapes first, then the likely best.
pub(super) fn positions(candidates: Vec<Candidate>) -> Positions {
    let bounded = bounded(&candidates);
    // The ways of a message lie together, in their order.
    let mut groups: Vec<Vec<Candidate>> = Vec::new();
    for candidate in candidates {
        match groups.last_mut() {
            Some(group) if group[0].message == candidate.message => group.push(candidate),
            _ => groups.push(vec![candidate]),
        }
    }
    let best =
        |group: &[Candidate]| group.iter().map(|candidate| candidate.usual).fold(f64::NEG_INFINITY, f64::max);
    let is_bounded = |candidate: &Candidate| bounded.contains(&(candidate.rank, candidate.shape));
    groups.sort_by_cached_key(|group| {
        let usual = Reverse(super::axis::key(crate::types::Type::Number, (best(group) + 0.0).to_bits()));
        (group[0].rank, group.iter().all(is_bounded), usual, group[0].message)
    });
    let mut entries = Vec::new();
    for group in groups {
        let left = WORD - entries.len() % WORD;
        // The ways of a message stay in one word, where they fit.
        if left < group.len() && group.len() <= WORD {
            entries.extend((0..left).map(|_| None));
        }
        entries.extend(group.into_iter().map(Some));
    }
    Positions { entries, bounded }
}

/// Of each class the most frequent shapes.
fn bounded(candidates: &[Candidate]) -> FxHashSet<(u32, ShapeId)> {
    let mut counts: FxHashMap<(u32, ShapeId), usize> = FxHashMap::default();
    for candidate in candidates {
        *counts.entry((candidate.rank, candidate.shape)).or_default() += 1;
    }
    let mut by_class: Vec<(u32, Reverse<usize>, ShapeId)> =
        counts.into_iter().map(|((rank, shape), count)| (rank, Reverse(count), shape)).collect();
    by_class.sort_unstable();
    let classes = by_class.chunk_by(|a, b| a.0 == b.0);
    classes
        .flat_map(|class| class.iter().take(MOST_BOUNDED))
        .map(|(rank, _, shape)| (*rank, *shape))
        .collect()
}

/// What is known of each word, the shapes of which there are bounds and where their numbers begin, and these.
pub(super) type Words = (Vec<Word>, Vec<(ShapeId, u32)>, Vec<u64>);

/// What is known of each word.
pub(super) fn words(
    plan: &Plan,
    shapes: &Shapes,
    entries: &[Entry],
    parameters: &[u64],
    bounded: &FxHashSet<(u32, ShapeId)>,
) -> Words {
    let mut words = Vec::with_capacity(entries.len().div_ceil(WORD));
    let (mut limits, mut bounds): (Vec<(ShapeId, u32)>, Vec<u64>) = (Vec::new(), Vec::new());
    // From the end on, so that each word knows of all of its first class that come after it.
    let mut rank = u32::MAX;
    let mut spans: Vec<Span> = Vec::new();
    let mut is_bounded = true;
    for (position, entry) in entries.iter().enumerate().rev() {
        if entry.message != VACANT.message {
            if entry.rank != rank {
                (rank, is_bounded) = (entry.rank, true);
                spans.clear();
            }
            is_bounded &= bounded.contains(&(rank, entry.shape));
            let count = shapes.all[entry.shape as usize].parameters.len();
            let numbers = &parameters[entry.parameters as usize..][..count];
            match spans.iter_mut().find(|span| span.shape == entry.shape) {
                Some(span) => span.widen(plan, shapes, numbers),
                None => spans.push(Span::of(entry.shape, numbers)),
            }
        }
        if position % WORD == 0 {
            let first = limits.len() as u32;
            if is_bounded {
                for span in &spans {
                    limits.push((span.shape, bounds.len() as u32));
                    bounds.extend(&span.cells);
                }
            }
            let bounds = is_bounded.then_some((first, limits.len() as u32));
            words.push(Word { rank, bounds });
        }
    }
    words.reverse();
    (words, limits, bounds)
}
