//! Lints: what is allowed and yet probably not meant (language reference §13), and how much each weighs.

use crate::checked::Checked;
use crate::diagnostic::{Diagnostic, Severity};
use crate::ids::MessageId;
use crate::mistakes::{self, CODES};
use crate::resolve::Names;
use crate::source::{LintLevel, Manifest};

/// Everything that lints find in a policy without errors.
pub(crate) fn find(names: &Names<'_>, checked: &Checked) -> Vec<Diagnostic> {
    let mut found = mistakes::unused::find(names, checked);
    found.extend(mistakes::constant_condition::find(checked));
    let sent = checked.sent_by_journeys();
    for (position, message) in checked.messages.iter().enumerate() {
        let eligible = mistakes::never_eligible::eligible(checked, message);
        mistakes::constant_condition::find_in(checked, message, &eligible, &mut found);
        let is_sent = sent.contains(&MessageId::at(position));
        found.extend(mistakes::never_eligible::find(checked, message, is_sent, &eligible));
    }
    found.extend(mistakes::always_outranked::find(checked));
    found.extend(mistakes::cap_never_full::find(checked));
    found.extend(mistakes::misspelt_field::find(names));
    found.extend(mistakes::personal_in_push::find(checked));
    found.extend(mistakes::unreachable_statement::find(checked));
    found.extend(mistakes::endless_wait::find(checked));
    found.extend(mistakes::journey_over_cap::find(checked));
    found.extend(mistakes::repeated_trigger::find(checked));
    found.extend(mistakes::idle_via::find(checked));
    found.extend(mistakes::inbound_restraint::find(names, checked));
    found.extend(mistakes::outbound_placement::find(checked));
    found.extend(mistakes::empty_share::find(names));
    found.extend(mistakes::stop_of_nothing::find(checked));
    found.extend(mistakes::idle_restart::find(checked));
    found.extend(mistakes::timeless_repeat::find(checked));
    found
}

/// The names of all lints, sorted.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = CODES.iter().filter_map(|code| code.lint_name()).collect();
    names.sort_unstable();
    names
}

/// Gives each lint the level that the manifest says, by its name or its code.
pub(crate) fn weigh(manifest: &Manifest, diagnostics: &mut Vec<Diagnostic>) {
    let level = |diagnostic: &Diagnostic| {
        let name = diagnostic.code.lint_name()?;
        manifest.lints.get(name).or_else(|| manifest.lints.get(diagnostic.code.as_str())).copied()
    };
    diagnostics.retain(|diagnostic| level(diagnostic) != Some(LintLevel::Allow));
    for diagnostic in diagnostics {
        match level(diagnostic) {
            Some(LintLevel::Deny) => diagnostic.severity = Severity::Error,
            Some(LintLevel::Warn) => diagnostic.severity = Severity::Warning,
            Some(LintLevel::Allow) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::check;
    use crate::source::{MANIFEST, Project, SourceFile};

    /// What is found in a policy with an unused let, under these levels: code and severity.
    fn levels(lints: &str) -> Vec<String> {
        let manifest =
            format!("[policy]\nname = \"a\"\nedition = \"2026\"\n[lints]\nno-messages = \"allow\"\n{lints}");
        let files = vec![SourceFile::new("a.comity", "let five = 5\n")];
        let found = check(&Project::new(SourceFile::new(MANIFEST, manifest), files)).diagnostics;
        found.iter().map(|one| format!("{} {:?} {}", one.code, one.severity, one.message)).collect()
    }

    #[test]
    fn levels_of_lints() {
        assert_eq!(levels(""), ["W0102 Warning nothing uses the let `five`"]);
        assert_eq!(levels("unused = \"allow\"\n"), [""; 0]);
        assert_eq!(levels("unused = \"deny\"\n"), ["W0102 Error nothing uses the let `five`"]);
        assert_eq!(levels("W0102 = \"deny\"\n"), ["W0102 Error nothing uses the let `five`"]);
        assert_eq!(levels("unsed = \"deny\"\n")[0], "E0004 Error there is no lint `unsed`");
    }
}
