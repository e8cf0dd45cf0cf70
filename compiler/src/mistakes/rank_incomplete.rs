//! E0602: `rank` names every class.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0602", include_str!("../../../docs/diagnostics/E0602.md"));

/// A `rank` that lacks classes: their names, and where the first is declared.
pub(crate) fn lacks(missing: &[(String, Location)], here: Location) -> Option<Diagnostic> {
    let (_, declared) = missing.first()?;
    let names: Vec<String> = missing.iter().map(|(name, _)| quoted(name)).collect();
    let problem = CODE
        .at(here, format!("`rank` lacks {}", list(&names, "and")), "not every class is here")
        .also(*declared, "declared here")
        .help("`rank` lists every class, the most important first");
    Some(problem)
}

/// The same of another project's `rank`, which can't name the classes of this one.
pub(crate) fn elsewhere(missing: &[(String, Location)], here: Location) -> Option<Diagnostic> {
    let (_, declared) = missing.first()?;
    let names: Vec<String> = missing.iter().map(|(name, _)| quoted(name)).collect();
    let problem = CODE
        .at(*declared, format!("nothing says how {} ranks", list(&names, "and")), "declared here")
        .also(here, "ranks the other classes")
        .help("write an `arbitrate` in this project, whose `rank` lists every class: it takes the place of the other");
    Some(problem)
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn a_class_without_rank() {
        fixture(
            r#"class a
class b
class c
arbitrate { rank b, a }
//          ^^^^ E0602
"#,
        );
    }
}
