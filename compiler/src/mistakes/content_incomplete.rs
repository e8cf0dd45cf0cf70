//! E0505: content that isn't complete.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0505", include_str!("../../../docs/diagnostics/E0505.md"));

/// A field that stands for the second time.
pub(crate) fn twice(field: &str, again: Location) -> Diagnostic {
    CODE.at(again, format!("the field `{field}` stands twice"), "again").help("keep one of them")
}

/// Content that lacks a field.
pub(crate) fn lacks(field: &str, email: bool, here: Location) -> Diagnostic {
    let text = match email {
        true => format!("an email has a `{field}`"),
        false => "the content is empty".to_owned(),
    };
    CODE.at(here, text, format!("without `{field}`")).help(format!("add `{field} \"…\"`"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn content_that_lacks_something() {
        with_messages(
            r#"message a {
  class promotional purpose marketing on cart via email, sms
  content email { subject "x" }
//^^^^^^^ E0505
  content sms { text "x" text "y" }
//                       ^^^^ E0505
}
"#,
        );
    }
}
