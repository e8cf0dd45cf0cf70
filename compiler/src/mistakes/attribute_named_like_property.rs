//! E0509: an attribute with the name of a property.

use super::prelude::*;
use comity_grammar::MESSAGE_PROPERTIES;

pub(super) const CODE: Code = Code::new("E0509", include_str!("../../../docs/diagnostics/E0509.md"));

/// An attribute of messages whose name means something in a message already; `None` where it doesn't.
pub(crate) fn check(name: &str, here: Location) -> Option<Diagnostic> {
    let message = format!("an attribute of messages can't be named `{name}`: messages have that already");
    let taken = MESSAGE_PROPERTIES.contains(&name) || ["name", "channel"].contains(&name);
    taken.then(|| CODE.at(here, message, "this name is taken").help("choose another name"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn names_of_properties() {
        fixture(
            r#"every message has { value: int = 1  tags: text = ""  margin: percent = 10% }
//                  ^^^^^ E0509
//                                  ^^^^ E0509
"#,
        );
    }
}
