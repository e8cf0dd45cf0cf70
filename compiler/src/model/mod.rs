//! Models (language reference §11): files of other programs become one form, which answers for a row of features.
//!
//! The readers ([`lightgbm`]) take bytes that nobody vouches for. What they give has a shape that all formats
//! share ([`Ensemble`]) and is part of the plan; a [`Scorer`] is made of it to ask it quickly.

mod ensemble;
mod exponential;
mod lightgbm;
mod onnx;
mod protobuf;
mod scorer;
mod tree;
mod xgboost;

pub use ensemble::{Body, Ensemble, Output, Precision};
pub use exponential::exp;
pub use scorer::{Scorer, Scratch};
pub use tree::{Child, Side, Split, Test, Tree};

use smol_str::SmolStr;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// What a model may have at most: leaves of all trees together. Forests of practice have some ten thousand.
pub const LEAVES: usize = 1_000_000;

/// Categories of all splits together at most. A file can name them once for very many splits.
pub const CATEGORIES: usize = 4 * LEAVES;

/// Bytes of a model's file at most.
pub const FILE_SIZE: usize = 128 * 1024 * 1024;

/// How many features a model may have.
pub const FEATURES: usize = 100_000;

/// The formats that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// The text that LightGBM saves.
    LightGbm,
    /// The JSON that XGBoost saves.
    XgBoost,
    /// ONNX, as many programs write it.
    Onnx,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 3] = [Format::LightGbm, Format::XgBoost, Format::Onnx];

    /// As it stands after `format`.
    pub fn name(self) -> &'static str {
        match self {
            Format::LightGbm => "lightgbm",
            Format::XgBoost => "xgboost",
            Format::Onnx => "onnx",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Format::LightGbm => "a LightGBM model",
            Format::XgBoost => "an XGBoost model",
            Format::Onnx => "an ONNX model",
        }
    }

    /// The format of this name.
    pub fn named(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// A model as its file has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its features' names in the order of its rows; empty where the file names none.
    pub names: Vec<SmolStr>,
    /// By feature the names of its categories, in the order of their numbers, where the file has any; it may have fewer
    /// features.
    pub categories: Vec<Option<Vec<SmolStr>>>,
    /// What it answers with.
    pub ensemble: Arc<Ensemble>,
}

/// The categories of a feature; none where their names are their numbers.
fn named_categories(names: Vec<SmolStr>) -> Option<Vec<SmolStr>> {
    let is_number =
        |(at, name): (usize, &SmolStr)| name.parse::<f64>().is_ok_and(|number| number == at as f64);
    (!names.iter().enumerate().all(is_number)).then_some(names)
}

/// Why a file can't be a policy's model. In words without a capital, for the author of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It isn't what its format promises: cut short, changed, or something else altogether.
    Broken(String),
    /// It is a model, but not one that a policy can ask: what it has, and what would help.
    Unsupported(String, &'static str),
    /// It has more than a policy takes: what, and how much is taken at most.
    TooLarge(String),
}

impl Problem {
    fn broken<T>(what: impl fmt::Display) -> Result<T, Problem> {
        Err(Problem::Broken(what.to_string()))
    }

    fn unsupported<T>(what: impl fmt::Display, help: &'static str) -> Result<T, Problem> {
        Err(Problem::Unsupported(what.to_string(), help))
    }

    fn too_many_leaves<T>() -> Result<T, Problem> {
        Err(Problem::TooLarge(format!("its trees have more than {LEAVES} leaves")))
    }

    /// Counts the categories of one more split.
    fn count_categories(all: &mut usize, more: usize) -> Result<(), Problem> {
        *all = all.saturating_add(more);
        if *all <= CATEGORIES {
            return Ok(());
        }
        Err(Problem::TooLarge(format!("its splits ask for more than {CATEGORIES} categories")))
    }
}

/// Reads a model. Whatever the bytes are, it gives a model that can be asked, or says what is wrong.
///
/// # Errors
/// Where the bytes are no model of this format, or one that policies can't ask.
pub fn read(format: Format, bytes: &[u8]) -> Result<Model, Problem> {
    if bytes.len() > FILE_SIZE {
        return Err(Problem::TooLarge(format!("it has more than {} MiB", FILE_SIZE >> 20)));
    }
    if bytes.is_empty() {
        return Problem::broken("it is empty");
    }
    if bytes.starts_with(b"\x1f\x8b") {
        return Problem::broken("it is compressed by gzip: unpack it first");
    }
    let model = match format {
        Format::LightGbm => lightgbm::read(bytes),
        Format::XgBoost => xgboost::read(bytes),
        Format::Onnx => onnx::read(bytes),
    }?;
    // The readers see to it; a mistake in one of them must not get further.
    match model.ensemble.validate() {
        Ok(()) => Ok(model),
        Err(problem) => Problem::broken(problem),
    }
}

/// The file of a model, as somebody has read it. Copies share what has been found in it.
#[derive(Clone, Debug)]
pub struct ModelFile(Arc<Bytes>);

#[derive(Debug)]
struct Bytes {
    bytes: Vec<u8>,
    /// By format: what reading it gave. It is asked with every keystroke in an editor.
    found: [OnceLock<Result<Arc<Model>, Problem>>; Format::ALL.len()],
}

impl ModelFile {
    /// A file with these bytes.
    pub fn new(bytes: Vec<u8>) -> ModelFile {
        ModelFile(Arc::new(Bytes { bytes, found: Default::default() }))
    }

    /// The model in it; read once.
    ///
    /// # Errors
    /// Those of [`read`].
    pub fn model(&self, format: Format) -> Result<Arc<Model>, Problem> {
        let found = &self.0.found[format as usize];
        found.get_or_init(|| read(format, &self.0.bytes).map(Arc::new)).clone()
    }

    /// Whether there is a model of this format in it, be it one that policies can't ask.
    pub fn is_of(&self, format: Format) -> bool {
        !matches!(self.model(format), Err(Problem::Broken(_)))
    }
}
