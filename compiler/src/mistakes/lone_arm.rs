//! E0612: an experiment with nothing to compare.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0612", include_str!("../../../docs/diagnostics/E0612.md"));

/// An experiment with a single arm.
pub(crate) fn only(experiment: &str, here: Location) -> Diagnostic {
    CODE.at(
        here,
        format!("the experiment `{experiment}` has one arm only, so it compares nothing"),
        "a single arm",
    )
    .help("add the arm that it is compared with, for instance `control 50%`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn one_arm() {
        fixture(
            r#"experiment a { arms only 100% }
//             ^^^^^^^^^^^^^^^^ E0612
experiment b { arms x 0%, y 100% }
"#,
        );
    }
}
