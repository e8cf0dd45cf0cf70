//! The compiler of Comity: from syntax trees to a checked policy, to the plan, to machine code.

pub mod builtin;
pub mod checked;
pub mod ids;
pub mod plan;
pub mod types;
pub mod value;
