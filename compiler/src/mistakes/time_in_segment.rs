//! E0801: time in a segment.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0801", include_str!("../../../docs/diagnostics/E0801.md"));
