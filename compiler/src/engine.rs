//! The engines: a plan, ready to be asked.
//!
//! Both give the same answers to the bit. The interpreter is the definition of the language, the machine code
//! is fast.

mod conditions;
#[cfg(test)]
pub(crate) mod random;
mod roots;
mod seen;

pub use conditions::conditions;
pub(crate) use roots::{Need, Needs, uses};
pub use roots::{extend_with_route, roots, slots_of};
use seen::Seen;

use crate::frame::Frame;
use crate::ids::*;
use crate::interpret;
use crate::jit::{Code, JitError};
use crate::plan::{Guard, Literal, Plan};
use regex::Regex;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::sync::Arc;

/// What an expression gives: a cell, 0 where it is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Answer {
    pub cell: u64,
    pub known: bool,
}

impl Answer {
    /// No value.
    pub const UNKNOWN: Answer = Answer { cell: 0, known: false };

    /// A value.
    pub fn known(cell: u64) -> Answer {
        Answer { cell, known: true }
    }

    /// The cell, where it is known.
    pub fn get(self) -> Option<u64> {
        self.known.then_some(self.cell)
    }

    /// Whether it is known and not zero: of a bool, true.
    pub fn holds(self) -> bool {
        self.known && self.cell != 0
    }
}

/// Something that evaluates a plan's expressions. It can be shared between threads.
pub struct Engine {
    tables: Tables,
    needs: Needs,
    /// Where there is none, the interpreter evaluates.
    code: Option<Code>,
    /// What conditions came out as, where that is counted.
    seen: Option<Seen>,
}

/// What both engines look things up in.
pub(crate) struct Tables {
    pub(crate) plan: Arc<Plan>,
    /// The texts that the policy names, by what they say.
    pub(crate) texts: FxHashMap<SmolStr, TextId>,
    /// `None` where it isn't a regular expression: it matches nothing.
    pub(crate) regexes: Vec<Option<Regex>>,
}

impl Engine {
    /// The engine that defines the language.
    pub fn interpreter(plan: Arc<Plan>) -> Engine {
        Engine { needs: Needs::of(&plan), tables: Tables::new(plan), code: None, seen: None }
    }

    /// The interpreter, counting what conditions come out as ([`Engine::seen`]).
    pub fn counting(plan: Arc<Plan>) -> Engine {
        let seen = Some(Seen::new(&plan));
        Engine { seen, ..Engine::interpreter(plan) }
    }

    /// The engine that compiles the plan to machine code. Expressions that are too large for it, and those that
    /// are no roots, are left to the interpreter.
    pub fn jit(plan: Arc<Plan>) -> Result<Engine, JitError> {
        let needs = Needs::of(&plan);
        let code = Code::compile(&plan, &needs)?;
        Ok(Engine { needs, tables: Tables::new(plan), code: Some(code), seen: None })
    }

    /// Bytes of machine code; 0 of the interpreter.
    pub fn code_size(&self) -> usize {
        self.code.as_ref().map_or(0, Code::size)
    }

    /// Whether it counts what conditions come out as.
    pub fn is_counting(&self) -> bool {
        self.seen.is_some()
    }

    /// How often a condition was false, and how often true, so far; zeros where that isn't counted.
    pub fn seen(&self, condition: ExprId) -> [u64; 2] {
        self.seen.as_ref().map_or([0, 0], |seen| seen.counts(condition))
    }

    /// The plan that it evaluates.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.tables.plan
    }

    /// The text as one that the policy names, if it does.
    pub fn text_id(&self, text: &str) -> Option<TextId> {
        self.tables.texts.get(text).copied()
    }

    /// The value of an expression. Its [`slots`](Engine::slots) have been filled.
    pub fn evaluate(&self, expr: ExprId, frame: &mut Frame) -> Answer {
        frame.fit(self.plan());
        let compiled = self.code.as_ref().and_then(|code| code.evaluate(&self.tables, expr, frame));
        if let Some(answer) = compiled {
            return answer;
        }
        match self.needs.root(expr) {
            Some(need) => self.interpret(expr, &need.nodes, frame),
            None => self.interpret(expr, &Need::of(self.plan(), [expr]).nodes, frame),
        }
    }

    fn interpret(&self, expr: ExprId, nodes: &[ExprId], frame: &mut Frame) -> Answer {
        let answer = interpret::evaluate(&self.tables, expr, nodes, frame);
        if let Some(seen) = &self.seen {
            seen.note(self.plan(), nodes, &frame.scratch);
        }
        answer
    }

    /// Whether a condition holds; an unknown one doesn't.
    pub fn holds(&self, expr: ExprId, frame: &mut Frame) -> bool {
        self.evaluate(expr, frame).holds()
    }

    /// Whether a message's `when` and `unless` let it pass: in each clause one literal holds.
    pub fn guard(&self, message: MessageId, frame: &mut Frame) -> bool {
        frame.fit(self.plan());
        let compiled = self.code.as_ref().and_then(|code| code.guard(&self.tables, message, frame));
        if let Some(holds) = compiled {
            return holds;
        }
        let message = self.plan().messages.get(message.index());
        message.is_some_and(|message| self.satisfies(&message.guard, frame))
    }

    /// Whether in each clause of a guard one literal holds.
    pub fn satisfies(&self, guard: &Guard, frame: &mut Frame) -> bool {
        let mut holds = |literal: &Literal| {
            let atom = self.plan().atoms.get(literal.atom.index());
            atom.is_some_and(|atom| self.holds(atom.expr, frame)) != literal.negated
        };
        guard.clauses.iter().all(|clause| clause.literals.iter().any(&mut holds))
    }

    /// The slots that a root looks at, ascending; of other expressions none are listed.
    pub fn slots(&self, expr: ExprId) -> &[SlotId] {
        self.needs.root(expr).map_or(&[], |need| &need.slots)
    }

    /// The slots that a message's guard looks at, ascending.
    pub fn guard_slots(&self, message: MessageId) -> &[SlotId] {
        self.needs.guard(message)
    }
}

impl Tables {
    fn new(plan: Arc<Plan>) -> Tables {
        Tables {
            texts: (0..).map(TextId).zip(&plan.texts).map(|(id, text)| (text.clone(), id)).collect(),
            regexes: plan.regexes.iter().map(|regex| Regex::new(regex).ok()).collect(),
            plan,
        }
    }
}
