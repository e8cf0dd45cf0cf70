//! E0112: an attribute is optional or has a default.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0112", include_str!("../../../docs/diagnostics/E0112.md"));

/// What an attribute says of customers of whom it isn't known.
pub(crate) struct Stated {
    /// It has a default.
    pub(crate) default: bool,
    /// It has a `?`.
    pub(crate) optional: bool,
    /// It is a set.
    pub(crate) set: bool,
}

/// An attribute has either a `?` or a default, a set neither; `None` where that is so.
pub(crate) fn check(name: &str, stated: &Stated, here: Location) -> Option<Diagnostic> {
    let (what, help) = match (stated.default, stated.optional, stated.set) {
        (true, true, _) => ("has a default, so it is never unknown", "remove the `?` or the default"),
        (true, _, true) => ("is a set, which is empty where nothing is known", "remove the default"),
        (false, false, false) => (
            "doesn't say what holds where it isn't known",
            "give it a default (`= …`), or make it optional: put a `?` after its type",
        ),
        _ => return None,
    };
    let label = if stated.default { "both" } else { "neither `?` nor a default" };
    Some(CODE.at(here, format!("the attribute `{name}` {what}"), label).help(help))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn either_a_default_or_optional() {
        fixture(
            r#"profile { a: int  b: int? = 3  c: set of text = "x"  d: int = 3  e: int?  f: set of text }
//        ^ E0112
//                ^ E0112
//                             ^ E0112
"#,
        );
    }
}
