//! E0209: a literal is wanted.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0209", include_str!("../../../docs/diagnostics/E0209.md"));
