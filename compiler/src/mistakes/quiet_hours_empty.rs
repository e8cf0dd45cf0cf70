//! E0605: quiet hours that end when they start.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0605", include_str!("../../../docs/diagnostics/E0605.md"));
