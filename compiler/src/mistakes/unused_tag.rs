//! W0101: a tag that no message has.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("W0101", include_str!("../../../docs/diagnostics/W0101.md"));
