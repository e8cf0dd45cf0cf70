//! E0503: content is missing.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0503", include_str!("../../../docs/diagnostics/E0503.md"));
