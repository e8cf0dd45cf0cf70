//! The compiler of Comity: from syntax trees to a checked policy, to the plan, to machine code.

pub mod arithmetic;
pub mod builtin;
pub mod check;
pub mod checked;
mod compile;
pub mod diagnostic;
pub mod engine;
mod flow;
pub mod forms;
pub mod frame;
pub mod graph;
pub mod ids;
pub mod incremental;
pub mod index;
mod interpret;
mod jit;
pub mod limits;
pub mod lint;
pub mod lower;
pub mod mistakes;
pub mod model;
pub mod plan;
mod resolve;
pub mod source;
mod truth;
pub mod types;
pub mod units;
pub mod value;

pub use check::{Analysis, check};
pub use compile::{Compiled, compile};
pub use diagnostic::{Diagnostic, explain};
pub use jit::{JitError, clif};
