//! From local times to instants.

use super::{DAY, WIDEST, Zone};

/// Which instants a local time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Meaning {
    /// The earliest one.
    first: i64,
    /// The latest one.
    last: i64,
}

impl Zone {
    /// The instant of a local time, for `wait until`, `every` and `at` (§9): where it doesn't exist, the first
    /// instant after the gap; where it exists twice, the first. It never falls as the local time grows.
    pub fn first(&self, date: i64, time: i64) -> i64 {
        self.meaning(date, time).first
    }

    /// The earliest instant that a local time can mean: where a quiet span starts (§7). 24:00 is the next date's
    /// 00:00.
    pub fn earliest(&self, date: i64, time: i64) -> i64 {
        self.meaning(date, time).first
    }

    /// The latest instant that a local time can mean: where a quiet span ends (§7). 24:00 is the next date's
    /// 00:00.
    pub fn latest(&self, date: i64, time: i64) -> i64 {
        self.meaning(date, time).last
    }

    /// The next instant, the given one included, at which the local time comes, on this weekday (0 is monday) or
    /// on any. Each date has it once, as [`Zone::first`] says.
    pub fn next_local(&self, instant: i64, weekday: Option<u8>, time: i64) -> i64 {
        // A gap can move yesterday's time to today; no weekday is further away than a week.
        let date = self.date(instant).saturating_sub(2);
        (0..20)
            .map(|days| date.saturating_add(days))
            .filter(|date| weekday.is_none_or(|weekday| super::civil::weekday(*date) == weekday))
            .map(|date| self.first(date, time))
            .find(|found| *found >= instant)
            .unwrap_or(i64::MAX)
    }

    /// The next instant after the given one at which the local time comes; see [`Zone::next_local`].
    pub fn next_local_after(&self, instant: i64, weekday: Option<u8>, time: i64) -> i64 {
        self.next_local(instant.saturating_add(1), weekday, time)
    }

    fn meaning(&self, date: i64, time: i64) -> Meaning {
        let local = date.saturating_mul(DAY).saturating_add(time);
        let (start, end) = (local.saturating_sub(WIDEST), local.saturating_add(WIDEST));
        let mut period = self.period(start);
        // Most times are far from any change of the offset.
        if period.from <= start && end < period.to {
            let at = local.saturating_sub(period.offset);
            return Meaning { first: at, last: at };
        }
        let mut found: Option<Meaning> = None;
        let mut gap = None;
        loop {
            let at = local.saturating_sub(period.offset);
            if period.from <= at && (at < period.to || period.to == i64::MAX) {
                found = Some(Meaning { first: found.map_or(at, |found| found.first), last: at });
            }
            if period.to > end || period.to == i64::MAX {
                break;
            }
            let next = self.period(period.to);
            let (before, after) =
                (period.to.saturating_add(period.offset), next.from.saturating_add(next.offset));
            if before <= local && local < after {
                gap = gap.or(Some(period.to));
            }
            period = next;
        }
        // Outside the ends of time only a saturated one is left.
        let gap = gap.unwrap_or(local);
        found.unwrap_or(Meaning { first: gap, last: gap })
    }
}
