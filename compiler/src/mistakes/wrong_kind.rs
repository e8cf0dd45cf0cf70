//! E0105: a name of another kind.

use super::prelude::*;
use crate::resolve::Symbol;

pub(super) const CODE: Code = Code::new("E0105", include_str!("../../../docs/diagnostics/E0105.md"));

/// A name of one kind where another kind is wanted: "a channel".
pub(crate) fn wanted(
    what: &str,
    name: &str,
    symbol: Symbol,
    here: Location,
    declared: Option<Location>,
) -> Diagnostic {
    let message = format!("`{name}` is {}, and {what} is wanted here", symbol.described());
    let problem = CODE.at(here, message, format!("not {what}")).maybe_also(declared, "declared here");
    match symbol {
        Symbol::Segment(_) if what == "an event" => {
            problem.help(format!("write `enter {name}` or `leave {name}` for the moment when it changes"))
        }
        _ => problem,
    }
}

/// Something else where the name of a declaration is wanted.
pub(crate) fn not_a_name(what: &str, place: Location) -> Diagnostic {
    CODE.at(place, format!("the name of {what} belongs here"), "not a name")
}

/// A name that stands for something, but not for a value.
pub(crate) fn not_a_value(
    name: &str,
    symbol: Symbol,
    place: &str,
    here: Location,
    declared: Option<Location>,
) -> Diagnostic {
    let help = match symbol {
        Symbol::Event(_) => {
            Some(format!("ask the history: `any {name} within 7d`, `count of {name} within 7d`"))
        }
        Symbol::Journey(_) => Some(format!("write `in_journey({name})`")),
        Symbol::Experiment(_) => Some(format!("write `arm({name})`")),
        Symbol::Model(_) => Some(format!("write `predict({name})`")),
        _ => None,
    };
    CODE.at(here, format!("`{name}` is {}, not a value", symbol.described()), format!("stands in {place}"))
        .maybe_also(declared, "declared here")
        .maybe_help(help)
}

/// `purchase.amount`, as if an event happened once.
pub(crate) fn event_as_value(event: &str, field: &str, here: Location) -> Diagnostic {
    let message = format!("`{event}` is an event, and it can have happened many times");
    CODE.at(here, message, "which of them?").help(format!(
        "ask the history: `last {event}.{field}`, `any ({event} where {field} …)`, `sum of {event}.{field} within 30d`"
    ))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn names_of_another_kind() {
        with_vocabulary(
            r#"segment k = any email
//              ^^^^^ E0105
segment a = purchase
//          ^^^^^^^^ E0105
segment b = purchase.amount > 5 EUR
//          ^^^^^^^^^^^^^^^ E0105
segment c = in_journey("x")
//                     ^^^ E0105
segment d = any a
//              ^ E0105
"#,
        );
    }
}
