//! E0016: not a name.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0016", include_str!("../../../docs/diagnostics/E0016.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn names_that_are_none() {
        fixture(
            r#"let first = 1
//  ^^^^^ E0016
enum tier { gold }
//   ^^^^ E0016
"#,
        );
    }
}
