//! E0502: said twice.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0502", include_str!("../../../docs/diagnostics/E0502.md"));

/// A property that stands for the second time.
pub(crate) fn property(word: &str, again: Location, first: Location) -> Diagnostic {
    CODE.at(again, format!("`{word}` stands twice"), "again")
        .also(first, "here first")
        .help("keep one of them")
}

/// A name in a list that is there already; with the comma before it, it can go.
pub(crate) fn name(name: &str, again: Location, first: Location, with_comma: Option<Location>) -> Diagnostic {
    let problem = CODE.at(again, format!("`{name}` is named twice"), "again").also(first, "named here first");
    match with_comma {
        Some(place) => problem.help("name it once").remove(place, format!("remove the second `{name}`")),
        None => problem.help("name it once"),
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_is_said_twice() {
        with_messages(
            r#"message a {
  class promotional
  purpose marketing, marketing
//                   ^^^^^^^^^ E0502
  on cart
  via email
  via email
//^^^ E0502
  category = "a"
  category = "b"
//^^^^^^^^ E0502
  content email { subject "x" body "x" }
}
placement feed { on web on web show 3 }
//                      ^^ E0502
"#,
        );
        with_messages(
            r#"experiment tone { arms calm 50%, loud 50% }
experiment size { arms small 50%, large 50% }
test "t" {
  subject "a"
  arm tone = calm
  arm size = small
  arm tone = loud
//^^^^^^^^^^^^^^^ E0502
  subject "b"
//^^^^^^^^^^^ E0502
}
"#,
        );
        fixture("class calm { ignores quiet, caps, quiet }\n//                                ^^^^^ E0502\n");
    }

    #[test]
    fn the_second_name_goes() {
        let text = "cap few at most 2 per 7d for promotional, lifecycle, promotional";
        let text = mended(&messages(text));
        assert!(text.starts_with("cap few at most 2 per 7d for promotional, lifecycle\n"), "{text}");
        let text = mended("class calm { ignores quiet, caps, quiet }\n");
        assert_eq!(text, "class calm { ignores quiet, caps }\n");
    }
}
