//! W0503: the same event twice.

use super::prelude::*;
use crate::checked::{Occurrence, OccurrenceKind, StatementKind, print_expression::Printer};

pub(super) const CODE: Code =
    Code::new("W0503", include_str!("../../../docs/diagnostics/W0503.md")).lint("repeated-trigger");

/// What starts a message or a journey, stops it or ends a wait, and says nothing new beside the others.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for message in &checked.messages {
        problems.extend(repeated(checked, message.triggers.iter()));
    }
    for journey in &checked.journeys {
        problems.extend(repeated(checked, journey.triggers.iter()));
        problems.extend(repeated(checked, journey.stop_on.iter()));
        for statement in journey.statements() {
            if let StatementKind::WaitFor { occurrences, .. } = &statement.kind {
                problems.extend(repeated(checked, occurrences.iter()));
            }
        }
    }
    problems
}

fn repeated<'c>(checked: &'c Checked, all: impl Iterator<Item = &'c Occurrence>) -> Vec<Diagnostic> {
    let printer = Printer { checked: Some(checked), parameters: &[] };
    let all: Vec<(&Occurrence, String)> = all.map(|one| (one, printer.occurrence(one))).collect();
    let short = |written: &str| match written.split_once(" where ") {
        Some((event, _)) => format!("{event} where …"),
        None => written.to_owned(),
    };
    let mut problems = Vec::new();
    for (position, (one, written)) in all.iter().enumerate() {
        let same = all[..position].iter().find(|(_, other)| other == written);
        let covering = all.iter().find(|(other, _)| other.at != one.at && covers(other, one));
        if let Some((first, _)) = same {
            problems.push(
                CODE.at(one.at, format!("`{}` stands twice", short(written)), "again")
                    .also(first.at, "here first")
                    .help("remove one of them: once is enough"),
            );
        } else if let Some((other, all_of_it)) = covering {
            problems.push(
                CODE.at(
                    one.at,
                    format!("`{}` adds nothing: every `{all_of_it}` is named already", short(written)),
                    "some of them",
                )
                .also(other.at, "all of them")
                .help("keep the one that is meant: all of them, or those with the `where`"),
            );
        }
    }
    problems
}

/// Whether every event of the other one is also one of this.
fn covers(one: &Occurrence, other: &Occurrence) -> bool {
    let (OccurrenceKind::Event(one), OccurrenceKind::Event(other)) = (&one.kind, &other.kind) else {
        return false;
    };
    let narrower = other.filter.is_some() || one.message != other.message;
    one.event == other.event
        && one.filter.is_none()
        && (one.message.is_none() || one.message == other.message)
        && narrower
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_says_nothing_new() {
        with_messages(
            r#"message a { class promotional purpose marketing on cart on order on cart via sms content sms { text "b" } }
//                                                                  ^^^^ W0503
message b { class promotional purpose marketing on cart where value > 5 EUR on cart where note is known via sms content sms { text "b" } }
journey j {
  on cart where value > 5 EUR
//   ^^^^ W0503
  on cart
  stop on order
  stop on order where note is known
//        ^^^^^ W0503
  send a
  send b
  wait for opened or opened(a) or clicked(b) up to 1d
//                   ^^^^^^^^^ W0503
}
"#,
        );
    }
}
