//! E0402: a table that doesn't cover everything.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0402", include_str!("../../../docs/diagnostics/E0402.md"));

/// A combination that no row takes: the columns' names and a value of each.
pub(crate) fn uncovered<'n>(
    missing: impl Iterator<Item = (&'n str, &'n String)>,
    here: Location,
) -> Diagnostic {
    let combination: Vec<String> = missing.map(|(column, value)| format!("`{column}` is {value}")).collect();
    let blank = vec!["_"; combination.len()].join(", ");
    CODE.at(here, format!("no row says what holds where {}", list(&combination, "and")), "a row is missing")
        .help(format!("add a row for it, or `{blank} => …` at the end"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn combinations_that_no_row_takes() {
        with_vocabulary(
            r#"table t1(t: Tier, c: channel): number {
//    ^^ E0402
  gold, email => 2
  _,    push  => 1
  gold, _     => 3
}
table t2(at: time): int {
//    ^^ E0402
  08:00..20:00 => 1
  21:00..08:00 => 2
}
table t3(at: time): int {
  08:00..20:00 => 1
  20:00..08:00 => 2
}
"#,
        );
        let text = only(&vocabulary("table t(t: Tier): int { gold => 1  bronze => 2 }")).message;
        assert_eq!(text, "no row says what holds where `t` is silver");
    }
}
