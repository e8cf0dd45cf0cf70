//! When the local date leaves a span, and which instants a span of dates holds.

use super::civil::span_of;
use super::{DAY, WIDEST, Zone};
use comity_compiler::plan::Calendar;
use smallvec::SmallVec;

impl Zone {
    /// The first instant after this one at which the local date is another: midnight, as a rule, but midnight can
    /// be missing or come twice, and dates can be skipped. `i64::MAX` where there is none.
    pub fn next_date_change(&self, instant: i64) -> i64 {
        let date = self.date(instant);
        self.leaves(instant, date, date)
    }

    /// The first instant after this one at which the local date lies in another span. `i64::MAX` where there is
    /// none.
    pub fn span_end(&self, instant: i64, span: Calendar) -> i64 {
        let (first, last) = span_of(self.date(instant), span);
        self.leaves(instant, first, last)
    }

    /// The first instant after this one at which clocks show this time of day or change: what is asked of the
    /// local time can have another answer then. `i64::MAX` where there is none.
    pub fn next_reading(&self, instant: i64, time: i64) -> i64 {
        let period = self.period(instant);
        let local = instant.saturating_add(period.offset);
        let ahead = (time.rem_euclid(DAY) - local.rem_euclid(DAY)).rem_euclid(DAY);
        instant.saturating_add(if ahead == 0 { DAY } else { ahead }).min(period.to)
    }

    /// The instants whose local date lies between two dates, both included, as `[from, to)`, ascending, without
    /// those that touch. As a rule one; more where clocks go back over midnight; none where dates are skipped.
    pub fn instants_of(&self, first: i64, last: i64) -> SmallVec<[(i64, i64); 1]> {
        let (start, end) = (first.saturating_mul(DAY), last.saturating_add(1).saturating_mul(DAY));
        let mut found = SmallVec::<[(i64, i64); 1]>::new();
        let mut period = self.period(start.saturating_sub(WIDEST));
        loop {
            let from = period.from.max(start.saturating_sub(period.offset));
            let to = period.to.min(end.saturating_sub(period.offset));
            if from < to {
                match found.last_mut() {
                    Some(before) if before.1 == from => before.1 = to,
                    _ => found.push((from, to)),
                }
            }
            if period.to == i64::MAX || period.to > end.saturating_add(WIDEST) {
                return found;
            }
            period = self.period(period.to);
        }
    }

    /// The first instant after this one at which the local date isn't between these.
    fn leaves(&self, instant: i64, first: i64, last: i64) -> i64 {
        let end = last.saturating_add(1).saturating_mul(DAY);
        let mut period = self.period(instant);
        loop {
            // The end of time isn't a midnight.
            let at = if end == i64::MAX { end } else { end.saturating_sub(period.offset) };
            if at < period.to {
                return at;
            }
            if period.to == i64::MAX {
                return i64::MAX;
            }
            let date = self.date(period.to);
            if date < first || last < date {
                return period.to;
            }
            period = self.period(period.to);
        }
    }
}
