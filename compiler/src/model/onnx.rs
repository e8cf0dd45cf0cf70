//! ONNX (`onnx.proto`), as skl2onnx, onnxmltools and others write trees and linear models: the operators of
//! `ai.onnx.ml`, calculated as ONNX Runtime does, in single precision unless the model brings doubles.

use super::protobuf::{Message, doubles, singles, text};
use super::tree::{Child, Found, Side, Split, Test, assemble};
use super::{Body, Ensemble, FEATURES, LEAVES, Model, Output, Precision, Problem, Tree};
use std::collections::BTreeMap;

/// Element types of tensors.
const FLOAT: i64 = 1;
const DOUBLE: i64 = 11;

/// An operator of the graph.
struct Node<'b> {
    kind: &'b str,
    inputs: Vec<&'b str>,
    outputs: Vec<&'b str>,
    attributes: BTreeMap<&'b str, Message<'b>>,
}

pub(super) fn read(bytes: &[u8]) -> Result<Model, Problem> {
    let file = Message(bytes);
    let Some(graph) = file.last(7)?.map(Message) else {
        return Problem::broken("it has no graph, as a model in ONNX does");
    };
    for domain in file.all(8)?.into_iter().map(Message) {
        let version = domain.integers(2)?.pop().unwrap_or(1);
        if domain.text(1)? == "ai.onnx.ml" && !(1..=4).contains(&version) {
            let what = format!("it uses version {version} of ONNX's operators for models");
            return Problem::unsupported(what, "save it with `target_opset={\"ai.onnx.ml\": 3}`");
        }
    }
    let nodes: Vec<Node<'_>> =
        graph.all(1)?.into_iter().map(|node| Node::read(Message(node))).collect::<Result<_, _>>()?;
    let (input, element, width) = input(graph)?;
    // From the input to the operator that is the model, and what is done to the features on the way.
    let (mut tensor, mut scaler) = (input, None);
    let node = loop {
        let Some(node) = nodes.iter().find(|node| node.inputs.first() == Some(&tensor)) else {
            return Problem::broken("nothing in it looks at its features");
        };
        match node.kind {
            "Identity" | "Cast" => {}
            "Scaler" if scaler.is_none() => scaler = Some(node),
            _ => break node,
        }
        let Some(output) = node.outputs.first().filter(|output| **output != tensor) else {
            return Problem::broken("an operator has no result");
        };
        tensor = output;
    };
    let precision = if element == DOUBLE { Precision::Double } else { Precision::Single };
    let mut ensemble = match node.kind {
        "TreeEnsembleRegressor" | "TreeEnsembleClassifier" => {
            Forest::read(node)?.ensemble(width, precision)?
        }
        "LinearRegressor" => linear_regressor(node)?,
        "LinearClassifier" => linear_classifier(node)?,
        other => return other_operator(other),
    };
    if let Some(scaler) = scaler {
        scale(&mut ensemble, scaler)?;
    }
    if width.is_some_and(|width| width != ensemble.features as usize) {
        return Problem::broken("its operators don't fit its features");
    }
    follow(node, &nodes)?;
    Ok(Model { names: Vec::new(), categories: Vec::new(), ensemble: ensemble.into() })
}

/// The one input of a graph: its name, the type of its elements, and its width, where that is said.
fn input(graph: Message<'_>) -> Result<(&str, i64, Option<usize>), Problem> {
    let constants: Vec<&str> =
        graph.all(5)?.into_iter().map(|tensor| Message(tensor).text(8)).collect::<Result<_, _>>()?;
    let mut inputs = Vec::new();
    for input in graph.all(11)?.into_iter().map(Message) {
        if !constants.contains(&input.text(1)?) {
            inputs.push(input);
        }
    }
    let [input] = inputs[..] else {
        let help = "convert it with one input that holds all features: `FloatTensorType([None, n])`";
        return Problem::unsupported(format!("it has {} inputs", inputs.len()), help);
    };
    let tensor = input.part(2)?.part(1)?;
    let element = tensor.integers(1)?.pop().unwrap_or_default();
    if element != FLOAT && element != DOUBLE {
        return Problem::unsupported(
            "its features aren't floats",
            "convert it with `FloatTensorType([None, n])`",
        );
    }
    let shape = tensor.part(2)?.all(1)?;
    let width = match shape[..] {
        [_, columns] => Message(columns).integers(1)?.pop().and_then(|width| usize::try_from(width).ok()),
        _ => None,
    };
    if width.is_some_and(|width| width > FEATURES) {
        return Err(Problem::TooLarge(format!("it has more than {FEATURES} features")));
    }
    Ok((input.text(1)?, element, width))
}

/// What comes after the model may only pass its answer on.
fn follow(model: &Node<'_>, nodes: &[Node<'_>]) -> Result<(), Problem> {
    let is_classifier = model.kind.ends_with("Classifier");
    let Some(mut tensor) = model.outputs.get(usize::from(is_classifier)) else {
        return Problem::broken("its operator has no result");
    };
    // Each operator is passed once.
    for _ in nodes {
        let Some(node) = nodes.iter().find(|node| node.inputs.first() == Some(tensor)) else { break };
        match node.kind {
            "Identity" | "Cast" | "ZipMap" => {}
            // Two shares that add up to 1 stay as they are.
            "Normalizer" if is_classifier => {}
            other => return other_operator(other),
        }
        match node.outputs.first() {
            Some(next) => tensor = next,
            None => break,
        }
    }
    Ok(())
}

fn other_operator<T>(name: &str) -> Result<T, Problem> {
    let short: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    let help = "policies ask TreeEnsembleRegressor, TreeEnsembleClassifier, LinearRegressor and LinearClassifier; \
                prepare features in the policy";
    Problem::unsupported(format!("it has the operator `{short}`"), help)
}

impl<'b> Node<'b> {
    fn read(message: Message<'b>) -> Result<Node<'b>, Problem> {
        let texts = |number| message.all(number)?.into_iter().map(text).collect::<Result<Vec<_>, _>>();
        let mut attributes = BTreeMap::new();
        for attribute in message.all(5)?.into_iter().map(Message) {
            attributes.insert(attribute.text(1)?, attribute);
        }
        Ok(Node { kind: message.text(4)?, inputs: texts(1)?, outputs: texts(2)?, attributes })
    }

    fn integers(&self, name: &str) -> Result<Vec<i64>, Problem> {
        self.attributes.get(name).map_or(Ok(Vec::new()), |attribute| attribute.integers(8))
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, Problem> {
        Ok(self.attributes.get(name).map_or(Ok(Vec::new()), |attribute| attribute.integers(3))?.pop())
    }

    fn texts(&self, name: &str) -> Result<Vec<&'b str>, Problem> {
        let Some(attribute) = self.attributes.get(name) else { return Ok(Vec::new()) };
        attribute.all(9)?.into_iter().map(text).collect()
    }

    fn text(&self, name: &str) -> Result<&'b str, Problem> {
        self.attributes.get(name).map_or(Ok(""), |attribute| attribute.text(4))
    }

    /// Numbers in single precision, or as a tensor of doubles (`…_as_tensor`).
    fn numbers(&self, name: &str) -> Result<Vec<f64>, Problem> {
        let tensor = self.attributes.get(format!("{name}_as_tensor").as_str());
        if let Some(tensor) = tensor.map(|attribute| attribute.last(5)).transpose()?.flatten().map(Message) {
            let raw = tensor.last(9)?;
            return match (tensor.integers(2)?.pop(), raw) {
                (Some(DOUBLE), Some(raw)) => doubles(raw),
                (Some(DOUBLE), None) => tensor.doubles(10),
                (Some(FLOAT), Some(raw)) => singles(raw),
                (Some(FLOAT), None) => tensor.singles(4),
                _ => Problem::broken("a tensor isn't of numbers"),
            };
        }
        self.attributes.get(name).map_or(Ok(Vec::new()), |attribute| attribute.singles(7))
    }

    /// How many classes a classifier tells apart.
    fn classes(&self) -> Result<usize, Problem> {
        let labels = ["classlabels_int64s", "classlabels_ints"];
        let mut most = self.texts("classlabels_strings")?.len();
        for name in labels {
            most = most.max(self.integers(name)?.len());
        }
        Ok(most)
    }
}

/// The properties of a tree ensemble's nodes, each by node.
struct Forest<'b> {
    trees: Vec<i64>,
    ids: Vec<i64>,
    features: Vec<i64>,
    modes: Vec<&'b str>,
    values: Vec<f64>,
    yes: Vec<i64>,
    no: Vec<i64>,
    tracks_yes: Vec<i64>,
    /// By tree and node.
    weights: BTreeMap<(i64, i64), f64>,
    base: Option<f64>,
    averages: bool,
    output: Output,
}

impl<'b> Forest<'b> {
    fn read(node: &Node<'b>) -> Result<Forest<'b>, Problem> {
        let is_classifier = node.kind.ends_with("Classifier");
        let prefix = if is_classifier { "class" } else { "target" };
        let part = |name: &str| node.integers(&format!("{prefix}_{name}"));
        let (weight_trees, weight_nodes, targets) = (part("treeids")?, part("nodeids")?, part("ids")?);
        let weights = node.numbers(&format!("{prefix}_weights"))?;
        let bases = node.numbers("base_values")?;
        if weights.len() > LEAVES {
            return Problem::too_many_leaves();
        }
        if [&weight_trees, &weight_nodes, &targets].iter().any(|list| list.len() != weights.len()) {
            return Problem::broken("the parts of its leaves aren't equally many");
        }
        let meant = if is_classifier {
            positive(node.classes()?, &targets)?
        } else if node.integer("n_targets")?.unwrap_or(1) != 1 || targets.iter().any(|target| *target != 0) {
            return several_answers();
        } else {
            0
        };
        let base = match bases[..] {
            [] => None,
            [base] => Some(base),
            [_, second] if meant == 1 => Some(second),
            _ => return Problem::broken("it has too many base values"),
        };
        let mut by_node = BTreeMap::new();
        for (((tree, at), target), weight) in
            weight_trees.iter().zip(&weight_nodes).zip(&targets).zip(weights)
        {
            if *target == meant && by_node.insert((*tree, *at), weight).is_some() {
                return Problem::broken("a leaf has two values");
            }
        }
        let averages = match node.text("aggregate_function")? {
            "" | "SUM" => false,
            "AVERAGE" => true,
            other => return other_operator(other),
        };
        let output = output(node)?;
        Ok(Forest {
            trees: node.integers("nodes_treeids")?,
            ids: node.integers("nodes_nodeids")?,
            features: node.integers("nodes_featureids")?,
            modes: node.texts("nodes_modes")?,
            values: node.numbers("nodes_values")?,
            yes: node.integers("nodes_truenodeids")?,
            no: node.integers("nodes_falsenodeids")?,
            tracks_yes: node.integers("nodes_missing_value_tracks_true")?,
            weights: by_node,
            base,
            averages,
            output,
        })
    }

    fn ensemble(mut self, width: Option<usize>, precision: Precision) -> Result<Ensemble, Problem> {
        let nodes = self.ids.len();
        if nodes > 2 * LEAVES {
            return Problem::too_many_leaves();
        }
        self.tracks_yes.resize(nodes, 0);
        let lengths = [
            self.trees.len(),
            self.features.len(),
            self.modes.len(),
            self.values.len(),
            self.yes.len(),
            self.no.len(),
        ];
        if lengths.iter().any(|len| *len != nodes) {
            return Problem::broken("the parts of its nodes aren't equally many");
        }
        let mut places = BTreeMap::new();
        let mut roots: Vec<usize> = Vec::new();
        for at in 0..nodes {
            if places.insert((self.trees[at], self.ids[at]), at).is_some() {
                return Problem::broken("two nodes of a tree have one number");
            }
            if at == 0 || self.trees[at] != self.trees[at - 1] {
                roots.push(at);
            }
        }
        let widest = self.features.iter().copied().max().unwrap_or(0).max(0) as usize + 1;
        let features = width.unwrap_or(widest);
        if features > FEATURES {
            return Err(Problem::TooLarge(format!("it has more than {FEATURES} features")));
        }
        let mut met = vec![false; nodes];
        let mut trees = Vec::with_capacity(roots.len() + 1);
        for root in &roots {
            trees.push(assemble(*root, nodes, |at| self.node(at, features, &places, &mut met))?);
        }
        let divisor = if self.averages { trees.len().max(1) as f64 } else { 1.0 };
        match self.base {
            Some(base) if base != 0.0 && self.averages => {
                return Problem::unsupported("it adds to an average", "convert it without a base value");
            }
            // It is added at the end, as a tree with nothing but a leaf is.
            Some(base) if base.is_finite() => trees.push(Tree { splits: Vec::new(), leaves: vec![base] }),
            Some(_) => return Problem::broken("its base value isn't finite"),
            None => {}
        }
        let body = Body::Trees { base: 0.0, divisor, trees };
        Ok(Ensemble { features: features as u32, precision, body, output: self.output })
    }

    fn node(
        &self,
        at: usize,
        features: usize,
        places: &BTreeMap<(i64, i64), usize>,
        met: &mut [bool],
    ) -> Result<Found<usize>, Problem> {
        if std::mem::replace(&mut met[at], true) {
            return Problem::broken("the splits of a tree lead back to each other");
        }
        let (tree, value) = (self.trees[at], self.values[at]);
        if self.modes[at] == "LEAF" {
            let weight = self.weights.get(&(tree, self.ids[at]));
            return Ok(Found::Leaf(weight.copied().unwrap_or_default()));
        }
        let (Some(yes), Some(no)) = (places.get(&(tree, self.yes[at])), places.get(&(tree, self.no[at])))
        else {
            return Problem::broken("a split leads to a node that isn't there");
        };
        let feature = match usize::try_from(self.features[at]) {
            Ok(feature) if feature < features => feature as u32,
            _ => return Problem::broken("a split looks at a feature that the model doesn't have"),
        };
        // What goes to the left, and whether that is the way of a yes.
        let equal = || value.is_finite().then_some(Test::Equal(value));
        let (test, left_is_yes) = match self.modes[at] {
            "BRANCH_LEQ" => (Test::at_most(value), true),
            "BRANCH_LT" => (Test::at_most(value.next_down()), true),
            "BRANCH_GT" => (Test::at_most(value), false),
            "BRANCH_GTE" => (Test::at_most(value.next_down()), false),
            "BRANCH_EQ" => (equal(), true),
            "BRANCH_NEQ" => (equal(), false),
            other => return other_operator(other),
        };
        let Some(test) = test else { return Problem::broken("a split's value is no number") };
        // A missing value is in no relation to a number, but different from it.
        let missing_is_yes = self.tracks_yes[at] != 0 || self.modes[at] == "BRANCH_NEQ";
        let missing = Side::left_if(missing_is_yes == left_is_yes);
        let split = Split { feature, test, missing, zero: None, left: Child(0), right: Child(0) };
        Ok(if left_is_yes { Found::Split(split, *yes, *no) } else { Found::Split(split, *no, *yes) })
    }
}

/// Which of the classes' numbers is the answer: that of the second class, or the only one.
fn positive(classes: usize, targets: &[i64]) -> Result<i64, Problem> {
    let (least, most) = (targets.iter().min(), targets.iter().max());
    match (classes, least, most) {
        (1 | 2, Some(least), Some(most)) if least == most => Ok(*least),
        (2, Some(0), Some(1)) => Ok(1),
        _ => several_answers(),
    }
}

fn several_answers<T>() -> Result<T, Problem> {
    Problem::unsupported("it answers with several numbers", "train it to tell yes from no")
}

fn output(node: &Node<'_>) -> Result<Output, Problem> {
    match node.text("post_transform")? {
        "" | "NONE" => Ok(Output::Sum),
        "LOGISTIC" => Ok(Output::Symmetric),
        other => other_operator(other),
    }
}

fn linear_regressor(node: &Node<'_>) -> Result<Ensemble, Problem> {
    if node.integer("targets")?.unwrap_or(1) != 1 {
        return several_answers();
    }
    let weights = node.numbers("coefficients")?;
    linear(weights, &node.numbers("intercepts")?, output(node)?)
}

fn linear_classifier(node: &Node<'_>) -> Result<Ensemble, Problem> {
    let mut weights = node.numbers("coefficients")?;
    let mut intercepts = node.numbers("intercepts")?;
    if node.classes()? != 2 {
        return several_answers();
    }
    if output(node)? != Output::Symmetric {
        let help = "convert a model that knows probabilities, for instance a `LogisticRegression`";
        return Problem::unsupported("its answer is no share", help);
    }
    // A row for each class, of which the second is the answer, or for that alone.
    if intercepts.len() == 2 {
        if weights.len() % 2 != 0 {
            return Problem::broken("its classes have different numbers of features");
        }
        let second = weights.split_off(weights.len() / 2);
        if weights.iter().zip(&second).any(|(first, second)| *first != -second)
            || intercepts[0] != -intercepts[1]
        {
            return several_answers();
        }
        weights = second;
        intercepts.remove(0);
    }
    linear(weights, &intercepts, Output::Symmetric)
}

/// Linear models are calculated in doubles: in which order single-precision products are added up, ONNX leaves open.
fn linear(weights: Vec<f64>, intercepts: &[f64], output: Output) -> Result<Ensemble, Problem> {
    let bias = match intercepts {
        [] => 0.0,
        [bias] => *bias,
        _ => return Problem::broken("it has too many intercepts"),
    };
    if weights.len() > FEATURES {
        return Err(Problem::TooLarge(format!("it has more than {FEATURES} features")));
    }
    let (features, body) = (weights.len() as u32, Body::Linear { weights, bias });
    Ok(Ensemble { features, precision: Precision::Double, body, output })
}

/// Features are shifted and stretched before they are weighed: `(x - offset) * scale`.
fn scale(ensemble: &mut Ensemble, scaler: &Node<'_>) -> Result<(), Problem> {
    let Body::Linear { weights, bias } = &mut ensemble.body else {
        let help = "trees need no scaled features: train and convert it without a scaler";
        return Problem::unsupported("it scales features for trees", help);
    };
    let (offsets, scales) = (scaler.numbers("offset")?, scaler.numbers("scale")?);
    let fits = |list: &[f64]| list.len() == 1 || list.len() == weights.len();
    if !fits(&offsets) || !fits(&scales) {
        return Problem::broken("its scaler doesn't fit its features");
    }
    for (at, weight) in weights.iter_mut().enumerate() {
        *weight *= scales[at % scales.len()];
        *bias -= *weight * offsets[at % offsets.len()];
    }
    Ok(())
}
