//! Instants on the command line.

use crate::failure::{Failure, Result};
use comity_runtime::replay::FURTHEST;
use jiff::{Timestamp, tz::TimeZone};

/// The years in which instants lie. Others are slips, or stand for "never".
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2199;

/// Reads an RFC 3339 instant as µs since 1970-01-01T00:00:00Z.
///
/// # Errors
/// Says how an instant is written, and in which years it lies.
pub(crate) fn parse(text: &str) -> std::result::Result<i64, String> {
    let instant = text.parse::<Timestamp>().map_err(|_| {
        "an instant is written like 2026-11-27T10:00:00Z or 2026-11-27T11:00:00+01:00".to_owned()
    })?;
    let year = instant.to_zoned(TimeZone::UTC).year();
    if !YEARS.contains(&year) {
        return Err(format!("an instant lies in the years {} to {}", YEARS.start(), YEARS.end()));
    }
    Ok(instant.as_microsecond())
}

/// Refuses to let the clock run on for longer after a log than within it: all that is due until then, of each customer,
/// would be decided.
///
/// # Errors
/// Where an option (`--until`) asks for that.
pub(crate) fn refuse_far(option: &str, at: Option<i64>, last: Option<i64>) -> Result<()> {
    let (Some(at), Some(last)) = (at, last) else { return Ok(()) };
    if at.saturating_sub(last) <= FURTHEST {
        return Ok(());
    }
    let (at, last) = (shown(at), shown(last));
    Err(Failure::new(format!("`{option}`: {at} is more than ten years after the last event, at {last}"))
        .help("give an instant within ten years of it"))
}

/// In RFC 3339.
pub(crate) fn shown(at: i64) -> String {
    Timestamp::from_microsecond(at).map(|at| at.to_string()).unwrap_or_default()
}

/// The present instant, in µs.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_needs_its_offset() {
        assert_eq!(parse("1970-01-01T00:00:01Z"), Ok(1_000_000));
        assert_eq!(parse("1970-01-01T01:00:00.5+01:00"), Ok(500_000));
        assert!(parse("1970-01-01T00:00:01").is_err());
        assert!(parse("tomorrow").is_err());
    }

    #[test]
    fn an_instant_lies_within_some_years() {
        assert!(parse("2199-12-31T23:59:59Z").is_ok());
        for far in ["9999-12-30T10:00:00Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z"] {
            assert_eq!(parse(far), Err("an instant lies in the years 1970 to 2199".to_owned()));
        }
    }

    #[test]
    fn the_clock_runs_on_for_ten_years() {
        let instant = |text: &str| parse(text).ok();
        let last = instant("2026-11-02T10:00:00Z");
        assert!(refuse_far("--until", instant("2036-11-02T10:00:00Z"), last).is_ok());
        assert!(refuse_far("--until", instant("2036-11-04T10:00:00Z"), last).is_err());
        assert!(refuse_far("--until", instant("2199-01-01T00:00:00Z"), None).is_ok());
        assert!(refuse_far("--until", None, last).is_ok());
    }
}
