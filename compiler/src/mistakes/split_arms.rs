//! E0901: a split names every arm.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0901", include_str!("../../../docs/diagnostics/E0901.md"));
