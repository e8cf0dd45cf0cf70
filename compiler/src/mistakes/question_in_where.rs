//! E0207: a question inside `where`.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0207", include_str!("../../../docs/diagnostics/E0207.md"));
