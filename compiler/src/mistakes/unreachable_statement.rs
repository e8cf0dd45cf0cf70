//! W0901: a statement of a journey that is never reached.

use super::prelude::*;
use crate::checked::{Statement, StatementKind};

pub(super) const CODE: Code =
    Code::new("W0901", include_str!("../../../docs/diagnostics/W0901.md")).lint("unreachable-statement");

/// The first statement after each that ends the journey on every way.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for journey in &checked.journeys {
        ends(&journey.body, &mut problems);
    }
    problems
}

/// Whether the statements never come to their end.
fn ends(statements: &[Statement], problems: &mut Vec<Diagnostic>) -> bool {
    let mut ended: Option<&Statement> = None;
    for statement in statements {
        if let Some(by) = ended {
            problems.push(
                CODE.at(statement.at, "this statement is never reached", "comes too late")
                    .also(by.at, "ends the journey on every way")
                    .help("remove it, or put it before"),
            );
            return true;
        }
        let branches: Vec<bool> =
            statement.branches().into_iter().map(|branch| ends(branch, problems)).collect();
        let leaves = match &statement.kind {
            StatementKind::Exit => true,
            StatementKind::Together(_) => branches.contains(&true),
            StatementKind::If { .. }
            | StatementKind::Split { .. }
            | StatementKind::WaitFor { .. }
            | StatementKind::Repeat { .. } => branches.into_iter().all(|leaves| leaves),
            _ => false,
        };
        if leaves {
            ended = Some(statement);
        }
    }
    ended.is_some()
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn statements_after_the_end() {
        with_messages(
            r#"message a { class promotional purpose marketing via sms content sms { text "b" } }
experiment e { arms x 50%, y 50% }
journey j { on cart exit send a }
//                       ^^^^^^ W0901
journey k { on cart if profile.age is known { exit } else { exit } send a wait 1d }
//                                                                 ^^^^^^ W0901
journey l { on cart if profile.age is known { exit } send a }
journey m { on cart split e { x { exit wait 1d } y { } } send a }
//                                     ^^^^^^^ W0901
journey n { on cart wait for cart up to 3d then { exit } send a }
journey o { on cart together { { exit } { wait 1d } } send a }
//                                                    ^^^^^^ W0901
journey p { on cart send a else { exit } send a }
"#,
        );
    }
}
