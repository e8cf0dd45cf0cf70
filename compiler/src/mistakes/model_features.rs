//! E0807: a model is given other features than it takes.

use super::prelude::*;
use smol_str::SmolStr;
pub(super) const CODE: Code = Code::new("E0807", include_str!("../../../docs/diagnostics/E0807.md"));

/// Features that a model looks at and isn't given.
pub(crate) fn missing(place: Location, model: &str, names: &[&str], example: &str) -> Diagnostic {
    let message = format!("the model `{model}` isn't given {}", named(names.iter().copied(), "and"));
    CODE.at(place, message, "looks at more").help(format!("say what it is: `feature {example} = …`"))
}

/// A feature whose categories the model numbers otherwise; without members it is of no enum.
pub(crate) fn categories(
    place: Location,
    (model, feature): (&str, &str),
    names: &[SmolStr],
    members: &[SmolStr],
) -> Diagnostic {
    let listed = |names: &[SmolStr]| names.iter().map(SmolStr::as_str).collect::<Vec<_>>().join(", ");
    let found = match members {
        [] => "isn't of an enum".to_owned(),
        members => format!("has the members {}", listed(members)),
    };
    let message = format!(
        "`{feature}` {found}, and the model `{model}` learned the categories {}, in this order",
        listed(names)
    );
    CODE.at(place, message, "the model would take one for another").help(
        "give the enum the same members in the same order, or train the model with the categories in the enum's order: \
         `pd.Categorical(values, categories=[…])`",
    )
}

/// Features of a model that are written alike.
pub(crate) fn alike(place: Location, model: &str, names: (&str, &str), written: &str) -> Diagnostic {
    let message = format!(
        "two features of the model `{model}` can only be written `{written}`: `{}` and `{}`",
        names.0, names.1
    );
    CODE.at(place, message, "can't tell them apart")
        .help("train the model with names that differ in more than case and signs")
}

/// A feature that a model doesn't have; `names` are those that it has, as they can be written.
pub(crate) fn unknown(place: Location, model: &str, feature: &str, names: &[String]) -> Diagnostic {
    let known = names.iter().map(String::as_str);
    CODE.at(place, format!("the model `{model}` has no feature `{feature}`"), "not in its file")
        .did_you_mean_or(
            place,
            closest(feature, known.clone()),
            format!("its features are {}", named(known, "and")),
        )
}

/// Another number of features than a model takes, whose file names none.
pub(crate) fn count(place: Location, model: &str, wanted: usize, given: usize) -> Diagnostic {
    let features = if wanted == 1 { "feature" } else { "features" };
    CODE.at(
        place,
        format!("the model `{model}` takes {wanted} {features} and is given {given}"),
        "takes others",
    )
    .help("its file names no features: give them in the order in which it learned them")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn features_that_a_model_lacks_or_has_not() {
        let says = |features: &str| -> Vec<String> {
            let found = with_model(LIGHTGBM.as_bytes(), features);
            assert!(found.iter().all(|one| one.code.as_str() == "E0807"), "{found:?}");
            found.iter().map(|one| one.message.clone()).collect()
        };
        assert_eq!(says("feature orders = 1 feature recency = 2"), [""; 0]);
        assert_eq!(says("feature orders = 1"), ["the model `m` isn't given `recency`"]);
        let strange = ["the model `m` has no feature `x`", "the model `m` has no feature `y`"];
        assert_eq!(says("feature orders = 1 feature x = 2 feature y = 3"), strange);
        let unnamed = LIGHTGBM.replace("recency orders", "Column_0 Column_1");
        let found = with_model(unnamed.as_bytes(), "feature orders = 1");
        assert_eq!(found[0].message, "the model `m` takes 2 features and is given 1");
        assert!(with_model(unnamed.as_bytes(), "feature a = 1 feature b = 2").is_empty());
    }

    /// Names are told, and mended, as they can be written; those that can't be told apart are no names.
    #[test]
    fn names_that_a_policy_can_write() {
        let odd = LIGHTGBM.replace("recency orders", "Days.Since Order-Count");
        let found = with_model(odd.as_bytes(), "feature days_since = 1 feature ordercount = 2");
        assert_eq!(found[0].fix.as_ref().map(|fix| fix.edits[0].text.as_str()), Some("order_count"));
        let found = with_model(odd.as_bytes(), "feature days_since = 1 feature zebra = 2");
        assert_eq!(found[0].help, ["its features are `days_since` and `order_count`"]);
        let alike = LIGHTGBM.replace("recency orders", "order-count order_count");
        let found = with_model(alike.as_bytes(), "feature order_count = 1");
        assert_eq!(
            found[0].message,
            "two features of the model `m` can only be written `order_count`: `order-count` and `order_count`"
        );
    }

    #[test]
    fn a_name_is_written_as_it_can_be() {
        let odd = LIGHTGBM.replace("recency orders", "Days.Since last");
        assert!(with_model(odd.as_bytes(), "feature days_since = 1 feature last_ = 2").is_empty());
        let misspelt = with_model(LIGHTGBM.as_bytes(), "feature recency = 1 feature order = 2");
        assert_eq!(misspelt[0].fix.as_ref().map(|fix| fix.edits[0].text.as_str()), Some("orders"));
    }

    /// A category is a number by its place, and that place must be the same in the policy.
    #[test]
    fn categories_stand_in_one_order() {
        let infos = LIGHTGBM.lines().find(|line| line.starts_with("feature_infos=")).expect("they are there");
        let of = |categories: &str| {
            let text = LIGHTGBM.replace(infos, "feature_infos=0:1:2 [0:9]");
            text.replace("pandas_categorical:null", &format!("pandas_categorical:{categories}"))
        };
        let given = |categories: &str, value: &str, members: &str| -> Vec<String> {
            let features = format!(
                "feature recency = {value} feature orders = 2 }} enum Grade {{ {members} }} event graded {{ grade: Grade"
            );
            let found = with_model(of(categories).as_bytes(), &features);
            found.iter().map(|one| format!("{} {}", one.code, one.message)).collect()
        };
        let last = "last graded.grade";
        let names = r#"[["bronze", "gold", "silver"]]"#;
        assert_eq!(given(names, last, "bronze, gold, silver"), [""; 0]);
        assert_eq!(given("[[0, 1, 2]]", last, "bronze, silver, gold"), [""; 0]);
        assert_eq!(given("[]", last, "bronze, silver, gold"), [""; 0]);
        assert_eq!(
            given(names, last, "bronze, silver, gold"),
            [
                "E0807 `recency` has the members bronze, silver, gold, and the model `m` learned the categories bronze, \
              gold, silver, in this order"
            ]
        );
        assert_eq!(
            given(names, "1", "bronze, gold, silver"),
            [
                "E0807 `recency` isn't of an enum, and the model `m` learned the categories bronze, gold, silver, in \
              this order"
            ]
        );
        assert_eq!(given(r#"[["a"], ["b"]]"#, "1", "a")[0][..5], *"E0805");
        assert_eq!(given("[[", "1", "a")[0][..5], *"E0804");
    }

    #[test]
    fn what_a_model_never_looks_at_need_not_be_given() {
        let blind = LIGHTGBM.replace("split_feature=0 1", "split_feature=0 0");
        assert!(with_model(blind.as_bytes(), "feature recency = 1").is_empty());
    }
}
