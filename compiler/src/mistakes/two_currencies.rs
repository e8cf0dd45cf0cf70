//! E0210: two currencies.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0210", include_str!("../../../docs/diagnostics/E0210.md"));
