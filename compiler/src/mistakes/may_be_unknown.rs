//! E0204: it may be unknown.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0204", include_str!("../../../docs/diagnostics/E0204.md"));
