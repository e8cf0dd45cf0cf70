//! E0603: values of different currencies.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0603", include_str!("../../../docs/diagnostics/E0603.md"));

/// All values of messages that are money are of one currency: scores are compared.
pub(crate) fn check(policy: &Checked) -> Option<Diagnostic> {
    let mut first: Option<(Type, Location)> = None;
    for value in policy.messages.iter().filter_map(|message| message.value.as_ref()) {
        if value.is_error() || !matches!(value.ty, Type::Money(_)) {
            continue;
        }
        match first {
            Some((ty, place)) if ty != value.ty => {
                return Some(
                    CODE.at(
                        value.at,
                        "the values of messages are of different currencies",
                        format!("this is {}", policy.type_name(value.ty)),
                    )
                    .also(place, format!("this is {}", policy.type_name(ty)))
                    .help("scores are compared, so all values must be of one currency"),
                );
            }
            Some(_) => {}
            None => first = Some((value.ty, value.at)),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn euros_against_dollars() {
        with_messages(
            r#"message a { class promotional purpose marketing on cart value event.value via sms content sms { text "x" } }
message b { class promotional purpose marketing on order value event.value via sms content sms { text "x" } }
//                                                             ^^^^^^^^^^^ E0603
"#,
        );
    }
}
