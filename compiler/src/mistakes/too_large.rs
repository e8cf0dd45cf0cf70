//! E0301: too large.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0301", include_str!("../../../docs/diagnostics/E0301.md"));
