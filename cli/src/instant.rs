//! Instants on the command line.

use jiff::Timestamp;

/// Reads an RFC 3339 instant as µs since 1970-01-01T00:00:00Z.
///
/// # Errors
/// Says how an instant is written.
pub(crate) fn parse(text: &str) -> Result<i64, String> {
    text.parse::<Timestamp>().map(Timestamp::as_microsecond).map_err(|_| {
        "an instant is written like 2026-11-27T10:00:00Z or 2026-11-27T11:00:00+01:00".to_owned()
    })
}

/// The present instant, in µs.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_microsecond()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_instant_needs_its_offset() {
        assert_eq!(parse("1970-01-01T00:00:01Z"), Ok(1_000_000));
        assert_eq!(parse("1970-01-01T01:00:00.5+01:00"), Ok(500_000));
        assert!(parse("1970-01-01T00:00:01").is_err());
        assert!(parse("tomorrow").is_err());
    }
}
