//! E0304: not a valid country, zone, address ….

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0304", include_str!("../../../docs/diagnostics/E0304.md"));
