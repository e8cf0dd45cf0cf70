//! E0401: a `match` that doesn't cover everything.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0401", include_str!("../../../docs/diagnostics/E0401.md"));
