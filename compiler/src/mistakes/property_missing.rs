//! E0501: something must be said.

use super::prelude::*;

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

/// A message that can reach nobody.
pub(crate) fn no_way_out(what: &str, owner: Location) -> Diagnostic {
    CODE.at(owner, format!("{what} has neither `via` nor `at`, so it can't reach anyone"), "no way out")
        .help("write `via email` for a message that is sent, `at home_hero` for one that is shown")
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
"#,
        );
    }
}
