//! E0802: a segment can't ask a model.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0802", include_str!("../../../docs/diagnostics/E0802.md"));
