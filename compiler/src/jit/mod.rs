//! Machine code for a plan: a function for each root and for each guard, by Cranelift.
//!
//! The code has no trapping instruction, no loop, no relocation and no symbol; whatever it can call is in the
//! table of [`host`]. All functions of a plan are one piece of memory, which is writable until the code is in
//! it and executable from then on, and which is freed with the [`Code`].

#![allow(unsafe_code)] // To call what was compiled, and to free it.

mod emit;
mod host;
mod numbers;
mod slate;
mod straight;

use crate::engine::{Answer, Need, Needs, Tables};
use crate::frame::Values;
use crate::ids::*;
use crate::index::shape::Shape;
use crate::index::straight::Straight;
use crate::index::{Slate, Slates};
use crate::plan::{Plan, PlanError};
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{Context, ir};
use cranelift_frontend::FunctionBuilderContext;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module};
use host::Host;
use std::fmt::Write;
use std::sync::Mutex;

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

/// Beyond this, a function takes longer to compile than it can ever save: it is left to the interpreter.
const MAX_NODES: usize = 4096;

/// Beyond this, all functions together do.
const MAX_NODES_OF_ALL: usize = 1 << 21;

/// No function.
const NONE: u32 = u32::MAX;

/// The compiled functions of a plan.
pub(crate) struct Code {
    /// Where the functions are.
    start: *const u8,
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
    size: usize,
    /// Holds the memory. Taken when it is freed.
    module: Mutex<Option<JITModule>>,
}

// SAFETY: `start` points to memory that is never written once the `Code` exists, and that lives as long as it.
unsafe impl Send for Code {}
// SAFETY: as above; all else is shared safely.
unsafe impl Sync for Code {}

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
        let mut compiler = Compiler {
            plan,
            needs,
            isa,
            context: Context::new(),
            builder: FunctionBuilderContext::new(),
            control: ControlPlane::default(),
            bytes: Vec::new(),
            budget: MAX_NODES_OF_ALL,
        };
        let shapes = compiler.shapes(slates)?;
        if shapes.iter().any(|shape| shape.score == NONE || shape.bound == NONE) {
            *slates = Slates::default();
        }
        let mut classifiers = Vec::with_capacity(slates.all.len());
        for slate in &slates.all {
            let look = compiler.function(Target::Slate(slate))?;
            let all = match slate.straight() {
                Some(straight) => compiler.function(Target::Passing(straight))?,
                None => look,
            };
            classifiers.push(SlateCode { look, all, tables: slate::tables(slate).into_boxed_slice() });
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
        let Compiler { isa, bytes, .. } = compiler;
        let (module, start) = place(isa, &bytes)?;
        Ok(Code {
            start,
            roots: roots.into(),
            guards: guards.into(),
            slates: classifiers.into(),
            shapes: shapes.into(),
            slots: plan.slots.len(),
            size: bytes.len(),
            module: Mutex::new(Some(module)),
        })
    }

    /// Bytes of machine code.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The value of a root, if there is code for it.
    pub(crate) fn evaluate(&self, tables: &Tables, expr: ExprId, values: Values<'_>) -> Option<Answer> {
        let (known, cell) = self.call(*self.roots.get(expr.index())?, tables, values)?;
        Some(Answer { cell, known })
    }

    /// Whether a message's guard holds, if there is code for it.
    pub(crate) fn guard(&self, tables: &Tables, message: MessageId, values: Values<'_>) -> Option<bool> {
        let (holds, _) = self.call(*self.guards.get(message.index())?, tables, values)?;
        Some(holds)
    }

    fn call(&self, offset: u32, tables: &Tables, values: Values<'_>) -> Option<(bool, u64)> {
        let Values { cells, known, pool } = values;
        if offset == NONE || cells.len() < self.slots || known.len() < self.slots {
            return None;
        }
        let mut cell = 0;
        let mut host = Host::new(tables, pool);
        // SAFETY: `offset` is the start of a function of this type, in memory that lives as long as `self`. The
        // function reads cells and known flags at the positions of the plan's slots, for which there is room as
        // just tested; it reads the table of functions in the host and calls these with the host; it writes
        // the cell. Validation has made sure that the plan has no other positions.
        let flag = unsafe {
            let function: Function = std::mem::transmute(self.start.add(offset as usize));
            function(cells.as_ptr(), known.as_ptr(), &mut host, &mut cell)
        };
        Some((flag != 0, cell))
    }
}

/// Machine code of the index, with the values that it looks at.
pub(crate) struct Caller<'a> {
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
        let fits = cells.len() >= self.slots && known.len() >= self.slots;
        fits.then(|| Caller { code: self, cells, known, host: Host::new(tables, pool) })
    }
}

impl Caller<'_> {
    /// Writes the row of each axis and of each condition of a slate.
    pub(crate) fn classify(&mut self, slate: usize, rows: &mut [u32], count: usize) {
        let Some(SlateCode { look, tables, .. }) = self.code.slates.get(slate) else { return };
        if rows.len() >= count {
            self.call(*look, tables.as_ptr(), rows.as_mut_ptr());
        }
    }

    /// Of a slate of a few messages the position of the best one that is open, and its score.
    #[inline]
    pub(crate) fn straight(&mut self, slate: usize, open: u64) -> Option<(u32, f64)> {
        let mut at = u32::MAX;
        let score = self.call(self.code.slates.get(slate)?.look, &open, &mut at);
        Some((at, score))
    }

    /// Of a slate of a few messages those of the open ones that pass, a bit for each.
    pub(crate) fn straight_all(&mut self, slate: usize, open: u64) -> u64 {
        let Some(SlateCode { all, .. }) = self.code.slates.get(slate) else { return 0 };
        let mut passing = 0_u64;
        self.call(*all, &open, (&raw mut passing).cast());
        passing
    }

    /// A score of a shape, with its numbers.
    #[inline]
    pub(crate) fn score(&mut self, shape: u32, numbers: &[u64]) -> f64 {
        match self.code.shapes.get(shape as usize) {
            Some(shape) if numbers.len() >= shape.parameters => {
                self.call(shape.score, numbers.as_ptr(), std::ptr::null_mut())
            }
            _ => f64::NAN,
        }
    }

    /// What a score of a shape can't exceed, with the least and the greatest of its numbers.
    pub(crate) fn bound(&mut self, shape: u32, numbers: &[u64]) -> f64 {
        match self.code.shapes.get(shape as usize) {
            Some(shape) if numbers.len() >= shape.parameters * 2 => {
                self.call(shape.bound, numbers.as_ptr(), std::ptr::null_mut())
            }
            _ => f64::INFINITY,
        }
    }

    #[inline]
    fn call(&mut self, offset: u32, numbers: *const u64, rows: *mut u32) -> f64 {
        // SAFETY: `offset` is the start of a function of this type, in memory that lives as long as the code. It
        // reads cells and known flags at the positions of the plan's slots, for which `Code::caller` has made sure
        // that there is room; numbers and rows are as many as it reads and writes, as the callers above have tested
        // (a slate's tables are those that it was compiled for); it calls functions of the host with the host.
        unsafe {
            let function: SlateFunction = std::mem::transmute(self.code.start.add(offset as usize));
            function(self.cells.as_ptr(), self.known.as_ptr(), &mut self.host, numbers, rows)
        }
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        if let Ok(module) = self.module.get_mut()
            && let Some(module) = module.take()
        {
            // SAFETY: no function runs, since running one borrows `self`, and no pointer to one leaves it.
            unsafe { module.free_memory() }
        }
    }
}

/// The functions of a plan as Cranelift's intermediate form, before optimisation.
pub fn clif(plan: &Plan) -> Result<String, JitError> {
    plan.validate().map_err(JitError::Plan)?;
    let needs = Needs::of(plan);
    let mut compiler = Compiler {
        plan,
        needs: &needs,
        isa: isa()?,
        context: Context::new(),
        builder: FunctionBuilderContext::new(),
        control: ControlPlane::default(),
        bytes: Vec::new(),
        budget: MAX_NODES_OF_ALL,
    };
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

/// What a function computes.
#[derive(Clone, Copy)]
enum Target<'t> {
    Root(ExprId),
    Guard(MessageId),
    /// The intervals in which a customer lies.
    Slate(&'t Slate),
    /// Which of a few messages pass.
    Passing(&'t Straight),
    Score(&'t Shape),
    Bound(&'t Shape),
}

struct Compiler<'a> {
    plan: &'a Plan,
    needs: &'a Needs,
    isa: OwnedTargetIsa,
    context: Context,
    builder: FunctionBuilderContext,
    control: ControlPlane,
    bytes: Vec<u8>,
    /// How many nodes may still be compiled.
    budget: usize,
}

impl Compiler<'_> {
    /// Leaves a function in the context, if it isn't too large.
    fn emit(&mut self, target: Target<'_>) -> bool {
        let function = &mut self.context.func;
        function.signature = match target {
            Target::Root(_) | Target::Guard(_) => emit::signature(&*self.isa),
            _ => slate::signature(&*self.isa),
        };
        match target {
            Target::Root(root) => {
                let Some(need) = self.needs.root(root) else { return false };
                if !afford(&mut self.budget, need.nodes.len()) {
                    return false;
                }
                function.name = ir::UserFuncName::user(0, root.0);
                emit::root(self.plan, &*self.isa, root, &need.nodes, function, &mut self.builder);
            }
            Target::Guard(message) => {
                let guard = &self.plan.messages[message.index()].guard;
                let literals = guard.clauses.iter().flat_map(|clause| &clause.literals);
                let atoms = literals.map(|literal| self.plan.atoms[literal.atom.index()].expr);
                let nodes = atoms.map(|atom| self.needs.root(atom).map_or(0, |need| need.nodes.len()));
                if !afford(&mut self.budget, nodes.sum()) {
                    return false;
                }
                function.name = ir::UserFuncName::user(1, message.0);
                emit::guard(self.plan, &*self.isa, self.needs, guard, function, &mut self.builder);
            }
            Target::Slate(slate) if let Some(straight) = slate.straight() => {
                if !self.afford_straight(straight) {
                    return false;
                }
                self.context.func.name = ir::UserFuncName::user(4, 0);
                let function = &mut self.context.func;
                straight::best(self.plan, &*self.isa, straight, function, &mut self.builder);
            }
            Target::Passing(straight) => {
                if !self.afford_straight(straight) {
                    return false;
                }
                self.context.func.name = ir::UserFuncName::user(5, 0);
                let function = &mut self.context.func;
                straight::passing(self.plan, &*self.isa, straight, function, &mut self.builder);
            }
            Target::Slate(slate) => {
                let nodes = Need::of(self.plan, slate.conditions().iter().copied()).nodes;
                if !afford(&mut self.budget, nodes.len() + slate.axes().len()) {
                    return false;
                }
                function.name = ir::UserFuncName::user(2, 0);
                slate::classify(self.plan, &*self.isa, slate, &nodes, function, &mut self.builder);
            }
            Target::Score(shape) | Target::Bound(shape) => {
                if !afford(&mut self.budget, shape.nodes.len()) {
                    return false;
                }
                function.name = ir::UserFuncName::user(3, shape.example.0);
                let emit = if matches!(target, Target::Score(_)) { slate::score } else { slate::bound };
                emit(self.plan, &*self.isa, shape, function, &mut self.builder);
            }
        }
        true
    }

    fn afford_straight(&mut self, straight: &Straight) -> bool {
        let nodes = straight.exprs().map(|expr| Need::of(self.plan, [expr]).nodes.len());
        afford(&mut self.budget, nodes.sum())
    }

    fn shapes(&mut self, slates: &Slates) -> Result<Vec<ShapeCode>, JitError> {
        let code = |shape: &Shape| {
            Ok(ShapeCode {
                score: self.function(Target::Score(shape))?,
                bound: self.function(Target::Bound(shape))?,
                parameters: shape.parameters.len(),
            })
        };
        slates.shapes.all.iter().map(code).collect()
    }

    /// Compiles a function and gives its offset.
    fn function(&mut self, target: Target<'_>) -> Result<u32, JitError> {
        self.context.clear();
        if !self.emit(target) {
            return Ok(NONE);
        }
        let code = self
            .context
            .compile(&*self.isa, &mut self.control)
            .map_err(|error| JitError::Machine(error.inner.to_string()))?;
        // Nothing in the code refers to anything outside of it. Where this machine lacks an instruction and
        // Cranelift would call a library instead, there is no machine code.
        if !code.buffer.relocs().is_empty() {
            return Err(JitError::Machine("an instruction is missing".into()));
        }
        let align = code.buffer.alignment.max(16) as usize;
        self.bytes.resize(self.bytes.len().next_multiple_of(align), 0);
        let offset = u32::try_from(self.bytes.len())
            .ok()
            .filter(|offset| *offset < i32::MAX as u32)
            .ok_or_else(|| JitError::Machine("the plan is too large".into()))?;
        self.bytes.extend_from_slice(code.code_buffer());
        Ok(offset)
    }

    fn print(&mut self, target: Target<'_>, title: &str, text: &mut String) {
        self.context.clear();
        if self.emit(target) {
            // A string takes everything.
            let _ = write!(text, "; {title}\n{}\n", self.context.func.display());
        }
    }
}

/// Whether a function of so many nodes can be compiled.
fn afford(budget: &mut usize, nodes: usize) -> bool {
    let affordable = nodes <= MAX_NODES && nodes <= *budget;
    if affordable {
        *budget -= nodes;
    }
    affordable
}

/// This machine.
fn isa() -> Result<OwnedTargetIsa, JitError> {
    let unsupported = |error: &dyn std::fmt::Display| JitError::Machine(error.to_string());
    let mut flags = settings::builder();
    for (name, value) in [
        ("opt_level", "speed"),
        ("is_pic", "false"),
        ("use_colocated_libcalls", "false"),
        ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
        // A large function may need more of the stack than there is beyond its end.
        ("enable_probestack", "true"),
        ("probestack_strategy", "inline"),
        ("unwind_info", "false"),
    ] {
        flags.set(name, value).map_err(|error| unsupported(&error))?;
    }
    cranelift_native::builder()
        .map_err(|error| unsupported(&error))?
        .finish(settings::Flags::new(flags))
        .map_err(|error| unsupported(&error))
}

/// Puts code into executable memory.
fn place(isa: OwnedTargetIsa, bytes: &[u8]) -> Result<(JITModule, *const u8), JitError> {
    let mut module = JITModule::new(JITBuilder::with_isa(isa, cranelift_module::default_libcall_names()));
    match define(&mut module, bytes) {
        Ok(start) => Ok((module, start)),
        Err(error) => {
            // SAFETY: nothing in it has been called.
            unsafe { module.free_memory() }
            Err(error)
        }
    }
}

/// All functions are one to the module, which has no others.
fn define(module: &mut JITModule, bytes: &[u8]) -> Result<*const u8, JitError> {
    let failed = |error: cranelift_module::ModuleError| JitError::Machine(error.to_string());
    // One byte at least, so that there is a place.
    let bytes = if bytes.is_empty() { &[0] } else { bytes };
    let signature = emit::signature(module.isa());
    let id = module.declare_function("0", Linkage::Local, &signature).map_err(failed)?;
    module.define_function_bytes(id, 64, bytes, &[]).map_err(failed)?;
    module.finalize_definitions().map_err(failed)?;
    Ok(module.get_finalized_function(id))
}

#[cfg(test)]
pub(crate) mod tests;
