//! W0202: a default that is calculated.

use super::prelude::*;
use comity_grammar::Span;
use comity_grammar::tree::{BinaryOperator as Operator, Expr, ExprKind};

pub(super) const CODE: Code =
    Code::new("W0202", include_str!("../../../docs/diagnostics/W0202.md")).lint("calculated-default");

/// The number or amount with which a default begins that is calculated and stands without parentheses: `0` of
/// `otherwise 0 + 10`. It probably is the default, and the rest is meant for the value as well.
pub(crate) fn first(default: &Expr) -> Option<Span> {
    let mut first = default;
    while let ExprKind::Binary { operator, left, .. } = &first.kind
        && matches!(operator, Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide)
    {
        first = left;
    }
    let is_literal = matches!(first.kind, ExprKind::Literal(_));
    (is_literal && first.span != default.span).then_some(first.span)
}

/// `value otherwise first rest`, as it is written.
pub(crate) fn here(whole: Location, value: &str, first: &str, rest: &str) -> Diagnostic {
    CODE.at(
        whole,
        format!(
            "`{first} {rest}` as a whole is the default here, so `{rest}` changes no value that is known"
        ),
        "the default",
    )
    .help(format!(
        "write `({value} otherwise {first}) {rest}` if it should, or `({first} {rest})` if this is meant"
    ))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_is_probably_meant_for_the_value_too() {
        with_vocabulary(
            r#"segment a = profile.age otherwise 0 + 10 > 50
//                                ^^^^^^ W0202
let b = profile.age otherwise 1 * 2 - profile.score
//                            ^^^^^^^^^^^^^^^^^^^^^ W0202
segment c = (profile.age otherwise 0) + 10 > 50
let d = profile.age otherwise (0 + 10)
let e = profile.age otherwise profile.score + 1
segment f = profile.age otherwise -1 > 0
"#,
        );
    }
}
