//! E0201: another type is wanted.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0201", include_str!("../../../docs/diagnostics/E0201.md"));
