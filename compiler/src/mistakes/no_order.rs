//! E0203: values without an order.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0203", include_str!("../../../docs/diagnostics/E0203.md"));
