//! E0804: the file of a model isn't what it should be.

use super::prelude::*;
use crate::model::Format;

pub(super) const CODE: Code = Code::new("E0804", include_str!("../../../docs/diagnostics/E0804.md"));

/// A model's file that is cut short, changed, or something else altogether: for instance one of another format.
pub(crate) fn file(place: Location, path: &str, title: &str, why: &str, other: Option<Format>) -> Diagnostic {
    let found = CODE.at(place, format!("`{path}` isn't {title}, or is damaged"), why.to_owned());
    match other {
        Some(other) => found.help(format!("it is {}: write `format {}`", other.title(), other.name())),
        None => found.help("save the model again, and give its format after `format`"),
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn files_that_are_no_models() {
        let says = |text: &str| {
            let found = with_model(text.as_bytes(), "feature x = 1");
            let [one] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!(one.code.as_str(), "E0804");
            assert_eq!(one.message, "`m.txt` isn't a LightGBM model, or is damaged");
            one.labels[0].text.clone()
        };
        assert_eq!(says(""), "it is empty");

        assert_eq!(says("tree\nversion=v4\n"), "it is cut short: there is no line `end of trees`");
        assert_eq!(says("tree\nend of trees\n"), "`version` is missing");
    }

    #[test]
    fn a_model_of_another_format_is_known() {
        let xgboost = include_str!("../../../tests/models/xgboost-sum.json");
        let found = with_model(xgboost.as_bytes(), "feature x = 1");
        assert_eq!(found[0].help, ["it is an XGBoost model: write `format xgboost`"]);
        let found = with_model(b"\x1f\x8b\x08", "feature x = 1");
        assert_eq!(found[0].labels[0].text, "it is compressed by gzip: unpack it first");
    }
}
