//! E0609: shares that don't add up.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0609", include_str!("../../../docs/diagnostics/E0609.md"));
