//! Messages that are due at a local time, `every monday at 10:00`.

use super::{Candidate, Step, propose};
use crate::moment::reachable;
use crate::policy::watches::{ASLEEP, CLOSED, Clock, HOLDS, Scheduled, Standing};
use crate::profile::{Cause, Deferred, Profile};
use crate::zone::{Zone, civil::weekday};
use comity_compiler::ids::{JourneyId, MessageId};
use comity_compiler::plan::Message;

/// When a clock next shows its time, for instants up to then.
#[derive(Clone, Copy)]
pub(super) struct Occurrence {
    zone: u32,
    from: i64,
    at: i64,
    date: i64,
}

impl Occurrence {
    /// Nothing has been worked out.
    pub(super) const NONE: Occurrence = Occurrence { zone: u32::MAX, from: i64::MAX, at: i64::MIN, date: 0 };
}

impl Step<'_> {
    /// Works out when each schedule is next due: at the first step, and when the time zone changes.
    pub(super) fn plan_schedules(&mut self, profile: &mut Profile) {
        let segments = self.policy.plan.segments.len();
        for index in 0..self.policy.watches.schedules.len() {
            let last = profile.last_dates[index];
            profile.standings[segments + index] = HOLDS;
            profile.watches[segments + index] = self.next_occurrence(profile, index, profile.now, last);
        }
    }

    /// Notes the dates that have passed while schedules slept, before the time zone changes: a date that was in one
    /// zone can come again in the other.
    pub(crate) fn note_dates(&self, profile: &mut Profile) {
        for index in 0..self.policy.watches.schedules.len() {
            if profile.standings[self.policy.plan.segments.len() + index] != HOLDS {
                self.note_date(profile, index);
            }
        }
    }

    /// The same of one that slept.
    pub(super) fn note_date(&self, profile: &mut Profile, schedule: usize) {
        if self.policy.plan.timezone.is_none() {
            return;
        }
        let clock = self.policy.watches.clocks[self.policy.watches.schedules[schedule].clock];
        let now = if self.schedules_done { profile.now.saturating_add(1) } else { profile.now };
        let last = &mut profile.last_dates[schedule];
        if let Some(date) = last_due(profile.zone, now.max(profile.timers_done), *last, clock) {
            *last = date;
        }
    }

    /// The messages that schedules propose now; says whether any of them may be sent.
    ///
    /// One that may not, and can't before some instant unless something happens, is left alone until then.
    pub(super) fn propose_by_schedules(
        &mut self,
        profile: &mut Profile,
        candidates: &mut Vec<Candidate>,
        journeys: &mut Vec<(JourneyId, i64)>,
    ) -> bool {
        let policy = self.policy;
        self.schedules_done = true;
        let mut any = false;
        for (index, schedule) in policy.watches.schedules.iter().enumerate() {
            let watch = policy.plan.segments.len() + index;
            if profile.watches[watch] > self.limit(profile) {
                continue;
            }
            let date = profile.zone.local(profile.now).date;
            let on = match schedule.on {
                Scheduled::Message(on) => on,
                Scheduled::Journey(journey) => {
                    profile.watches[watch] = self.next_occurrence(profile, index, profile.now, date);
                    profile.last_dates[index] = date;
                    journeys.push((journey, date));
                    any = true;
                    continue;
                }
            };
            let (standing, until) = self.may_be_sent(profile, on.message, date);
            // Proposed anew, it takes the place of the one that waits, whatever becomes of it then.
            let waits =
                |deferred: &Deferred| (deferred.message, deferred.trigger) == (on.message, on.trigger);
            let matters = standing == HOLDS || profile.deferred.iter().any(waits);
            any |= matters;
            profile.last_dates[index] = date;
            if matters || schedule.is_restless || self.detail.blocked {
                profile.standings[watch] = HOLDS;
                profile.watches[watch] = self.next_occurrence(profile, index, profile.now, date);
                propose(candidates, profile, on, Cause::Schedule(date), false);
            } else {
                profile.standings[watch] = standing;
                profile.watches[watch] = self.next_occurrence(profile, index, until, date);
            }
        }
        any
    }

    /// Whether a message passes gates 1 and 2 now, and those of consent and reachability as far as these depend on
    /// nothing that changes with time; and until when this stays so unless something happens.
    fn may_be_sent(&mut self, profile: &mut Profile, id: MessageId, today: i64) -> (Standing, i64) {
        let message = &self.policy.plan.messages[id.index()];
        match message.active {
            Some((first, _)) if today < first => return (ASLEEP, profile.zone.first(first, 0)),
            Some((_, last)) if last < today => return (ASLEEP, i64::MAX),
            _ => {}
        }
        let judgement = self.moment.judge(self.policy, profile, &message.guard);
        if judgement.holds() && self.policy.closable[id.index()] && !self.has_way_out(profile, message) {
            return (CLOSED, i64::MAX);
        }
        (judgement.standing(), judgement.until)
    }

    /// Whether a channel of a message passes gates 3 and 4.
    pub(crate) fn has_way_out(&mut self, profile: &mut Profile, message: &Message) -> bool {
        message.routes.iter().any(|route| {
            reachable(self.policy, profile, route.channel)
                && message.purposes.iter().all(|purpose| {
                    self.moment.consent(self.policy, profile, *purpose, route.channel).is_some()
                })
        })
    }

    /// The first instant, from one on, at which a schedule is due, of a local date after the last one.
    pub(super) fn next_occurrence(
        &mut self,
        profile: &Profile,
        schedule: usize,
        from: i64,
        last: i64,
    ) -> i64 {
        if from == i64::MAX {
            return i64::MAX;
        }
        let zone = profile.zone;
        let position = self.policy.watches.schedules[schedule].clock;
        let clock = self.policy.watches.clocks[position];
        let known = self.occurrences[position];
        if known.zone == zone.id() && known.from <= from && from <= known.at && last < known.date {
            return known.at;
        }
        let at = next_due(zone, from, last, clock);
        // What holds for a customer who hasn't had it lately holds for the next one too.
        if at < i64::MAX && last < zone.local(from).date {
            let date = zone.local(at).date;
            self.occurrences[position] = Occurrence { zone: zone.id(), from, at, date };
        }
        at
    }
}

/// The latest date after `last` on which it was this local time on such a weekday before an instant.
fn last_due(zone: &Zone, before: i64, last: i64, clock: Clock) -> Option<i64> {
    let today = zone.local(before).date;
    let mut dates = (0..15).map(|days| today.saturating_sub(days)).take_while(|date| *date > last);
    let on = |date: &i64| clock.weekday.is_none_or(|day| weekday(*date) == day);
    dates.find(|date| on(date) && zone.first(*date, clock.time) < before)
}

/// The first instant from `now` on at which it is this local time on such a weekday, of a date after `last`.
fn next_due(zone: &Zone, now: i64, last: i64, clock: Clock) -> i64 {
    let first = zone.local(now).date.max(last.saturating_add(1));
    let on = |date: &i64| clock.weekday.is_none_or(|day| weekday(*date) == day);
    let mut dates = (first..).take(15).filter(on);
    dates.find_map(|date| Some(zone.first(date, clock.time)).filter(|at| *at >= now)).unwrap_or(i64::MAX)
}
