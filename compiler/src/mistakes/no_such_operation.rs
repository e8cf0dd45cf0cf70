//! E0202: no such operation.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0202", include_str!("../../../docs/diagnostics/E0202.md"));
