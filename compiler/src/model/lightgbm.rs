//! The text that LightGBM saves (`Booster.save_model`), versions 3 and 4.
//!
//! After `gbdt_model_text.cpp` and `tree.cpp`/`tree.h` of LightGBM: what its trees do with missing values, zeros and
//! categories is done here by the same rules.

use super::tree::{Found, Side, Split, Test, Tree, assemble};
use super::{Body, Child, Ensemble, FEATURES, LEAVES, Model, Output, Precision, Problem};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::str::FromStr;

/// Bits of `decision_type`.
const CATEGORICAL: u8 = 1;
const DEFAULT_LEFT: u8 = 2;

type Lines<'t> = BTreeMap<&'t str, &'t str>;

/// The lines that are looked at. Others aren't kept: a file can have millions of them.
const KEYS: [&str; 19] = [
    "version",
    "num_class",
    "num_tree_per_iteration",
    "max_feature_idx",
    "objective",
    "feature_names",
    "feature_infos",
    "tree_sizes",
    "num_leaves",
    "num_cat",
    "split_feature",
    "threshold",
    "decision_type",
    "left_child",
    "right_child",
    "leaf_value",
    "cat_boundaries",
    "cat_threshold",
    "is_linear",
];

/// What all trees have together.
#[derive(Default)]
struct Totals {
    leaves: usize,
    categories: usize,
}

pub(super) fn read(bytes: &[u8]) -> Result<Model, Problem> {
    let Ok(text) = std::str::from_utf8(bytes) else { return Problem::broken("it isn't a text") };
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("tree") {
        return Problem::broken("a LightGBM model begins with a line `tree`");
    }
    // Header, trees, and what isn't needed; a section ends with an empty line or where the next one begins.
    let mut header = Lines::new();
    let mut trees = Vec::new();
    let mut open: Option<Lines<'_>> = None;
    let mut totals = Totals::default();
    let mut ended = false;
    for line in lines.map(str::trim_end) {
        if line == "end of trees" {
            ended = true;
            break;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        if key == "Tree" {
            if value.parse() != Ok(trees.len() + usize::from(open.is_some())) {
                return Problem::broken(format!("its trees aren't in their order: `{}`", shown(line)));
            }
            if let Some(lines) = open.replace(Lines::new()) {
                trees.push(tree(&lines, &mut totals)?);
            }
            continue;
        }
        if KEYS.contains(&key) {
            open.as_mut().unwrap_or(&mut header).insert(key, value);
        }
    }
    if !ended {
        return Problem::broken("it is cut short: there is no line `end of trees`");
    }
    if let Some(lines) = open {
        trees.push(tree(&lines, &mut totals)?);
    }
    if let Some(sizes) = header.get("tree_sizes")
        && sizes.split_ascii_whitespace().count() != trees.len()
    {
        return Problem::broken("it doesn't have all of its trees");
    }
    model(&header, trees, text)
}

fn model(header: &Lines<'_>, trees: Vec<Tree>, text: &str) -> Result<Model, Problem> {
    let version = field(header, "version")?;
    if !["v3", "v4"].contains(&version) {
        let what = format!("it is of LightGBM's format `{}`", shown(version));
        return Problem::unsupported(what, "save it with LightGBM 3 or 4: formats `v3` and `v4` can be read");
    }
    if number::<usize>(header, "num_class")? != 1 || number::<usize>(header, "num_tree_per_iteration")? != 1 {
        let help = "train it to tell yes from no: `objective=binary`";
        return Problem::unsupported("it answers with several numbers, one for each class", help);
    }
    let last: usize = number(header, "max_feature_idx")?;
    if last >= FEATURES {
        return Err(Problem::TooLarge(format!("it has more than {FEATURES} features")));
    }
    let features = last as u32 + 1;
    let names = field(header, "feature_names")?.split(' ');
    let count = names.clone().count();
    if count != features as usize {
        return Problem::broken(format!("it has {features} features and {count} names"));
    }
    let names: Vec<SmolStr> = names.map(SmolStr::new).collect();
    let default = |(index, name): (usize, &SmolStr)| *name == format!("Column_{index}");
    let unnamed = names.iter().enumerate().all(default);
    let output = output(header.get("objective").copied())?;
    // `average_output` stands alone on its line.
    let head = text.split("\nTree=").next().unwrap_or_default();
    let averages = head.lines().any(|line| line.trim_end() == "average_output");
    let divisor = if averages { trees.len().max(1) as f64 } else { 1.0 };
    if trees.iter().flat_map(|tree| &tree.splits).any(|split| split.feature >= features) {
        return Problem::broken("a split looks at a feature that the model doesn't have");
    }
    let body = Body::Trees { base: 0.0, divisor, trees };
    let ensemble = Ensemble { features, precision: Precision::Double, body, output };
    let categories = categories(header, text)?;
    Ok(Model { names: if unnamed { Vec::new() } else { names }, categories, ensemble: ensemble.into() })
}

/// What the columns of categories were in the table by which it was trained; each has a number by its place there.
fn categories(header: &Lines<'_>, text: &str) -> Result<Vec<Option<Vec<SmolStr>>>, Problem> {
    let line = text.lines().rev().find_map(|line| line.strip_prefix("pandas_categorical:"));
    let named = match serde_json::from_str::<Option<Vec<Vec<serde_json::Value>>>>(line.unwrap_or("null")) {
        Ok(named) => named.unwrap_or_default(),
        Err(_) => return Problem::broken("the names of its categories can't be read"),
    };
    let name = |value: &serde_json::Value| match value {
        serde_json::Value::String(name) => SmolStr::new(name),
        other => SmolStr::new(other.to_string()),
    };
    let mut named = named.iter().map(|names| super::named_categories(names.iter().map(name).collect()));
    let known: Vec<_> = named.clone().collect();
    if known.iter().all(Option::is_none) {
        return Ok(Vec::new());
    }
    // Of numbers it is said between which they lie.
    let infos: Vec<&str> = header.get("feature_infos").map_or(Vec::new(), |infos| infos.split(' ').collect());
    let is_category = |info: &&&str| !info.starts_with('[') && **info != "none";
    if infos.iter().filter(is_category).count() != known.len() {
        let help = "train it with the places of the categories, as numbers, instead of their names";
        return Problem::unsupported("it doesn't say which of its features have which categories", help);
    }
    Ok(infos.iter().map(|info| if is_category(&info) { named.next().flatten() } else { None }).collect())
}

/// What becomes of the sum, by the objective (`objective_function.cpp`).
fn output(objective: Option<&str>) -> Result<Output, Problem> {
    let mut words = objective.unwrap_or_default().split(' ');
    let name = words.next().unwrap_or_default();
    let words: Vec<&str> = words.collect();
    let plain = |output| match words.is_empty() {
        true => Ok(output),
        false => other_objective(objective.unwrap_or_default()),
    };
    match name {
        "binary" => match words.as_slice() {
            [sigmoid] => match sigmoid.strip_prefix("sigmoid:").map(f64::from_str) {
                Some(Ok(steepness)) if steepness.is_finite() => Ok(Output::Logistic { steepness }),
                _ => Problem::broken(format!("`{}` is no objective", shown(sigmoid))),
            },
            _ => other_objective(objective.unwrap_or_default()),
        },
        "cross_entropy" => plain(Output::Logistic { steepness: 1.0 }),
        "poisson" | "gamma" | "tweedie" => plain(Output::Exponential),
        "regression" if words == ["sqrt"] => Ok(Output::Square),
        "regression" | "regression_l1" | "huber" | "fair" | "quantile" | "mape" => plain(Output::Sum),
        _ => other_objective(objective.unwrap_or("none")),
    }
}

fn other_objective<T>(name: &str) -> Result<T, Problem> {
    let help = "train it with an objective whose answer is a share, for instance `objective=binary`";
    Problem::unsupported(format!("its objective is `{}`, whose answer is no share", shown(name)), help)
}

fn linear_trees<T>() -> Result<T, Problem> {
    let help = "train it with `linear_tree=false`";
    Problem::unsupported("its trees have linear models in their leaves", help)
}

fn tree(lines: &Lines<'_>, totals: &mut Totals) -> Result<Tree, Problem> {
    let leaves: usize = number(lines, "num_leaves")?;
    totals.leaves = totals.leaves.saturating_add(leaves);
    if totals.leaves > LEAVES {
        return Problem::too_many_leaves();
    }
    if leaves == 0 {
        return Problem::broken("a tree has no leaves");
    }
    if lines.get("is_linear").is_some_and(|value| *value != "0") {
        return linear_trees();
    }
    let splits = leaves - 1;
    let values: Vec<f64> = list(lines, "leaf_value", leaves)?;
    if splits == 0 {
        return assemble((), 0, |()| Ok(Found::Leaf(values[0])));
    }
    let features: Vec<u32> = list(lines, "split_feature", splits)?;
    let thresholds: Vec<f64> = list(lines, "threshold", splits)?;
    let decisions: Vec<u8> = list(lines, "decision_type", splits)?;
    let left: Vec<i32> = list(lines, "left_child", splits)?;
    let right: Vec<i32> = list(lines, "right_child", splits)?;
    let categories = Categories::read(lines)?;
    let mut met = vec![false; leaves];
    let tree = assemble(Child(0), splits, |at| match at.get() {
        Err(leaf) => match met.get_mut(leaf) {
            Some(met) if !*met => {
                *met = true;
                Ok(Found::Leaf(values[leaf]))
            }
            Some(_) => Problem::broken("two splits of a tree lead to one leaf"),
            None => Problem::broken("a split leads to a leaf that isn't there"),
        },
        Ok(split) if split < splits => {
            let decision = Decision { kind: decisions[split], threshold: thresholds[split] };
            let found = decision.split(features[split], &categories, &mut totals.categories)?;
            Ok(Found::Split(found, Child(left[split]), Child(right[split])))
        }
        Ok(_) => Problem::broken("a split leads to a split that isn't there"),
    })?;
    if tree.splits.len() != splits {
        return Problem::broken("a tree has splits that nothing leads to");
    }
    Ok(tree)
}

/// The categories of a tree: sets of bits, one after the other.
struct Categories {
    /// Where each set begins, and where the last one ends.
    boundaries: Vec<usize>,
    words: Vec<u32>,
}

impl Categories {
    fn read(lines: &Lines<'_>) -> Result<Categories, Problem> {
        let sets: usize = number(lines, "num_cat")?;
        if sets == 0 {
            return Ok(Categories { boundaries: Vec::new(), words: Vec::new() });
        }
        if sets > LEAVES {
            return Problem::too_many_leaves();
        }
        let boundaries: Vec<usize> = list(lines, "cat_boundaries", sets + 1)?;
        let words = list(lines, "cat_threshold", boundaries.last().copied().unwrap_or_default())?;
        if !boundaries.is_sorted() || boundaries.first() != Some(&0) {
            return Problem::broken("the categories of a tree aren't in their order");
        }
        Ok(Categories { boundaries, words })
    }

    /// The bits of a set.
    fn set(&self, position: f64) -> Option<&[u32]> {
        if position < 0.0 || position.fract() != 0.0 {
            return None;
        }
        let at = position as usize;
        self.words.get(*self.boundaries.get(at)?..*self.boundaries.get(at + 1)?)
    }
}

/// What a split asks.
struct Decision {
    kind: u8,
    threshold: f64,
}

impl Decision {
    fn split(
        &self,
        feature: u32,
        categories: &Categories,
        all_categories: &mut usize,
    ) -> Result<Split, Problem> {
        let (left, right) = (Child(0), Child(0));
        if self.kind & CATEGORICAL != 0 {
            let Some(words) = categories.set(self.threshold) else {
                return Problem::broken("a split asks for categories that aren't there");
            };
            let count = words.iter().map(|word| word.count_ones() as usize).sum();
            Problem::count_categories(all_categories, count)?;
            let bits = words.iter().zip(0..).flat_map(|(word, at): (&u32, u32)| {
                (0..32).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 32 + bit)
            });
            // A missing category is in no set.
            let test = Test::Among(bits.collect());
            return Ok(Split { feature, test, missing: Side::Right, zero: None, left, right });
        }
        let Some(test) = Test::at_most(self.threshold) else {
            return Problem::broken("a split's threshold is no number");
        };
        let default = Side::left_if(self.kind & DEFAULT_LEFT != 0);
        let (missing, zero) = match self.kind >> 2 & 3 {
            // Where the training saw none, a missing value counts as 0.
            0 => (Side::left_if(0.0 <= self.threshold), None),
            1 => (default, Some(default)),
            2 => (default, None),
            _ => return Problem::broken("a split's `decision_type` means nothing"),
        };
        Ok(Split { feature, test, missing, zero, left, right })
    }
}

fn field<'t>(lines: &Lines<'t>, key: &str) -> Result<&'t str, Problem> {
    match lines.get(key) {
        Some(value) => Ok(value),
        None => Problem::broken(format!("`{key}` is missing")),
    }
}

fn number<T: FromStr>(lines: &Lines<'_>, key: &str) -> Result<T, Problem> {
    let value = field(lines, key)?;
    match value.parse() {
        Ok(number) => Ok(number),
        Err(_) => Problem::broken(format!("`{key}={}` is no number", shown(value))),
    }
}

/// So many numbers.
fn list<T: FromStr>(lines: &Lines<'_>, key: &str, len: usize) -> Result<Vec<T>, Problem> {
    let mut numbers = Vec::with_capacity(len.min(1 << 16));
    for word in field(lines, key)?.split_ascii_whitespace() {
        match word.parse() {
            Ok(number) if numbers.len() < len => numbers.push(number),
            Ok(_) => return Problem::broken(format!("`{key}` has more than {len} numbers")),
            Err(_) => return Problem::broken(format!("`{key}` has `{}`, which is no number", shown(word))),
        }
    }
    match numbers.len() == len {
        true => Ok(numbers),
        false => Problem::broken(format!("`{key}` has {} of {len} numbers", numbers.len())),
    }
}

/// The beginning of a text of the file.
fn shown(text: &str) -> String {
    const SHOWN: usize = 40;
    let short: String = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
