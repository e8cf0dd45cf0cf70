//! E0604: a cap of nothing.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0604", include_str!("../../../docs/diagnostics/E0604.md"));
