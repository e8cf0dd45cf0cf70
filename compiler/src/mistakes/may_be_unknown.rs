//! E0204: it may be unknown.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0204", include_str!("../../../docs/diagnostics/E0204.md"));

/// A value that may be unknown where that isn't provided for.
pub(crate) fn here(found: &Found) -> Diagnostic {
    let (subject, operand) = match &found.written {
        Some(text) => {
            let simple = text.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '_');
            (format!("`{text}`"), if simple { text.clone() } else { format!("({text})") })
        }
        None => ("this".to_owned(), "…".to_owned()),
    };
    CODE.at(found.at, format!("{subject} may be unknown here"), "may be unknown").help(format!(
        "say what holds where it is: `{operand} otherwise …`, or ask first: `{operand} is known and …`"
    ))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn values_of_which_nobody_asked_whether_they_are_known() {
        with_vocabulary(
            r#"segment a = profile.age >= 18
//          ^^^^^^^^^^^ E0204
segment b = profile.age is known or profile.age > 3
//                                  ^^^^^^^^^^^ E0204
segment c = any (purchase where coupon == "x")
//                              ^^^^^^ E0204
let d = (1 / 2) + 1
//       ^^^^^ E0204
segment e = last purchase.amount > 5 EUR
//          ^^^^^^^^^^^^^^^^^^^^ E0204
segment f = profile.age is known and profile.age >= 18
segment g = profile.age is unknown or profile.age >= 18
segment h = if profile.age is known then profile.age > 3 else false
"#,
        );
    }
}
