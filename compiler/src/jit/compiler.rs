//! Compiling functions, one after the other.

use super::memory::Memory;
use super::{JitError, NONE, ShapeCode, SlateCode, emit, slate, straight};
use crate::engine::{Need, Needs};
use crate::ids::*;
use crate::index::build::Asked;
use crate::index::shape::Shape;
use crate::index::straight::Straight;
use crate::index::{Rows, Slate, Slates};
use crate::plan::Plan;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{Context, ir};
use cranelift_frontend::FunctionBuilderContext;
use std::fmt::Write;

/// Beyond this, a function takes longer to compile than it can ever save: it is left to the interpreter.
pub(super) const MAX_NODES: usize = 4096;

/// Beyond this, all functions together do.
const MAX_NODES_OF_ALL: usize = 1 << 21;

/// What a function computes.
#[derive(Clone, Copy)]
pub(super) enum Target<'t> {
    Root(ExprId),
    Guard(MessageId),
    /// The intervals in which a customer lies.
    Rows(&'t Rows, &'t slate::Searches),
    /// Which of a few messages is the best.
    Best(&'t Straight),
    /// Which of a few messages pass.
    Passing(&'t [Asked]),
    Score(&'t Shape),
    Bound(&'t Shape),
}

pub(super) struct Compiler<'a> {
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

impl<'a> Compiler<'a> {
    pub(super) fn new(plan: &'a Plan, needs: &'a Needs, isa: OwnedTargetIsa) -> Compiler<'a> {
        Compiler {
            plan,
            needs,
            isa,
            context: Context::new(),
            builder: FunctionBuilderContext::new(),
            control: ControlPlane::default(),
            bytes: Vec::new(),
            budget: MAX_NODES_OF_ALL,
        }
    }

    /// Makes what has been compiled executable.
    pub(super) fn finish(self) -> Result<Memory, JitError> {
        Memory::of(self.isa, &self.bytes)
    }

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
                emit::root(self.plan, &*self.isa, root, need.nodes, function, &mut self.builder);
            }
            Target::Guard(message) => {
                let guard = &self.plan.messages[message.index()].guard;
                let nodes = self
                    .plan
                    .conditions(guard)
                    .map(|atom| self.needs.root(atom).map_or(0, |need| need.nodes.len()));
                if !afford(&mut self.budget, nodes.sum()) {
                    return false;
                }
                function.name = ir::UserFuncName::user(1, message.0);
                emit::guard(self.plan, &*self.isa, self.needs, guard, function, &mut self.builder);
            }
            Target::Best(straight) => {
                if !self.afford_ways(&straight.entries) {
                    return false;
                }
                self.context.func.name = ir::UserFuncName::user(4, 0);
                let function = &mut self.context.func;
                straight::best(self.plan, &*self.isa, &straight.entries, function, &mut self.builder);
            }
            Target::Passing(ways) => {
                if !self.afford_ways(ways) {
                    return false;
                }
                self.context.func.name = ir::UserFuncName::user(5, 0);
                let function = &mut self.context.func;
                straight::passing(self.plan, &*self.isa, ways, function, &mut self.builder);
            }
            Target::Rows(rows, searches) => {
                let nodes = Need::of(self.plan, rows.conditions().iter().copied()).nodes;
                if !afford(&mut self.budget, nodes.len() + rows.axes().len()) {
                    return false;
                }
                function.name = ir::UserFuncName::user(2, 0);
                slate::classify(self.plan, &*self.isa, (rows, searches), &nodes, function, &mut self.builder);
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

    fn afford_ways(&mut self, ways: &[Asked]) -> bool {
        let nodes = ways.iter().flat_map(Asked::exprs).map(|expr| Need::of(self.plan, [expr]).nodes.len());
        afford(&mut self.budget, nodes.sum())
    }

    pub(super) fn slate(&mut self, slate: &Slate) -> Result<SlateCode, JitError> {
        if let Some(straight) = slate.straight() {
            let look = self.function(Target::Best(straight))?;
            return Ok(SlateCode {
                look,
                all: self.function(Target::Passing(&straight.entries))?,
                tables: [].into(),
            });
        }
        let Some(rows) = slate.rows() else {
            return Ok(SlateCode { look: NONE, all: NONE, tables: [].into() });
        };
        let searches = slate::searches(rows);
        let look = self.function(Target::Rows(rows, &searches))?;
        Ok(SlateCode { look, all: look, tables: searches.tables.into() })
    }

    pub(super) fn shapes(&mut self, slates: &Slates) -> Result<Vec<ShapeCode>, JitError> {
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
    pub(super) fn function(&mut self, target: Target<'_>) -> Result<u32, JitError> {
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

    pub(super) fn print(&mut self, target: Target<'_>, title: &str, text: &mut String) {
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
pub(super) fn isa() -> Result<OwnedTargetIsa, JitError> {
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
