//! E0504: content that is never used.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0504", include_str!("../../../docs/diagnostics/E0504.md"));

/// Content for a channel or a placement that the message doesn't have.
pub(crate) fn content(message: &str, name: &str, place: Location) -> Diagnostic {
    CODE.at(
        place,
        format!("the message `{message}` doesn't go out on `{name}`"),
        "content that is never used",
    )
    .help(format!("add `{name}` to its `via` or `at`, or remove the content"))
}

/// A channel in a journey's `send` that the message doesn't have.
pub(crate) fn channel(message: &str, name: &str, place: Location, declared: Location) -> Diagnostic {
    CODE.at(place, format!("the message `{message}` doesn't go out on `{name}`"), "not one of its channels")
        .also(declared, "the message")
        .help(format!("add `{name}` to its `via`, with content for it"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn content_for_nobody() {
        with_messages(
            r#"message a {
  class promotional purpose marketing on cart via sms
  content sms { text "x" }
  content push { text "x" }
//        ^^^^ E0504
}
journey j { on cart send a via push }
//                             ^^^^ E0504
"#,
        );
    }
}
