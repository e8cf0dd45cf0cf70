//! E0404: a cell that doesn't fit.

use super::prelude::*;
use super::wrong_type::conversion;

pub(super) const CODE: Code = Code::new("E0404", include_str!("../../../docs/diagnostics/E0404.md"));

/// A literal or a range of another type than the value that it is compared with.
pub(crate) fn other_type(policy: &Checked, want: Type, found: &Found) -> Diagnostic {
    let (wanted, ty) = (policy.type_name(want), policy.type_name(found.ty));
    CODE.at(found.at, format!("the value is {wanted}, and this is {ty}"), "never equal")
        .converted(found.at, conversion(policy, want, found.ty, found.written.as_deref()))
}

/// A name where no names can stand.
pub(crate) fn name(name: &str, wanted: &str, here: Location) -> Diagnostic {
    let problem =
        CODE.at(here, format!("`{name}` is not a value of {wanted}"), format!("the value is {wanted}"));
    if wanted == "text" {
        let right = format!("\"{name}\"");
        return problem.help(format!("texts stand in quotes: write `{right}`")).replace(here, right);
    }
    match (wanted, name) {
        ("bool", "yes" | "on") => problem.help("write `true`").replace(here, "true"),
        ("bool", "no" | "off") => problem.help("write `false`").replace(here, "false"),
        _ => problem.help("write the value itself, or `_` for any"),
    }
}

/// The same, where no other rows are: the default of an attribute.
pub(crate) fn default(name: &str, wanted: &str, here: Location) -> Diagnostic {
    let mut problem = self::name(name, wanted, here);
    for help in problem.help.iter_mut().filter(|help| help.contains("`_`")) {
        "write the value itself".clone_into(help);
    }
    problem
}

/// A row with too few or too many cells.
pub(crate) fn count(found: usize, wanted: usize, here: Location, table: Location) -> Diagnostic {
    let cells = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let message =
        format!("this row has {}, and the table has {}", cells(found, "cell"), cells(wanted, "column"));
    CODE.at(here, message, "one cell for each column")
        .also(table, "the table")
        .help("write `_` where any value will do")
}

/// `else` before other arms.
pub(crate) fn else_not_last(place: Location) -> Diagnostic {
    CODE.at(place, "`else` is the last arm of a `match`", "arms follow it").help("move it to the end")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn cells_that_fit_nothing() {
        with_vocabulary(
            r#"table a(t: Tier): int {
  gold => 1
  5 => 2
//^ E0404
  _ => 3
}
table b(t: Tier, c: channel): int {
  gold => 1
//^^^^ E0404
  _, _ => 2
}
let c = match profile.name { shoes => 1, else => 2 }
//                           ^^^^^ E0404
let d = match profile.tier { else => 1, gold => 2 }
//                           ^^^^ E0404
"#,
        );
    }

    #[test]
    fn units_and_quotes_are_added() {
        let text = mended(
            &vocabulary("let a = match profile.spent { 0..50 EUR => 1, else => 2 }")
                .replace("0..50 EUR", "5"),
        );
        assert!(text.contains("{ 5 EUR => 1"), "{text}");
        let text = mended(&vocabulary("let a = match profile.name { shoes => 1, else => 2 }"));
        assert!(text.contains("{ \"shoes\" => 1"), "{text}");
    }
}
