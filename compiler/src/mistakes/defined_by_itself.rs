//! E0107: a definition by itself.

use super::prelude::*;

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
}
