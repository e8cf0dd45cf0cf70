//! E0603: values of different currencies.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0603", include_str!("../../../docs/diagnostics/E0603.md"));
