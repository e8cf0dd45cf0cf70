//! E0501: something must be said.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0501", include_str!("../../../docs/diagnostics/E0501.md"));
