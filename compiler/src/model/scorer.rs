//! Asking a model, fast.
//!
//! Trees are not walked: a walk is a row of branches that no processor foresees. After QuickScorer (Lucchese et al.,
//! SIGIR 2015), each split that sends a row to the right rules out the leaves below its left side, and of the leaves
//! that are left the first one is the tree's. What is ruled out depends on one feature at a time, and changes at few
//! values: between two of these cuts, all trees' splits on that feature say the same. So the masks are put together
//! beforehand, one row of masks (a mask for each tree) for each feature and interval, and one for a missing value.
//! To answer is to find an interval for each feature, to AND their rows, and to add up the first leaves. Categories,
//! zeros and missing values cost nothing more.
//!
//! Where this table would be large, or a tree has more leaves than a word has bits, the trees are walked.

use super::ensemble::{Body, Ensemble, Output, Precision};
use super::exponential::exp;
use super::tree::{Split, Test, Tree, ZERO};
use crate::arithmetic::no_nan;
use std::hint::select_unpredictable;

/// Bytes of masks at most: beyond a processor's caches a walk is faster.
const TABLE: usize = 32 * 1024 * 1024;

/// Tables are this many trees wide, or a multiple of it: whole vectors of a processor.
const LANES: usize = 16;

/// Rows of masks that are put together at once, so that what is left is loaded and stored less often.
const TOGETHER: usize = 4;

/// A model, ready to be asked.
#[derive(Debug)]
pub struct Scorer {
    precision: Precision,
    output: Output,
    sum: Sum,
}

/// How the sum is found.
#[derive(Debug)]
enum Sum {
    Masks32 { bins: Vec<Bins>, table: Table<u32>, base: f64, divisor: f64 },
    Masks64 { bins: Vec<Bins>, table: Table<u64>, base: f64, divisor: f64 },
    Walk { trees: Vec<Tree>, base: f64, divisor: f64 },
    Linear { weights: Vec<f64>, bias: f64 },
}

/// Room to work in, so that nothing is allocated for an answer.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    /// Where the row of masks of each feature begins.
    rows: Vec<usize>,
    /// The leaves that are left of each tree, in the word of the model's masks.
    left_32: Vec<u32>,
    left_64: Vec<u64>,
    /// The features in the model's precision.
    values: Vec<f64>,
}

/// The intervals of a feature's values.
#[derive(Debug)]
struct Bins {
    feature: usize,
    /// Ascending. Interval `i` ends with cut `i`, which belongs to it; the last one has no end.
    cuts: Vec<f64>,
    /// Where the masks of the first interval are, in rows; those of missing values come after the last interval.
    first: usize,
}

/// Masks of leaves: the bits of those that are not ruled out, the first leaf's lowest.
#[derive(Debug)]
struct Table<W> {
    /// By row of [`Bins`], one for each tree, up to a multiple of [`LANES`].
    masks: Vec<W>,
    /// Trees, up to a multiple of [`LANES`].
    width: usize,
    /// By tree, as many as a word has bits; the first are the tree's.
    leaves: Leaves,
}

#[derive(Debug)]
enum Leaves {
    Single(Vec<f32>),
    Double(Vec<f64>),
}

/// A word of masks.
trait Word: Copy {
    const BITS: usize;
    const ALL: Self;
    fn and(self, other: Self) -> Self;
    /// The position of the lowest bit, below [`Self::BITS`].
    fn first(self) -> usize;
    /// All but the bits from one position to another, which is above.
    fn without(from: usize, to: usize) -> Self;
    /// Where the rows of masks begin, and room for what they leave.
    fn room(scratch: &mut Scratch) -> (&mut Vec<usize>, &mut Vec<Self>);
}

impl Word for u32 {
    const BITS: usize = 32;
    const ALL: u32 = u32::MAX;

    fn and(self, other: u32) -> u32 {
        self & other
    }

    fn first(self) -> usize {
        // Some leaf is always left; saying so saves a test.
        (self | 1 << 31).trailing_zeros() as usize
    }

    fn without(from: usize, to: usize) -> u32 {
        u64::without(from, to) as u32
    }

    fn room(scratch: &mut Scratch) -> (&mut Vec<usize>, &mut Vec<u32>) {
        (&mut scratch.rows, &mut scratch.left_32)
    }
}

impl Word for u64 {
    const BITS: usize = 64;
    const ALL: u64 = u64::MAX;

    fn and(self, other: u64) -> u64 {
        self & other
    }

    fn first(self) -> usize {
        (self | 1 << 63).trailing_zeros() as usize
    }

    fn without(from: usize, to: usize) -> u64 {
        let below = |end: usize| if end >= 64 { u64::MAX } else { (1 << end) - 1 };
        !(below(to) & !below(from))
    }

    fn room(scratch: &mut Scratch) -> (&mut Vec<usize>, &mut Vec<u64>) {
        (&mut scratch.rows, &mut scratch.left_64)
    }
}

impl Scorer {
    /// Makes a model ready.
    pub fn new(model: &Ensemble) -> Scorer {
        let sum = match &model.body {
            Body::Linear { weights, bias } => Sum::Linear { weights: weights.clone(), bias: *bias },
            Body::Trees { base, divisor, trees } => {
                let (base, divisor) = (*base, *divisor);
                let bins = bins(trees);
                let leaves = trees.iter().map(|tree| tree.leaves.len()).max().unwrap_or(0);
                let rows = bins.last().map_or(0, |last| last.first + last.cuts.len() + 2);
                let word = if leaves <= 32 { 4 } else { 8 };
                let bytes = rows.saturating_mul(trees.len().next_multiple_of(LANES)).saturating_mul(word);
                match leaves {
                    _ if bytes > TABLE => Sum::Walk { trees: trees.clone(), base, divisor },
                    0..=32 => {
                        let table = Table::new(trees, &bins, rows, model.precision);
                        Sum::Masks32 { bins, table, base, divisor }
                    }
                    33..=64 => {
                        let table = Table::new(trees, &bins, rows, model.precision);
                        Sum::Masks64 { bins, table, base, divisor }
                    }
                    _ => Sum::Walk { trees: trees.clone(), base, divisor },
                }
            }
        };
        Scorer { precision: model.precision, output: model.output, sum }
    }

    /// One that walks the trees: slower, and the definition of what the others answer.
    pub fn walking(model: &Ensemble) -> Scorer {
        match &model.body {
            Body::Trees { base, divisor, trees } => {
                let sum = Sum::Walk { trees: trees.clone(), base: *base, divisor: *divisor };
                Scorer { precision: model.precision, output: model.output, sum }
            }
            Body::Linear { .. } => Scorer::new(model),
        }
    }

    /// Whether it walks the trees.
    pub fn walks(&self) -> bool {
        matches!(self.sum, Sum::Walk { .. })
    }

    /// The answer for a row, in which NaN is missing; never NaN.
    pub fn predict(&self, row: &[f64], scratch: &mut Scratch) -> f64 {
        let precision = self.precision;
        let sum = match &self.sum {
            Sum::Masks32 { bins, table, base, divisor } => {
                find_rows(bins, row, precision, table.width, &mut scratch.rows);
                table.sum(scratch, *base, *divisor)
            }
            Sum::Masks64 { bins, table, base, divisor } => {
                find_rows(bins, row, precision, table.width, &mut scratch.rows);
                table.sum(scratch, *base, *divisor)
            }
            Sum::Walk { trees, base, divisor } => {
                let values = &mut scratch.values;
                values.clear();
                values.extend(row.iter().map(|value| precision.of(*value)));
                let sum = trees.iter().fold(*base, |sum, tree| {
                    let leaf = tree.leaves.get(tree.leaf_of(values)).copied().unwrap_or_default();
                    // Of two singles the sum of doubles, rounded, is the sum of singles.
                    precision.of(sum + leaf)
                });
                precision.of(sum / divisor)
            }
            Sum::Linear { weights, bias } => {
                let products = row.iter().zip(weights).map(|(value, weight)| precision.of(*value) * weight);
                products.fold(*bias, |sum, product| precision.of(sum + precision.of(product)))
            }
        };
        no_nan(self.output.of(sum, precision))
    }
}

impl Precision {
    /// A number in this precision.
    fn of(self, value: f64) -> f64 {
        match self {
            Precision::Single => f64::from(value as f32),
            Precision::Double => value,
        }
    }
}

impl Output {
    /// The answer that a sum stands for.
    fn of(self, sum: f64, precision: Precision) -> f64 {
        match self {
            Output::Sum => sum,
            Output::Exponential => precision.of(exp(sum)),
            Output::Square => sum * sum.abs(),
            Output::Symmetric => {
                let power = precision.of(exp(-sum.abs()));
                let above = precision.of(1.0 / precision.of(1.0 + power));
                if sum < 0.0 { precision.of(1.0 - above) } else { above }
            }
            Output::Logistic { steepness } => {
                let power = precision.of(exp(-steepness * sum));
                precision.of(1.0 / precision.of(1.0 + power))
            }
        }
    }
}

/// Finds the row of masks of each feature: where it begins in the table.
fn find_rows(bins: &[Bins], row: &[f64], precision: Precision, width: usize, rows: &mut Vec<usize>) {
    rows.clear();
    rows.extend(bins.iter().map(|bins| {
        let value = row.get(bins.feature).map_or(f64::NAN, |value| precision.of(*value));
        (bins.first + bins.of(value)) * width
    }));
}

impl Bins {
    /// The interval of a value, without a branch.
    fn of(&self, value: f64) -> usize {
        let cuts = self.cuts.as_slice();
        let (mut base, mut len) = (0, cuts.len());
        while len > 1 {
            let half = len / 2;
            base = select_unpredictable(cuts[base + half - 1] < value, base + half, base);
            len -= half;
        }
        let at = base + usize::from(len == 1 && cuts[base] < value);
        if value.is_nan() { cuts.len() + 1 } else { at }
    }

    /// A value of each interval; the last is missing.
    fn values(&self) -> impl Iterator<Item = f64> {
        self.cuts.iter().copied().chain([f64::INFINITY, f64::NAN])
    }
}

/// The intervals of all features that some split looks at.
fn bins(trees: &[Tree]) -> Vec<Bins> {
    let mut cuts: Vec<(u32, f64)> = Vec::new();
    for split in trees.iter().flat_map(|tree| &tree.splits) {
        // A feature has a row even where its splits have no cut.
        cuts.push((split.feature, f64::INFINITY));
        each_cut(split, |cut| cuts.push((split.feature, cut + 0.0)));
    }
    cuts.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    cuts.dedup();
    let mut bins: Vec<Bins> = Vec::new();
    for (feature, cut) in cuts {
        let feature = feature as usize;
        if bins.last().is_none_or(|last| last.feature != feature) {
            let first = bins.last().map_or(0, |last| last.first + last.cuts.len() + 2);
            bins.push(Bins { feature, cuts: Vec::new(), first });
        }
        if let Some(last) = bins.last_mut()
            && cut < f64::INFINITY
        {
            last.cuts.push(cut);
        }
    }
    bins
}

/// The values after which a split may say something else.
fn each_cut(split: &Split, mut cut: impl FnMut(f64)) {
    if split.zero.is_some() {
        cut((-ZERO).next_down());
        cut(ZERO);
    }
    match &split.test {
        Test::AtMost(limit) => cut(*limit),
        Test::Every => {}
        Test::Equal(value) => {
            cut(value.next_down());
            cut(*value);
        }
        Test::Among(categories) => {
            for category in categories {
                let first = f64::from(*category);
                cut(if first == 0.0 { -1.0 } else { first.next_down() });
                cut((first + 1.0).next_down());
            }
        }
    }
}

impl<W: Word> Table<W> {
    fn new(trees: &[Tree], bins: &[Bins], rows: usize, precision: Precision) -> Table<W> {
        let width = trees.len().next_multiple_of(LANES);
        let mut masks = vec![W::ALL; rows * width];
        let mut leaves = vec![0.0; width * W::BITS];
        for (index, tree) in trees.iter().enumerate() {
            leaves[index * W::BITS..][..tree.leaves.len()].copy_from_slice(&tree.leaves);
            for (split, from, to) in left_leaves(tree) {
                let without = W::without(from, to);
                let Ok(at) = bins.binary_search_by_key(&(split.feature as usize), |bins| bins.feature) else {
                    continue;
                };
                for (row, value) in (bins[at].first..).zip(bins[at].values()) {
                    if !split.goes_left(value) {
                        let mask = &mut masks[row * width + index];
                        *mask = mask.and(without);
                    }
                }
            }
        }
        let leaves = match precision {
            Precision::Single => Leaves::Single(leaves.iter().map(|leaf| *leaf as f32).collect()),
            Precision::Double => Leaves::Double(leaves),
        };
        Table { masks, width, leaves }
    }

    /// The sum of the leaves that the masks of the rows that were found leave first.
    fn sum(&self, scratch: &mut Scratch, base: f64, divisor: f64) -> f64 {
        let (rows, left) = W::room(scratch);
        self.leave(rows, left);
        match &self.leaves {
            Leaves::Double(leaves) => fold(left, leaves, base, |sum, leaf| sum + leaf) / divisor,
            Leaves::Single(leaves) => {
                f64::from(fold(left, leaves, base as f32, |sum, leaf| sum + leaf) / divisor as f32)
            }
        }
    }

    /// ANDs rows of masks: plain slices of equal length, which the compiler takes through vectors.
    fn leave(&self, rows: &[usize], left: &mut Vec<W>) {
        left.clear();
        left.resize(self.width, W::ALL);
        let row = |at: usize| &self.masks[at..][..self.width];
        let (together, rest) = rows.as_chunks::<TOGETHER>();
        for rows in together {
            let [a, b, c, d] = rows.map(row);
            let masks = a.iter().zip(b).zip(c).zip(d);
            for (left, (((a, b), c), d)) in left.iter_mut().zip(masks) {
                *left = left.and(a.and(*b)).and(c.and(*d));
            }
        }
        for at in rest {
            for (left, mask) in left.iter_mut().zip(row(*at)) {
                *left = left.and(*mask);
            }
        }
    }
}

/// The sum is made in the order of the trees, as the library makes it.
fn fold<W: Word, S: Copy>(left: &[W], leaves: &[S], base: S, add: impl Fn(S, S) -> S) -> S {
    let leaves = leaves.chunks_exact(W::BITS);
    leaves.zip(left).fold(base, |sum, (leaves, left)| add(sum, leaves[left.first()]))
}

/// Each split with the leaves below its left side: from the first to before the last.
fn left_leaves(tree: &Tree) -> Vec<(&Split, usize, usize)> {
    // Splits and leaves are in the order of a walk: what is below a split comes right after it.
    let mut below = vec![(0, 0); tree.splits.len()];
    for (at, split) in tree.splits.iter().enumerate().rev() {
        let span = |child: super::Child| match child.get() {
            Ok(split) => below.get(split).copied().unwrap_or_default(),
            Err(leaf) => (leaf, leaf + 1),
        };
        below[at] = (span(split.left).0, span(split.right).1);
    }
    let spans = tree.splits.iter().map(|split| match split.left.get() {
        Ok(left) => (split, below[left].0, below[left].1),
        Err(leaf) => (split, leaf, leaf + 1),
    });
    spans.collect()
}
