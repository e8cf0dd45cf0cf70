//! E0402: a table that doesn't cover everything.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0402", include_str!("../../../docs/diagnostics/E0402.md"));
