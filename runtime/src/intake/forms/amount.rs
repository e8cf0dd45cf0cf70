//! Money, percents, durations.

use super::{Malformed, digits, power_of_ten, sign, signed, whole};
use comity_compiler::types::Currency;

const TOO_LARGE: Malformed = Malformed::because("the amount is too large");

/// Minor units of `80.00` or, where no currency stands apart, of `80.00 EUR`.
pub(in crate::intake) fn money(
    text: &str,
    currency: &Currency,
    decimals: u32,
    apart: bool,
) -> Result<i64, Malformed> {
    let (negative, rest) = sign(text.as_bytes());
    let (major, rest) = digits(rest);
    let (minor, rest) = match rest {
        [b'.', rest @ ..] => {
            let (minor, rest) = digits(rest);
            if minor.is_empty() {
                return Err(Malformed::PLAIN);
            }
            (minor, rest)
        }
        _ => (&[][..], rest),
    };
    if major.is_empty() {
        return Err(Malformed::PLAIN);
    }
    match rest {
        [] if apart => {}
        [b' ', code @ ..] if !apart && code == currency.code().as_bytes() => {}
        [] => return Err(Malformed::because("the currency is missing")),
        _ => return Err(Malformed::PLAIN),
    }
    let missing = (decimals as usize)
        .checked_sub(minor.len())
        .ok_or(Malformed::because("it has more decimals than the currency"))?;
    let magnitude = whole(major)
        .and_then(|units| units.checked_mul(power_of_ten(minor.len())?)?.checked_add(whole(minor)?))
        .and_then(|units| units.checked_mul(power_of_ten(missing)?))
        .ok_or(TOO_LARGE)?;
    signed(negative, magnitude).ok_or(TOO_LARGE)
}

/// The double of `15%`: the one that is nearest to 15 hundredths.
pub(in crate::intake) fn percent(text: &str) -> Result<f64, Malformed> {
    let number = text.strip_suffix('%').ok_or(Malformed::PLAIN)?;
    let (_, rest) = sign(number.as_bytes());
    let (whole, rest) = digits(rest);
    let fits = match rest {
        [] => true,
        [b'.', rest @ ..] => !rest.is_empty() && digits(rest).1.is_empty(),
        _ => false,
    };
    if whole.is_empty() || !fits {
        return Err(Malformed::PLAIN);
    }
    match format!("{number}e-2").parse::<f64>() {
        // Minus zero and zero are one value.
        Ok(value) if value.is_finite() => Ok(value + 0.0),
        _ => Err(Malformed::because("the percentage is too large")),
    }
}

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// Microseconds of `90s`, `30m`, `24h`, `7d`, `2w`, or of an ISO 8601 duration of weeks or smaller units.
pub(in crate::intake) fn duration(text: &str) -> Result<i64, Malformed> {
    let (negative, rest) = sign(text.as_bytes());
    let magnitude = match rest {
        [b'P', rest @ ..] => iso_duration(rest)?,
        _ => {
            let (count, unit) = digits(rest);
            let unit = match unit {
                b"s" => SECOND,
                b"m" => MINUTE,
                b"h" => HOUR,
                b"d" => DAY,
                b"w" => WEEK,
                _ => return Err(Malformed::PLAIN),
            };
            if count.is_empty() {
                return Err(Malformed::PLAIN);
            }
            whole(count).and_then(|count| count.checked_mul(unit)).ok_or(TOO_LONG)?
        }
    };
    signed(negative, magnitude).ok_or(TOO_LONG)
}

const TOO_LONG: Malformed = Malformed::because("the duration is too long");

/// What stands after `P`: units from large to small, each once, a fraction only of seconds.
fn iso_duration(mut rest: &[u8]) -> Result<u64, Malformed> {
    let mut total = 0_u64;
    let mut after = u64::MAX;
    let mut in_time = false;
    let mut units = 0;
    while !rest.is_empty() {
        if let ([b'T', tail @ ..], false) = (rest, in_time) {
            (in_time, rest, units) = (true, tail, 0);
            continue;
        }
        let (count, tail) = digits(rest);
        let (fraction, tail) = match tail {
            [b'.' | b',', tail @ ..] => digits(tail),
            _ => (&[][..], tail),
        };
        let ([unit, tail @ ..], false) = (tail, count.is_empty()) else { return Err(Malformed::PLAIN) };
        let unit = match (unit, in_time) {
            (b'Y', false) | (b'M', false) => {
                return Err(Malformed::because("years and months have no fixed length; give days"));
            }
            (b'W', false) => WEEK,
            (b'D', false) => DAY,
            (b'H', true) => HOUR,
            (b'M', true) => MINUTE,
            (b'S', true) => SECOND,
            _ => return Err(Malformed::PLAIN),
        };
        let has_fraction = rest[count.len()] == b'.' || rest[count.len()] == b',';
        if unit >= after || (has_fraction && (unit != SECOND || !(1..=6).contains(&fraction.len()))) {
            return Err(Malformed::PLAIN);
        }
        let part = whole(count)
            .and_then(|count| count.checked_mul(unit))
            .and_then(|part| part.checked_add(whole(fraction)? * 10_u64.pow(6 - fraction.len() as u32)))
            .ok_or(TOO_LONG)?;
        total = total.checked_add(part).ok_or(TOO_LONG)?;
        (after, rest) = (unit, tail);
        units += 1;
    }
    if units == 0 { Err(Malformed::PLAIN) } else { Ok(total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_of_many_forms() {
        let eur = Currency::from_code("EUR").unwrap();
        let cells = [
            ("80.00 EUR", 8000),
            ("80 EUR", 8000),
            ("80.5 EUR", 8050),
            ("-0.01 EUR", -1),
            ("-0 EUR", 0),
            ("0007 EUR", 700),
            ("92233720368547758.07 EUR", i64::MAX),
            ("-92233720368547758.08 EUR", i64::MIN),
        ];
        for (text, cell) in cells {
            assert_eq!(money(text, &eur, 2, false), Ok(cell), "{text}");
        }
        let refused = [
            ("80", Some("the currency is missing")),
            ("80.001 EUR", Some("it has more decimals than the currency")),
            ("80.000 EUR", Some("it has more decimals than the currency")),
            ("92233720368547758.08 EUR", Some("the amount is too large")),
            ("99999999999999999999999 EUR", Some("the amount is too large")),
            ("80 eur", None),
            ("80  EUR", None),
            ("80 EUR ", None),
            ("80 USD", None),
            (" 80 EUR", None),
            (".50 EUR", None),
            ("1. EUR", None),
            ("1,00 EUR", None),
            ("+1 EUR", None),
            ("1e2 EUR", None),
            ("--1 EUR", None),
            ("٣ EUR", None),
            ("EUR", None),
            ("", None),
        ];
        for (text, hint) in refused {
            assert_eq!(money(text, &eur, 2, false), Err(Malformed(hint)), "{text}");
        }
        let jpy = Currency::from_code("JPY").unwrap();
        assert_eq!(money("500 JPY", &jpy, 0, false), Ok(500));
        assert!(money("500.0 JPY", &jpy, 0, false).is_err());
        assert_eq!(money("80.00", &eur, 2, true), Ok(8000));
        assert!(money("80.00 EUR", &eur, 2, true).is_err());
    }

    #[test]
    fn percents_are_the_nearest_doubles() {
        assert_eq!(percent("15%"), Ok(0.15));
        assert_eq!(percent("0.1%"), Ok(0.001));
        assert_eq!(percent("-2.5%"), Ok(-0.025));
        assert_eq!(percent("-0%").map(f64::to_bits), Ok(0));
        for text in ["15", "%", "1.%", ".5%", "15 %", "1e3%", "NaN%", "inf%", "+1%", "15%%"] {
            assert!(percent(text).is_err(), "{text}");
        }
        assert!(percent(&format!("{}%", "9".repeat(400))).is_err());
    }

    #[test]
    fn durations_short_and_iso() {
        let cells = [
            ("90s", 90_000_000),
            ("30m", 1_800_000_000),
            ("24h", 86_400_000_000),
            ("7d", 604_800_000_000),
            ("2w", 1_209_600_000_000),
            ("-30m", -1_800_000_000),
            ("PT30M", 1_800_000_000),
            ("P1D", 86_400_000_000),
            ("P2W", 1_209_600_000_000),
            ("P1DT2H3M4.5S", 93_784_500_000),
            ("PT0.000001S", 1),
            ("-PT1S", -1_000_000),
        ];
        for (text, cell) in cells {
            assert_eq!(duration(text), Ok(cell), "{text}");
        }
        let refused = [
            "",
            "s",
            "30",
            "30 m",
            "1h30m",
            "1.5h",
            "P",
            "PT",
            "P1DT",
            "PT1H2H",
            "PT1M1H",
            "P1H",
            "PT1D",
            "PT1.H",
            "PT.5S",
            "PT1.1234567S",
            "PT1.5M",
            "P1M",
            "P1Y",
            "pt1s",
            "T1S",
            "PTT1S",
            "99999999999999999w",
            "P1DT1",
            "P99999999999999W",
        ];
        for text in refused {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
