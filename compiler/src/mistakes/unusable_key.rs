//! E0909: instances of a journey can't be told apart by their key.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0909", include_str!("../../../docs/diagnostics/E0909.md"));

/// A key that is a set.
pub(crate) fn set(ty: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("the key of a journey is one value, and this is {ty}"), "several values at once")
        .help("use what names one thing, for instance `key trigger.cart`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn keys_of_several_values() {
        with_vocabulary(
            r#"journey a { on purchase key profile.interests }
//                          ^^^^^^^^^^^^^^^^^ E0909
journey b { on purchase key trigger.order }
"#,
        );
    }
}
