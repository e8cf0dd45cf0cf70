//! E0611: a holdout over a class that ignores it.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0611", include_str!("../../../docs/diagnostics/E0611.md"));
