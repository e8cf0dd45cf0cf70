//! E0606: local time needs a time zone.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0606", include_str!("../../../docs/diagnostics/E0606.md"));
