//! E0302: no such date or time.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0302", include_str!("../../../docs/diagnostics/E0302.md"));
