//! W0906: rounds that all happen at once.

use super::prelude::*;
use crate::checked::{Statement, StatementKind};

pub(super) const CODE: Code =
    Code::new("W0906", include_str!("../../../docs/diagnostics/W0906.md")).lint("timeless-repeat");

/// Every `repeat` in which nothing waits.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let statements = checked.journeys.iter().flat_map(|journey| journey.statements());
    let timeless = statements.filter_map(|statement| match &statement.kind {
        StatementKind::Repeat { times, body } if *times > 1 && !body.iter().any(waits) => {
            Some((statement.at, *times))
        }
        _ => None,
    });
    let problems = timeless.map(|(place, times)| {
        CODE.at(place, format!("all {times} rounds happen at the same instant"), "nothing waits in it")
            .help("write a `wait` in it, for instance `wait 1d`, or say once what is meant once")
    });
    problems.collect()
}

/// Whether time can pass in a statement. A message that is held back can take time, but that is nothing to count on.
fn waits(statement: &Statement) -> bool {
    match statement.kind {
        StatementKind::Wait { .. } | StatementKind::WaitUntil { .. } | StatementKind::WaitFor { .. } => true,
        _ => statement.branches().into_iter().flatten().any(waits),
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn rounds_without_a_wait() {
        with_messages(
            r#"message a { class promotional purpose marketing via sms content sms { text "b" } }
journey j {
  on cart
  repeat 3 times { send a }
//^^^^^^ W0906
  repeat 3 times { send a wait 1d }
  repeat 3 times { if profile.age is known { wait 1d } else { exit } }
  repeat 1 times { send a }
  repeat 2 times { repeat 2 times { send a } wait 1d }
//                 ^^^^^^ W0906
}
"#,
        );
    }
}
