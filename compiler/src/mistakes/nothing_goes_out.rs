//! E0511: nothing can be sent there.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0511", include_str!("../../../docs/diagnostics/E0511.md"));
