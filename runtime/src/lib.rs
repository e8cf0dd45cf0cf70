//! The runtime of Comity: what is known of each customer, and what is decided from it.

pub mod format;
pub mod history;
pub mod intake;
pub mod record;
pub mod zone;
