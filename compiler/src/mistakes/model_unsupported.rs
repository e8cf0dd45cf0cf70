//! E0805: a model that a policy can't ask.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0805", include_str!("../../../docs/diagnostics/E0805.md"));

/// A model that answers with something else than a share, or in a way that isn't known.
pub(crate) fn file(place: Location, path: &str, why: &str, help: &str) -> Diagnostic {
    CODE.at(place, format!("the model in `{path}` can't be asked by a policy"), why.to_owned()).help(help)
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn models_with_other_answers() {
        let says = |from: &str, to: &str| {
            let text = LIGHTGBM.replace(from, to);
            assert_ne!(text, LIGHTGBM);
            let found = with_model(text.as_bytes(), "feature recency = 1 feature orders = 1");
            let [one] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!(one.code.as_str(), "E0805");
            one.labels[0].text.clone()
        };
        assert_eq!(says("version=v4", "version=v9"), "it is of LightGBM's format `v9`");
        let ranks = says("binary sigmoid:1", "lambdarank");
        assert_eq!(ranks, "its objective is `lambdarank`, whose answer is no share");
        let classes = says("num_class=1", "num_class=3");
        assert_eq!(classes, "it answers with several numbers, one for each class");
        let linear = says("is_linear=0", "is_linear=1");
        assert_eq!(linear, "its trees have linear models in their leaves");
    }
}
