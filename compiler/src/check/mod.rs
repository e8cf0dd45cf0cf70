//! From syntax trees to the checked policy and everything that is wrong with it.

use crate::checked::Checked;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::source::Project;
use comity_grammar::tree;

/// What is known of a project.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The policy, as complete as it can be; without errors, it can be lowered to a plan.
    pub checked: Checked,
    /// All that was found, in the order in which it is shown.
    pub diagnostics: Vec<Diagnostic>,
    /// The syntax tree of each file, by its id.
    pub trees: Vec<tree::File>,
}

impl Analysis {
    /// Whether the policy can't be decided by.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Checks a project. Never fails: it returns what is known and all the diagnostics.
pub fn check(project: &Project) -> Analysis {
    let mut diagnostics = project.problems().to_vec();
    let trees = Vec::new();
    let checked = Checked { name: project.manifest.name.clone(), ..Checked::default() };
    diagnostic::sort(&mut diagnostics);
    Analysis { checked, diagnostics, trees }
}
