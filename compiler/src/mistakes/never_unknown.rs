//! E0205: it is never unknown.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0205", include_str!("../../../docs/diagnostics/E0205.md"));
