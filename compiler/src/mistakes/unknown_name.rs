//! E0101: an unknown name.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0101", include_str!("../../../docs/diagnostics/E0101.md"));

/// What is known where a bare name in an expression means nothing.
pub(crate) struct Bare<'a> {
    /// The type that is wanted there.
    pub(crate) expected: Option<Type>,
    /// All names that could stand there.
    pub(crate) candidates: Vec<Candidate>,
    /// The members of the type that is wanted.
    pub(crate) members: Vec<&'a str>,
}

/// A bare name in an expression that nothing declares.
pub(crate) fn bare(name: &str, here: Location, policy: &Checked, known: Bare<'_>) -> Diagnostic {
    let problem = CODE.at(here, format!("there is no `{name}`"), "unknown name");
    if let Some(help) = elsewhere(name) {
        return problem.help(help);
    }
    let exact = |one: &&Candidate| one.name == name && one.fits && known.expected.is_some();
    let elsewhere: Vec<&Candidate> = known.candidates.iter().filter(exact).collect();
    if let [only] = elsewhere[..]
        && !only.written.starts_with("profile.")
    {
        return problem.help(format!("did you mean `{}`?", only.written)).replace(here, only.written.clone());
    }
    if policy.attributes.iter().any(|one| one.name == name) {
        let right = format!("profile.{name}");
        return problem.help(format!("an attribute is written `{right}`")).replace(here, right);
    }
    let holds = |members: &[smol_str::SmolStr]| members.iter().any(|member| member == name);
    if let Some(owner) = policy.enums.iter().find(|one| holds(&one.members)) {
        let help = match known.expected {
            Some(ty) if ty != Type::Bool => {
                format!(
                    "`{name}` is a member of `{}`, but {} is wanted here",
                    owner.name,
                    policy.type_name(ty)
                )
            }
            _ => format!("`{name}` is a member of `{}`: compare it with something of that type", owner.name),
        };
        return problem.also(owner.at, "its enum").help(help);
    }
    let help = match known.members.is_empty() {
        true if known.expected == Some(Type::Text) => format!(
            "a text stands in quotes, `\"{name}\"`; an attribute is written `profile.…`; a `let` gives a name to a value"
        ),
        true => format!(
            "what is known of the customer is declared, `profile {{ {name}: … }}`, and written `profile.{name}`; a `let` gives a name to a value"
        ),
        false => format!("what can stand here is {}", named(known.members, "or")),
    };
    problem.did_you_mean_or(here, closest_of(name, known.candidates), help)
}

/// A member, an arm or a weekday with a project in front.
pub(crate) fn member_of_project(name: &str, member: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("there is no `{name}`"), "unknown name")
        .help(format!("write `{member}`: members, arms and weekdays have no project in front"))
        .replace(here, member)
}

/// What authors who know other languages write instead of a value.
fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "null" | "nil" | "none" | "undefined" => {
            "there is no null: write `… is unknown`, or give a default with `otherwise`"
        }
        "today" => "write `local.date`; `within today` stands after a question to the history",
        "customer" | "user" | "contact" => "what is known of the customer is `profile.…`",
        "yes" => "write `true`",
        "no" => "write `false`",
        _ => return None,
    })
}

/// What authors who know other languages call.
const CALLED_ELSEWHERE: [(&str, &str); 12] = [
    ("len", "length(…)"),
    ("size", "length(…)"),
    ("tolower", "lower(…)"),
    ("to_lower", "lower(…)"),
    ("toupper", "upper(…)"),
    ("to_upper", "upper(…)"),
    ("coalesce", "… otherwise …"),
    ("ifnull", "… otherwise …"),
    ("count", "count of …"),
    ("sum", "sum of ….…"),
    ("avg", "average of ….…"),
    ("exists", "… is known"),
];

/// A name in front of parentheses that is no function, `let` or table.
pub(crate) fn called<'n>(name: &str, place: Location, known: impl Iterator<Item = &'n str>) -> Diagnostic {
    let problem = CODE.at(place, format!("there is no `{name}(…)`"), "unknown name");
    match CALLED_ELSEWHERE.iter().find(|(other, _)| *other == name) {
        Some((_, ours)) => problem.help(format!("write `{ours}`")),
        None => problem.did_you_mean_or(
            place,
            closest_of(name, known.map(|known| Candidate::after_dot(known, name, true))),
            match name.split_once('.') {
                Some((other, _)) => format!("declare it in `{other}`"),
                None => format!("declare it: `let {name}(x: int) = …`"),
            },
        ),
    }
}

/// A name where the name of a declaration of one kind is wanted: "a channel".
pub(crate) fn of_kind<'n>(
    what: &str,
    name: &str,
    here: Location,
    known: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    let kind = what.split_once(' ').map_or(what, |(_, kind)| kind).replace(" a ", " ");
    let keyword = kind.split(' ').next().unwrap_or_default();
    // In another project nothing can be declared from here.
    let other = name.split_once('.').map(|(other, _)| other);
    let there = |known: &&str| other.is_none_or(|other| known.split('.').next() == Some(other));
    let known: Vec<&str> = known.filter(there).collect();
    // Some are declared by their name alone.
    let rest = if ["class"].contains(&keyword) { "" } else { " …" };
    let help = match (other, known.is_empty() || known.len() > 8) {
        (Some(other), true) => format!("declare it in `{other}`"),
        (Some(_), false) => there_is(&known),
        (None, true) => format!("declare it: `{keyword} {name}{rest}`"),
        (None, false) => format!("{}; a new one is declared: `{keyword} {name}{rest}`", there_is(&known)),
    };
    let problem = CODE.at(here, format!("there is no {kind} `{name}`"), "unknown name");
    if name == kind {
        // `on event purchase`
        return problem.help(format!("write the name of the {kind} without `{name}` before it"));
    }
    problem.did_you_mean_or(
        here,
        closest_of(name, known.into_iter().map(|known| Candidate::after_dot(known, name, true))),
        help,
    )
}

/// "there are `email` and `sms`"
fn there_is(known: &[&str]) -> String {
    let verb = if known.len() == 1 { "is" } else { "are" };
    format!("there {verb} {}", named(known.iter().copied(), "and"))
}

/// A name that isn't a member of the type of what it is compared with.
pub(crate) fn member(policy: &Checked, ty: Type, name: &str, here: Location, members: &[&str]) -> Diagnostic {
    CODE.at(here, format!("{} has no `{name}`", policy.type_name(ty)), "unknown name").did_you_mean_or(
        here,
        closest(name, members.iter().copied()),
        format!("what can stand here is {}", named(members.iter().copied(), "or")),
    )
}

/// A day of the week that isn't one.
pub(crate) fn weekday(name: &str, here: Location, weekdays: [&'static str; 7]) -> Diagnostic {
    CODE.at(here, format!("there is no weekday `{name}`"), "unknown name").did_you_mean_or(
        here,
        closest(name, weekdays),
        "weekdays are `monday` to `sunday`, written in full",
    )
}

/// What a class can ignore.
pub(crate) const EXEMPTIONS: [&str; 4] = ["quiet", "caps", "suppression", "holdout"];

/// Something that no class can ignore.
pub(crate) fn exemption(name: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("a class can't ignore `{name}`"), "unknown").did_you_mean_or(
        here,
        closest(name, EXEMPTIONS),
        format!("what can be ignored is {}", named(EXEMPTIONS, "and")),
    )
}

/// The formats of models that can be read.
const MODEL_FORMATS: [&str; 3] = ["lightgbm", "xgboost", "onnx"];

/// A format of models that can't be read.
pub(crate) fn model_format(name: &str, here: Location) -> Diagnostic {
    // Names of other programs are near to these, and no slips: nothing mends them.
    CODE.at(here, format!("there is no model format `{name}`"), "unknown name")
        .help(format!("formats are {}", named(MODEL_FORMATS, "and")))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn names_that_nothing_declares() {
        with_vocabulary(
            r#"segment a = profile.tier in [gold, platinum]
//                                 ^^^^^^^^ E0101
segment b = local.weekday == caturday
//                           ^^^^^^^^ E0101
segment c = any viev
//              ^^^^ E0101
segment d = lenght(profile.name) > 3
//          ^^^^^^ E0101
segment e = reachable(emial)
//                    ^^^^^ E0101
let f = match profile.tier { gold => 1, sliver => 2, else => 3 }
//                                      ^^^^^^ E0101
class loud { ignores quite }
//                   ^^^^^ E0018
"#,
        );
    }

    #[test]
    fn what_is_meant_fits_the_type() {
        let meant = |text: &str| only(&vocabulary(text)).help.join(" ");
        // The channel, not the segment that is as close.
        assert_eq!(meant("segment webs = profile.vip\nsegment a = reachable(wep)"), "did you mean `web`?");
        assert_eq!(meant("segment a = spent > 5 EUR"), "an attribute is written `profile.spent`");
        assert_eq!(meant("segment a = spnet > 5 EUR"), "did you mean `profile.spent`?");
        assert_eq!(meant("segment a = profile.name == null"), elsewhere("null"));
        fn elsewhere(name: &str) -> &'static str {
            super::elsewhere(name).expect("a help")
        }
    }

    #[test]
    fn a_clear_case_is_mended() {
        let text = mended(&vocabulary("segment a = profile.tier == glod"));
        assert!(text.starts_with("segment a = profile.tier == gold\n"), "{text}");
    }

    #[test]
    fn fields_of_the_event_are_meant() {
        let text = |body: &str| {
            messages(&format!(
                "message a {{ class promotional purpose marketing on cart via sms content sms {{ text \"{body}\" }} }}"
            ))
        };
        assert_eq!(mended(&text("Cart {value}")), text("Cart {event.value}"));
        assert_eq!(only(&text("Cart {valu}")).help, ["did you mean `event.value`?"]);
    }
}
