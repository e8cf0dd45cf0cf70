//! `comity test`

mod coverage;
mod human;
mod json;
mod junit;

use crate::Status;
use crate::failure::{Failure, Result};
use crate::output;
use crate::project::{self, Loaded, STDIN};
use crate::report::{self, Place, counted};
use crate::terminal::Terminal;
use comity_compiler::checked;
use comity_compiler::compile;
use comity_compiler::engine::Engine;
use comity_compiler::lower::Origins;
use comity_runtime::Trace;
use comity_runtime::explain::Sources;
use comity_runtime::policy::Policy;
use comity_runtime::testing::coverage::Item;
use comity_runtime::testing::{Outcome, Runner};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Run the tests of a policy
///
/// Each `test` block is the story of one customer on a virtual clock. It is told on both engines, which must agree.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity test                                    the tests of the project in this folder
  comity test shop --filter cart                 only those with `cart` in their titles
  comity test shop --format junit > tests.xml    for a CI server
  comity test shop --coverage shop.lcov --fail-under 80")]
pub(crate) struct Test {
    /// A project's folder or a single `.comity` file; `-` is standard input
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Only the tests that have this in their titles
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How the results are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write what the tests have reached as lcov; `-` is standard output
    #[arg(long, value_name = "FILE")]
    coverage: Option<PathBuf>,
    /// Fail where the tests have reached less of the policy, in percent
    #[arg(long, value_name = "PCT", value_parser = percent)]
    fail_under: Option<f64>,
}

/// A share in percent, with or without its sign.
fn percent(text: &str) -> std::result::Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>().ok();
    let share = number.filter(|share| (0.0..=100.0).contains(share));
    share.ok_or_else(|| "write a share from 0 to 100, for instance `80`".to_owned())
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: what failed, at its places in the source
    #[default]
    Human,
    /// One JSON object per line for each test
    Json,
    /// JUnit XML, for CI servers
    Junit,
}

/// So many tests that failed are explained: nobody reads more at once.
const EXPLAINED: usize = 50;

/// A policy's tests and what came of them.
struct Run<'c> {
    loaded: &'c Loaded,
    policy: Arc<Policy>,
    results: Vec<(&'c checked::Test, Outcome)>,
    /// How long each took.
    times: Vec<Duration>,
}

impl Test {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        if self.format != Format::Human && self.lcov_is_output() {
            return Err(Failure::new("results and coverage can't both be written to standard output")
                .help("give a file for the coverage: `--coverage policy.lcov`"));
        }
        let loaded = project::load(&self.path)?;
        let compiled = compile(&loaded.project);
        let diagnostics = &compiled.analysis.diagnostics;
        let Some(plan) = compiled.plan.clone() else {
            let text = report::render(report::Format::Human, &loaded, diagnostics, terminal.stderr_color());
            terminal.diagnostics(&text);
            let summary = report::summary(diagnostics).unwrap_or_default();
            let told = |format| report::render(format, &loaded, diagnostics, false);
            let results = match self.format {
                Format::Human => String::new(),
                Format::Json => told(report::Format::Json),
                Format::Junit => junit::broken(&summary, &told(report::Format::Human)),
            };
            std::io::stdout().lock().write_all(results.as_bytes())?;
            report::conclude(&loaded, diagnostics, terminal);
            return Ok(Status::No);
        };
        if let Some(summary) = report::summary(diagnostics) {
            terminal.note(format_args!("the policy has {summary}; `comity check` shows them"));
        }
        let tests = self.chosen(&compiled.analysis.checked.tests)?;
        let jit = Engine::jit(Arc::clone(&plan)).map_err(|error| Failure::new(error.to_string()))?;
        let counting = self.coverage.is_some() || self.fail_under.is_some();
        let interpreter = if counting { Engine::counting(plan) } else { Engine::interpreter(plan) };
        let (interpreter, jit) = (Arc::new(Policy::new(interpreter)), Arc::new(Policy::new(jit)));
        let (outcomes, times, trace) = run_all(&tests, &interpreter, &jit, counting);
        let items = match counting {
            true => comity_runtime::testing::coverage::coverage(
                &interpreter,
                &compiled.origins,
                &outcomes,
                &trace,
            ),
            false => Vec::new(),
        };
        let mut run = Run {
            loaded: &loaded,
            policy: Arc::clone(&jit),
            results: tests.into_iter().zip(outcomes).collect(),
            times,
        };
        run.explain(&interpreter, &jit, &compiled.origins);
        let text = match self.format {
            Format::Human => human::render(&run, terminal.stdout_color()),
            Format::Json => json::render(&run),
            Format::Junit => junit::render(&run),
        };
        if self.lcov_is_output() {
            terminal.diagnostics(&text);
        } else {
            std::io::stdout().lock().write_all(text.as_bytes())?;
        }
        let enough = !counting || self.cover(&run, &items, terminal)?;
        terminal.note(run.summary());
        Ok(if run.failed() == 0 && enough { Status::Done } else { Status::No })
    }

    fn lcov_is_output(&self) -> bool {
        self.coverage.as_deref() == Some(Path::new(STDIN))
    }

    /// Says what the tests have reached; whether that is as much as is asked for.
    fn cover(&self, run: &Run<'_>, items: &[Item], terminal: Terminal) -> Result<bool> {
        let on_stdout = self.format == Format::Human && !self.lcov_is_output();
        let color = if on_stdout { terminal.stdout_color() } else { terminal.stderr_color() };
        let summary = coverage::summary(run, items, color);
        if on_stdout {
            std::io::stdout().lock().write_all(summary.as_bytes())?;
        } else {
            terminal.note(summary.trim_end());
        }
        match self.coverage.as_deref() {
            Some(path) if path == Path::new(STDIN) => {
                std::io::stdout().lock().write_all(coverage::lcov(run, items).as_bytes())?;
            }
            Some(path) => output::write(path, coverage::lcov(run, items).as_bytes())?,
            None => {}
        }
        let share = coverage::percent(coverage::reached(items));
        let enough = self.fail_under.is_none_or(|least| share >= least);
        if let (Some(least), false) = (self.fail_under, enough) {
            terminal.error(format_args!(
                "{} of the policy is reached, and `--fail-under` asks for {least}%",
                coverage::shown(share)
            ));
        }
        Ok(enough)
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
    /// Says of those that failed why, up to some.
    fn explain(&mut self, interpreter: &Arc<Policy>, jit: &Arc<Policy>, origins: &Origins) {
        let place = |at| super::why::place(self.loaded, at);
        let sources = Sources { origins, place: &place };
        let mut runner = Runner::new(Arc::clone(interpreter), Arc::clone(jit));
        let failed = self.results.iter_mut().filter(|(_, outcome)| !outcome.failures.is_empty());
        for (test, outcome) in failed.take(EXPLAINED) {
            outcome.failures = runner.explain(test, &sources);
        }
    }

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
fn run_all(
    tests: &[&checked::Test],
    interpreter: &Arc<Policy>,
    jit: &Arc<Policy>,
    counting: bool,
) -> (Vec<Outcome>, Vec<Duration>, Trace) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(tests.len());
    let next = AtomicUsize::new(0);
    let done = Mutex::new((Vec::with_capacity(tests.len()), Trace::new()));
    let work = || {
        let mut runner = Runner::new(Arc::clone(interpreter), Arc::clone(jit));
        runner.trace(counting);
        let mut mine = Vec::new();
        loop {
            let position = next.fetch_add(1, Ordering::Relaxed);
            let Some(test) = tests.get(position) else { break };
            let started = Instant::now();
            let outcome = runner.run(test);
            mine.push((position, outcome, started.elapsed()));
        }
        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
        done.0.extend(mine);
        for (passage, count) in runner.trace(false) {
            *done.1.entry(passage).or_default() += count;
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let (mut outcomes, trace) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcomes.sort_by_key(|(position, ..)| *position);
    let (outcomes, times) = outcomes.into_iter().map(|(_, outcome, time)| (outcome, time)).unzip();
    (outcomes, times, trace)
}
