//! E0204: it may be unknown.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0204", include_str!("../../../docs/diagnostics/E0204.md"));

/// A value that may be unknown where that isn't provided for.
pub(crate) fn here(policy: &Checked, found: &Found) -> Diagnostic {
    let (subject, operand) = match &found.written {
        Some(text) => {
            // What binds looser than `otherwise` and `is`.
            let loose = text.starts_with("if ") || text.contains(" otherwise ");
            (quoted(text), if loose { format!("({text})") } else { text.clone() })
        }
        None => ("this".to_owned(), "…".to_owned()),
    };
    let default = default(policy, found.ty);
    CODE.at(found.at, format!("{subject} may be unknown here"), "may be unknown").help(format!(
        "say what holds where it is: give a default, `{operand} otherwise {default}`, or ask first, `{operand} is known and …`"
    ))
}

/// A default that an author could mean, as an example.
fn default(policy: &Checked, ty: Type) -> String {
    match ty {
        Type::Bool => "false".to_owned(),
        Type::Int | Type::Number => "0".to_owned(),
        Type::Percent => "0%".to_owned(),
        Type::Money(currency) => format!("0 {}", currency.code()),
        Type::Duration => "365d".to_owned(),
        Type::Text => "\"…\"".to_owned(),
        Type::Country => "\"DE\"".to_owned(),
        Type::Date => "2000-01-01".to_owned(),
        Type::Enum(id) => policy
            .enums
            .get(id.index())
            .and_then(|one| one.members.first())
            .map_or_else(|| "…".to_owned(), ToString::to_string),
        _ => "…".to_owned(),
    }
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

    #[test]
    fn the_help_gives_a_default_of_the_type() {
        let help = |text: &str| only(&vocabulary(text)).help.join(" ");
        assert!(help("segment a = profile.age > 3").contains("`profile.age otherwise 0`"));
        assert!(
            help("segment a = last purchase.amount > 5 EUR")
                .contains("`last purchase.amount otherwise 0 EUR`")
        );
        assert!(help("let a = (1 / 2) + 1").contains("`1 / 2 otherwise 0`"));
    }
}
