//! The engines: a plan, ready to be asked.
//!
//! Both give the same answers to the bit. The interpreter is the definition of the language, the machine code
//! is fast.

mod amended;
mod conditions;
mod needs;
#[cfg(test)]
pub(crate) mod random;
mod roots;
mod seen;

pub use conditions::conditions;
pub(crate) use needs::{Needs, Walk};
pub(crate) use roots::{Need, extend_with_message, uses};
pub use roots::{extend_with_route, roots, slots_of};
use seen::Seen;

use crate::arithmetic::to_major;
use crate::frame::{Frame, Values};
use crate::ids::*;
use crate::index::{Found, Gate, Reason, Row, Scan, SlateId, Slates};
use crate::interpret;
use crate::jit::{Caller, Code, JitError};
use crate::model::{Scorer, Scratch};
use crate::plan::{Guard, Literal, Plan};
use crate::types::Type;
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
    /// What is decided on together; the interpreter has none.
    slates: Slates,
    /// Where there is none, the interpreter evaluates.
    code: Option<Code>,
    /// What conditions came out as, where that is counted.
    seen: Option<Seen>,
}

/// What both engines look things up in.
pub(crate) struct Tables {
    pub(crate) plan: Arc<Plan>,
    /// The texts that the policy names, by what they say.
    pub(crate) texts: Arc<FxHashMap<SmolStr, TextId>>,
    /// `None` where it isn't a regular expression: it matches nothing.
    pub(crate) regexes: Arc<[Option<Regex>]>,
    /// By model.
    scorers: Arc<[Scorer]>,
}

impl Engine {
    /// The engine that defines the language.
    pub fn interpreter(plan: Arc<Plan>) -> Engine {
        let (needs, slates) = (Needs::of(&plan), Slates::default());
        Engine { needs, slates, tables: Tables::new(plan), code: None, seen: None }
    }

    /// The interpreter, counting what conditions come out as ([`Engine::seen`]).
    pub fn counting(plan: Arc<Plan>) -> Engine {
        let seen = Some(Seen::new(&plan));
        Engine { seen, ..Engine::interpreter(plan) }
    }

    /// The engine that compiles the plan to machine code. Expressions that are too large for it, and those that
    /// are no roots, are left to the interpreter. It has an index for each occasion.
    pub fn jit(plan: Arc<Plan>) -> Result<Engine, JitError> {
        // What an index is built from must be well formed.
        plan.validate().map_err(JitError::Plan)?;
        let (needs, tables) = (Needs::of(&plan), Tables::new(plan));
        let mut slates = Slates::of(&tables);
        let code = Code::compile(&tables.plan, &needs, &mut slates)?;
        Ok(Engine { needs, slates, tables, code: Some(code), seen: None })
    }

    /// What is decided on together, for each occasion.
    pub fn slates(&self) -> &Slates {
        &self.slates
    }

    /// Begins to look through a slate: for the best message ([`Engine::next_found`]), or for all that pass
    /// ([`Engine::visit_found`]). There is a value for each of the slate's slots. `date` is the local one, in days since
    /// 1970-01-01, and `is_open` says of each gate whether it lets messages pass.
    #[inline]
    pub fn begin(
        &self,
        id: SlateId,
        values: &mut Values<'_>,
        date: i64,
        is_open: impl FnMut(&Gate) -> bool,
        scan: &mut Scan,
    ) {
        let slate = self.slates.get(id);
        if let Some(mut caller) = self.caller(values) {
            slate.place(id, &mut caller, date, is_open, scan);
        }
        scan.begin();
    }

    /// Goes on to look for the best, until something is found about which someone else must decide ([`Found::doubt`]):
    /// who passes is [confirmed](Scan::confirm). When there is nothing more, the best is in [`Scan::best`].
    #[inline]
    pub fn next_found(
        &self,
        id: SlateId,
        values: &mut Values<'_>,
        excluded: &[MessageId],
        scan: &mut Scan,
    ) -> Option<Found> {
        let mut caller = self.caller(values)?;
        scan.next(self.slates.get(id), &mut caller, (id, excluded), |_| None)
    }

    /// Goes through all that pass, in doubt or not.
    pub fn visit_found(
        &self,
        id: SlateId,
        values: &mut Values<'_>,
        excluded: &[MessageId],
        scan: &mut Scan,
        visit: impl FnMut(Found),
    ) {
        let caller = self.caller(values);
        let Some(mut caller) = caller else { return };
        scan.visit(self.slates.get(id), &mut caller, (id, excluded), visit);
    }

    /// The best message of a slate that passes, all in one: `passes` decides where something is in doubt.
    #[inline]
    pub fn best_of(
        &self,
        id: SlateId,
        mut values: Values<'_>,
        date: i64,
        is_open: impl FnMut(&Gate) -> bool,
        mut passes: impl FnMut(&Found) -> bool,
        scan: &mut Scan,
    ) -> Option<Found> {
        let slate = self.slates.get(id);
        let mut caller = self.caller(&mut values)?;
        if let Some(straight) = slate.straight()
            && !slate.is_patched()
        {
            let mut open = straight.open(date, slate.gates.iter().map(is_open));
            let best = straight.best_of(id, &mut caller, &mut open, |found| Some(passes(found)));
            return best.map(|(found, _)| found);
        }
        slate.place(id, &mut caller, date, is_open, scan);
        scan.begin();
        scan.next(slate, &mut caller, (id, &[]), |found| Some(passes(found)));
        scan.best()
    }

    /// Of each way of a message what stood in its way for certain, from the rows that a customer was in
    /// ([`Scan::rows`]); none where the slate has no rows, or not these.
    pub fn explain(&self, id: SlateId, rows: &[Row], message: MessageId) -> Option<Vec<Vec<Reason>>> {
        self.slates.all.get(id.0 as usize)?.explain(&self.tables, rows, message)
    }

    /// The index's machine code, ready to be called with these values.
    #[inline]
    fn caller<'a>(&'a self, values: &'a mut Values<'_>) -> Option<Caller<'a>> {
        self.code.as_ref()?.caller(&self.tables, values)
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
        let mut values = frame.values(self.plan());
        if let Some((shape, numbers)) = self.slates.shaped(self.plan(), expr)
            && let Some(mut caller) = self.caller(&mut values)
        {
            let cell = caller.score(shape, numbers).to_bits();
            // What is unknown has the cell 0: whether this 0 is a number is seen where it is evaluated by itself.
            if cell != 0 || !self.plan().expr(expr).op.can_be_unknown() {
                return Answer::known(cell);
            }
        }
        let compiled = self.code.as_ref().and_then(|code| code.evaluate(&self.tables, expr, values));
        if let Some(answer) = compiled {
            return answer;
        }
        match self.needs.root(expr) {
            Some(needed) => self.interpret(expr, needed.nodes, frame),
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
        let values = frame.values(self.plan());
        let compiled = self.code.as_ref().and_then(|code| code.guard(&self.tables, message, values));
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

    /// A feature of a model as the model takes it: amounts in major units, members by their place, and NaN for what
    /// is unknown. Its slots have been filled.
    pub fn feature(&self, expr: ExprId, frame: &mut Frame) -> f64 {
        let Answer { cell, known } = self.evaluate(expr, frame);
        match self.plan().exprs.get(expr.index()).map(|node| node.ty) {
            _ if !known => f64::NAN,
            Some(Type::Number | Type::Percent) => f64::from_bits(cell),
            Some(Type::Money(currency)) => to_major(cell as i64, currency.minor_units()),
            _ => cell as i64 as f64,
        }
    }

    /// What a model answers for a row of features; both engines ask it here.
    pub fn predict(&self, model: ModelId, row: &[f64], scratch: &mut Scratch) -> f64 {
        self.tables.scorers.get(model.index()).map_or(0.0, |scorer| scorer.predict(row, scratch))
    }

    /// The slots that a root looks at, ascending; of other expressions none are listed.
    pub fn slots(&self, expr: ExprId) -> &[SlotId] {
        self.needs.slots(expr)
    }

    /// The slots that a message's guard looks at, ascending.
    pub fn guard_slots(&self, message: MessageId) -> &[SlotId] {
        self.needs.guard(message)
    }
}

impl Tables {
    pub(crate) fn new(plan: Arc<Plan>) -> Tables {
        let texts = (0..).map(TextId).zip(&plan.texts).map(|(id, text)| (text.clone(), id));
        Tables {
            texts: Arc::new(texts.collect()),
            regexes: plan.regexes.iter().map(|regex| Regex::new(regex).ok()).collect(),
            scorers: plan.models.iter().map(|model| Scorer::new(&model.ensemble)).collect(),
            plan,
        }
    }
}
