//! Dates of the proleptic Gregorian calendar, and the calendar spans that hold them.
//!
//! The conversions are Howard Hinnant's (<https://howardhinnant.github.io/date_algorithms.html>).

use comity_compiler::plan::Calendar;

/// Dates further away are taken for this one; it is far beyond all that an instant can reach.
const FURTHEST: i64 = 1 << 40;

/// A date as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Civil {
    /// The year before 1 is 0.
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// From 1.
    pub day: u8,
}

impl Civil {
    /// From days since 1970-01-01.
    pub fn of(date: i64) -> Civil {
        // Days since 0000-03-01, so that the leap day is a year's last.
        let days = date.clamp(-FURTHEST, FURTHEST) + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
        Civil { year: era * 400 + year + i64::from(month <= 2), month: month as u8, day: day as u8 }
    }

    /// Days since 1970-01-01. Months and days that don't exist count on from those that do.
    pub fn date(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = self.year.clamp(-FURTHEST, FURTHEST) + (month - 1).div_euclid(12);
        let month = (month - 1).rem_euclid(12) + 1;
        let year = year - i64::from(month <= 2);
        let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
        let month = if month > 2 { month - 3 } else { month + 9 };
        let day = (153 * month + 2) / 5 + day - 1;
        era * 146_097 + year * 365 + year / 4 - year / 100 + day - 719_468
    }
}

/// 0 for monday to 6 for sunday.
pub fn weekday(date: i64) -> u8 {
    // 1970-01-01 was a thursday.
    (date.rem_euclid(7) + 3).rem_euclid(7) as u8
}

/// The first and the last date of the span that holds a date.
pub fn span_of(date: i64, span: Calendar) -> (i64, i64) {
    let date = date.clamp(-FURTHEST, FURTHEST);
    let Civil { year, month, .. } = Civil::of(date);
    match span {
        Calendar::Day => (date, date),
        Calendar::Week => {
            let monday = date - i64::from(weekday(date));
            (monday, monday + 6)
        }
        Calendar::Month => months(year, month, 1),
        Calendar::Quarter => months(year, (month - 1) / 3 * 3 + 1, 3),
        Calendar::Year => months(year, 1, 12),
    }
}

fn months(year: i64, first: u8, count: u8) -> (i64, i64) {
    let start = Civil { year, month: first, day: 1 }.date();
    let next = Civil { year, month: first + count, day: 1 }.date();
    (start, next - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i64, month: u8, day: u8) -> i64 {
        Civil { year, month, day }.date()
    }

    #[test]
    fn dates_and_days_agree_over_centuries() {
        let mut civil = Civil { year: 1599, month: 12, day: 31 };
        for day in date(1600, 1, 1)..date(2401, 1, 1) {
            let leap = civil.year % 4 == 0 && (civil.year % 100 != 0 || civil.year % 400 == 0);
            let length = match civil.month {
                2 => 28 + u8::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            civil = match civil {
                Civil { month: 12, day: 31, year } => Civil { year: year + 1, month: 1, day: 1 },
                Civil { year, month, day } if day == length => Civil { year, month: month + 1, day: 1 },
                Civil { year, month, day } => Civil { year, month, day: day + 1 },
            };
            assert_eq!((Civil::of(day), civil.date()), (civil, day));
        }
        assert_eq!(date(1970, 1, 1), 0);
    }

    #[test]
    fn spans_hold_whole_weeks_months_quarters_and_years() {
        let day = date(2024, 2, 29);
        assert_eq!(weekday(day), 3);
        assert_eq!(span_of(day, Calendar::Day), (day, day));
        assert_eq!(span_of(day, Calendar::Week), (date(2024, 2, 26), date(2024, 3, 3)));
        assert_eq!(span_of(day, Calendar::Month), (date(2024, 2, 1), day));
        assert_eq!(span_of(day, Calendar::Quarter), (date(2024, 1, 1), date(2024, 3, 31)));
        assert_eq!(span_of(date(2023, 12, 31), Calendar::Quarter), (date(2023, 10, 1), date(2023, 12, 31)));
        assert_eq!(span_of(day, Calendar::Year), (date(2024, 1, 1), date(2024, 12, 31)));
        assert_eq!(span_of(-1, Calendar::Week), (-3, 3));
    }

    #[test]
    fn any_number_is_a_date() {
        for date in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
            let _ = (Civil::of(date).date(), weekday(date));
            for span in [Calendar::Day, Calendar::Week, Calendar::Month, Calendar::Quarter, Calendar::Year] {
                let (first, last) = span_of(date, span);
                assert!(first <= last);
            }
        }
        let _ = Civil { year: i64::MAX, month: 255, day: 255 }.date();
        let _ = Civil { year: i64::MIN, month: 0, day: 0 }.date();
    }
}
