//! W0001: a policy without messages.

use super::prelude::*;

pub(super) const CODE: Code =
    Code::new("W0001", include_str!("../../../docs/diagnostics/W0001.md")).lint("no-messages");

/// A policy that declares no message.
pub(crate) fn policy() -> Diagnostic {
    CODE.project("the policy has no messages, so it never sends anything")
        .help("declare one: `message welcome { class … purpose … on … via … content … }`")
}

/// Whether a diagnostic is this one.
pub(crate) fn is(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == CODE
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn w0001_is_said_of_the_project() {
        assert!(found("class service\n").starts_with("warning[W0001]: the policy has no messages"));
        // A message may be in what couldn't be read.
        assert!(!found("mesage a { class service }\n").contains("W0001"));
    }
}
