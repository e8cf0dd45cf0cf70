//! E0208: an event that is not about a message.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0208", include_str!("../../../docs/diagnostics/E0208.md"));

/// `purchase(cart_email)`: a message in parentheses after an event that knows of none.
pub(crate) fn event(name: &str, place: Location) -> Diagnostic {
    let delivery: Vec<&str> = (0..crate::builtin::BUILTIN_EVENTS.len())
        .filter(|position| crate::builtin::is_delivery(crate::ids::EventId::at(*position)))
        .map(|position| crate::builtin::BUILTIN_EVENTS[position].name)
        .collect();
    CODE.at(place, format!("`{name}` is not about a message"), "a message")
        .help(format!("only {} are", named(delivery, "and")))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn events_of_the_customer() {
        with_messages(
            r#"segment a = any cart(hello)
//                   ^^^^^ E0208
message hello { class lifecycle purpose marketing on cart via sms content sms { text "x" } }
test "x" {
  event cart(hello) { cart: "1", value: 5 EUR }
//           ^^^^^ E0208
}
"#,
        );
    }
}
