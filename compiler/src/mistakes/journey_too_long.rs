//! E0912: journeys whose repeated statements are too many.

use super::prelude::*;
use crate::checked::{Journey, Statement, StatementKind};
use crate::plan::MOST_STATEMENTS;

pub(super) const CODE: Code = Code::new("E0912", include_str!("../../../docs/diagnostics/E0912.md"));

/// The first `repeat` whose body, as often as it runs, has more statements than an instance may do.
pub(crate) fn check(journey: &Journey) -> Option<Diagnostic> {
    let total = count(&journey.body);
    if total <= MOST_STATEMENTS {
        return None;
    }
    let place = largest(&journey.body).map_or(journey.at, |statement| statement.at);
    let problem = CODE.at(
        place,
        format!("an instance of `{}` can do {total} statements", journey.name),
        "repeated too often",
    );
    Some(
        problem
            .also(journey.at, "the journey")
            .help(format!("at most {MOST_STATEMENTS} are possible, repetitions counted; repeat less often")),
    )
}

/// How many statements a block can do, repetitions counted.
fn count(body: &[Statement]) -> u64 {
    body.iter().fold(0, |sum: u64, statement| sum.saturating_add(count_one(statement)))
}

fn count_one(statement: &Statement) -> u64 {
    let inner = statement.branches().into_iter().fold(0, |sum: u64, body| sum.saturating_add(count(body)));
    match statement.kind {
        StatementKind::Repeat { times, .. } => inner.saturating_add(1).saturating_mul(times.into()),
        _ => inner.saturating_add(1),
    }
}

/// The outermost `repeat` with the most statements.
fn largest(body: &[Statement]) -> Option<&Statement> {
    let repeats = body.iter().filter_map(|statement| match statement.kind {
        StatementKind::Repeat { .. } => Some(statement),
        _ => statement.branches().into_iter().find_map(largest),
    });
    repeats.max_by_key(|statement| count_one(statement))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn repetitions_multiply() {
        with_messages(
            r#"journey a {
  on cart
  repeat 1000 times { repeat 1000 times { emit beat {} } }
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ E0912
}
journey b { on cart repeat 1000 times { wait 1d emit beat {} } }
"#,
        );
    }
}
