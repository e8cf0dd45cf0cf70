//! E0401: a `match` that doesn't cover everything.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0401", include_str!("../../../docs/diagnostics/E0401.md"));

/// A `match` without a single arm.
pub(crate) fn empty(here: Location) -> Diagnostic {
    CODE.at(here, "this `match` has no arms", "empty")
        .help("say what holds for each value: `gold => 1.5, else => 1`")
}

/// A value that no arm takes.
pub(crate) fn uncovered(subject: Option<String>, missing: &str, here: Location) -> Diagnostic {
    let subject = subject.map_or_else(|| "the value".to_owned(), |text| quoted(&text));
    CODE.at(
        here,
        format!("the `match` doesn't say what holds where {subject} is {missing}"),
        "an arm is missing",
    )
    .help(format!("add `{missing} => …`, or `else => …`"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn values_that_no_arm_takes() {
        with_vocabulary(
            r#"let a = match profile.tier { gold => 1.5, silver => 1, bronze => 2 }
let b = match profile.tier { gold => 1, silver => 2 }
//      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ E0401
let c = match profile.name { "a" => 1 }
//      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ E0401
let d = match profile.score { 0..1 => 1, else => 2 }
"#,
        );
    }
}
