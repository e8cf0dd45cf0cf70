//! E0108: a wrong call.

use super::prelude::*;
use crate::resolve::Symbol;

pub(super) const CODE: Code = Code::new("E0108", include_str!("../../../docs/diagnostics/E0108.md"));

/// Too few or too many values.
pub(crate) fn count(
    name: &str,
    wanted: usize,
    found: usize,
    here: Location,
    declared: Option<Location>,
) -> Diagnostic {
    let values = |count: usize| if count == 1 { "1 value".to_owned() } else { format!("{count} values") };
    CODE.at(
        here,
        format!("`{name}` takes {}, and here are {found}", values(wanted)),
        format!("{found} of {wanted}"),
    )
    .maybe_also(declared, "declared here")
}

/// A `let` without parameters that is asked with values.
pub(crate) fn no_parameters(name: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("`{name}` has no parameters"), "asked with values")
        .help(format!("write `{name}` alone"))
        .replace(here, name)
}

/// Parentheses after something that takes no values.
pub(crate) fn not_callable(
    name: &str,
    symbol: Symbol,
    written: Option<String>,
    place: Location,
    declared: Option<Location>,
) -> Diagnostic {
    let help = match symbol {
        Symbol::Segment(_) => Some(format!("write `{name}` alone")),
        Symbol::Event(id) => match written.filter(|_| crate::builtin::is_delivery(id)) {
            Some(asked) => {
                let start = comity_grammar::Span { end: place.span.start, ..place.span };
                let message =
                    format!("`{asked}` is an event, which holds or doesn't only when it is asked for");
                return CODE
                    .at(place, message, "not a condition")
                    .help(format!("ask whether it happened: `any {asked}`, perhaps `within 7d`"))
                    .mend("write `any` before it", at(place.file, start), "any ");
            }
            None => Some(format!("ask the history: `any {name} within 7d`")),
        },
        _ => None,
    };
    let message = format!("`{name}` is {}, which takes no values in parentheses", symbol.described());
    CODE.at(place, message, "not a let or a table").maybe_also(declared, "declared here").maybe_help(help)
}

/// A table that is named without values for its columns.
pub(crate) fn table_alone(name: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("the table `{name}` is asked with values for its columns"), "without its columns")
        .help(format!("write `{name}(…)`"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn calls_with_other_values() {
        with_vocabulary(
            r#"let twice(x: int) = x * 2
let a = twice(1, 2)
//      ^^^^^^^^^^^ E0108
let b = twice
//      ^^^^^ E0108
table t(x: bool): int { _ => 1 }
let c = t
//      ^ E0108
let d = purchase(1)
//      ^^^^^^^^ E0108
let e = clamp(1, 2)
//      ^^^^^^^^^^^ E0108
"#,
        );
    }

    #[test]
    fn events_are_asked_for() {
        let text = |asked: &str| {
            messages(&format!(
                "message m {{ class promotional purpose marketing via sms content sms {{ text \"x\" }} }}
journey j {{ on cart wait 1d send m if {asked}opened(m) {{ exit }} else {{ send m }} }}"
            ))
        };
        assert_eq!(mended(&text("")), text("any "));
    }

    #[test]
    fn values_for_nothing_are_removed() {
        let text = mended(&vocabulary("let five = 5\nlet a = five(1)"));
        assert!(text.starts_with("let five = 5\nlet a = five\n"), "{text}");
    }
}
