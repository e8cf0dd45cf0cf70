//! E0208: an event that is not about a message.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0208", include_str!("../../../docs/diagnostics/E0208.md"));
