//! E0303: a currency that doesn't exist, or too many decimals.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0303", include_str!("../../../docs/diagnostics/E0303.md"));
