//! E0403: a row or an arm that is never reached.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0403", include_str!("../../../docs/diagnostics/E0403.md"));

/// A row of a table that those above it leave nothing.
pub(crate) fn row(here: Location) -> Diagnostic {
    CODE.at(here, "this row is never reached", "the rows above take everything that it would")
        .help("rows are tried from the top: remove it, or move it up")
}

/// An arm of a `match` that those above it leave nothing.
pub(crate) fn arm(place: Location) -> Diagnostic {
    CODE.at(place, "this arm is never reached", "the arms above take everything that it would")
        .help("arms are tried from the top: remove it, or move it up")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_comes_too_late() {
        with_vocabulary(
            r#"let c = match profile.vip { true => 1, false => 2, else => 3 }
//                                                 ^^^^ E0403
table t(t: Tier): int {
  _ => 1
  gold => 2
//^^^^^^^^^ E0403
}
"#,
        );
    }
}
