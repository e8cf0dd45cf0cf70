//! E0102: a name is declared twice.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0102", include_str!("../../../docs/diagnostics/E0102.md"));

/// A name, an attribute, a field, a member that is declared again.
pub(crate) fn name(name: &str, again: Location, first: Location) -> Diagnostic {
    CODE.at(again, format!("`{name}` is declared twice"), "declared again here")
        .also(first, "declared here first")
        .help("give one of them another name: names of all kinds share one space, across all files")
}

/// Something inside a declaration: a member, a field, an attribute, a parameter, an arm.
pub(crate) fn part(name: &str, again: Location, first: Location) -> Diagnostic {
    CODE.at(again, format!("`{name}` is declared twice"), "declared again here")
        .also(first, "declared here first")
        .help("keep one of them, or give one another name")
}

/// A name that is also that of a project that this one depends on.
pub(crate) fn project(name: &str, here: Location, dependency: Location) -> Diagnostic {
    CODE.at(here, format!("`{name}` is also what another project is called here"), "declared here")
        .also(dependency, "the other project")
        .help(format!("give one of them another name: `{name}.…` means what the other project declares"))
}

/// What two projects declare, and there is only one of: an event, a channel, a purpose, a placement.
pub(crate) fn in_two(name: &str, here: Location, there: Location, written: Option<&str>) -> Diagnostic {
    let problem = CODE
        .at(here, format!("`{name}` is declared by two projects"), "declared here")
        .also(there, "declared there as well");
    match written {
        Some(written) => problem.help(format!("remove this one and write `{written}` where it is meant")),
        None => problem.help("let one of the projects declare it, and the other one depend on that"),
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn names_are_declared_once() {
        fixture(
            r#"enum Tier { gold, gold }
//                ^^^^ E0102
profile { email: email?  email: text? }
//                       ^^^^^ E0102
event buy { order: text, order: text }
//                       ^^^^^ E0102
segment buy = profile.email is known
//      ^^^ E0102
let add(x: int, x: int) = x
//              ^ E0102
"#,
        );
    }
}
