//! The tests of a policy (language reference §12): each is the story of one customer on a virtual clock.
//!
//! A story runs on both engines, which must agree in everything that happens. Nothing here reads files or clocks:
//! tests can run side by side, in any order, and always come out the same.

pub mod coverage;
mod expect;
mod story;
mod tell;
mod values;
mod why;

pub use tell::{instant, tell};

use crate::effect::Effect;
use crate::explain::{Sources, Watch};
use crate::moment::Trace;
use crate::policy::Policy;
use crate::step::{Detail, Stepper};
use comity_compiler::checked::{Location, Test, TestKind};
use std::sync::Arc;
use story::Story;

/// Runs tests of one policy, one after the other.
pub struct Runner {
    /// By the engine that defines the language.
    defining: Stepper,
    /// By the one that decides in earnest.
    fast: Stepper,
}

/// What came of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What was expected and isn't so, in the order of the text.
    pub failures: Vec<Failure>,
    /// All that happened.
    pub log: Vec<Happened>,
    /// Where the engines part: then nothing else that the test says can be relied on.
    pub disagreement: Option<Disagreement>,
}

impl Outcome {
    /// Whether all is as the test expects.
    pub fn passed(&self) -> bool {
        self.failures.is_empty() && self.disagreement.is_none()
    }
}

/// What isn't as a test says.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The statement.
    pub at: Location,
    /// What was expected: "`cart_email` is sent via email".
    pub expected: String,
    /// What happened instead: "it was blocked: consent:marketing".
    pub found: String,
    /// What decided it, line by line: gates and conditions with their values.
    pub why: Vec<String>,
}

/// Something that happened in a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    /// The position of the statement that brought it about.
    pub statement: usize,
    /// When, in the customer's local time: "2026-11-02 10:00".
    pub when: String,
    /// What.
    pub effect: Effect,
}

/// The engines part.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    /// The statement from which on they do.
    pub at: Location,
    /// What happened by the interpreter, which defines the language.
    pub interpreter: Vec<String>,
    /// What happened by machine code.
    pub jit: Vec<String>,
}

impl Runner {
    /// Makes ready to run tests of a policy, which is given once with each engine.
    pub fn new(interpreter: Arc<Policy>, jit: Arc<Policy>) -> Runner {
        let detail = Detail { blocked: true, redact: false };
        Runner { defining: Stepper::new(interpreter, detail), fast: Stepper::new(jit, detail) }
    }

    /// From now on counts what happens on the way to decisions, on the defining engine; gives what was counted so far.
    pub fn trace(&mut self, on: bool) -> Trace {
        self.defining.trace(on)
    }

    /// Runs a test on both engines.
    pub fn run(&mut self, test: &Test) -> Outcome {
        let story = Story::run(&mut self.defining, test, None);
        let other = Story::run(&mut self.fast, test, None);
        let disagreement = (story != other).then(|| self.compare(test, &story, &other));
        Outcome { failures: story.failures, log: story.log, disagreement }
    }

    /// Runs a test that failed once more, and says why what it expects isn't so.
    pub fn explain(&mut self, test: &Test, sources: &Sources<'_>) -> Vec<Failure> {
        let expected = test.statements.iter().filter_map(|statement| match &statement.kind {
            TestKind::Expect(expectation) => Some(why::messages(expectation)),
            _ => None,
        });
        self.fast.watch(Some(Watch::new(None, expected.flatten().collect())));
        let story = Story::run(&mut self.fast, test, Some(sources));
        self.fast.watch(None);
        story.failures
    }

    /// Where two stories of one test part.
    fn compare(&self, test: &Test, mine: &Story, other: &Story) -> Disagreement {
        let texts = |story: &Story, statement: usize| -> Vec<String> {
            let plan = &self.defining.policy().plan;
            let effects = story.log.iter().filter(|one| one.statement == statement);
            let effects = effects.map(|one| format!("{}  {}", one.when, tell(plan, &one.effect)));
            let here = test.statements.get(statement).map(|statement| statement.at);
            let failures = story.failures.iter().filter(|failure| Some(failure.at) == here);
            effects.chain(failures.map(|failure| failure.found.clone())).collect()
        };
        let count = test.statements.len();
        let parts =
            (0..count).find(|at| story_at(mine, test, *at) != story_at(other, test, *at)).unwrap_or(0);
        Disagreement {
            at: test.statements.get(parts).map_or(test.at, |statement| statement.at),
            interpreter: texts(mine, parts),
            jit: texts(other, parts),
        }
    }
}

/// What a statement of a test brought about.
fn story_at<'s>(story: &'s Story, test: &Test, statement: usize) -> (Vec<&'s Happened>, Vec<&'s Failure>) {
    let here = test.statements.get(statement).map(|statement| statement.at);
    let log = story.log.iter().filter(|one| one.statement == statement).collect();
    (log, story.failures.iter().filter(|failure| Some(failure.at) == here).collect())
}
