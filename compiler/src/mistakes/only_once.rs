//! E0608: only once in a policy.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0608", include_str!("../../../docs/diagnostics/E0608.md"));

/// `arbitrate` for the second time.
pub(crate) fn arbitrate(again: Location, first: Location) -> Diagnostic {
    CODE.at(again, "`arbitrate` stands twice", "again")
        .also(first, "here first")
        .help("a policy decides in one way: keep one of them")
}

/// `every message has` for the second time.
pub(crate) fn every_message(again: Location, first: Location) -> Diagnostic {
    CODE.at(again, "`every message has` stands twice", "again")
        .also(first, "here first")
        .help("put all attributes into one of them")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_a_policy_says_once() {
        fixture(
            r#"class a
arbitrate { rank a }
  arbitrate { pick 1 }
//^ E0608
every message has { colour: text = "" }
  every message has { size: int = 1 }
//^ E0608
"#,
        );
    }
}
