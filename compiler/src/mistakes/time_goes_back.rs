//! E0911: the clock of a test goes back.

use super::prelude::*;
use crate::resolve::Names;
use comity_grammar::tree::{LiteralKind, TestStatementKind as Statement};

pub(super) const CODE: Code = Code::new("E0911", include_str!("../../../docs/diagnostics/E0911.md"));

/// Every `at` that is earlier than one before it.
pub(crate) fn check(names: &Names<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for test in &names.tests {
        // Dates and times are written so that their texts are in the order of time.
        let mut latest: Option<((&str, &str), Location)> = None;
        for statement in &test.node.statements {
            let Statement::At { date, time } = &statement.kind else { continue };
            let (LiteralKind::Date(day), LiteralKind::Time(time)) = (&date.kind, &time.kind) else {
                continue;
            };
            let (moment, here) = ((day.as_str(), time.as_str()), at(test.file, statement.span));
            match latest {
                Some((before, place)) if moment < before => {
                    problems.push(
                        CODE.at(here, "the clock of a test never goes back", "earlier than before")
                            .also(place, "it was later here")
                            .help(
                                "put the statements in the order of their times, or write a test of its own",
                            ),
                    );
                }
                _ => latest = Some((moment, here)),
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn clocks_that_go_back() {
        fixture(
            r#"test "t" {
  at 2026-11-02 10:00
  at 2026-11-02 10:00
  at 2026-11-02 09:59
//^^^ E0911
  at 2026-11-03 08:00
  at 2026-11-01 09:00
//^^^ E0911
}
"#,
        );
    }
}
