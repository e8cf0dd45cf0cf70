//! E0013: a bracket without its partner.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0013", include_str!("../../../docs/diagnostics/E0013.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn brackets_without_their_partner() {
        fixture("let a = (1 + 2\n//      ^ E0013\n");
        fixture("let a = 1 + 2)\n//           ^ E0013\n");
        fixture("profile { age: int?\n//      ^ E0013\n");
    }

    #[test]
    fn what_closes_nothing_goes() {
        assert_eq!(mended("let a = 1 + 2)\n"), "let a = 1 + 2\n");
    }
}
