//! The scalar semantics of the language (reference §4), each rule once: the interpreter calls these functions,
//! and the machine code either calls them or has instructions that tests hold to the same bits.
//!
//! Integers saturate. Doubles are IEEE 754 with two rules on top: an operation whose IEEE result is NaN gives
//! +∞, and a divisor of zero, of either sign, gives no value at all. −0 is kept as IEEE has it: it equals 0, and
//! of two equal values `min` and `max` give the first.

/// +∞ in the place of NaN.
pub fn no_nan(x: f64) -> f64 {
    if x.is_nan() { f64::INFINITY } else { x }
}

/// The sum of two doubles.
pub fn add(a: f64, b: f64) -> f64 {
    no_nan(a + b)
}

/// The difference of two doubles.
pub fn subtract(a: f64, b: f64) -> f64 {
    no_nan(a - b)
}

/// The product of two doubles.
pub fn multiply(a: f64, b: f64) -> f64 {
    no_nan(a * b)
}

/// The quotient of two doubles; none where the divisor is zero.
pub fn divide(a: f64, b: f64) -> Option<f64> {
    (b != 0.0).then(|| no_nan(a / b))
}

/// To the nearest integer, ties to even, saturating.
pub fn round(x: f64) -> i64 {
    x.round_ties_even() as i64
}

/// To the next integer below, saturating.
pub fn floor(x: f64) -> i64 {
    x.floor() as i64
}

/// To the next integer above, saturating.
pub fn ceil(x: f64) -> i64 {
    x.ceil() as i64
}

/// Money or a duration times a factor: one product of doubles, ties to even, saturating.
pub fn scale(amount: i64, factor: f64) -> i64 {
    round(multiply(amount as f64, factor))
}

/// Money or a duration by a divisor: one quotient of doubles, ties to even, saturating; none where it is zero.
pub fn unscale(amount: i64, divisor: f64) -> Option<i64> {
    divide(amount as f64, divisor).map(round)
}

/// Minor units as a double of major units, by the minor units of one major unit.
pub fn to_major(minor: i64, units: i64) -> f64 {
    no_nan(minor as f64 / units as f64)
}

/// The smaller one, the first of two that are equal.
pub fn min(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// The larger one, the first of two that are equal.
pub fn max(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// Full years from the first date to the second, both as days since 1970-01-01; 0 where the second is earlier.
/// Who is born on 29 February becomes a year older on 1 March where the year has no such day.
pub fn years_between(from: i64, to: i64) -> i64 {
    let (year, month, day) = civil(from);
    let (to_year, to_month, to_day) = civil(to);
    let not_yet = (to_month, to_day) < (month, day);
    (to_year - year - i64::from(not_yet)).max(0)
}

/// Days since 1970-01-01 as year, month and day of the proleptic Gregorian calendar. Dates further away than
/// any calendar reaches are held at a thousand million years, so that nothing overflows.
fn civil(days: i64) -> (i64, i64, i64) {
    const DAYS_PER_ERA: i64 = 146_097; // 400 years
    const LIMIT: i64 = 365_242_500_000;
    // Years begin in March here, so that the leap day is the last of its year (H. Hinnant, "chrono-Compatible
    // Low-Level Date Algorithms").
    let days = days.clamp(-LIMIT, LIMIT) + 719_468;
    let era = days.div_euclid(DAYS_PER_ERA);
    let day_of_era = days.rem_euclid(DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i64 {
        let date: jiff::civil::Date = text.parse().unwrap();
        i64::from(date.since(jiff::civil::date(1970, 1, 1)).unwrap().get_days())
    }

    #[test]
    fn doubles_never_give_nan() {
        let inf = f64::INFINITY;
        assert_eq!(add(inf, -inf), inf);
        assert_eq!(subtract(-inf, -inf), inf);
        assert_eq!(multiply(0.0, -inf), inf);
        assert_eq!(divide(-inf, inf), Some(inf));
        assert_eq!(divide(1.0, 0.0), None);
        assert_eq!(divide(1.0, -0.0), None);
        assert_eq!(divide(0.0, 0.0), None);
        assert_eq!(add(-0.0, -0.0).to_bits(), (-0.0_f64).to_bits());
    }

    #[test]
    fn roundings_go_to_even_and_saturate() {
        assert_eq!([0.5, 1.5, 2.5, -0.5, -1.5, -2.5].map(round), [0, 2, 2, 0, -2, -2]);
        assert_eq!([0.49999999999999994, 2.5000001, 4503599627370497.5].map(round), [0, 3, 4503599627370498]);
        assert_eq!([-0.1, 0.1, -1.0].map(floor), [-1, 0, -1]);
        assert_eq!([-0.9, 0.1, 1.0].map(ceil), [0, 1, 1]);
        for rounding in [round, floor, ceil] {
            assert_eq!(rounding(f64::INFINITY), i64::MAX);
            assert_eq!(rounding(-1e300), i64::MIN);
            assert_eq!(rounding(9_223_372_036_854_775_808.0), i64::MAX);
        }
    }

    #[test]
    fn money_is_scaled_by_one_product() {
        assert_eq!(scale(1999, 0.15), 300); // 299.85
        assert_eq!(scale(5, 0.5), 2);
        assert_eq!(scale(-5, 0.5), -2);
        assert_eq!(scale(7, 0.5), 4);
        assert_eq!(scale(i64::MAX, 2.0), i64::MAX);
        assert_eq!(scale(i64::MIN, 2.0), i64::MIN);
        assert_eq!(scale(0, f64::INFINITY), i64::MAX);
        assert_eq!(unscale(100, 8.0), Some(12));
        assert_eq!(unscale(300, 8.0), Some(38));
        assert_eq!(unscale(100, -0.0), None);
        assert_eq!(unscale(-100, f64::MIN_POSITIVE), Some(i64::MIN));
        assert_eq!(to_major(1999, 100), 19.99);
        assert_eq!(to_major(-5, 1), -5.0);
    }

    #[test]
    fn equal_values_give_the_first() {
        assert_eq!(min(0.0, -0.0).to_bits(), 0);
        assert_eq!(min(-0.0, 0.0).to_bits(), (-0.0_f64).to_bits());
        assert_eq!(max(-0.0, 0.0).to_bits(), (-0.0_f64).to_bits());
        assert_eq!((min(1.0, 2.0), max(1.0, 2.0)), (1.0, 2.0));
    }

    #[test]
    fn years_are_counted_by_birthdays() {
        let years = |from, to| years_between(day(from), day(to));
        assert_eq!(years("2000-05-10", "2018-05-09"), 17);
        assert_eq!(years("2000-05-10", "2018-05-10"), 18);
        assert_eq!(years("2004-02-29", "2022-02-28"), 17);
        assert_eq!(years("2004-02-29", "2022-03-01"), 18);
        assert_eq!(years("2004-02-29", "2024-02-28"), 19);
        assert_eq!(years("2004-02-29", "2024-02-29"), 20);
        assert_eq!(years("1969-12-31", "1970-12-30"), 0);
        assert_eq!(years("2020-01-02", "2020-01-01"), 0);
        assert_eq!(years("2020-01-01", "1950-01-01"), 0);
        assert_eq!(years_between(i64::MIN, i64::MAX), 2_000_000_000);
        assert_eq!(years_between(i64::MAX, i64::MIN), 0);
    }

    #[test]
    fn civil_dates_are_those_of_the_calendar() {
        let start = jiff::civil::date(-4000, 1, 1);
        let offset = i64::from(start.since(jiff::civil::date(1970, 1, 1)).unwrap().get_days());
        for (index, date) in start.series(jiff::ToSpan::days(1)).take(2_922_000).enumerate().step_by(7) {
            let expected = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
            assert_eq!(civil(offset + index as i64), expected);
        }
    }
}
