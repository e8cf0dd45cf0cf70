//! E0203: values without an order.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0203", include_str!("../../../docs/diagnostics/E0203.md"));

/// `<` and its kin between values of which none is less.
pub(crate) fn compared(policy: &Checked, ty: Type, sign: Location) -> Diagnostic {
    let name = policy.type_name(ty);
    let problem = CODE.at(
        sign,
        format!("{name} has no order, so nothing is less or greater"),
        format!("between two values of {name}"),
    );
    match ty {
        Type::Enum(id) => problem
            .maybe_also(policy.enums.get(id.index()).map(|one| one.at), "declared without `ordered`")
            .help(format!("write `enum {name} ordered {{ … }}`, with the lowest member first")),
        _ => problem.help("what can be asked is `==`, `!=` and `in [ … ]`"),
    }
}

/// A range of values without an order.
pub(crate) fn in_range(ty: &str, place: Location) -> Diagnostic {
    CODE.at(place, format!("a range needs values with an order, not {ty}"), format!("this is {ty}"))
        .help("list the values: `in [ … ]`")
}

/// `min`, `max` or `clamp` of values without an order.
pub(crate) fn chosen(function: &str, ty: &str, place: Location) -> Diagnostic {
    CODE.at(place, format!("`{function}` needs values with an order, not {ty}"), format!("this is {ty}"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn values_of_which_none_is_less() {
        with_vocabulary(
            r#"segment a = profile.mood > sad
//                       ^ E0203
segment b = profile.name < "x"
//                       ^ E0203
segment c = profile.name in 1..2
//          ^^^^^^^^^^^^ E0203
let d = min(profile.name, "x")
//          ^^^^^^^^^^^^ E0203
"#,
        );
    }
}
