//! E0505: content that isn't complete.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0505", include_str!("../../../docs/diagnostics/E0505.md"));
