//! E0109: no such type, or not here.

use super::prelude::*;
use crate::check::types::TypePlace;

pub(super) const CODE: Code = Code::new("E0109", include_str!("../../../docs/diagnostics/E0109.md"));

/// What authors who know other languages write.
const ELSEWHERE: [(&str, &str); 20] = [
    ("string", "text"),
    ("varchar", "text"),
    ("char", "text"),
    ("uuid", "text"),
    ("id", "text"),
    ("bigint", "int"),
    ("smallint", "int"),
    ("real", "number"),
    ("numeric", "number"),
    ("str", "text"),
    ("integer", "int"),
    ("float", "number"),
    ("double", "number"),
    ("decimal", "money EUR"),
    ("currency", "money EUR"),
    ("boolean", "bool"),
    ("datetime", "instant"),
    ("timestamp", "instant"),
    ("list", "set of text"),
    ("array", "set of text"),
];

/// What there is.
const KINDS: &str = "types are `text`, `int`, `number`, `bool`, `percent`, `money EUR`, `duration`, `date`, `instant`, `set of text`, and enums such as `Tier`";

/// A word where a type stands that isn't one.
pub(crate) fn name<'n>(name: &str, here: Location, known: impl Iterator<Item = &'n str>) -> Diagnostic {
    let problem = CODE.at(here, format!("there is no type `{name}`"), "not a type");
    match name {
        "money" => problem.help("money always has a currency: write `money EUR`"),
        "record" => problem.help("records come with a later edition: give each part an attribute of its own"),
        _ => match ELSEWHERE.iter().find(|(other, _)| *other == name.to_lowercase()) {
            // Whether a decimal is money, and of which currency, is for the author to say.
            Some((_, ours)) if ours.contains(' ') => problem.help(format!("write for instance `{ours}`")),
            Some((_, ours)) => problem.help(format!("write `{ours}`")).replace(here, *ours),
            None => {
                let help = match name.starts_with(|first: char| first.is_ascii_uppercase()) {
                    true => format!("declare it: `enum {name} {{ … }}`"),
                    false => KINDS.to_owned(),
                };
                problem.did_you_mean_or(here, closest(name, known), help)
            }
        },
    }
}

/// A type that can't stand where it does; `None` where it can.
pub(crate) fn misplaced(ty: Type, optional: bool, place: TypePlace, here: Location) -> Option<Diagnostic> {
    let (message, help) = match (ty, place) {
        (Type::Set(_), _) if optional => {
            ("a set is never unknown: it is empty where nothing is in it", "remove the `?`")
        }
        (_, TypePlace::Column) if optional => (
            "a column of a table always has a value",
            "remove the `?`, and give the table a default: `lever_for(profile.tier otherwise bronze)`",
        ),
        (_, TypePlace::MessageAttribute) if optional => {
            ("an attribute of every message is never unknown", "remove the `?` and give it a default")
        }
        (Type::Set(_), TypePlace::MessageAttribute) => {
            ("an attribute of every message is one value, not a set", "use `tags` for several words")
        }
        (Type::Set(_), TypePlace::Column | TypePlace::Result) => {
            ("a table holds single values, not sets", "write one row for each value")
        }
        (
            Type::Channel | Type::Class | Type::Message | Type::Purpose | Type::Weekday,
            TypePlace::Data | TypePlace::MessageAttribute,
        ) => (
            "this type stands only in the parameters of lets and tables",
            "store a text, or declare an enum with the values that can occur",
        ),
        _ => return None,
    };
    let problem = CODE.at(here, message, "not possible here").help(help);
    // A set without `?` is what was meant; the others want a default that only the author knows.
    Some(match ty {
        Type::Set(_) if optional => {
            let mark = comity_grammar::Span { start: here.span.end.saturating_sub(1), ..here.span };
            problem.remove(Location { span: mark, ..here }, "remove the `?`")
        }
        _ => problem,
    })
}

/// A set of something that sets don't hold.
pub(crate) fn element(here: Location) -> Diagnostic {
    CODE.at(here, "a set holds texts, ints or the members of an enum", "can't be in a set")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn types_that_do_not_exist_or_not_there() {
        fixture(
            r#"profile { name: string?  age: nit?  plan: channel?  tags: set of date  codes: set of int? }
//              ^^^^^^ E0109
//                            ^^^ E0109
//                                        ^^^^^^^ E0109
//                                                               ^^^^ E0109
//                                                                            ^^^^^^^^^^^ E0109
table t(x: int?): int { _ => 1 }
//         ^^^^ E0109
every message has { note: text? }
//                        ^^^^^ E0109
"#,
        );
    }

    #[test]
    fn words_of_other_languages_are_mended() {
        assert_eq!(mended("profile { name: string? }\n"), "profile { name: text? }\n");
        assert_eq!(mended("profile { age: Int? }\n"), "profile { age: int? }\n");
        assert_eq!(mended("profile { tags: set of text? }\n"), "profile { tags: set of text }\n");
    }
}
