//! The units of time, in µs.

/// µs of a second.
pub const SECOND: i64 = 1_000_000;

/// µs of a minute.
pub const MINUTE: i64 = 60 * SECOND;

/// µs of an hour.
pub const HOUR: i64 = 60 * MINUTE;

/// µs of a day of 24 hours.
pub const DAY: i64 = 24 * HOUR;

/// The units that durations are written in, the largest first.
pub(crate) const LETTERS: [(i64, &str); 4] = [(DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s")];
