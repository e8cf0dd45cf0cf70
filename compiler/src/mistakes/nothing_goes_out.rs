//! E0511: nothing can be sent there.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0511", include_str!("../../../docs/diagnostics/E0511.md"));

/// An inbound channel in `via`.
pub(crate) fn inbound(channel: &str, place: Location, declared: Location) -> Diagnostic {
    CODE.at(
        place,
        format!("nothing can be sent via `{channel}`: the customer comes to it"),
        "an inbound channel",
    )
    .also(declared, "declared as `inbound`")
    .help("declare a placement on it, and write `at` and the placement's name")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn channels_to_which_customers_come() {
        with_messages(
            r#"message d { class promotional purpose marketing on cart via web content web { text "x" } }
//                                                          ^^^ E0511
"#,
        );
    }
}
