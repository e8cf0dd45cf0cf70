//! E0306: an empty range.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0306", include_str!("../../../docs/diagnostics/E0306.md"));

/// A range of values without an order.
pub(crate) fn no_order(ty: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("a range goes over values with an order, not over {ty}"), "no order")
        .help("list the values: `in [ … ]`")
}

/// A range of times that ends when it starts.
pub(crate) fn times(here: Location) -> Diagnostic {
    CODE.at(here, "the range of times is empty", "nothing lies in it").help("the whole day is `00:00..24:00`")
}

/// A range with the larger end first; what is written, as it should be.
pub(crate) fn backwards(here: Location, turned: Option<String>) -> Diagnostic {
    let problem = CODE
        .at(here, "the range ends before it starts", "nothing lies in it")
        .help("write the smaller end first");
    match turned {
        Some(right) => problem.replace(here, right),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn ranges_in_which_nothing_lies() {
        with_vocabulary(
            r#"segment a = profile.score in 5..1
//                           ^^^^ E0306
segment b = local.time in 08:00..08:00
//                        ^^^^^^^^^^^^ E0306
"#,
        );
        let text = mended(&vocabulary("segment a = profile.score in 5..1"));
        assert!(text.starts_with("segment a = profile.score in 1..5\n"), "{text}");
    }
}
