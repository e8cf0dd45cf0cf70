//! E0306: an empty range.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0306", include_str!("../../../docs/diagnostics/E0306.md"));
