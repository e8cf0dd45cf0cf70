//! E0608: only once in a policy.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0608", include_str!("../../../docs/diagnostics/E0608.md"));
