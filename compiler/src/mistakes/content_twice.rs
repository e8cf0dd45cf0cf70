//! E0506: the same content twice.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0506", include_str!("../../../docs/diagnostics/E0506.md"));

/// Content for one place and language that stands for the second time.
pub(crate) fn content(name: &str, again: Location, first: Location) -> Diagnostic {
    CODE.at(again, format!("the content for `{name}` stands twice"), "again")
        .also(first, "here first")
        .help("keep one of them, or say for which language it is: `content email for \"de\" { … }`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn the_same_content_again() {
        with_messages(
            r#"message a {
  class promotional purpose marketing on cart via sms
  content sms { text "x" }
  content sms { text "y" }
//^^^^^^^ E0506
}
"#,
        );
    }
}
