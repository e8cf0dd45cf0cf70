//! E0404: a cell that doesn't fit.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0404", include_str!("../../../docs/diagnostics/E0404.md"));
