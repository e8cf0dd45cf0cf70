//! E0502: said twice.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0502", include_str!("../../../docs/diagnostics/E0502.md"));
