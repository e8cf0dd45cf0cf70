//! E0902: a word that means nothing here.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0902", include_str!("../../../docs/diagnostics/E0902.md"));
