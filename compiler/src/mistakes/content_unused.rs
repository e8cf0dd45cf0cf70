//! E0504: content that is never used.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0504", include_str!("../../../docs/diagnostics/E0504.md"));
