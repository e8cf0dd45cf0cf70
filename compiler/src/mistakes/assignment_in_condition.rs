//! E0020: `=` where `==` is meant.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0020", include_str!("../../../docs/diagnostics/E0020.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn one_sign_where_two_compare() {
        fixture("let a = 1 = 2\n//        ^ E0020\n");
    }

    #[test]
    fn the_sign_that_compares() {
        assert_eq!(mended("segment a = (1 = 2)\n"), "segment a = (1 == 2)\n");
    }
}
