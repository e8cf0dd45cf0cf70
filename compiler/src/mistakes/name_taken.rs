//! E0103: a name that is taken.

use super::prelude::*;
use crate::builtin::BUILTIN_EVENTS;
use crate::resolve::FUNCTIONS;

pub(super) const CODE: Code = Code::new("E0103", include_str!("../../../docs/diagnostics/E0103.md"));

/// What authors could call by that name and reach something else.
pub(crate) fn check(name: &str, names_event: bool, here: Location) -> Option<Diagnostic> {
    let message = if FUNCTIONS.contains(&name) {
        format!("`{name}` is the name of a built-in function")
    } else if BUILTIN_EVENTS.iter().any(|event| event.name == name) {
        format!("`{name}` is the name of a built-in event")
    } else if names_event && ["enter", "leave", "every"].contains(&name) {
        format!("an event can't be named `{name}`: after `on`, the word means something else")
    } else {
        return None;
    };
    Some(CODE.at(here, message, "this name is taken").help("choose another name"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn names_with_a_meaning() {
        fixture(
            r#"event min {}
//    ^^^ E0103
event sent {}
//    ^^^^ E0103
let arm = 1
//  ^^^ E0103
"#,
        );
    }
}
