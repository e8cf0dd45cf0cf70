//! Executable memory with the functions of a plan, or of what has been amended of it, in it.

use super::{JitError, emit};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module};
use std::sync::Mutex;

/// Functions, one after the other.
pub(super) struct Memory {
    start: *const u8,
    size: usize,
    /// Holds the memory. Taken when it is freed.
    module: Mutex<Option<JITModule>>,
}

// SAFETY: `start` points to memory that is never written once the `Memory` exists, and that lives as long as it.
unsafe impl Send for Memory {}
// SAFETY: as above; all else is shared safely.
unsafe impl Sync for Memory {}

impl Memory {
    /// Puts code into executable memory.
    pub(super) fn of(isa: OwnedTargetIsa, bytes: &[u8]) -> Result<Memory, JitError> {
        let mut module = JITModule::new(JITBuilder::with_isa(isa, cranelift_module::default_libcall_names()));
        match define(&mut module, bytes) {
            Ok(start) => Ok(Memory { start, size: bytes.len(), module: Mutex::new(Some(module)) }),
            Err(error) => {
                // SAFETY: nothing in it has been called.
                unsafe { module.free_memory() }
                Err(error)
            }
        }
    }

    /// Bytes of machine code.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Where an offset is. Whoever calls what is there borrows the memory for as long as it runs.
    #[inline]
    pub(super) fn at(&self, offset: u32) -> *const u8 {
        self.start.wrapping_add(offset as usize)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Ok(module) = self.module.get_mut()
            && let Some(module) = module.take()
        {
            // SAFETY: no function runs, since running one borrows `self`, and no pointer to one is kept without it.
            unsafe { module.free_memory() }
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
