//! E0202: no such operation.

use super::prelude::*;
use super::wrong_type::conversion_of_either;
use crate::checked::Arithmetic;

pub(super) const CODE: Code = Code::new("E0202", include_str!("../../../docs/diagnostics/E0202.md"));

/// An arithmetic operation between two types that have none.
pub(crate) fn arithmetic(
    policy: &Checked,
    operation: Arithmetic,
    left: &Found,
    right: &Found,
    sign: Location,
) -> Diagnostic {
    let (a, b) = (policy.type_name(left.ty), policy.type_name(right.ty));
    let word = match operation {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
    };
    let problem = CODE
        .at(sign, format!("there is no `{word}` between {a} and {b}"), "not possible here")
        .also(left.at, format!("this is {a}"))
        .also(right.at, format!("this is {b}"));
    match (operation, left.ty, right.ty) {
        (Arithmetic::Add, Type::Text, _) | (Arithmetic::Add, _, Type::Text) => problem.help(
            "texts are put together in content: `body \"{profile.first_name otherwise \"friend\"}, …\"`",
        ),
        (Arithmetic::Add | Arithmetic::Subtract, Type::Date, Type::Duration) => {
            problem.help("dates are whole days: compare `days since …` with an int")
        }
        (Arithmetic::Add, Type::Duration, Type::Instant) => problem.help("write the instant first"),
        (Arithmetic::Multiply, Type::Money(_), Type::Money(_)) => {
            problem.help("an amount is multiplied by a number or a percentage")
        }
        (Arithmetic::Add | Arithmetic::Subtract, ..) => {
            let (place, instead) = conversion_of_either(policy, left, right);
            problem.converted(place, instead)
        }
        _ => problem,
    }
}

/// `-` or `abs` of something that isn't a quantity.
pub(crate) fn no_quantity(word: &str, ty: &str, place: Location) -> Diagnostic {
    CODE.at(place, format!("`{word}` needs a number or an amount, not {ty}"), format!("this is {ty}"))
}

/// A list where a value stands.
pub(crate) fn list_alone(here: Location) -> Diagnostic {
    CODE.at(here, "a list stands only after `in`", "a list")
        .help("for instance `profile.country in [\"DE\", \"AT\"]`; a set is asked for one member after the other, by `contains`")
}

/// `== [ … ]`, where `in [ … ]` is meant.
pub(crate) fn compared_with_list(equal: bool, sign: Location, list: Location) -> Diagnostic {
    let (word, right) = if equal { ("==", "in") } else { ("!=", "not in") };
    CODE.at(list, format!("`{word}` compares with one value, and this is a list"), "a list")
        .help(format!("write `{right}` instead of `{word}`"))
        .replace(sign, right)
}

/// Two sets between `==` and its kin.
pub(crate) fn sets_compared(sign: Location) -> Diagnostic {
    CODE.at(sign, "sets aren't compared", "between two sets")
        .help("write `overlaps`, `contains all` or `contains`")
}

/// `in` after a set.
pub(crate) fn set_in_list(ty: &str, place: Location) -> Diagnostic {
    CODE.at(place, "`in` asks for one value, and this is a set", format!("this is {ty}"))
        .help("ask for one member after the other: `profile.tags contains \"a\" or profile.tags contains \"b\"`; `overlaps` stands between two sets")
}

/// `contains` after something that holds nothing.
pub(crate) fn contains_nothing(ty: &str, place: Location) -> Diagnostic {
    CODE.at(place, format!("{ty} contains nothing"), format!("this is {ty}"))
        .help("`contains` asks a set for a member, or a text for a part of it")
}

/// `overlaps` or `contains all` beside something that isn't a set.
pub(crate) fn not_a_set(word: &str, ty: &str, place: Location) -> Diagnostic {
    let help = match word {
        "overlaps" => "for one value, write `contains`; for listed values, `x in [ … ]`",
        _ => "for one value, write `contains`",
    };
    CODE.at(place, format!("`{word}` stands between two sets"), format!("this is {ty}")).help(help)
}

/// A feature that no model can take.
pub(crate) fn no_feature(ty: &str, time: Option<Type>, place: Location) -> Diagnostic {
    let message =
        format!("a feature is a number, an amount, a member of an enum, or true or false, not {ty}");
    let wrong = CODE.at(place, message, format!("this is {ty}"));
    match time {
        Some(Type::Duration) => wrong.help("divide it by a unit: `… / 1d` counts days"),
        Some(Type::Date) => wrong.help("count the days since then: `days since …`"),
        Some(Type::Instant) => wrong.help("count the days since then: `(now - …) / 1d`"),
        Some(_) => wrong.help("use a number: `local.hour`"),
        None => wrong.help("say what number stands for it: `match … { … => 1, else => 0 }`"),
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn operations_that_are_not_there() {
        with_vocabulary(
            r#"let a = profile.spent + 5
//                    ^ E0202
let b = local.date - 1d
//                 ^ E0202
let c = profile.name + "x"
//                   ^ E0202
let d = -profile.name
//       ^^^^^^^^^^^^ E0202
let e = profile.spent * profile.spent
//                    ^ E0202
segment f = profile.interests == profile.interests
//                            ^ E0202
segment g = profile.interests in ["a"]
//          ^^^^^^^^^^^^^^^^^ E0202
segment h = profile.age contains 3
//          ^^^^^^^^^^^ E0204
//          ^^^^^^^^^^^ E0202
segment i = profile.name overlaps profile.interests
//          ^^^^^^^^^^^^ E0202
let j = ["a"]
//      ^^^^^ E0202
let k = abs(profile.name)
//          ^^^^^^^^^^^^ E0202
"#,
        );
    }

    #[test]
    fn a_list_is_asked_by_in() {
        let text = mended(&vocabulary("segment a = profile.country == [\"DE\", \"AT\"]"));
        assert!(text.starts_with("segment a = profile.country in [\"DE\", \"AT\"]\n"), "{text}");
        let text = mended(&vocabulary("segment a = profile.country != [\"DE\"]"));
        assert!(text.starts_with("segment a = profile.country not in [\"DE\"]\n"), "{text}");
    }
}
