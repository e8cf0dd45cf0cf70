//! E0903: an event of a test that would be rejected.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0903", include_str!("../../../docs/diagnostics/E0903.md"));
