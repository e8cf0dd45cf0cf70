//! Dates, times of day and instants of RFC 3339.

use super::Malformed;

/// The first and the last instant that a policy can speak of: years 1 to 9999, in µs.
const FIRST: i64 = -62_135_596_800_000_000;
const LAST: i64 = 253_402_300_799_999_999;

/// Days since 1970-01-01 of `2026-11-27`.
pub(in crate::intake) fn date(text: &str) -> Result<i64, Malformed> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().map_err(|_| Malformed::PLAIN)?;
    day(bytes)
}

/// µs of the day of `21:00`, also with seconds and a fraction of them.
pub(in crate::intake) fn time(text: &str) -> Result<i64, Malformed> {
    let bytes = text.as_bytes();
    let (&[h1, h2, b':', m1, m2], rest) = bytes.split_first_chunk::<5>().ok_or(Malformed::PLAIN)? else {
        return Err(Malformed::PLAIN);
    };
    let (hour, minute) = (two(h1, h2)?, two(m1, m2)?);
    let (seconds, rest) = match rest {
        [] => (0, rest),
        [b':', s1, s2, rest @ ..] => {
            let second = two(*s1, *s2)?;
            let (fraction, rest) = fraction(rest)?;
            (check(second, 59)? * 1_000_000 + fraction, rest)
        }
        _ => return Err(Malformed::PLAIN),
    };
    if !rest.is_empty() {
        return Err(Malformed::PLAIN);
    }
    Ok((check(hour, 23)? * 60 + check(minute, 59)?) * 60_000_000 + seconds)
}

/// µs since 1970-01-01T00:00:00Z of `2026-11-02T10:00:00Z`. What is finer than a microsecond is cut off; a leap
/// second counts as the second before it.
#[inline]
pub(in crate::intake) fn instant(text: &str) -> Result<i64, Malformed> {
    match text.as_bytes().try_into().ok().and_then(usual) {
        Some(instant) => Ok(instant),
        None => any_instant(text),
    }
}

/// An instant of whole seconds in UTC, such as `2026-11-02T10:00:00Z`, all its digits told by three words; `None` where
/// it isn't one, or needs a closer look.
fn usual(text: &[u8; 20]) -> Option<i64> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (date, time) = text.split_first_chunk::<8>()?;
    let (time, rest) = time.split_first_chunk::<8>()?;
    let rest = u64::from(u32::from_le_bytes(*rest.first_chunk()?));
    let (date, time) = (u64::from_le_bytes(*date), u64::from_le_bytes(*time));
    // What is written less what would be all zeros: each digit by itself, and 0 for all that stands between.
    let date = date ^ u64::from_le_bytes(*b"0000-00-");
    let time = time ^ u64::from_le_bytes(*b"00T00:00");
    let rest = rest ^ u64::from(u32::from_le_bytes(*b":00Z"));
    // Added to a digit, 0x76 stays below the highest bit; added to what must be 0, 0x7f does.
    let exceeds = |digits: u64, most: [u8; 8]| (digits + u64::from_le_bytes(most)) | digits;
    const D: u8 = 0x76;
    const Z: u8 = 0x7f;
    let high = ONES * 0x80;
    if (date | time | rest) & high != 0 {
        return None;
    }
    let wrong = exceeds(date, [D, D, D, D, Z, D, D, Z])
        | exceeds(time, [D, D, Z, D, D, Z, D, D])
        | exceeds(rest, [Z, D, D, Z, 0, 0, 0, 0]);
    if wrong & high != 0 {
        return None;
    }
    // Of two digits, at the place of the first.
    let pairs = |digits: u64| digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let at = |pairs: u64, at: u32| (pairs >> (8 * at)) as u8;
    let (date, time, rest) = (pairs(date), pairs(time), pairs(rest));
    let year = u32::from(at(date, 0)) * 100 + u32::from(at(date, 2));
    let (month, day) = (u32::from(at(date, 5)), u32::from(at(time, 0)));
    let (hour, minute, second) = (at(time, 3), at(time, 6), at(rest, 1));
    // The ends of months, leap seconds and the year 0 are looked at by others.
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) || year == 0 {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days(year.into(), month.into(), day.into());
    let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
    Some((days * 86_400 + seconds) * 1_000_000)
}

fn any_instant(text: &str) -> Result<i64, Malformed> {
    let (&front, rest) = text.as_bytes().split_first_chunk::<19>().ok_or(Malformed::PLAIN)?;
    let [y1, y2, y3, y4, d1, mo1, mo2, d2, da1, da2, t, h1, h2, c1, mi1, mi2, c2, s1, s2] = front;
    if c1 != b':' || c2 != b':' || !matches!(t, b'T' | b't') {
        return Err(Malformed::PLAIN);
    }
    let days = day(&[y1, y2, y3, y4, d1, mo1, mo2, d2, da1, da2])?;
    let hour = check(two(h1, h2)?, 23)?;
    let minute = check(two(mi1, mi2)?, 59)?;
    let second = check(two(s1, s2)?, 60)?.min(59);
    let (fraction, rest) = fraction(rest)?;
    let offset = match *rest {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let offset = check(two(h1, h2)?, 23)? * 60 + check(two(m1, m2)?, 59)?;
            if sign == b'-' { -offset } else { offset }
        }
        [] => return Err(Malformed::because("the offset is missing: write `Z` or, say, `+01:00`")),
        _ => return Err(Malformed::PLAIN),
    };
    let instant = ((days * 24 + hour) * 3600 + (minute - offset) * 60 + second) * 1_000_000 + fraction;
    if (FIRST..=LAST).contains(&instant) { Ok(instant) } else { Err(OUT_OF_RANGE) }
}

const OUT_OF_RANGE: Malformed = Malformed::because("it lies outside the years 1 to 9999");

/// Microseconds of `.025`, if a fraction stands at the front.
fn fraction(bytes: &[u8]) -> Result<(i64, &[u8]), Malformed> {
    let [b'.', rest @ ..] = bytes else { return Ok((0, bytes)) };
    let (digits, rest) = super::digits(rest);
    if digits.is_empty() {
        return Err(Malformed::PLAIN);
    }
    let micros = (0..6).fold(0, |n, at| n * 10 + i64::from(digits.get(at).map_or(0, |digit| digit - b'0')));
    Ok((micros, rest))
}

/// Two digits.
fn two(tens: u8, ones: u8) -> Result<i64, Malformed> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens > 9 || ones > 9 { Err(Malformed::PLAIN) } else { Ok(i64::from(tens * 10 + ones)) }
}

fn check(number: i64, most: i64) -> Result<i64, Malformed> {
    if number <= most { Ok(number) } else { Err(Malformed::PLAIN) }
}

/// Days since 1970-01-01 of a date that there is.
fn day(bytes: &[u8; 10]) -> Result<i64, Malformed> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else { return Err(Malformed::PLAIN) };
    let (year, month, day) = (two(y1, y2)? * 100 + two(y3, y4)?, two(m1, m2)?, two(d1, d2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return Err(Malformed::because("there is no such month")),
    };
    if !(1..=last).contains(&day) {
        return Err(Malformed::because("there is no such day"));
    }
    if year == 0 {
        return Err(OUT_OF_RANGE);
    }
    Ok(days(year, month, day))
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, by H. Hinnant's `days_from_civil`. The year is
/// at least 1.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March, so that the leap day comes last; 400 of them have 146,097 days.
    let (year, month) =
        if month > 2 { (year as u32, month as u32 - 3) } else { (year as u32 - 1, month as u32 + 9) };
    let day_of_year = (153 * month + 2) / 5 + day as u32 - 1;
    i64::from(year * 365 + year / 4 - year / 100 + year / 400 + day_of_year) - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_agree_with_jiff() {
        let texts = [
            "2026-11-02T10:00:00Z",
            "2022-07-31T22:00:00.025Z",
            "2022-07-31T22:00:00.123456Z",
            "2024-02-29T23:59:59+05:30",
            "2024-02-29T00:00:00-23:59",
            "1970-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999999Z",
            "0001-01-01T00:00:00Z",
            "9999-12-30T22:00:00.999999Z",
            "2000-02-29t12:00:00z",
            "2016-12-31T23:59:60Z",
            "2026-11-02T10:00:00-00:00",
        ];
        for text in texts {
            let expected: jiff::Timestamp = text.parse().unwrap();
            assert_eq!(instant(text), Ok(expected.as_microsecond()), "{text}");
        }
        assert_eq!(instant("2022-07-31T22:00:00.1234569Z"), instant("2022-07-31T22:00:00.123456Z"));
        assert_eq!(instant("0001-01-01T00:00:00Z"), Ok(FIRST));
        assert_eq!(instant("9999-12-31T23:59:59.999999Z"), Ok(LAST));
    }

    #[test]
    fn the_usual_is_read_as_the_rest_is() {
        let begins = b"2026-11-02T10:00:00Z";
        for at in 0..begins.len() {
            for byte in 0..=127 {
                let mut text = *begins;
                text[at] = byte;
                let whole = std::str::from_utf8(&text).unwrap();
                assert!(usual(&text).is_none_or(|usual| any_instant(whole) == Ok(usual)), "{whole}");
            }
        }
        let mut at = jiff::Timestamp::from_second(-62_135_596_800).unwrap();
        while let Ok(next) = at.checked_add(jiff::SignedDuration::from_secs(5_000_011)) {
            let text = at.to_string();
            assert_eq!(instant(&text), any_instant(&text), "{text}");
            let is_usual = usual(text.as_bytes().try_into().unwrap()).is_some();
            assert_eq!(is_usual, text[8..10] <= *"28", "{text}");
            at = next;
        }
        for text in
            ["0000-01-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-02T10:00:60Z", "2026-11-02T24:00:00Z"]
        {
            assert_eq!(usual(text.as_bytes().try_into().unwrap()), None, "{text}");
        }
    }

    #[test]
    fn every_day_agrees_with_jiff() {
        let mut at = jiff::civil::date(1, 1, 1);
        let epoch = jiff::civil::date(1970, 1, 1);
        while let Ok(next) = at.checked_add(jiff::Span::new().days(17)) {
            let days = at.since(epoch).unwrap().get_days();
            assert_eq!(date(&at.to_string()), Ok(days.into()), "{at}");
            at = next;
        }
    }

    #[test]
    fn refuses_what_is_no_moment() {
        let offset = "the offset is missing: write `Z` or, say, `+01:00`";
        assert_eq!(instant("2026-11-02T10:00:00"), Err(Malformed(Some(offset))));
        assert_eq!(instant("2026-02-29T10:00:00Z"), Err(Malformed(Some("there is no such day"))));
        assert_eq!(instant("2026-13-01T10:00:00Z"), Err(Malformed(Some("there is no such month"))));
        assert_eq!(instant("0000-01-01T00:00:00Z"), Err(OUT_OF_RANGE));
        assert_eq!(instant("0001-01-01T00:00:00+00:01"), Err(OUT_OF_RANGE));
        assert_eq!(instant("9999-12-31T23:59:59-00:01"), Err(OUT_OF_RANGE));
        let refused = [
            "",
            "2026-11-02",
            "2026-11-02 10:00:00Z",
            "2026-11-02T10:00Z",
            "2026-11-02T24:00:00Z",
            "2026-11-02T10:60:00Z",
            "2026-11-02T10:00:61Z",
            "2026-11-02T10:00:00.Z",
            "2026-11-02T10:00:00,5Z",
            "2026-11-02T10:00:00+1:00",
            "2026-11-02T10:00:00+0100",
            "2026-11-02T10:00:00+24:00",
            "2026-11-02T10:00:00ZZ",
            "2026-11-02T10:00:00Z ",
            "+2026-11-02T10:00:00Z",
            "12026-11-02T10:00:00Z",
            "2026-1-02T10:00:00Z",
            "２026-11-02T10:00:00Z",
            "1762077600",
            "2026-11-02T10:00:00[Europe/Berlin]",
        ];
        for text in refused {
            assert!(instant(text).is_err(), "{text}");
        }
        for text in [
            "2026-11-31",
            "2026-11-1",
            "26-11-01",
            "2026/11/01",
            "2026-11-01T00:00:00Z",
            "2026-00-10",
            "2026-01-00",
        ] {
            assert!(date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_of_day() {
        assert_eq!(time("21:00"), Ok(75_600_000_000));
        assert_eq!(time("00:00"), Ok(0));
        assert_eq!(time("23:59:59.999999"), Ok(86_399_999_999));
        for text in
            ["24:00", "9:00", "09:60", "0900", "09:00Z", "09:00:60", "09:00:00.", "", "09:00 ", "21:0o"]
        {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
