//! E0904: journeys that enter each other for ever.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0904", include_str!("../../../docs/diagnostics/E0904.md"));
