//! All stages from the text to the plan.

use crate::check::{Analysis, check};
use crate::lower::{Lowered, Origins, lower};
use crate::plan::Plan;
use crate::source::Project;
use std::sync::Arc;

/// What came of a project.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// What is known of it, and all that is wrong with it.
    pub analysis: Analysis,
    /// Its plan; `None` where there are errors.
    pub plan: Option<Arc<Plan>>,
    /// Where the parts of the plan come from; empty where there is none.
    pub origins: Origins,
}

/// Checks a project and, where that finds no errors, lowers it to a plan.
pub fn compile(project: &Project) -> Compiled {
    let analysis = check(project);
    if analysis.has_errors() {
        return Compiled { analysis, plan: None, origins: Origins::default() };
    }
    let Lowered { plan, origins } = lower(&analysis.checked);
    Compiled { analysis, plan: Some(Arc::new(plan)), origins }
}
