//! `--print`: the forms between the stages, as the compiler's own tests look at them.

use crate::failure::{Failure, Result};
use crate::project::Loaded;
use comity_compiler::{Compiled, checked, clif};

/// A form of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Form {
    /// The syntax trees of the files
    Ast,
    /// Names resolved, expressions typed
    Checked,
    /// What is decided by
    Plan,
    /// The machine code's source, as Cranelift has it
    Clif,
}

/// `None` where errors keep the policy from coming this far.
///
/// # Errors
/// Where this computer has no machine code.
pub(super) fn render(loaded: &Loaded, compiled: &Compiled, form: Form) -> Result<Option<String>> {
    Ok(match (form, &compiled.plan) {
        (Form::Ast, _) => {
            let files = loaded.project.files().iter().zip(&compiled.analysis.trees);
            Some(
                files
                    .map(|(file, tree)| {
                        format!("// {}\n{}\n", loaded.shown(&file.path), comity_grammar::print(tree))
                    })
                    .collect(),
            )
        }
        (Form::Checked, _) => Some(checked::print(&compiled.analysis.checked)),
        (Form::Plan, Some(plan)) => Some(plan.outline()),
        (Form::Clif, Some(plan)) => {
            let text = clif(plan).map_err(|error| Failure::new(error.to_string()))?;
            Some(text)
        }
        (Form::Plan | Form::Clif, None) => None,
    })
}
