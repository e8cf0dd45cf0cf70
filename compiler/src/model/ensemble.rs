//! What a model is, whatever program it comes from.

use super::tree::Tree;
use super::{FEATURES, LEAVES};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A model: a row of features becomes one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Ensemble {
    /// How many features a row has.
    pub features: u32,
    pub precision: Precision,
    pub body: Body,
    pub output: Output,
}

/// One that always answers 0.
impl Default for Ensemble {
    fn default() -> Self {
        let body = Body::Trees { base: 0.0, divisor: 1.0, trees: Vec::new() };
        Ensemble { features: 0, precision: Precision::Double, body, output: Output::Sum }
    }
}

/// In what numbers the program that made the model calculates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Features are rounded to single precision, and so is each sum.
    Single,
    /// All are doubles.
    Double,
}

/// What is summed up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The leaves of trees, from `base` on, in their order; then divided by `divisor`.
    Trees {
        /// What the sum begins with.
        base: f64,
        /// Where the trees' answers are averaged, how many they are.
        divisor: f64,
        /// The trees.
        trees: Vec<Tree>,
    },
    /// The bias, and then features times weights, from the first to the last.
    Linear {
        /// By feature.
        weights: Vec<f64>,
        /// What the sum begins with.
        bias: f64,
    },
}

/// What becomes of the sum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// It is the answer.
    Sum,
    /// `1 / (1 + e^(-steepness x))`
    Logistic {
        /// 1 in most models.
        steepness: f64,
    },
    /// The same with a steepness of 1, as ONNX Runtime calculates it: of `|x|`, and turned around for an `x` below 0.
    Symmetric,
    /// `e^x`
    Exponential,
    /// `x²` with the sign of `x`: of models of a root.
    Square,
}

impl Ensemble {
    /// SHA-256 of what it says, whatever file it came from.
    pub fn hash(&self) -> [u8; 32] {
        // Finite numbers and lists can always be written.
        Sha256::digest(serde_json::to_vec(self).unwrap_or_default()).into()
    }

    /// How many splits it has.
    pub fn splits(&self) -> usize {
        match &self.body {
            Body::Trees { trees, .. } => trees.iter().map(|tree| tree.splits.len()).sum(),
            Body::Linear { .. } => 0,
        }
    }

    /// The features that its answers depend on, ascending.
    pub fn used(&self) -> Vec<u32> {
        let mut used: Vec<u32> = match &self.body {
            Body::Trees { trees, .. } => {
                trees.iter().flat_map(|tree| &tree.splits).map(|split| split.feature).collect()
            }
            // A missing value counts even with the weight 0.
            Body::Linear { weights, .. } => (0..weights.len() as u32).collect(),
        };
        used.sort_unstable();
        used.dedup();
        used
    }

    /// Whether it can be asked: trees are trees, numbers are finite, features are there.
    ///
    /// # Errors
    /// What is wrong, without a capital.
    pub fn validate(&self) -> Result<(), &'static str> {
        if self.features as usize > FEATURES {
            return Err("it has too many features");
        }
        if let Output::Logistic { steepness } = self.output
            && !steepness.is_finite()
        {
            return Err("its steepness isn't finite");
        }
        match &self.body {
            Body::Trees { base, divisor, trees } => {
                if !base.is_finite() || !divisor.is_finite() || *divisor < 1.0 {
                    return Err("its sum begins or ends with no number");
                }
                let mut leaves = 0;
                for tree in trees {
                    leaves += tree.leaves.len();
                    if leaves > LEAVES {
                        return Err("it has too many leaves");
                    }
                    tree.validate(self.features)?;
                }
                Ok(())
            }
            Body::Linear { weights, bias } => {
                let finite = weights.iter().chain([bias]).all(|weight| weight.is_finite());
                if !finite || weights.len() != self.features as usize {
                    return Err("its weights are not those of its features");
                }
                Ok(())
            }
        }
    }
}
