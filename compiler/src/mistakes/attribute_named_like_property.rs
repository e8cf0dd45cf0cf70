//! E0509: an attribute with the name of a property.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0509", include_str!("../../../docs/diagnostics/E0509.md"));
