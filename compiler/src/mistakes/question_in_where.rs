//! E0207: a question inside `where`.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0207", include_str!("../../../docs/diagnostics/E0207.md"));

/// A question to the history inside a `where`.
pub(crate) fn asked(place: Location) -> Diagnostic {
    CODE.at(place, "a `where` looks at one event and can't ask the history", "a question to the history")
        .help("ask it beside the pattern: `any (…) and count of … >= 3`")
}

/// A `let`, table or segment in a `where` that asks the history.
pub(crate) fn hidden(name: &str, place: Location) -> Diagnostic {
    CODE.at(
        place,
        "a `where` looks at one event and can't ask the history",
        format!("`{name}` asks the history"),
    )
    .help("ask it beside the pattern: `any (…) and …`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn questions_inside_where() {
        with_vocabulary(
            r#"segment g = any (purchase where count of view > 1)
//                              ^^^^^^^^ E0207
let views = count of view
segment h = any (purchase where views > 1)
//                              ^^^^^ E0207
"#,
        );
    }
}
