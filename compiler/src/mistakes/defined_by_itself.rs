//! E0107: a definition by itself.

use super::prelude::*;
use crate::checked::{Definition, Expr, ExprKind};

pub(super) const CODE: Code = Code::new("E0107", include_str!("../../../docs/diagnostics/E0107.md"));

/// A step of the way around: which definition needs the next one, and where.
pub(crate) struct Step {
    /// The definition.
    pub(crate) name: smol_str::SmolStr,
    /// Its place.
    pub(crate) at: Location,
    /// Where the one before names it.
    pub(crate) named_at: Location,
}

/// A `let`, table or segment that leads back to itself; its own step comes first.
pub(crate) fn circle(steps: &[Step], from: Location) -> Diagnostic {
    let name = steps.first().map_or("", |step| step.name.as_str());
    let message = match steps {
        [_] => format!("`{name}` is defined by itself"),
        _ => format!("`{name}` is defined by itself, through others"),
    };
    let mut problem = CODE.at(from, message, format!("leads back to `{name}`"));
    if let [only] = steps {
        problem = problem.also(only.at, "defined here");
    }
    // A few steps of a long way around are enough.
    for pair in steps.windows(2).take(6) {
        problem = problem.also(pair[1].named_at, format!("`{}` needs `{}`", pair[0].name, pair[1].name));
    }
    problem.help("a definition is worked out from what the customer did, never from itself: break the circle")
}

/// Models of which a feature asks the model itself, through definitions or other models; each circle once.
pub(crate) fn models(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut told = vec![false; checked.models.len()];
    for start in 0..checked.models.len() {
        if told[start] {
            continue;
        }
        // Each model that is asked on the way, with the one that asks it and the place.
        let mut asked: Vec<Option<(usize, Location)>> = vec![None; checked.models.len()];
        let mut open = std::collections::VecDeque::from([start]);
        while let Some(asking) = open.pop_front() {
            for (model, place) in predicts(checked, asking) {
                if asked[model].is_none() {
                    asked[model] = Some((asking, place));
                    open.push_back(model);
                }
            }
        }
        let Some((mut asking, from)) = asked[start] else { continue };
        let mut around = vec![(start, from)];
        while asking != start
            && let Some((before, place)) = asked[asking]
        {
            around.push((asking, place));
            asking = before;
        }
        around[1..].reverse();
        told[start] = true;
        let steps: Vec<Step> = around
            .iter()
            .map(|(model, place)| {
                told[*model] = true;
                let model = &checked.models[*model];
                Step { name: model.name.clone(), at: model.at, named_at: *place }
            })
            .collect();
        problems.push(circle(&steps, from));
    }
    problems
}

/// The models that the features of a model ask, through definitions.
fn predicts(checked: &Checked, model: usize) -> Vec<(usize, Location)> {
    let mut found = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut open: Vec<&Expr> = checked.models[model].features.iter().map(|(_, value)| value).collect();
    while let Some(expr) = open.pop() {
        open.extend(expr.children());
        if let ExprKind::Predict(id) = &expr.kind {
            found.push((id.index(), expr.at));
        }
        if let Some(definition) = Definition::named_by(&expr.kind)
            && seen.insert(definition)
        {
            open.extend(definition.bodies(checked));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn circles_of_definitions() {
        with_vocabulary(
            r#"let a = b
let b = c + 1
//      ^ E0107
let c = a
let d = d + 1
//      ^ E0107
segment e = not e
//              ^ E0107
"#,
        );
    }

    #[test]
    fn models_that_ask_themselves() {
        with_vocabulary(
            r#"model own from "a.txt" { format lightgbm feature x = predict(own) }
//                                                   ^ E0107
let asked = predict(two)
model one from "a.txt" { format lightgbm feature x = asked }
model two from "a.txt" { format lightgbm feature x = predict(one) feature y = predict(three) }
//                                                   ^ E0107
model three from "a.txt" { format lightgbm feature x = 1 }
"#,
        );
    }
}
