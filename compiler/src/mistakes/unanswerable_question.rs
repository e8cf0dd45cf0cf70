//! E0206: a question that the history can't answer.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0206", include_str!("../../../docs/diagnostics/E0206.md"));
