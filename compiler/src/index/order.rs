//! The order in which entries lie: by class, in runs of one shape, the likely best first; and what the rest of a run can
//! reach.

use super::bounds::Span;
use super::build::Candidate;
use super::kernel::WORD;
use super::shape::{ShapeId, Shapes};
use super::{Entry, VACANT, Word};
use crate::plan::Plan;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;

/// Entries of one class and shape that lie together, so that what they can reach is known, are at least so many.
const SMALLEST_RUN: usize = 32;

/// Entries by position, with the runs that they form.
#[derive(Default)]
pub(super) struct Positions {
    pub(super) entries: Vec<Option<Candidate>>,
    /// The first word, the class, and the shape where there is one.
    pub(super) runs: Vec<(usize, u32, Option<ShapeId>)>,
}

/// The order of the entries: by class, in runs of one shape, the likely best first.
pub(super) fn positions(candidates: Vec<Candidate>) -> Positions {
    // The ways of a message lie together, in their order.
    let mut groups: Vec<Vec<Candidate>> = Vec::new();
    for candidate in candidates {
        match groups.last_mut() {
            Some(group) if group[0].message == candidate.message => group.push(candidate),
            _ => groups.push(vec![candidate]),
        }
    }
    let mut sizes: FxHashMap<(u32, ShapeId), usize> = FxHashMap::default();
    // No shape: a mixture.
    let shape_of = |group: &[Candidate]| {
        let shape = group[0].shape;
        group.iter().all(|candidate| candidate.shape == shape).then_some(shape)
    };
    for group in &groups {
        if let Some(shape) = shape_of(group) {
            *sizes.entry((group[0].rank, shape)).or_default() += group.len();
        }
    }
    let run_of = |group: &[Candidate]| {
        let shape = shape_of(group)?;
        (sizes[&(group[0].rank, shape)] >= SMALLEST_RUN && group.len() <= WORD).then_some(shape)
    };
    let best =
        |group: &[Candidate]| group.iter().map(|candidate| candidate.usual).fold(f64::NEG_INFINITY, f64::max);
    groups.sort_by(|a, b| {
        let key = |group: &[Candidate]| (group[0].rank, Reverse(run_of(group)));
        key(a).cmp(&key(b)).then(best(b).total_cmp(&best(a))).then(a[0].message.cmp(&b[0].message))
    });
    let mut positions = Positions::default();
    let mut current = None;
    for group in groups {
        let run = (group[0].rank, run_of(&group));
        let is_new = current != Some(run);
        let entries = &mut positions.entries;
        let left = WORD - entries.len() % WORD;
        // A run begins with a word, and the ways of a message stay in one word, where they fit.
        if left < WORD && (is_new || (left < group.len() && group.len() <= WORD)) {
            entries.extend((0..left).map(|_| None));
        }
        if is_new {
            current = Some(run);
            positions.runs.push((positions.entries.len() / WORD, run.0, run.1));
        }
        positions.entries.extend(group.into_iter().map(Some));
    }
    positions
}

/// What is known of each word, and the numbers of their bounds.
pub(super) fn words(
    plan: &Plan,
    shapes: &Shapes,
    entries: &[Entry],
    parameters: &[u64],
    runs: &[(usize, u32, Option<ShapeId>)],
) -> (Vec<Word>, Vec<u64>) {
    let count = entries.len().div_ceil(WORD);
    let mut words = vec![Word { rank: 0, bound: None, end: 0 }; count];
    let mut bounds: Vec<u64> = Vec::new();
    let ends = runs.iter().skip(1).map(|run| run.0).chain([count]);
    for (&(first, rank, shape), end) in runs.iter().zip(ends) {
        // From the end on, so that each word knows of all that come after it.
        let mut span: Option<Span> = None;
        for word in (first..end).rev() {
            let here = &entries[word * WORD..((word + 1) * WORD).min(entries.len())];
            for entry in here.iter().filter(|entry| shape.is_some() && entry.message != VACANT.message) {
                let count = shapes.all[entry.shape as usize].parameters.len();
                let numbers = &parameters[entry.parameters as usize..][..count];
                match &mut span {
                    Some(span) => span.widen(plan, shapes, numbers),
                    None => span = Some(Span::of(entry.shape, numbers)),
                }
            }
            let bound = span.as_ref().map(|span| {
                let at = bounds.len() as u32;
                bounds.extend(&span.cells);
                (span.shape, at)
            });
            words[word] = Word { rank, bound, end: end as u32 };
        }
    }
    (words, bounds)
}
