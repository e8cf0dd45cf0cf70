//! E0019: comparisons don't chain.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0019", include_str!("../../../docs/diagnostics/E0019.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn two_comparisons_in_a_row() {
        fixture("segment a = 1 < 2 < 3\n//                ^ E0019\n");
    }
}
