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

/// An email with a field that is nearly called as the one that it lacks.
pub(crate) fn misspelt(field: &str, written: &str, name: Location, here: Location) -> Diagnostic {
    CODE.at(name, format!("an email has a `{field}`, and this one a `{written}`"), "misspelt?")
        .also(here, format!("without `{field}`"))
        .help(format!("did you mean `{field}`?"))
        .replace(name, field)
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

    #[test]
    fn fields_of_an_email_that_are_misspelt() {
        let text = |subject: &str| {
            messages(&format!(
                "message a {{ class promotional purpose marketing on cart via email content email {{ {subject} \"x\" body \"y\" }} }}"
            ))
        };
        assert_eq!(mended(&text("subjct")), text("subject"));
        assert_eq!(only(&text("title")).help, ["add `subject \"…\"`"]);
    }
}
