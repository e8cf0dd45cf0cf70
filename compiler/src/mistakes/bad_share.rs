//! E0609: shares that don't add up.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0609", include_str!("../../../docs/diagnostics/E0609.md"));

/// A share that isn't one; `what` is whose: "the share of an arm".
pub(crate) fn out_of_range(what: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("{what} is between 0% and 100%"), "not a share")
}

/// Arms whose shares don't add up; `None` where they do.
pub(crate) fn check_sum(shares: impl Iterator<Item = f64>, here: Location) -> Option<Diagnostic> {
    let sum: f64 = shares.sum();
    // Shares are decimal fractions, their sum is rounded.
    if (sum - 1.0).abs() <= 1e-9 {
        return None;
    }
    let message = format!("the shares of the arms add up to {}%, not to 100%", (sum * 1e11).round() / 1e9);
    Some(
        CODE.at(here, message, "each customer is in one of the arms")
            .help("change the shares, or add an arm for the rest"),
    )
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn shares_of_a_whole() {
        with_messages(
            r#"holdout i 120% of promotional
//        ^^^^ E0609
experiment e { arms a 50%, b 60% }
//             ^^^^^^^^^^^^^^^^^ E0609
experiment f { arms a 33.3%, b 33.3%, c 33.4% }
"#,
        );
    }
}
