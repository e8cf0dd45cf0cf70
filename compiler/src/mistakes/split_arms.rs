//! E0901: a split names every arm.

use super::prelude::*;
use crate::checked::Experiment;
use comity_grammar::tree::{Name, Statement};

pub(super) const CODE: Code = Code::new("E0901", include_str!("../../../docs/diagnostics/E0901.md"));

/// A split names every arm of its experiment, each once.
pub(crate) fn check(
    experiment: &Experiment,
    arms: &[(Name, Vec<Statement>)],
    file: crate::ids::FileId,
    here: Location,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (position, (arm, _)) in arms.iter().enumerate() {
        let place = at(file, arm.span);
        let known = experiment.arms.iter().map(|(name, _)| name.as_str());
        if let Some((first, _)) = arms[..position].iter().find(|(other, _)| other.text == arm.text) {
            let text = format!("the arm `{}` stands twice", arm.text);
            problems.push(
                CODE.at(place, text, "again")
                    .also(at(file, first.span), "here first")
                    .help("keep one of them"),
            );
        } else if !experiment.arms.iter().any(|(name, _)| *name == arm.text) {
            let text = format!("`{}` has no arm `{}`", experiment.name, arm.text);
            problems.push(
                CODE.at(place, text, "unknown").also(experiment.at, "the experiment").did_you_mean_or(
                    place,
                    closest(&arm.text, known.clone()),
                    format!("its arms are {}", named(known, "and")),
                ),
            );
        }
    }
    let missing = experiment.arms.iter().map(|(name, _)| name.as_str());
    let missing: Vec<&str> = missing.filter(|name| !arms.iter().any(|(arm, _)| arm.text == *name)).collect();
    // A misspelt arm lacks as well: that is one mistake.
    if !missing.is_empty() && problems.is_empty() {
        let text = format!("the split doesn't say what happens in {}", named(missing.iter().copied(), "and"));
        problems.push(
            CODE.at(here, text, "an arm is missing")
                .also(experiment.at, "the experiment")
                .help(format!("an arm in which nothing happens is empty: `{} {{ }}`", missing[0])),
        );
    }
    problems
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn arms_of_a_split() {
        with_messages(
            r#"experiment e { arms with 50%, without 50% }
journey j { on cart
  split e { with { exit } }
//^^^^^^^^^^^^^^^^^^^^^^^^^ E0901
  split e { with { exit } without { } with { } }
//                                    ^^^^ E0901
  split e { with { exit } withuot { } }
//                        ^^^^^^^ E0901
}
"#,
        );
    }
}
