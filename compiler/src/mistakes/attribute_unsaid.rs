//! E0513: an attribute that each message must say.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0513", include_str!("../../../docs/diagnostics/E0513.md"));
