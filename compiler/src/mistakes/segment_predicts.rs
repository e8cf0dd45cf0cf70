//! E0802: a segment can't ask a model.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0802", include_str!("../../../docs/diagnostics/E0802.md"));

/// A model where the moment of every change must be known.
pub(crate) fn model(place: Location) -> Diagnostic {
    CODE.at(place, "neither segments nor `stop when` can ask a model", "a prediction")
        .help("use `predict` in the `when`, `propensity` or `value` of messages")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn segments_that_ask_a_model() {
        with_vocabulary(
            r#"model m from "m.txt" { format lightgbm feature x = profile.score }
segment likely = predict(m) > 50%
//               ^^^^^^^^^^ E0802
"#,
        );
    }
}
