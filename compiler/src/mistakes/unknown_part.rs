//! E0104: no such attribute or field.

use super::prelude::*;
use crate::checked::Event;

pub(super) const CODE: Code = Code::new("E0104", include_str!("../../../docs/diagnostics/E0104.md"));

/// A part of `profile`, `message`, `local` or an event that isn't there.
pub(crate) fn of(owner: &str, name: &str, here: Location, known: Vec<Candidate>) -> Diagnostic {
    let all: Vec<String> = known.iter().map(|one| quoted(&one.written)).collect();
    let problem = CODE.at(here, format!("`{owner}` has no `{name}`"), "unknown");
    match closest_of(name, known) {
        Some(meant) => problem.did_you_mean(here, &meant),
        None if owner == "profile" => problem.help(format!("declare it: `profile {{ {name}: text? }}`")),
        None if all.is_empty() => problem,
        None => problem.help(format!("what it has is {}", list(&all, "and"))),
    }
}

/// A field of an event that isn't there; those that the question can use go first.
pub(crate) fn of_event(
    event: &Event,
    name: &str,
    here: Location,
    usable: impl Fn(Type) -> bool,
) -> Diagnostic {
    let fields = event.fields.iter().map(|field| Candidate::plain(&field.name, usable(field.ty)));
    let problem = CODE
        .at(here, format!("`{}` has no `{name}`", event.name), "unknown")
        .maybe_also(event.at, "declared here");
    match closest_of(name, fields) {
        Some(meant) => problem.did_you_mean(here, &meant),
        None if event.fields.is_empty() => problem,
        None => {
            let fields = event.fields.iter().map(|field| field.name.as_str());
            problem.help(format!("its fields are {}", named(fields, "and")))
        }
    }
}

/// An attribute that `every message has` doesn't name.
pub(crate) fn of_messages<'n>(
    name: &str,
    here: Location,
    known: impl Iterator<Item = &'n str>,
) -> Diagnostic {
    CODE.at(here, format!("messages have no attribute `{name}`"), "unknown").did_you_mean_or(
        here,
        closest(name, known),
        format!("declare it: `every message has {{ {name}: text = \"\" }}`"),
    )
}

/// `profile` and its kin without anything after them.
pub(crate) fn none_named(root: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("`{root}` is not a value by itself"), "what of it?")
        .help(format!("name a part of it: `{root}.…`"))
}

/// A part of a value that has none.
pub(crate) fn of_value(policy: &Checked, ty: Type, name: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("{} has no parts", policy.type_name(ty)), format!("no `{name}` in it"))
        .help("parts are those of `profile`, `event`, `trigger`, `message` and `local`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn parts_that_are_not_there() {
        with_vocabulary(
            r#"let a = local.noon
//            ^^^^ E0104
let b = sum of purchase.amonut
//                      ^^^^^^ E0104
segment c = profile.ages == 3
//                  ^^^^ E0104
let d = profile.name.length
//                  ^ E0018
"#,
        );
    }

    #[test]
    fn the_part_that_fits_is_meant() {
        let meant = |text: &str| only(&vocabulary(text)).help.join(" ");
        // `seen` is as close, but no amount.
        assert_eq!(meant("segment a = profile.spen > 5 EUR"), "did you mean `spent`?");
        assert_eq!(meant("let a = sum of purchase.coun"), "did you mean `count`?");
        assert_eq!(meant("segment a = profile.city == \"x\""), "declare it: `profile { city: text? }`");
    }
}
