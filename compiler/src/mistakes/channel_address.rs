//! E0607: how a channel reaches the customer.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0607", include_str!("../../../docs/diagnostics/E0607.md"));
