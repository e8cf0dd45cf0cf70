//! Quiet hours (language reference §7).
//!
//! A span starts at the earliest and ends at the latest instant that its local times can mean; its weekday is
//! that of the date on which it starts; together the spans of a channel are their union.

use super::{DAY, Zone, civil};
use comity_compiler::plan;

/// How far ahead an end of quiet hours is sought: a quiet span recurs weekly, so that what doesn't end within a
/// week and the longest change of clocks never ends.
const SOUGHT: i64 = 15 * DAY;

/// A span of quiet hours whose condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// µs of the local day, included.
    pub from: i64,
    /// µs of the local day, of the next one where it is not after `from`; not included; 24 h at most.
    pub to: i64,
    /// Bit 0 is monday: the weekdays on which it starts.
    pub weekdays: u8,
}

impl From<&plan::Quiet> for Span {
    fn from(quiet: &plan::Quiet) -> Span {
        Span { from: quiet.from, to: quiet.to, weekdays: quiet.weekdays }
    }
}

/// Whether an instant lies in one of the spans.
pub fn is_quiet(zone: &Zone, spans: &[Span], instant: i64) -> bool {
    spans.iter().any(|span| span.end(zone, instant).is_some())
}

/// The first instant, this one included, that lies in none of the spans: the instant itself where it isn't
/// quiet. `None` where quiet hours never end.
pub fn quiet_end(zone: &Zone, spans: &[Span], instant: i64) -> Option<i64> {
    let mut end = instant;
    while let Some(later) = spans.iter().filter_map(|span| span.end(zone, end)).max() {
        // At the end of time nothing is later.
        if later <= end || later.saturating_sub(instant) > SOUGHT {
            return None;
        }
        end = later;
    }
    Some(end)
}

impl Span {
    /// Where it ends, if it holds the instant.
    fn end(&self, zone: &Zone, instant: i64) -> Option<i64> {
        let ends = |date: i64| date.saturating_add(i64::from(self.to <= self.from));
        let starts = |date: &i64| self.weekdays & (1 << civil::weekday(*date)) != 0;
        // Mostly no clocks change for days, and the local time says it all.
        if let Some(offset) = zone.steady(instant, 4 * DAY) {
            let local = instant.saturating_add(offset);
            let date = local.div_euclid(DAY);
            return [date.saturating_sub(1), date]
                .into_iter()
                .filter(starts)
                .filter(|date| date.saturating_mul(DAY).saturating_add(self.from) <= local)
                .map(|date| ends(date).saturating_mul(DAY).saturating_add(self.to))
                .filter(|end| local < *end)
                .max()
                .map(|end| end.saturating_sub(offset));
        }
        let date = zone.date(instant);
        // Spans reach over a midnight, and a change of clocks over a day at most.
        (-3..=2)
            .map(|days| date.saturating_add(days))
            .filter(starts)
            .filter(|date| zone.earliest(*date, self.from) <= instant)
            .map(|date| zone.latest(ends(date), self.to))
            .filter(|end| instant < *end)
            .max()
    }
}
