//! E0209: a literal is wanted.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0209", include_str!("../../../docs/diagnostics/E0209.md"));

/// Something that is worked out where only literals and members stand.
pub(crate) fn in_place_of(what: &str, place: Location) -> Diagnostic {
    CODE.at(
        place,
        format!("{what} holds literals and names of members, nothing that is worked out"),
        "not a literal",
    )
}

/// `in []`
pub(crate) fn empty_list(place: Location) -> Diagnostic {
    CODE.at(place, "nothing is in an empty list", "empty").help("list the values, or remove the condition")
}

/// A salt that isn't written out.
pub(crate) fn salt(place: Location) -> Diagnostic {
    CODE.at(place, "`bucket` takes a salt in quotes", "not a text in quotes")
        .help("for instance `bucket(\"spring\")`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn values_that_are_worked_out() {
        with_vocabulary(
            r#"let five = 5
test "x" { profile { age: five } }
//                        ^^^^ E0209
segment c = profile.name in []
//                          ^^ E0209
segment d = bucket(profile.name) < 10%
//                 ^^^^^^^^^^^^ E0209
"#,
        );
    }
}
