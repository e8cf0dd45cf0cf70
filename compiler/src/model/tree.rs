//! A decision tree, as all formats have it.

use super::{LEAVES, Problem};
use serde::{Deserialize, Serialize};

/// A decision tree. Splits come in the order of a walk from the root, left before right, and leaves from left to
/// right, so that equal trees are equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Tree {
    pub splits: Vec<Split>,
    /// One more than there are splits. Finite; of a model in single precision, single precision.
    pub leaves: Vec<f64>,
}

/// Where rows part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Split {
    /// The position of the feature in the row.
    pub feature: u32,
    /// What goes to the left.
    pub test: Test,
    /// Where a missing value goes.
    pub missing: Side,
    /// Where values go that are as good as zero, where the model takes them for missing ([`ZERO`]).
    pub zero: Option<Side>,
    pub left: Child,
    pub right: Child,
}

/// LightGBM's zero: up to this, away from 0 (`kZeroThreshold`, a single-precision constant there).
#[allow(clippy::excessive_precision)]
pub(super) const ZERO: f64 = 1.000_000_001_800_250_9e-35_f32 as f64;

/// What goes to the left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Values up to this one.
    AtMost(f64),
    /// Values whose integer part is among these categories, which are ascending.
    Among(Vec<u32>),
    /// This value and no other.
    Equal(f64),
    /// Every value: only a missing one may go to the right.
    Every,
}

/// One of two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Side {
    Left,
    Right,
}

impl Side {
    pub(super) fn left_if(left: bool) -> Side {
        if left { Side::Left } else { Side::Right }
    }

    /// The other one.
    pub(super) fn opposite(self) -> Side {
        Side::left_if(self == Side::Right)
    }
}

/// What a split leads to: not negative, the position of a split; negative, the bits of the position of a leaf,
/// inverted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child(pub i32);

impl Child {
    /// The split.
    pub fn split(position: usize) -> Child {
        Child(position as i32)
    }

    /// The leaf.
    pub fn leaf(position: usize) -> Child {
        Child(!(position as i32))
    }

    /// The position of the split, or of the leaf.
    pub fn get(self) -> Result<usize, usize> {
        if self.0 >= 0 { Ok(self.0 as usize) } else { Err(!self.0 as usize) }
    }
}

impl Split {
    /// Whether a value goes to the left; NaN is missing.
    pub fn goes_left(&self, value: f64) -> bool {
        let side = if value.is_nan() {
            self.missing
        } else if let Some(side) = self.zero
            && value.abs() <= ZERO
        {
            side
        } else {
            Side::left_if(self.test.passes(value))
        };
        side == Side::Left
    }
}

impl Test {
    /// Values up to a limit, which may be infinite; `None` where it is no number.
    pub(super) fn at_most(limit: f64) -> Option<Test> {
        match limit {
            f64::INFINITY => Some(Test::Every),
            limit => limit.is_finite().then_some(Test::AtMost(limit)),
        }
    }

    fn passes(&self, value: f64) -> bool {
        match self {
            Test::AtMost(limit) => value <= *limit,
            Test::Equal(other) => value == *other,
            Test::Every => true,
            Test::Among(categories) => {
                category(value).is_some_and(|it| categories.binary_search(&it).is_ok())
            }
        }
    }
}

/// The category that a value means: its integer part.
fn category(value: f64) -> Option<u32> {
    // Between -1 and 0 the integer part is 0.
    (value > -1.0 && value < f64::from(i32::MAX)).then_some(value as u32)
}

impl Tree {
    /// The leaf of a row, as its position.
    pub fn leaf_of(&self, row: &[f64]) -> usize {
        let mut at = if self.splits.is_empty() { Child::leaf(0) } else { Child::split(0) };
        loop {
            match at.get() {
                Err(leaf) => return leaf,
                Ok(split) => {
                    let split = &self.splits[split];
                    let value = row.get(split.feature as usize).copied().unwrap_or(f64::NAN);
                    at = if split.goes_left(value) { split.left } else { split.right };
                }
            }
        }
    }

    /// Whether it is a tree in its order, over so many features, with finite numbers.
    pub(super) fn validate(&self, features: u32) -> Result<(), &'static str> {
        if self.leaves.len() != self.splits.len() + 1 {
            return Err("a tree doesn't have one leaf more than splits");
        }
        if self.splits.len() > LEAVES {
            return Err("a tree is too large");
        }
        if self.leaves.iter().any(|leaf| !leaf.is_finite()) {
            return Err("a leaf's value isn't finite");
        }
        let (mut splits, mut leaves) = (0, 0);
        let mut open = vec![if self.splits.is_empty() { Child::leaf(0) } else { Child::split(0) }];
        while let Some(child) = open.pop() {
            match child.get() {
                Ok(at) if at == splits && at < self.splits.len() => {
                    splits += 1;
                    let split = &self.splits[at];
                    if split.feature >= features {
                        return Err("a split looks at a feature that isn't there");
                    }
                    match &split.test {
                        Test::AtMost(limit) if !limit.is_finite() => {
                            return Err("a split's limit is not finite");
                        }
                        Test::Equal(other) if !other.is_finite() => {
                            return Err("a split's value isn't finite");
                        }
                        Test::Among(categories) if !categories.is_sorted_by(|a, b| a < b) => {
                            return Err("a split's categories aren't ascending");
                        }
                        _ => {}
                    }
                    open.extend([split.right, split.left]);
                }
                Err(at) if at == leaves && at < self.leaves.len() => leaves += 1,
                _ => return Err("a tree's parts aren't in their order"),
            }
        }
        if (splits, leaves) == (self.splits.len(), self.leaves.len()) {
            Ok(())
        } else {
            Err("a tree has loose parts")
        }
    }
}

/// What a reader finds at a place of a tree: a split with where its children are, or a leaf's value.
pub(super) enum Found<P> {
    /// The children in the split mean nothing yet.
    Split(Split, P, P),
    Leaf(f64),
}

/// A tree in its order, from what stands at its places, of which there are so many splits at most.
pub(super) fn assemble<P: Copy>(
    root: P,
    splits: usize,
    mut at: impl FnMut(P) -> Result<Found<P>, Problem>,
) -> Result<Tree, Problem> {
    let mut tree = Tree { splits: Vec::new(), leaves: Vec::new() };
    // Each place with the split above it and the side on which it stands.
    let mut open = vec![(root, None)];
    while let Some((place, above)) = open.pop() {
        let child = match at(place)? {
            Found::Leaf(value) if !value.is_finite() => {
                return Problem::broken("a leaf's value isn't finite");
            }
            Found::Leaf(value) => {
                tree.leaves.push(value);
                Child::leaf(tree.leaves.len() - 1)
            }
            Found::Split(split, left, right) => {
                let position = tree.splits.len();
                // In a tree each place is come to once; in a circle for ever.
                if position >= splits {
                    return Problem::broken("the splits of a tree lead back to each other");
                }
                tree.splits.push(split);
                open.extend([(right, Some((position, Side::Right))), (left, Some((position, Side::Left)))]);
                Child::split(position)
            }
        };
        match above {
            Some((split, Side::Left)) => tree.splits[split].left = child,
            Some((split, Side::Right)) => tree.splits[split].right = child,
            None => {}
        }
    }
    Ok(tree)
}
