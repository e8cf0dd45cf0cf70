//! W0904: a `stop` that stops nothing.

use super::prelude::*;

pub(super) const CODE: Code =
    Code::new("W0904", include_str!("../../../docs/diagnostics/W0904.md")).lint("stop-of-nothing");

/// Rules that stop the journeys of classes without any. One class with journeys is enough: the others may get some.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for stop in &checked.stops {
        if checked.journeys.iter().any(|journey| journey.class.is_some_and(|id| stop.classes.contains(&id))) {
            continue;
        }
        let classes: Vec<&str> =
            stop.classes.iter().map(|id| checked.classes[id.index()].name.as_str()).collect();
        let Some(first) = classes.first() else { continue };
        let text =
            format!("this stops nothing: no journey has the class {}", named(classes.iter().copied(), "or"));
        let problem = CODE.at(stop.at, text, "without effect");
        // A journey without a class is probably one of those.
        let classless = checked.journeys.iter().find(|journey| journey.class.is_none());
        problems.push(match classless {
            Some(journey) => problem
                .also(journey.at, "has no class")
                .help(format!("write `class {first}` in the journeys that it should stop")),
            None => problem.help("name the class of the journeys that it should stop, or remove it"),
        });
    }
    problems
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn classes_without_journeys() {
        with_messages(
            r#"message a { class promotional purpose marketing via sms content sms { text "b" } }
journey j { class lifecycle on cart wait 1d send a }
journey k { on cart wait 1d send a }
stop lifecycle journeys on order
  stop promotional journeys on order
//^ W0904
stop lifecycle, service journeys on order
  stop promotional, service journeys on order
//^ W0904
"#,
        );
    }
}
