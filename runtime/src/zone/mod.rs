//! The customer's local time (language reference §5, `local`; §7, quiet hours; §9, local times).
//!
//! Everything here is total: an instant is any `i64` of microseconds since 1970-01-01T00:00:00Z, a date any
//! `i64` of days since 1970-01-01, a time of day any `i64` of microseconds. What would leave these ranges
//! saturates, and beyond the years that time zones are known for their last rule holds.
//!
//! The zones are those that are compiled in, never the system's, so that every machine decides the same.

mod change;
pub mod civil;
mod place;
pub mod quiet;
#[cfg(test)]
mod tests;

use civil::Civil;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// µs
pub const SECOND: i64 = 1_000_000;
/// µs
pub const MINUTE: i64 = 60 * SECOND;
/// µs
pub const HOUR: i64 = 60 * MINUTE;
/// µs of 24 hours.
pub const DAY: i64 = 24 * HOUR;

/// No zone is further from UTC; it is also more than any jump of local time.
const WIDEST: i64 = 26 * HOUR;

/// Until when the periods are tabled: 2100-01-01.
const TABLED: i64 = 47_482 * DAY;

/// A time zone. There is one value per zone, for ever: compare them as you like, keep references.
pub struct Zone {
    id: u32,
    name: SmolStr,
    zone: TimeZone,
    /// Where each period of one offset begins, ascending; the first at `i64::MIN`.
    starts: Vec<i64>,
    /// µs, of each period.
    offsets: Vec<i64>,
    /// Where the last tabled period ends.
    end: i64,
    /// The period that was asked for last: mostly the next question is about it too.
    recent: AtomicUsize,
}

/// A time during which the offset from UTC is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Period {
    /// Included; `i64::MIN` for the first.
    from: i64,
    /// Not included, but `i64::MAX` is the end of time.
    to: i64,
    /// µs, local minus UTC.
    offset: i64,
}

/// What a wall calendar and a wall clock show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Local {
    /// Days since 1970-01-01.
    pub date: i64,
    /// µs since 00:00, in 0..[`DAY`].
    pub time: i64,
}

impl Local {
    /// 0 to 23.
    pub fn hour(self) -> i64 {
        self.time / HOUR
    }

    /// 0 for monday to 6 for sunday.
    pub fn weekday(self) -> u8 {
        civil::weekday(self.date)
    }

    /// 1 to 12.
    pub fn month(self) -> u8 {
        self.civil().month
    }

    /// Of the month, from 1.
    pub fn day(self) -> u8 {
        self.civil().day
    }

    /// Year, month and day.
    pub fn civil(self) -> Civil {
        Civil::of(self.date)
    }
}

/// All zones that there are; each is read when it is first asked for.
struct Table {
    database: TimeZoneDatabase,
    ids: FxHashMap<SmolStr, u32>,
    zones: Vec<OnceLock<Option<Zone>>>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let database = TimeZoneDatabase::bundled();
        let mut names: Vec<SmolStr> = database.available().map(|name| SmolStr::new(name.as_str())).collect();
        names.sort();
        let zones = names.iter().map(|_| OnceLock::new()).collect();
        let ids = names.into_iter().enumerate().map(|(id, name)| (name, id as u32)).collect();
        Table { database, ids, zones }
    })
}

impl Zone {
    /// The zone of an IANA name, written as IANA writes it; `None` where there is none.
    pub fn named(name: &str) -> Option<&'static Zone> {
        let table = table();
        let id = *table.ids.get(name)?;
        let read = || Some(Zone::new(id, name, table.database.get(name).ok()?));
        table.zones.get(id as usize)?.get_or_init(read).as_ref()
    }

    /// The zone without an offset.
    pub fn utc() -> &'static Zone {
        static UTC: OnceLock<Zone> = OnceLock::new();
        Zone::named("UTC").unwrap_or_else(|| UTC.get_or_init(|| Zone::new(u32::MAX, "UTC", TimeZone::UTC)))
    }

    /// Its position among the names of all zones: it tells zones apart while the program runs.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn new(id: u32, name: &str, zone: TimeZone) -> Zone {
        let mut starts = vec![i64::MIN];
        let mut offsets = vec![micros(zone.to_offset(Timestamp::MIN))];
        let mut end = i64::MAX;
        for transition in zone.following(Timestamp::MIN) {
            let at = transition.timestamp().as_microsecond();
            if at >= TABLED {
                end = at;
                break;
            }
            let offset = micros(transition.offset());
            // Names of zone times change without their offset.
            if offsets.last() != Some(&offset) {
                starts.push(at);
                offsets.push(offset);
            }
        }
        let recent = AtomicUsize::new(starts.len() - 1);
        Zone { id, name: SmolStr::new(name), zone, starts, offsets, end, recent }
    }

    /// The date and the time that clocks show.
    pub fn local(&self, instant: i64) -> Local {
        let local = instant.saturating_add(self.period(instant).offset);
        Local { date: local.div_euclid(DAY), time: local.rem_euclid(DAY) }
    }

    /// The local date, as days since 1970-01-01.
    pub fn date(&self, instant: i64) -> i64 {
        self.local(instant).date
    }

    /// The offset, where clocks don't change within `margin` of an instant.
    fn steady(&self, instant: i64, margin: i64) -> Option<i64> {
        let period = self.period(instant);
        let is_steady =
            period.from <= instant.saturating_sub(margin) && instant.saturating_add(margin) < period.to;
        is_steady.then_some(period.offset)
    }

    /// The period that holds an instant.
    fn period(&self, instant: i64) -> Period {
        let recent = self.recent.load(Ordering::Relaxed);
        if let Some(period) = self.tabled(recent)
            && period.from <= instant
            && instant < period.to
        {
            return period;
        }
        if instant >= self.end {
            return self.later(instant);
        }
        let at = self.starts.partition_point(|start| *start <= instant).saturating_sub(1);
        self.recent.store(at, Ordering::Relaxed);
        self.tabled(at).unwrap_or(Period { from: i64::MIN, to: i64::MAX, offset: 0 })
    }

    fn tabled(&self, at: usize) -> Option<Period> {
        let (from, offset) = (*self.starts.get(at)?, *self.offsets.get(at)?);
        Some(Period { from, to: self.starts.get(at + 1).copied().unwrap_or(self.end), offset })
    }

    /// A period after those in the table.
    #[cold]
    fn later(&self, instant: i64) -> Period {
        // The instant itself, as long as one can look beyond it.
        let most = Timestamp::MAX.as_microsecond() - 1;
        let at = Timestamp::from_microsecond(instant.min(most)).unwrap_or(Timestamp::MAX);
        let after = Timestamp::from_microsecond(instant.min(most) + 1).unwrap_or(Timestamp::MAX);
        let mut before = self.zone.preceding(after).map(|transition| transition.timestamp().as_microsecond());
        let mut next = self.zone.following(at).map(|transition| transition.timestamp().as_microsecond());
        Period {
            from: before.next().unwrap_or(self.end),
            to: next.next().unwrap_or(i64::MAX),
            offset: micros(self.zone.to_offset(at)),
        }
    }
}

fn micros(offset: jiff::tz::Offset) -> i64 {
    i64::from(offset.seconds()) * SECOND
}

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.id == other.id
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Zone({})", self.name)
    }
}
