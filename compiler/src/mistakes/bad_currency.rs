//! E0303: a currency that doesn't exist, or too many decimals.

use super::prelude::*;
use crate::types::Currency;

pub(super) const CODE: Code = Code::new("E0303", include_str!("../../../docs/diagnostics/E0303.md"));

/// More decimals than a currency has.
pub(crate) fn decimals(amount: &str, currency: Currency, here: Location) -> Diagnostic {
    let (code, decimals) = (currency.code(), currency.decimals());
    let message = match decimals {
        0 => format!("{code} has no decimals"),
        some => format!("{code} has {some} decimals"),
    };
    let cut = amount.find('.').map_or(amount, |dot| match decimals {
        0 => &amount[..dot],
        some => &amount[..dot + 1 + some as usize],
    });
    let problem = CODE.at(here, message, "more decimals than the currency has");
    let right = format!("{cut} {code}");
    // In many countries a point stands between thousands: `1.000` can mean either.
    if let Some((whole, rest)) = amount.split_once('.')
        && rest.len() == 3
        && matches!(whole.len(), 1..=3)
    {
        let thousands = format!("{whole}{rest} {code}");
        return problem
            .help(format!("write `{thousands}` where the point stands between thousands, else `{right}`"));
    }
    match amount[cut.len()..].bytes().all(|b| b == b'0' || b == b'.') {
        true => problem.help(format!("write `{right}`")).replace(here, right),
        // Cut or rounded is another amount: that is for the author to say.
        false => problem.help(format!("write `{right}`, or round it as you mean it")),
    }
}

/// More decimals than a cost is kept with.
pub(crate) fn cost(here: Location) -> Diagnostic {
    CODE.at(here, "a cost has nine decimals at most", "more decimals than are kept")
}

/// Three letters that are no currency.
pub(crate) fn unknown(code: &str, here: Location) -> Diagnostic {
    let problem = CODE.at(here, format!("there is no currency `{code}`"), "not in ISO 4217");
    let capitals = code.to_uppercase();
    match Currency::from_code(&capitals) {
        Some(_) => {
            problem.help(format!("currencies are written in capitals: `{capitals}`")).replace(here, capitals)
        }
        None => {
            problem.help("currencies are the three letters of ISO 4217, for instance `EUR`, `USD`, `GBP`")
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn currencies_and_their_decimals() {
        fixture(
            r#"let d = 5 EUX
//        ^^^ E0303
let e = 1.5 JPY
//      ^^^^^^^ E0303
let f = 19.999 EUR
//      ^^^^^^^^^^ E0303
channel fax { inbound cost 0.0000000001 EUR }
//                         ^^^^^^^^^^^^^^^^ E0303
"#,
        );
    }

    #[test]
    fn zeros_that_change_nothing_are_removed() {
        assert_eq!(mended("let a = 20.5000 EUR\n"), "let a = 20.50 EUR\n");
        assert_eq!(mended("let a = 100.0 JPY\n"), "let a = 100 JPY\n");
        assert_eq!(only("let a = 1.5 JPY\n").fix, None);
    }

    #[test]
    fn what_may_be_thousands_is_left_to_the_author() {
        let found = only("let a = 1.000 EUR\n");
        assert_eq!(found.fix, None);
        assert!(found.help.iter().any(|help| help.contains("`1000 EUR`") && help.contains("`1.00 EUR`")));
    }
}
