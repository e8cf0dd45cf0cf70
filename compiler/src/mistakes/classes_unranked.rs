//! E0601: which class goes first?.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0601", include_str!("../../../docs/diagnostics/E0601.md"));

/// A policy with several classes that doesn't say which goes first: all classes, and a place that is about them.
pub(crate) fn policy<'n>(classes: impl Iterator<Item = &'n str>, place: Location, label: &str) -> Diagnostic {
    let classes: Vec<&str> = classes.collect();
    let message = format!("the policy has {} classes, but doesn't say which goes first", classes.len());
    CODE.at(place, message, label)
        .help(format!("write `arbitrate {{ rank {} }}`, the most important first", classes.join(", ")))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn two_classes_and_no_rank() {
        fixture("class a\nclass b\n//    ^ E0601\n");
        fixture("class a\nclass b\n  arbitrate { pick 1 }\n//^ E0601\n");
    }
}
