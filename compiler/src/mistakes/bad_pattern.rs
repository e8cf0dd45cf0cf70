//! E0305: a pattern that can't be used.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0305", include_str!("../../../docs/diagnostics/E0305.md"));
