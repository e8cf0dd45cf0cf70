//! E0501: something must be said.

use super::prelude::*;
use smol_str::SmolStr;

pub(super) const CODE: Code = Code::new("E0501", include_str!("../../../docs/diagnostics/E0501.md"));

/// Whether a diagnostic is this one.
pub(crate) fn is(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == CODE
}

/// A declaration without a property that it needs; `what` is the declaration: "the message `welcome`".
pub(crate) fn of(what: &str, property: &str, example: &str, owner: Location) -> Diagnostic {
    CODE.at(owner, format!("{what} has no `{property}`"), format!("without `{property}`"))
        .help(format!("for instance `{example}`"))
}

/// The same of one that names a declaration, among those that there are.
pub(crate) fn one_of(
    what: &str,
    property: &str,
    known: &[SmolStr],
    example: &str,
    owner: Location,
) -> Diagnostic {
    let problem = CODE.at(owner, format!("{what} has no `{property}`"), format!("without `{property}`"));
    let written = |name: &SmolStr| format!("`{property} {name}`");
    problem.help(match known {
        [] => format!("for instance `{property} {example}`"),
        few if few.len() <= 4 => {
            format!("write {}", list(&few.iter().map(written).collect::<Vec<_>>(), "or"))
        }
        many => format!("write `{property}` and one of {}", named(many.iter().map(SmolStr::as_str), "and")),
    })
}

/// A message that can reach nobody, among the channels and placements that there are.
pub(crate) fn no_way_out(
    what: &str,
    channels: &[SmolStr],
    placements: &[SmolStr],
    owner: Location,
) -> Diagnostic {
    let first = |known: &[SmolStr], example: &'static str| {
        known.first().cloned().unwrap_or_else(|| SmolStr::new_static(example))
    };
    let (channel, placement) = (first(channels, "email"), first(placements, "home_hero"));
    CODE.at(owner, format!("{what} has neither `via` nor `at`, so it can't reach anyone"), "no way out").help(
        format!("write `via {channel}` for a message that is sent, `at {placement}` for one that is shown"),
    )
}

/// A model without the file that it is in.
pub(crate) fn no_file(what: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("{what} doesn't say in which file it is"), "an empty text")
        .help("write its path from the project's folder, for instance `from \"models/conversion.txt\"`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_must_be_said() {
        with_messages(
            r#"placement feed { on web }
//        ^^^^ E0501
message a { purpose marketing on cart via sms content sms { text "x" } }
//      ^ E0501
message b { class promotional on cart via sms content sms { text "x" } }
//      ^ E0501
message c { class promotional purpose marketing on cart }
//      ^ E0501
journey j { class promotional exit }
//      ^ E0501
experiment e { salt "x" }
//         ^ E0501
model m from "m.txt" { feature x = 1 }
//    ^ E0501
model n from " " { format onnx }
//    ^ E0501
//           ^^^ E0501
"#,
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let help = |text: &str| only(&messages(text)).help.join(" ");
        let message = |rest: &str| format!("message a {{ {rest} on cart content sms {{ text \"x\" }} }}");
        assert_eq!(
            help(&message("purpose marketing via sms")),
            "write `class lifecycle`, `class promotional` or `class service`"
        );
        assert_eq!(help(&message("class service via sms")), "write `purpose marketing`");
        assert_eq!(help("placement feed { show 1 }"), "write `on web`");
        assert_eq!(help("journey j { exit }"), "write `on cart` or `on order`");
        assert_eq!(
            help("message a { class service purpose marketing on cart }"),
            "write `via email` for a message that is sent, `at hero` for one that is shown"
        );
    }

    #[test]
    fn the_only_class_is_written() {
        let text = "class service\nprofile { email: email? }\nchannel mail { to profile.email }\nevent e {}\n\
            purpose p { always on mail }\nmessage a {\n  purpose p\n  on e\n  via mail\n  content mail { text \"x\" }\n}\n";
        assert_eq!(mended(text), text.replace("message a {\n", "message a {\n  class service\n"));
    }
}
