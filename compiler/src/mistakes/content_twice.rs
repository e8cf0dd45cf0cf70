//! E0506: the same content twice.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0506", include_str!("../../../docs/diagnostics/E0506.md"));
