//! The JSON that XGBoost saves (`Booster.save_model("m.json")`), from version 1.0 on.
//!
//! After `doc/model.schema`, `tree_model.cc`, `predict_fn.h` and `categorical.h` of XGBoost. It calculates in single
//! precision: features, thresholds and sums are, here as there.

use super::exponential::ln;
use super::tree::{Child, Found, Side, Split, Test, Tree, assemble};
use super::{Body, CATEGORIES, Ensemble, FEATURES, LEAVES, Model, Output, Precision, Problem};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use smol_str::SmolStr;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// Categories are numbers below this (`OutOfRangeCat`), since a single-precision number must be able to tell them apart.
const OUT_OF_RANGE: u32 = 1 << 24;

/// Of the nodes of a tree half are leaves, and one more.
const NODES: usize = 2 * LEAVES;

#[derive(Deserialize)]
struct File {
    learner: Learner,
    #[serde(default, deserialize_with = "kept::<_, _, 3>")]
    version: Vec<u32>,
}

#[derive(Deserialize)]
struct Learner {
    #[serde(default, deserialize_with = "kept::<_, _, FEATURES>")]
    feature_names: Vec<SmolStr>,
    gradient_booster: Booster,
    learner_model_param: Parameters,
    objective: Objective,
}

#[derive(Deserialize)]
struct Objective {
    name: String,
}

/// Numbers stand as texts there.
#[derive(Deserialize)]
struct Parameters {
    base_score: String,
    #[serde(default)]
    num_class: String,
    num_feature: String,
    #[serde(default)]
    num_target: String,
}

#[derive(Deserialize)]
struct Booster {
    name: String,
    #[serde(default)]
    model: Option<Forest>,
    /// Of a model with dropout (`dart`): its trees, and what the answer of each is multiplied with.
    #[serde(default)]
    gbtree: Option<Box<Booster>>,
    #[serde(default, deserialize_with = "kept::<_, _, LEAVES>")]
    weight_drop: Vec<f32>,
}

#[derive(Deserialize)]
struct Forest {
    #[serde(default)]
    cats: Categories,
    #[serde(default, deserialize_with = "kept::<_, _, LEAVES>")]
    trees: Vec<Nodes>,
    /// Of a linear model: one of each feature, then the bias.
    #[serde(default, deserialize_with = "kept::<_, _, { FEATURES + 1 }>")]
    weights: Vec<f32>,
}

/// The categories of the data by which it was trained.
#[derive(Default, Deserialize)]
struct Categories {
    #[serde(default, deserialize_with = "kept::<_, _, FEATURES>")]
    enc: Vec<Encoding>,
}

/// Of a feature: numbers, or the bytes of texts and where each begins.
#[derive(Deserialize)]
struct Encoding {
    #[serde(default, deserialize_with = "kept::<_, _, LEAVES>")]
    offsets: Vec<usize>,
    #[serde(default, deserialize_with = "kept::<_, _, LEAVES>")]
    values: Vec<f64>,
}

impl Encoding {
    fn names(self) -> Result<Option<Vec<SmolStr>>, Problem> {
        let names: Option<Vec<SmolStr>> = match self.offsets.is_empty() {
            true => Some(self.values.iter().map(|value| SmolStr::new(value.to_string())).collect()),
            false => {
                let bytes: Vec<u8> = self.values.iter().map(|byte| *byte as u8).collect();
                let name = |ends: &[usize]| {
                    let name = bytes.get(*ends.first()?..*ends.last()?)?;
                    std::str::from_utf8(name).ok().map(SmolStr::new)
                };
                self.offsets.windows(2).map(name).collect()
            }
        };
        match names {
            Some(names) => Ok(super::named_categories(names)),
            None => Problem::broken("the names of its categories can't be read"),
        }
    }
}

/// A tree: its nodes' properties, each by node.
#[derive(Deserialize)]
struct Nodes {
    #[serde(deserialize_with = "kept::<_, _, NODES>")]
    left_children: Vec<i32>,
    #[serde(deserialize_with = "kept::<_, _, NODES>")]
    right_children: Vec<i32>,
    #[serde(deserialize_with = "kept::<_, _, NODES>")]
    split_indices: Vec<u32>,
    #[serde(deserialize_with = "kept::<_, _, NODES>")]
    split_conditions: Vec<f32>,
    #[serde(deserialize_with = "kept::<_, _, NODES>")]
    default_left: Vec<Flag>,
    #[serde(default, deserialize_with = "kept::<_, _, NODES>")]
    split_type: Vec<u8>,
    #[serde(default, deserialize_with = "kept::<_, _, CATEGORIES>")]
    categories: Vec<u32>,
    #[serde(default, deserialize_with = "kept::<_, _, NODES>")]
    categories_nodes: Vec<u32>,
    #[serde(default, deserialize_with = "kept::<_, _, NODES>")]
    categories_segments: Vec<u32>,
    #[serde(default, deserialize_with = "kept::<_, _, NODES>")]
    categories_sizes: Vec<u32>,
    tree_param: TreeParameters,
}

#[derive(Deserialize)]
struct TreeParameters {
    #[serde(default)]
    size_leaf_vector: String,
}

/// `true` or 1: versions differ.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Flag {
    Bool(bool),
    Number(u8),
}

impl Flag {
    fn is_set(self) -> bool {
        matches!(self, Flag::Bool(true) | Flag::Number(1..))
    }
}

/// Reads a list, of which this many members are kept and one more: by its length it is then refused.
fn kept<'de, D, T, const MOST: usize>(list: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Kept<T, const MOST: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Kept<T, MOST> {
        type Value = Vec<T>;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut kept = Vec::new();
            while kept.len() <= MOST {
                match list.next_element()? {
                    Some(member) => kept.push(member),
                    None => return Ok(kept),
                }
            }
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(kept)
        }
    }

    list.deserialize_seq(Kept::<T, MOST>(PhantomData))
}

pub(super) fn read(bytes: &[u8]) -> Result<Model, Problem> {
    if bytes.first().is_some_and(|first| *first != b'{') || bytes.starts_with(b"{L") {
        let help = "save it as JSON, to a file whose name ends in `.json`";
        return match bytes.starts_with(b"{L") || bytes.starts_with(b"binf") {
            true => Problem::unsupported("it is in XGBoost's binary format", help),
            false => Problem::broken("an XGBoost model in JSON begins with `{`"),
        };
    }
    let file: File = match serde_json::from_slice(bytes) {
        Ok(file) => file,
        Err(error) if error.is_eof() => return Problem::broken("it is cut short"),
        Err(error) => return Problem::broken(shorter(&error.to_string())),
    };
    if file.version.first().is_some_and(|major| !(1..=3).contains(major)) {
        let what = format!("it is of XGBoost {}", file.version[0]);
        return Problem::unsupported(what, "save it with XGBoost 1, 2 or 3");
    }
    let learner = file.learner;
    let parameters = &learner.learner_model_param;
    let classes =
        parameters.num_class.parse().unwrap_or(0_u32).max(parameters.num_target.parse().unwrap_or(1));
    if classes > 1 {
        let help = "train it to tell yes from no: `objective=\"binary:logistic\"`";
        return Problem::unsupported("it answers with several numbers, one for each class", help);
    }
    let features: usize = number("num_feature", &parameters.num_feature)?;
    if features > FEATURES {
        return Err(Problem::TooLarge(format!("it has more than {FEATURES} features")));
    }
    let names = learner.feature_names;
    if names.len() > FEATURES {
        return Err(Problem::TooLarge(format!("it has more than {FEATURES} names of features")));
    }
    if !names.is_empty() && names.len() != features {
        return Problem::broken(format!("it has {features} features and {} names", names.len()));
    }
    let (output, base) = output(&learner.objective.name, base_score(&parameters.base_score)?)?;
    let booster = learner.gradient_booster;
    let forest = booster.gbtree.and_then(|trees| trees.model).or(booster.model);
    let Some(forest) = forest else { return Problem::broken("it has no trees") };
    let body = match booster.name.as_str() {
        "gbtree" => Body::Trees { base, divisor: 1.0, trees: trees(&forest.trees, features as u32)? },
        "dart" => {
            let mut trees = trees(&forest.trees, features as u32)?;
            weigh(&mut trees, &booster.weight_drop)?;
            Body::Trees { base, divisor: 1.0, trees }
        }
        "gblinear" => linear(&forest.weights, features, base)?,
        other => {
            let what = format!("it is boosted by `{}`", shorter(other));
            return Problem::unsupported(what, "train it with `booster=\"gbtree\"`");
        }
    };
    let ensemble = Ensemble { features: features as u32, precision: Precision::Single, body, output };
    let categories = forest.cats.enc.into_iter().map(Encoding::names).collect::<Result<_, _>>()?;
    Ok(Model { names, categories, ensemble: ensemble.into() })
}

/// What becomes of the sum, and what it begins with: the base score is given as an answer, not as a sum.
fn output(objective: &str, base: f32) -> Result<(Output, f64), Problem> {
    match objective {
        "binary:logistic" | "reg:logistic" => {
            if !(base > 0.0 && base < 1.0) {
                return Problem::broken("its `base_score` is no probability");
            }
            Ok((Output::Logistic { steepness: 1.0 }, f64::from(logit(base))))
        }
        "count:poisson" | "reg:gamma" | "reg:tweedie" => {
            if base <= 0.0 {
                return Problem::broken("its `base_score` isn't above 0");
            }
            Ok((Output::Exponential, f64::from(ln(f64::from(base)) as f32)))
        }
        "reg:squarederror"
        | "reg:linear"
        | "reg:squaredlogerror"
        | "reg:pseudohubererror"
        | "reg:absoluteerror"
        | "reg:quantileerror" => Ok((Output::Sum, f64::from(base))),
        other => {
            let help = "train it with an objective whose answer is a share, for instance `binary:logistic`";
            Problem::unsupported(
                format!("its objective is `{}`, whose answer is no share", shorter(other)),
                help,
            )
        }
    }
}

/// `ProbToMargin` of XGBoost.
fn logit(probability: f32) -> f32 {
    -(ln(f64::from(1.0 / probability - 1.0)) as f32)
}

/// `0.5`, or `[5E-1]` as of version 3.1.
fn base_score(text: &str) -> Result<f32, Problem> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let base: f32 = number("base_score", inner)?;
    if base.is_finite() { Ok(base) } else { Problem::broken("its `base_score` isn't finite") }
}

fn number<T: FromStr>(key: &str, text: &str) -> Result<T, Problem> {
    match text.trim().parse() {
        Ok(number) => Ok(number),
        Err(_) => Problem::broken(format!("its `{key}` is `{}`, which is no number", shorter(text))),
    }
}

fn linear(weights: &[f32], features: usize, base: f64) -> Result<Body, Problem> {
    let Some((bias, weights)) = weights.split_last().filter(|(_, weights)| weights.len() == features) else {
        return Problem::broken(format!("it has {features} features and {} weights", weights.len()));
    };
    let weights = weights.iter().map(|weight| f64::from(*weight)).collect();
    Ok(Body::Linear { weights, bias: f64::from(*bias) + base })
}

/// The answer of each tree times its weight, in single precision.
fn weigh(trees: &mut [Tree], weights: &[f32]) -> Result<(), Problem> {
    if weights.len() != trees.len() {
        return Problem::broken(format!(
            "it has {} trees and {} weights of them",
            trees.len(),
            weights.len()
        ));
    }
    for (tree, weight) in trees.iter_mut().zip(weights) {
        for leaf in &mut tree.leaves {
            *leaf = f64::from(*leaf as f32 * weight);
        }
    }
    Ok(())
}

fn trees(trees: &[Nodes], features: u32) -> Result<Vec<Tree>, Problem> {
    let mut nodes = 0;
    for tree in trees {
        nodes += tree.left_children.len();
        if nodes > NODES {
            return Problem::too_many_leaves();
        }
    }
    let mut categories = 0;
    trees.iter().map(|tree| tree.read(features, &mut categories)).collect()
}

impl Nodes {
    fn read(&self, features: u32, all_categories: &mut usize) -> Result<Tree, Problem> {
        let nodes = self.left_children.len();
        let lengths = [
            self.right_children.len(),
            self.split_indices.len(),
            self.split_conditions.len(),
            self.default_left.len(),
        ];
        if nodes == 0 || lengths.iter().any(|len| *len != nodes) {
            return Problem::broken("the parts of a tree's nodes aren't equally many");
        }
        if !["", "0", "1"].contains(&self.tree_param.size_leaf_vector.as_str()) {
            let help = "train it to tell yes from no: `objective=\"binary:logistic\"`";
            return Problem::unsupported("its leaves have several numbers", help);
        }
        let mut sets: Vec<Option<Vec<u32>>> = vec![None; nodes];
        for (at, node) in self.categories_nodes.iter().enumerate() {
            let of = |list: &[u32]| list.get(at).map(|number| *number as usize);
            let (from, len) = (of(&self.categories_segments), of(&self.categories_sizes));
            let set = from.zip(len).and_then(|(from, len)| self.categories.get(from..from.checked_add(len)?));
            let (Some(set), Some(entry)) = (set, sets.get_mut(*node as usize)) else {
                return Problem::broken("a split asks for categories that aren't there");
            };
            Problem::count_categories(all_categories, set.len())?;
            let mut set = set.to_vec();
            set.sort_unstable();
            set.dedup();
            *entry = Some(set);
        }
        let mut met = vec![false; nodes];
        assemble(0, nodes, |node: usize| {
            match met.get_mut(node) {
                Some(met) if !*met => *met = true,
                Some(_) => return Problem::broken("the splits of a tree lead back to each other"),
                None => return Problem::broken("a split leads to a node that isn't there"),
            }
            let (left, right) = (self.left_children[node], self.right_children[node]);
            let condition = self.split_conditions[node];
            if left == -1 {
                return Ok(Found::Leaf(f64::from(condition)));
            }
            let (Ok(left), Ok(right)) = (usize::try_from(left), usize::try_from(right)) else {
                return Problem::broken("a split leads to a node that isn't there");
            };
            let feature = self.split_indices[node];
            if feature >= features {
                return Problem::broken("a split looks at a feature that the model doesn't have");
            }
            let missing = Side::left_if(self.default_left[node].is_set());
            let (no, zero) = (Child(0), None);
            if self.split_type.get(node).is_some_and(|kind| *kind == 1) {
                // What is in the set goes to the right, what is no category at all to the left.
                let mut set = sets[node].take().unwrap_or_default();
                set.retain(|category| *category < OUT_OF_RANGE);
                let test = Test::Among(set);
                let swapped = Split { feature, test, missing: missing.opposite(), zero, left: no, right: no };
                return Ok(Found::Split(swapped, right, left));
            }
            // Single-precision numbers below the condition: up to the double before it.
            let Some(test) = Test::at_most(f64::from(condition).next_down()) else {
                return Problem::broken("a split's condition is no number");
            };
            Ok(Found::Split(Split { feature, test, missing, zero, left: no, right: no }, left, right))
        })
    }
}

/// The beginning of a text of the file.
fn shorter(text: &str) -> String {
    const SHOWN: usize = 100;
    let short: String = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
