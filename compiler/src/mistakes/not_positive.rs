//! E0307: less than nothing.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0307", include_str!("../../../docs/diagnostics/E0307.md"));
