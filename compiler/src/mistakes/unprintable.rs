//! E0507: a value that can't be printed.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0507", include_str!("../../../docs/diagnostics/E0507.md"));
