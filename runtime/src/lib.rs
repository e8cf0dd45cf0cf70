//! The runtime of Comity: what is known of each customer, and what is decided from it.

#![forbid(unsafe_code)]

pub mod audience;
pub mod effect;
pub mod explain;
pub mod format;
pub mod history;
pub mod intake;
pub mod journey;
mod moment;
pub mod policy;
pub mod profile;
pub mod publish;
pub mod record;
pub mod replay;
pub mod report;
pub mod state;
pub mod step;
pub mod testing;
pub mod zone;

pub use moment::{Assigned, Passage, Trace, bucket};
