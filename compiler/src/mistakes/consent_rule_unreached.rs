//! W0701: a consent rule that never decides.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("W0701", include_str!("../../../docs/diagnostics/W0701.md"));
