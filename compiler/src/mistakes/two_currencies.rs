//! E0210: two currencies.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0210", include_str!("../../../docs/diagnostics/E0210.md"));

/// Two amounts of different currencies.
pub(crate) fn amounts(policy: &Checked, what: &str, one: &Found, other: &Found) -> Diagnostic {
    let code = |ty: Type| match ty {
        Type::Money(currency) => currency.code().to_owned(),
        _ => policy.type_name(ty),
    };
    let message = format!("{what} are in two currencies, {} and {}", code(one.ty), code(other.ty));
    CODE.at(other.at, message, format!("this is {}", policy.type_name(other.ty)))
        .also(one.at, format!("this is {}", policy.type_name(one.ty)))
        .help("Comity knows no exchange rates: use amounts of one currency")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn euros_and_dollars() {
        with_vocabulary(
            r#"let e = profile.spent + 5 USD
//                      ^^^^^ E0210
segment f = profile.spent > 5 USD
//                          ^^^^^ E0210
"#,
        );
    }
}
