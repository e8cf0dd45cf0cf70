//! E0804: the file of a model isn't what it should be.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0804", include_str!("../../../docs/diagnostics/E0804.md"));

/// A model's file that is cut short, changed, or something else altogether.
pub(crate) fn file(place: Location, path: &str, title: &str, why: &str) -> Diagnostic {
    CODE.at(place, format!("`{path}` isn't {title}, or is damaged"), why.to_owned())
        .help("save the model again, and give its format after `format`")
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
        assert_eq!(says(""), "a LightGBM model begins with a line `tree`");
        assert_eq!(says("tree\nversion=v4\n"), "it is cut short: there is no line `end of trees`");
        assert_eq!(says("tree\nend of trees\n"), "`version` is missing");
    }
}
