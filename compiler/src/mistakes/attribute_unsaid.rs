//! E0513: an attribute that each message must say.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0513", include_str!("../../../docs/diagnostics/E0513.md"));

/// A message that doesn't say what each message must say: the attributes, and where the first is declared.
pub(crate) fn message(name: &str, attributes: &[String], here: Location, declared: Location) -> Diagnostic {
    let example = attributes.first().map_or("name", |first| first.trim_matches('`'));
    CODE.at(
        here,
        format!("the message `{name}` doesn't say its {}", list(attributes, "and")),
        "to be said in each message",
    )
    .also(declared, "declared without a default")
    .help(format!("write `{example} = …` in the message, or give the attribute a default"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn attributes_without_a_default() {
        fixture(
            r#"every message has { colour: text }
class service
profile { phone: phone? }
event cart { }
channel sms { to profile.phone }
purpose servicing { opt_in on sms }
message d { class service purpose servicing on cart via sms content sms { text "x" } }
//      ^ E0513
message e { class service purpose servicing on cart colour = "red" via sms content sms { text "x" } }
"#,
        );
    }
}
