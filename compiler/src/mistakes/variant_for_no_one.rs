//! E0510: a variant that no one gets.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0510", include_str!("../../../docs/diagnostics/E0510.md"));
