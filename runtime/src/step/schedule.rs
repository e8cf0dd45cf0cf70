//! Messages that are due at a local time, `every monday at 10:00`.

use super::{Candidate, Step, propose};
use crate::profile::{Cause, Profile, ScheduleState};
use crate::zone::{Zone, civil::weekday};

impl Step<'_> {
    /// Works out when each schedule is next due: at the first step, and when the time zone changes.
    pub(super) fn plan_schedules(&mut self, profile: &mut Profile) {
        let policy = self.policy;
        for (schedule, state) in policy.schedules.iter().zip(&mut profile.schedules) {
            state.due = next_due(profile.zone, profile.now, state.last_date, schedule.weekday, schedule.time);
        }
    }

    /// The messages that schedules propose now.
    pub(super) fn propose_by_schedules(&mut self, profile: &mut Profile, candidates: &mut Vec<Candidate>) {
        let policy = self.policy;
        for (index, schedule) in policy.schedules.iter().enumerate() {
            if profile.schedules[index].due > profile.now {
                continue;
            }
            let date = profile.zone.local(profile.now).date;
            propose(candidates, profile, schedule.on, Cause::Schedule(date), false);
            let due = next_due(profile.zone, profile.now, date, schedule.weekday, schedule.time);
            profile.schedules[index] = ScheduleState { due, last_date: date };
        }
    }
}

/// The first instant from `now` on at which it is this local time on such a weekday, of a date after `last`.
fn next_due(zone: &Zone, now: i64, last: i64, on: Option<u8>, time: i64) -> i64 {
    let first = zone.local(now).date.max(last.saturating_add(1));
    let mut dates = (first..).take(15).filter(|date| on.is_none_or(|day| weekday(*date) == day));
    dates.find_map(|date| Some(zone.first(date, time)).filter(|at| *at >= now)).unwrap_or(i64::MAX)
}
