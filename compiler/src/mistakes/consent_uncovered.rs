//! E0701: a purpose that doesn't govern a channel.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0701", include_str!("../../../docs/diagnostics/E0701.md"));
