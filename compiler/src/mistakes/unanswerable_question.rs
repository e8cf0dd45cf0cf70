//! E0206: a question that the history can't answer.

use super::prelude::*;
use crate::checked::Event;

pub(super) const CODE: Code = Code::new("E0206", include_str!("../../../docs/diagnostics/E0206.md"));

/// A field after a question about events as a whole.
pub(crate) fn needs_no_field(question: &str, event: &str, field: &str, place: Location) -> Diagnostic {
    let problem =
        CODE.at(place, format!("`{question}` looks at events as a whole, not at a field"), "a field");
    let help = match question {
        "count of" => format!(
            "remove `.{field}` to count the events, or ask for its different values: `distinct {event}.{field}`"
        ),
        _ => format!(
            "remove `.{field}`, or say what is asked of it: `{question} ({event} where {field} …)`, `last {event}.{field}`"
        ),
    };
    problem.help(help).remove(place, format!("remove `.{field}`"))
}

/// No field after a question about one.
pub(crate) fn needs_a_field(question: &str, event: &Event, place: Location) -> Diagnostic {
    let help = match event.fields.is_empty() {
        true => format!("`{}` has no fields", event.name),
        false => {
            format!("its fields are {}", named(event.fields.iter().map(|field| field.name.as_str()), "and"))
        }
    };
    CODE.at(place, format!("`{question}` needs a field of `{}`", event.name), "which field?").help(help)
}

/// A field that the question can't be asked of.
pub(crate) fn wrong_field(question: &str, needs: &str, field: &str, ty: &str, place: Location) -> Diagnostic {
    CODE.at(place, format!("`{question}` needs {needs}, and `{field}` is {ty}"), format!("this is {ty}"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn questions_that_have_no_answer() {
        with_vocabulary(
            r#"let b = sum of purchase.category
//                      ^^^^^^^^ E0206
let d = max of purchase.category
//                      ^^^^^^^^ E0206
let e = average of purchase.order
//                          ^^^^^ E0206
let f = count of purchase.order within 7d
//                       ^^^^^^ E0206
segment g = any purchase.order within 7d
//                      ^^^^^^ E0206
"#,
        );
    }
}
