//! W0905: a wait that never starts again.

use super::prelude::*;
use crate::checked::{StatementKind, print_expression::duration};

pub(super) const CODE: Code =
    Code::new("W0905", include_str!("../../../docs/diagnostics/W0905.md")).lint("idle-restart");

/// Waits whose `up to` leaves no time for a second start.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for statement in checked.journeys.iter().flat_map(|journey| journey.statements()) {
        let StatementKind::Wait { duration: wait, restart: Some(restart) } = &statement.kind else {
            continue;
        };
        let Some(up_to) = restart.up_to.filter(|up_to| up_to <= wait) else { continue };
        let (wait_text, limit, double) = (duration(*wait), duration(up_to), duration(wait.saturating_mul(2)));
        problems.push(
            CODE.at(
                statement.at,
                format!("this wait never starts again: it lasts {wait_text}, and {limit} is all that it has"),
                "`restart` without effect",
            )
            .help(format!("write a longer `up to`, for instance `up to {double}`, or remove `restart`")),
        );
    }
    problems
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn limits_that_leave_no_time() {
        with_messages(
            r#"message a { class promotional purpose marketing via sms content sms { text "b" } }
journey j {
  on cart
  wait 30m restart on order up to 30m
//^^^^ W0905
  wait 30m restart on order up to 10 minutes
//^^^^ W0905
  wait 30m restart on order up to 31m
  wait 30m restart on order
  send a
}
"#,
        );
    }
}
