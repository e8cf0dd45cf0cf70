//! E0508: a field that isn't always there.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0508", include_str!("../../../docs/diagnostics/E0508.md"));

/// Something proposes the message, or starts the journey, that has no event.
pub(crate) fn no_event(word: &str, field: &str, here: Location, what: &str, on: Location) -> Diagnostic {
    CODE.at(here, format!("`{word}.{field}` isn't always there"), "not there in every case")
        .also(on, format!("{what} has no event"))
        .help("use what is known of the customer, or write a message of its own for this case")
}

/// One of several events lacks the field.
pub(crate) fn lacks(word: &str, field: &str, here: Location, event: &str, on: Location) -> Diagnostic {
    let message = format!("`{word}.{field}` isn't always there: `{event}` has no `{field}`");
    CODE.at(here, message, "not there in every case")
        .also(on, format!("`{event}` has no `{field}`"))
        .help("use a field that all of these events have, or write a message of its own for this case")
}

/// Two events have the field with two types.
pub(crate) fn two_types(
    word: &str,
    field: &str,
    here: Location,
    first: (String, Location),
    second: (String, Location),
) -> Diagnostic {
    let ((one, first), (other, second)) = (first, second);
    CODE.at(here, format!("`{word}.{field}` has two types: {one} and {other}"), "which one?")
        .also(first, format!("{one} with this event"))
        .also(second, format!("{other} with this event"))
        .help("give both fields one type, or write a message of its own for one of these events")
}

/// Nothing proposes the message at all.
pub(crate) fn no_source(word: &str, place: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("there is no `{word}` in {place}: nothing proposes it"), "which event?")
        .help("write `on` with an event, or `send` the message in a journey")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    /// A name that isn't known may be that of the message, or of an event with the field.
    #[test]
    fn what_follows_from_an_unknown_name_is_silent() {
        with_messages(
            r#"message cart_sms { class promotional purpose marketing via sms content sms { text "{event.cart}" } }
journey j {
  on cart
  wait 1d
  send cart_sm
//     ^^^^^^^ E0101
}
message b { class promotional purpose marketing on crat via sms content sms { text "{event.cart}" } }
//                                                 ^^^^ E0101
"#,
        );
    }

    #[test]
    fn fields_that_some_events_lack() {
        with_messages(
            r#"message a {
  class promotional purpose marketing on cart on every monday at 10:00 via sms
  value event.value
//      ^^^^^^^^^^^ E0508
  content sms { text "x" }
}
message b {
  class promotional purpose marketing on cart on order via sms
  content sms { text "{event.cart} {event.value} {event.note otherwise "-"}" }
//                     ^^^^^^^^^^ E0508
//                                  ^^^^^^^^^^^ E0508
}
message c {
  class promotional purpose marketing via sms
  content sms { text "{event.note}" }
//                     ^^^^^^^^^^ E0508
}
"#,
        );
    }
}
