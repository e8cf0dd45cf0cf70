//! E0904: journeys that enter each other for ever.

use super::prelude::*;
use crate::check::journey::each_statement;
use crate::ids::JourneyId;
use crate::resolve::{Names, Symbol};
use comity_grammar::tree::StatementKind;
use std::collections::BTreeMap;

pub(super) const CODE: Code = Code::new("E0904", include_str!("../../../docs/diagnostics/E0904.md"));

/// Journeys that enter each other and lead back; each circle once, at its first journey.
pub(crate) fn check(names: &Names<'_>) -> Vec<Diagnostic> {
    let entered: Vec<Vec<(JourneyId, Location)>> = names
        .journeys
        .iter()
        .map(|journey| {
            let mut entered = Vec::new();
            each_statement(&journey.node.body, &mut |statement| {
                if let StatementKind::Enter(path) = &statement.kind
                    && let Some((Symbol::Journey(id), _)) = names.find(journey.file, path)
                {
                    entered.push((id, at(journey.file, statement.span)));
                }
            });
            entered
        })
        .collect();
    let mut problems = Vec::new();
    let mut reported = vec![false; entered.len()];
    for start in 0..entered.len() {
        // Each journey that can be reached, with the statement of this one that leads there.
        let mut reached: BTreeMap<usize, Location> = BTreeMap::new();
        let mut open: Vec<(JourneyId, Location)> = entered[start].clone();
        while let Some((id, first)) = open.pop() {
            if reached.insert(id.index(), first).is_none() {
                open.extend(entered[id.index()].iter().map(|(next, _)| (*next, first)));
            }
        }
        let Some(leads_back) = reached.get(&start) else { continue };
        if !std::mem::replace(&mut reported[start], true) {
            let name = &names.journeys[start].full;
            problems.push(
                CODE.at(
                    *leads_back,
                    format!("the journey `{name}` enters itself"),
                    format!("leads back to `{name}`"),
                )
                .also(names.journeys[start].at, "entered again and again")
                .help("use `repeat N times`, or `reenter` and an event"),
            );
            for other in reached.keys() {
                reported[*other] = true;
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn journeys_that_lead_back() {
        with_messages(
            r#"journey a { on cart enter b }
//                  ^^^^^^^ E0904
journey b { on cart wait 1d enter a }
journey c { on cart enter b }
"#,
        );
    }
}
