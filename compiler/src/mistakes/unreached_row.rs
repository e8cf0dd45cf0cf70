//! E0403: a row or an arm that is never reached.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0403", include_str!("../../../docs/diagnostics/E0403.md"));
