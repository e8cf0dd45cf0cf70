//! Machine code for a plan: a function for each root and for each guard, by Cranelift.
//!
//! The code has no trapping instruction, no loop, no relocation and no symbol; whatever it can call is in the
//! table of [`host`]. All functions of a plan are one piece of memory, which is writable until the code is in
//! it and executable from then on. What amended messages bring is a piece of its own; each is freed with the last
//! [`Code`] that has a function in it.

#![allow(unsafe_code)] // To call what was compiled, and to free it.

mod compiler;
mod emit;
mod host;
mod likely;
mod memory;
mod numbers;
mod slate;
mod straight;

use crate::engine::{Answer, Needs, Tables};
use crate::frame::Values;
use crate::ids::*;

use crate::index::patches::Score;
use crate::index::{Narrow, Row, Slate, SlateId, Slates};
use crate::plan::{Plan, PlanError};
use compiler::{Compiler, Target, isa};
use cranelift_codegen::isa::OwnedTargetIsa;
use host::Host;
use memory::Memory;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why there is no machine code for a plan: the interpreter can still evaluate it.
#[derive(Clone, Debug, PartialEq)]
pub enum JitError {
    /// The plan isn't well formed.
    Plan(PlanError),
    /// This machine isn't supported, or gave no memory.
    Machine(String),
}

impl std::fmt::Display for JitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            JitError::Plan(error) => error.fmt(f),
            JitError::Machine(error) => write!(f, "no machine code on this computer: {error}"),
        }
    }
}

impl std::error::Error for JitError {}

/// No function.
const NONE: u32 = u32::MAX;

/// The compiled functions of a plan.
pub(crate) struct Code {
    whole: Arc<Whole>,
    amended: Amended,
}

/// The functions of a plan as it was when all of it was compiled.
struct Whole {
    memory: Memory,
    /// By [`ExprId`]: the offset of its function, or [`NONE`].
    roots: Box<[u32]>,
    /// By [`MessageId`].
    guards: Box<[u32]>,
    /// By slate.
    slates: Box<[SlateCode]>,
    /// By shape of scores.
    shapes: Box<[ShapeCode]>,
    /// How many slots a frame must have.
    slots: usize,
    /// What further functions are compiled for.
    isa: OwnedTargetIsa,
}

/// The functions of messages that have been amended since.
#[derive(Default)]
struct Amended {
    /// Those that weren't there before.
    roots: BTreeMap<ExprId, Compiled>,
    /// Of all of these messages; none where it is left to the interpreter.
    guards: BTreeMap<MessageId, Option<Compiled>>,
    /// By slate, in the order of its patches: which ways of the message pass.
    patches: Vec<Vec<(MessageId, Compiled)>>,
}

/// A function, with the memory that it is in.
#[derive(Clone)]
struct Compiled {
    memory: Arc<Memory>,
    offset: u32,
}

/// Takes cells, known flags, the host and the place for the cell; gives whether it is known. A guard leaves the
/// place alone and gives whether it holds.
type Function = unsafe extern "C" fn(*const u64, *const u8, &mut Host<'_>, &mut u64) -> u8;

/// Takes cells, known flags, the host, numbers or tables, and the place for rows; gives a double.
type SlateFunction = unsafe extern "C" fn(*const u64, *const u8, &mut Host<'_>, *const u64, *mut u32) -> f64;

/// The functions of a slate.
struct SlateCode {
    /// Where a customer lies; of a slate of a few messages, which of them is the best.
    look: u32,
    /// Of a slate of a few messages, which of them pass.
    all: u32,
    /// What `look` looks things up in.
    tables: Box<[u64]>,
}

/// The functions of a shape of scores.
struct ShapeCode {
    score: u32,
    bound: u32,
    parameters: usize,
}

impl Code {
    /// Compiles all roots and guards of a plan, and what the index needs. Scores that the index knows have the code of
    /// their shape, and messages of large slates are seldom judged by themselves: their guards are left to the
    /// interpreter. Where a shape can't be compiled, there are no slates. The plan is a valid one.
    pub(crate) fn compile(plan: &Plan, needs: &Needs, slates: &mut Slates) -> Result<Code, JitError> {
        let isa = isa()?;
        let mut compiler = Compiler::new(plan, needs, isa.clone());
        let shapes = compiler.shapes(slates)?;
        if shapes.iter().any(|shape| shape.score == NONE || shape.bound == NONE) {
            *slates = Slates::default();
        }
        let mut classifiers = Vec::with_capacity(slates.all.len());
        for slate in &slates.all {
            classifiers.push(compiler.slate(slate)?);
        }
        if classifiers.iter().any(|code| code.look == NONE || code.all == NONE) {
            *slates = Slates::default();
            classifiers.clear();
        }
        let mut roots = vec![NONE; plan.exprs.len()];
        for &root in needs.roots() {
            if slates.shaped(plan, root).is_none() {
                roots[root.index()] = compiler.function(Target::Root(root))?;
            }
        }
        let mut guards = vec![NONE; plan.messages.len()];
        let is_seldom = slates.seldom_judged(plan);
        for (message, guard) in guards.iter_mut().enumerate().filter(|(at, _)| !is_seldom[*at]) {
            *guard = compiler.function(Target::Guard(MessageId::at(message)))?;
        }
        let whole = Whole {
            memory: compiler.finish()?,
            roots: roots.into(),
            guards: guards.into(),
            slates: classifiers.into(),
            shapes: shapes.into(),
            slots: plan.slots.len(),
            isa,
        };
        Ok(Code { whole: Arc::new(whole), amended: Amended::default() })
    }

    /// The code of a plan in which these messages have been amended since: compiles what they have brought, and shares all
    /// else. Slates and needs are the amended ones, the plan is a valid one. None where a slate can't do with what can be
    /// compiled.
    pub(crate) fn amended(
        &self,
        plan: &Plan,
        needs: &Needs,
        slates: &Slates,
        messages: &[MessageId],
    ) -> Result<Option<Code>, JitError> {
        let before = &self.amended;
        let (mut amended, mut offsets) = (Amended::default(), Offsets::default());
        let mut compiler = Compiler::new(plan, needs, self.whole.isa.clone());
        for root in needs.amended_roots().filter(|root| slates.shaped(plan, *root).is_none()) {
            match before.roots.get(&root) {
                Some(compiled) => drop(amended.roots.insert(root, compiled.clone())),
                None => offsets.roots.push((root, compiler.function(Target::Root(root))?)),
            }
        }
        for message in needs.amended_messages() {
            match before.guards.get(&message).filter(|_| !messages.contains(&message)) {
                Some(compiled) => drop(amended.guards.insert(message, compiled.clone())),
                None if slates.is_seldom_judged(message) => drop(amended.guards.insert(message, None)),
                None => offsets.guards.push((message, compiler.function(Target::Guard(message))?)),
            }
        }
        for (at, slate) in slates.all.iter().enumerate() {
            let before = before.patches.get(at).map_or(&[][..], |before| before);
            for patch in slate.patches() {
                let is_kept =
                    |(of, _): &&(MessageId, Compiled)| *of == patch.message && !messages.contains(of);
                let function = match before.iter().find(is_kept) {
                    Some((_, compiled)) => Ok(compiled.clone()),
                    None => Err(compiler.function(Target::Passing(&patch.ways))?),
                };
                offsets.patches.push((at, patch.message, function));
            }
        }
        if offsets.patches.iter().any(|(.., function)| matches!(function, Err(NONE))) {
            return Ok(None);
        }
        let memory = Arc::new(compiler.finish()?);
        let compiled =
            |offset: u32| (offset != NONE).then(|| Compiled { memory: Arc::clone(&memory), offset });
        let Offsets { roots, guards, patches } = offsets;
        amended.roots.extend(roots.into_iter().filter_map(|(root, at)| Some((root, compiled(at)?))));
        amended.guards.extend(guards.into_iter().map(|(message, at)| (message, compiled(at))));
        amended.patches = slates.all.iter().map(|_| Vec::new()).collect();
        for (slate, message, function) in patches {
            if let Some(function) = function.map_or_else(compiled, Some) {
                amended.patches[slate].push((message, function));
            }
        }
        let code = Code { whole: Arc::clone(&self.whole), amended };
        let mut scores = slates.all.iter().flat_map(Slate::patches).flat_map(|patch| &patch.scores);
        let is_known = |score: &Score| match score {
            Score::Shape(..) => true,
            Score::Root(root) => code.root(*root).is_some(),
        };
        Ok(scores.all(is_known).then_some(code))
    }

    /// Bytes of machine code.
    pub(crate) fn size(&self) -> usize {
        let Amended { roots, guards, patches } = &self.amended;
        let patches = patches.iter().flatten().map(|(_, compiled)| compiled);
        let compiled = roots.values().chain(guards.values().flatten()).chain(patches);
        let mut memories: Vec<(*const u8, usize)> =
            compiled.map(|compiled| (compiled.memory.at(0), compiled.memory.size())).collect();
        memories.sort_unstable();
        memories.dedup();
        self.whole.memory.size() + memories.into_iter().map(|(_, size)| size).sum::<usize>()
    }

    /// The value of a root, if there is code for it.
    pub(crate) fn evaluate(&self, tables: &Tables, expr: ExprId, values: Values<'_>) -> Option<Answer> {
        let (known, cell) = self.call(self.root(expr)?, tables, values)?;
        Some(Answer { cell, known })
    }

    /// Whether a message's guard holds, if there is code for it.
    pub(crate) fn guard(&self, tables: &Tables, message: MessageId, values: Values<'_>) -> Option<bool> {
        let function = match self.amended.guards.get(&message) {
            Some(compiled) => compiled.as_ref()?.place(),
            None => self.whole.place(*self.whole.guards.get(message.index())?)?,
        };
        let (holds, _) = self.call(function, tables, values)?;
        Some(holds)
    }

    /// Where the function of a root is.
    #[inline]
    fn root(&self, expr: ExprId) -> Option<Place<'_>> {
        match self.whole.roots.get(expr.index()) {
            Some(offset) if *offset != NONE => Some(Place { memory: &self.whole.memory, offset: *offset }),
            _ => self.amended.roots.get(&expr).map(Compiled::place),
        }
    }

    fn call(&self, function: Place<'_>, tables: &Tables, values: Values<'_>) -> Option<(bool, u64)> {
        let Values { cells, known, pool } = values;
        if cells.len() < self.whole.slots || known.len() < self.whole.slots {
            return None;
        }
        // SAFETY: it is one of these, and there is room for each of the plan's slots, as just tested.
        Some(unsafe { function.call(cells, known, &mut Host::new(tables, pool)) })
    }
}

/// Offsets of functions that have been compiled and aren't executable yet.
#[derive(Default)]
struct Offsets {
    roots: Vec<(ExprId, u32)>,
    guards: Vec<(MessageId, u32)>,
    /// By the position of the slate; compiled before, or now.
    patches: Vec<(usize, MessageId, Result<Compiled, u32>)>,
}

/// Where a function is, in memory that is borrowed.
#[derive(Clone, Copy)]
struct Place<'m> {
    memory: &'m Memory,
    offset: u32,
}

impl Compiled {
    fn place(&self) -> Place<'_> {
        Place { memory: &self.memory, offset: self.offset }
    }
}

impl Whole {
    #[inline]
    fn place(&self, offset: u32) -> Option<Place<'_>> {
        (offset != NONE).then_some(Place { memory: &self.memory, offset })
    }
}

impl Place<'_> {
    /// Calls the function of a root or of a guard.
    ///
    /// # Safety
    ///
    /// It is one of these, and there are cells and known flags for all slots of the plan.
    #[inline]
    unsafe fn call(self, cells: &[u64], known: &[u8], host: &mut Host<'_>) -> (bool, u64) {
        let mut cell = 0;
        // SAFETY: the offset is the start of a function of this type, in memory that is borrowed. The function reads
        // cells and known flags at the positions of the plan's slots, for which there is room; it reads the table of
        // functions in the host and calls these with the host; it writes the cell. Validation has made sure that the
        // plan has no other positions, and an amended plan has the same slots.
        let flag = unsafe {
            let function: Function = std::mem::transmute(self.memory.at(self.offset));
            function(cells.as_ptr(), known.as_ptr(), host, &mut cell)
        };
        (flag != 0, cell)
    }
}

/// Machine code of the index, with the values that it looks at.
pub(crate) struct Caller<'a> {
    whole: &'a Whole,
    code: &'a Code,
    cells: &'a [u64],
    known: &'a [u8],
    host: Host<'a>,
}

impl Code {
    /// Makes ready to call the code of the index, if there are values for all slots.
    #[inline]
    pub(crate) fn caller<'a>(&'a self, tables: &'a Tables, values: &'a mut Values<'_>) -> Option<Caller<'a>> {
        let Values { cells, known, pool } = values;
        let whole = &*self.whole;
        let fits = cells.len() >= whole.slots && known.len() >= whole.slots;
        fits.then(|| Caller { whole, code: self, cells, known, host: Host::new(tables, pool) })
    }
}

impl Caller<'_> {
    /// Writes the row of each axis and of each condition of a slate; of a narrow one, gives the entries that all of these
    /// leave.
    #[inline]
    pub(crate) fn classify(&mut self, slate: usize, rows: &mut [Row], count: usize) -> Narrow {
        let Some(SlateCode { look, tables, .. }) = self.whole.slates.get(slate) else { return [0; 2] };
        if rows.len() >= count {
            self.call(*look, tables.as_ptr(), rows.as_mut_ptr().cast());
        }
        self.host.left
    }

    /// Of a slate of a few messages the position of the best one that is open, and its score.
    #[inline]
    pub(crate) fn straight(&mut self, slate: usize, open: u64) -> Option<(u32, f64)> {
        let mut at = u32::MAX;
        let score = self.call(self.whole.slates.get(slate)?.look, &open, &mut at);
        Some((at, score))
    }

    /// Of a slate of a few messages those of the open ones that pass, a bit for each.
    pub(crate) fn straight_all(&mut self, slate: usize, open: u64) -> u64 {
        let Some(SlateCode { all, .. }) = self.whole.slates.get(slate) else { return 0 };
        let mut passing = 0_u64;
        self.call(*all, &open, (&raw mut passing).cast());
        passing
    }

    /// A score of a shape, with its numbers.
    #[inline]
    pub(crate) fn score(&mut self, shape: u32, numbers: &[u64]) -> f64 {
        match self.whole.shapes.get(shape as usize) {
            Some(shape) if numbers.len() >= shape.parameters => {
                self.call(shape.score, numbers.as_ptr(), std::ptr::null_mut())
            }
            _ => f64::NAN,
        }
    }

    /// What a score of a shape can't exceed, with the least and the greatest of its numbers.
    pub(crate) fn bound(&mut self, shape: u32, numbers: &[u64]) -> f64 {
        match self.whole.shapes.get(shape as usize) {
            Some(shape) if numbers.len() >= shape.parameters * 2 => {
                self.call(shape.bound, numbers.as_ptr(), std::ptr::null_mut())
            }
            _ => f64::INFINITY,
        }
    }

    /// Of the ways of a slate's amended message those of the open ones that pass, a bit for each.
    #[inline]
    pub(crate) fn patch(&mut self, slate: SlateId, patch: usize, open: u64) -> u64 {
        let mut passing = 0_u64;
        let patches = self.code.amended.patches.get(slate.0 as usize);
        if let Some((_, compiled)) = patches.and_then(|patches| patches.get(patch)) {
            self.call_at(compiled.place(), &open, (&raw mut passing).cast());
        }
        passing
    }

    /// The score of an amended message.
    pub(crate) fn score_of(&mut self, score: &Score) -> f64 {
        match score {
            Score::Shape(shape, numbers) => self.score(*shape, numbers),
            Score::Root(root) => {
                let Some(function) = self.code.root(*root) else { return f64::NAN };
                // SAFETY: it is a root, and `Code::caller` has made sure that there is room for all slots.
                let (_, cell) = unsafe { function.call(self.cells, self.known, &mut self.host) };
                f64::from_bits(cell)
            }
        }
    }

    #[inline]
    fn call(&mut self, offset: u32, numbers: *const u64, rows: *mut u32) -> f64 {
        self.call_at(Place { memory: &self.whole.memory, offset }, numbers, rows)
    }

    #[inline]
    fn call_at(&mut self, function: Place<'_>, numbers: *const u64, rows: *mut u32) -> f64 {
        // SAFETY: the offset is the start of a function of this type, in memory that is borrowed. It
        // reads cells and known flags at the positions of the plan's slots, for which `Code::caller` has made sure
        // that there is room; numbers and rows are as many as it reads and writes, as the callers above have tested
        // (a slate's tables are those that it was compiled for); it calls functions of the host with the host.
        unsafe {
            let function: SlateFunction = std::mem::transmute(function.memory.at(function.offset));
            function(self.cells.as_ptr(), self.known.as_ptr(), &mut self.host, numbers, rows)
        }
    }
}

/// The functions of a plan as Cranelift's intermediate form, before optimisation.
pub fn clif(plan: &Plan) -> Result<String, JitError> {
    plan.validate().map_err(JitError::Plan)?;
    let needs = Needs::of(plan);
    let mut compiler = Compiler::new(plan, &needs, isa()?);
    let mut text = String::new();
    for &root in needs.roots() {
        compiler.print(Target::Root(root), &format!("expression {}", root.0), &mut text);
    }
    for (index, message) in plan.messages.iter().enumerate() {
        let title = format!("guard of {}", message.name);
        compiler.print(Target::Guard(MessageId::at(index)), &title, &mut text);
    }
    Ok(text)
}

#[cfg(test)]
pub(crate) mod tests;
