//! E0602: `rank` names every class.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0602", include_str!("../../../docs/diagnostics/E0602.md"));
