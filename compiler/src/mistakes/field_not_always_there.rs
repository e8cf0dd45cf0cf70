//! E0508: a field that isn't always there.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0508", include_str!("../../../docs/diagnostics/E0508.md"));
