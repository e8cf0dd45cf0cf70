//! E0611: a holdout over a class that ignores it.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0611", include_str!("../../../docs/diagnostics/E0611.md"));

/// A holdout over a class that ignores holdouts.
pub(crate) fn class(holdout: &str, class: &str, here: Location, declared: Location) -> Diagnostic {
    CODE.at(
        here,
        format!("`{holdout}` holds out from `{class}`, which ignores holdouts"),
        "nothing would be held out",
    )
    .also(declared, "declared with `ignores holdout`")
    .help("remove the class here, or `holdout` there")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn a_class_from_which_nobody_is_held_out() {
        with_messages("holdout h 5% of promotional, service\n//                           ^^^^^^^ E0611\n");
    }
}
