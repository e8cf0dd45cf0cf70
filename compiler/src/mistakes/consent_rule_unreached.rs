//! W0701: a consent rule that never decides.

use super::prelude::*;
use crate::checked::ConsentRule;
use crate::ids::ChannelId;

pub(super) const CODE: Code =
    Code::new("W0701", include_str!("../../../docs/diagnostics/W0701.md")).lint("consent-rule-unreached");

/// A rule after others that always decide for all its channels.
pub(crate) fn check(before: &[ConsentRule], rule: &ConsentRule) -> Option<Diagnostic> {
    let decided = |channel: &ChannelId| {
        before.iter().find(|one| one.when.is_none() && one.channels.contains(channel)).map(|one| one.at)
    };
    let places: Option<Vec<Location>> = rule.channels.iter().map(decided).collect();
    let first = *places?.first()?;
    Some(
        CODE.at(rule.at, "this consent rule never decides anything", "comes too late")
            .also(first, "holds for every customer")
            .help("the first rule that holds decides: put the one with `when` before it"),
    )
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn rules_after_one_that_always_holds() {
        with_messages(
            r#"purpose care {
  opt_in on email, sms
  never on sms when profile.name is known
//^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ W0701
  always on web
}
"#,
        );
    }
}
