//! E0601: which class goes first?.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0601", include_str!("../../../docs/diagnostics/E0601.md"));
