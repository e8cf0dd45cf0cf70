//! E0610: one salt for two draws.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0610", include_str!("../../../docs/diagnostics/E0610.md"));
