//! E0018: something is missing.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0018", include_str!("../../../docs/diagnostics/E0018.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_is_left_out() {
        fixture("let a = 1 +\n  let b = 2\n//^ E0018\n");
        fixture("segment c = 1 in 2\n//               ^ E0018\n");
    }
}
