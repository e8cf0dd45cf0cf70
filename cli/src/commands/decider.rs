//! What `run` and `decide` have in common: from a path to a policy that decides.

use crate::failure::{Failure, Result};
use crate::project::{self, Loaded};
use crate::report;
use crate::terminal::Terminal;
use comity_compiler::engine::Engine as Evaluator;
use comity_compiler::{Compiled, compile};
use comity_runtime::policy::Policy;
use std::path::Path;
use std::sync::Arc;

/// What evaluates the conditions; both give the same bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// Machine code
    #[default]
    Jit,
    /// Slow and plain: the definition of the language
    Interpreter,
}

/// A policy that decides, with what it was made from.
pub(super) struct Prepared {
    pub(super) policy: Arc<Policy>,
    pub(super) loaded: Loaded,
    pub(super) compiled: Compiled,
}

/// Reads and compiles a policy. `None` where it has errors: they are shown.
///
/// # Errors
/// Where it can't be read.
pub(super) fn prepare(path: &Path, engine: Engine, terminal: Terminal) -> Result<Option<Arc<Policy>>> {
    Ok(prepare_with_text(path, engine, terminal)?.map(|prepared| prepared.policy))
}

/// The same, where the text is wanted too.
///
/// # Errors
/// Where it can't be read.
pub(super) fn prepare_with_text(path: &Path, engine: Engine, terminal: Terminal) -> Result<Option<Prepared>> {
    let loaded = project::load(path)?;
    let compiled = compile(&loaded.project);
    let diagnostics = &compiled.analysis.diagnostics;
    let Some(plan) = compiled.plan.clone() else {
        report::refuse(&loaded, diagnostics, terminal);
        return Ok(None);
    };
    if let Some(summary) = report::summary(diagnostics) {
        terminal.note(format_args!("the policy has {summary}; `comity check` shows them"));
    }
    let evaluator = match engine {
        Engine::Jit => Evaluator::jit(plan).map_err(|error| {
            Failure::new(error.to_string()).help("`--engine interpreter` decides the same, only slower")
        })?,
        Engine::Interpreter => Evaluator::interpreter(plan),
    };
    Ok(Some(Prepared { policy: Arc::new(Policy::new(evaluator)), loaded, compiled }))
}
