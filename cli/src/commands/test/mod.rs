//! `comity test`

mod human;

use super::decider::refuse_unrun;
use crate::Status;
use crate::failure::{Failure, Result};
use crate::project::{self, Loaded};
use crate::report::{self, Place, counted};
use crate::terminal::Terminal;
use comity_compiler::checked;
use comity_compiler::compile;
use comity_compiler::engine::Engine;
use comity_runtime::policy::Policy;
use comity_runtime::testing::{Outcome, Runner};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Run the tests of a policy
///
/// Each `test` block is the story of one customer on a virtual clock. It is told on both engines, which must agree.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity test                                    the tests of the project in this folder
  comity test shop --filter cart                 only those with `cart` in their titles")]
pub(crate) struct Test {
    /// A project's folder or a single `.comity` file; `-` is standard input
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Only the tests that have this in their titles
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

/// A policy's tests and what came of them.
struct Run<'c> {
    loaded: &'c Loaded,
    policy: Arc<Policy>,
    results: Vec<(&'c checked::Test, Outcome)>,
}

impl Test {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        let loaded = project::load(&self.path)?;
        let compiled = compile(&loaded.project);
        let diagnostics = &compiled.analysis.diagnostics;
        let Some(plan) = compiled.plan.clone() else {
            let text = report::render(report::Format::Human, &loaded, diagnostics, terminal.stderr_color());
            terminal.diagnostics(&text);
            terminal.note(report::summary(diagnostics).unwrap_or_default());
            return Ok(Status::No);
        };
        if let Some(summary) = report::summary(diagnostics) {
            terminal.note(format_args!("the policy has {summary}; `comity check` shows them"));
        }
        refuse_unrun(&loaded, &compiled)?;
        let tests = self.chosen(&compiled.analysis.checked.tests)?;
        let jit = Engine::jit(Arc::clone(&plan)).map_err(|error| Failure::new(error.to_string()))?;
        let (interpreter, jit) = (Policy::new(Engine::interpreter(plan)), Policy::new(jit));
        let (interpreter, jit) = (Arc::new(interpreter), Arc::new(jit));
        let outcomes = run_all(&tests, &interpreter, &jit);
        let run = Run { loaded: &loaded, policy: jit, results: tests.into_iter().zip(outcomes).collect() };
        let text = human::render(&run, terminal.stdout_color());
        std::io::stdout().lock().write_all(text.as_bytes())?;
        terminal.note(run.summary());
        Ok(if run.failed() == 0 { Status::Done } else { Status::No })
    }

    fn chosen<'t>(&self, tests: &'t [checked::Test]) -> Result<Vec<&'t checked::Test>> {
        let Some(filter) = &self.filter else { return Ok(tests.iter().collect()) };
        let chosen: Vec<_> = tests.iter().filter(|test| test.title.contains(filter)).collect();
        if chosen.is_empty() {
            return Err(Failure::new(format!("no test has {filter:?} in its title")).help(format!(
                "the policy has {}; without `--filter` all run",
                counted(tests.len(), "test")
            )));
        }
        Ok(chosen)
    }
}

impl Run<'_> {
    fn failed(&self) -> usize {
        self.results.iter().filter(|(_, outcome)| !outcome.passed()).count()
    }

    fn summary(&self) -> String {
        let all = self.results.len();
        match (all, self.failed()) {
            (0, _) => "the policy has no tests: write `test \"what must be so\" { … }`".to_owned(),
            (all, 0) => format!("{} passed", counted(all, "test")),
            (_, failed) => format!("{failed} of {} failed", counted(all, "test")),
        }
    }

    /// The file of a test, and its line.
    fn place(&self, test: &checked::Test) -> (String, usize) {
        Place::of(self.loaded, test.at).map_or_else(Default::default, |place| (place.file, place.start.line))
    }
}

/// Runs the tests side by side, one at a time on each core; what comes of them is in their order.
fn run_all(tests: &[&checked::Test], interpreter: &Arc<Policy>, jit: &Arc<Policy>) -> Vec<Outcome> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(tests.len());
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(tests.len())));
    let work = || {
        let mut runner = Runner::new(Arc::clone(interpreter), Arc::clone(jit));
        let mut mine = Vec::new();
        while let Some((position, test)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, tests.get(at)?)))
        {
            mine.push((position, runner.run(test)));
        }
        done.lock().unwrap_or_else(PoisonError::into_inner).extend(mine);
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut outcomes = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by_key(|(position, _)| *position);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
