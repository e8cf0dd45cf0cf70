//! E0806: a model that is too large.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0806", include_str!("../../../docs/diagnostics/E0806.md"));

/// A model larger than a decision has time for.
pub(crate) fn file(place: Location, path: &str, why: &str) -> Diagnostic {
    CODE.at(place, format!("the model in `{path}` is too large"), why.to_owned())
        .help("train it with fewer trees or fewer leaves; some hundred trees are enough for most")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn more_leaves_than_a_decision_has_time_for() {
        let text = LIGHTGBM.replace("num_leaves=3", "num_leaves=10000000");
        let found = with_model(text.as_bytes(), "feature recency = 1 feature orders = 1");
        let [one] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(one.code.as_str(), "E0806");
        assert_eq!(one.labels[0].text, "its trees have more than 1000000 leaves");
    }
}
