//! E0010: a sign or a word that means nothing.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0010", include_str!("../../../docs/diagnostics/E0010.md"));

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn signs_of_other_languages() {
        fixture(
            r#"let a = 1 ≥ 2
//        ^ E0010
let b = true && false
//           ^^ E0010
let ä = 1
//  ^ E0010
"#,
        );
    }
}
