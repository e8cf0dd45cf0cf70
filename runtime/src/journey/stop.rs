//! (2) Stops: what ends an instance before anything else happens (reference §10).

use super::occur::{Changes, Occurred};
use super::{Left, State, Watch, WatchOf};
use crate::effect::{Effect, Lifecycle, Outcome, Reason};
use crate::profile::{Cause, Profile};
use crate::step::{Candidate, Step, TOO_LATE};
use comity_compiler::plan::{Plan, Reenter, Trigger};
use smol_str::{SmolStr, format_smolstr};
use std::sync::Arc;

impl Step<'_> {
    pub(super) fn stop_journeys(
        &mut self,
        profile: &mut Profile,
        event: Option<&Occurred<'_>>,
        changes: Changes<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let policy = self.policy;
        let time = event.map_or(profile.now, |event| event.time);
        for number in self.numbers(profile) {
            let Some(at) = profile.journeys.find(number) else { continue };
            let origin = Arc::clone(&profile.journeys.instances[at].origin);
            let journey = &policy.plan.journeys[origin.journey.index()];
            let instance = Some((number, origin.event()));
            let mut reason = None;
            if origin.time <= time && (event.is_some() || !changes.is_empty()) {
                let own = journey.stops.iter().map(|stop| (stop, instance, "on"));
                let global = policy
                    .plan
                    .stops
                    .iter()
                    .filter(|stop| journey.class.is_some_and(|class| stop.classes.contains(&class)));
                for (stop, instance, word) in own.chain(global.map(|stop| (&stop.stop, None, "class"))) {
                    if self.matches(profile, &stop.on, event, changes, instance) {
                        reason = Some(format_smolstr!("{word}:{}", pattern(&policy.plan, &stop.on)));
                        break;
                    }
                }
            }
            if reason.is_none() && self.stops_now(profile, number) {
                reason = Some(SmolStr::new_static("when"));
            }
            if reason.is_some() {
                self.end_instance(profile, number, Lifecycle::Stopped, reason, effects);
            }
        }
    }

    /// Whether a condition of `stop when` holds; if none does, notes when one can.
    fn stops_now(&mut self, profile: &mut Profile, number: u32) -> bool {
        let policy = self.policy;
        let Some(at) = profile.journeys.find(number) else { return false };
        let origin = Arc::clone(&profile.journeys.instances[at].origin);
        let journey = &policy.plan.journeys[origin.journey.index()];
        for stop in &journey.stop_when {
            self.moment.look_at(policy, origin.event());
            if self.moment.judge(policy, profile, stop).holds() {
                return true;
            }
        }
        self.plan_stop(profile, number);
        false
    }

    /// Notes when a condition of `stop when` can become true by time alone.
    pub(super) fn plan_stop(&mut self, profile: &mut Profile, number: u32) {
        let policy = self.policy;
        let Some(at) = profile.journeys.find(number) else { return };
        let origin = Arc::clone(&profile.journeys.instances[at].origin);
        let mut due = i64::MAX;
        for stop in &policy.plan.journeys[origin.journey.index()].stop_when {
            self.moment.look_at(policy, origin.event());
            due = due.min(self.moment.judge(policy, profile, stop).until);
        }
        profile.journeys.instances[at].stop_due = due;
    }

    /// Ends an instance, and drops what it has deferred.
    pub(crate) fn end_instance(
        &mut self,
        profile: &mut Profile,
        number: u32,
        state: Lifecycle,
        reason: Option<SmolStr>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(at) = profile.journeys.find(number) else { return };
        let super::Instance { origin, goal_open, .. } = profile.journeys.instances.remove(at);
        if profile.journeys.instances.is_empty() {
            profile.journeys.instances = Vec::new();
        }
        let is_its = |deferred: &mut crate::profile::Deferred| match &deferred.cause {
            Cause::Journey(proposal) => proposal.number == number,
            _ => false,
        };
        let dropped: Vec<_> = profile.deferred.extract_if(.., is_its).collect();
        for deferred in dropped.into_iter().filter(|_| self.detail.blocked) {
            let channel = Some(deferred.channel);
            let candidate = Candidate::from(deferred);
            effects.push(self.decided(profile, &candidate, Outcome::Blocked(Reason::Stopped), channel));
        }
        let journey = &self.policy.plan.journeys[origin.journey.index()];
        let until = match journey.reenter {
            Reenter::Never => Some(i64::MAX),
            Reenter::After(length) => Some(profile.now.saturating_add(length)),
            Reenter::WhenFinished | Reenter::Always => None,
        };
        if let Some(until) = until {
            let left = Left { journey: journey.name.clone(), key: origin.key, until };
            let known = &mut profile.journeys.past_mut().left;
            known.reserve_exact(1);
            known.push(left);
        }
        // The goal is measured whatever becomes of the instance.
        if let Some(goal) = journey.goal.as_ref().filter(|_| goal_open) {
            let until = origin.entered.saturating_add(goal.within);
            let of = WatchOf::Journey(number, Arc::clone(&origin));
            let goals = &mut profile.journeys.past_mut().goals;
            goals.reserve_exact(1);
            goals.push(Watch { of, from: origin.time, until });
        }
        self.tell(profile, &origin, state, reason, effects);
        profile.journeys.prune(profile.now, TOO_LATE);
        self.members_changed(profile);
    }

    /// An instance that has nothing left to do, and no delivery open, has finished.
    pub(super) fn finish_if_done(&mut self, profile: &mut Profile, number: u32, effects: &mut Vec<Effect>) {
        let Some(at) = profile.journeys.find(number) else { return };
        if profile.journeys.instances[at].places.is_empty() {
            self.end_instance(profile, number, Lifecycle::Finished, None, effects);
        }
    }

    /// Proposals of instances that have ended meanwhile are dropped.
    pub(crate) fn drop_ended(
        &mut self,
        profile: &Profile,
        candidates: &mut Vec<Candidate>,
        effects: &mut Vec<Effect>,
    ) {
        let is_ended = |candidate: &mut Candidate| {
            match &candidate.cause {
            Cause::Journey(proposal) => match profile.journeys.find(proposal.number) {
                Some(at) => !profile.journeys.instances[at].places.iter().any(|place| {
                    matches!(place.state, State::Proposed(act) | State::Retrying { act } if act == proposal.act)
                }),
                None => true,
            },
            _ => false,
        }
        };
        let dropped: Vec<_> = candidates.extract_if(.., is_ended).collect();
        for candidate in dropped.into_iter().filter(|_| self.detail.blocked) {
            let channel = self.routes(&candidate).next().map(|route| route.channel);
            effects.push(self.decided(profile, &candidate, Outcome::Blocked(Reason::Stopped), channel));
        }
    }
}

/// What a pattern is called in a reason.
fn pattern(plan: &Plan, on: &Trigger) -> String {
    match *on {
        Trigger::Event { event, .. } => plan.events[event.index()].name.to_string(),
        Trigger::Enter(segment) => format!("enter:{}", plan.segments[segment.index()].name),
        Trigger::Leave(segment) => format!("leave:{}", plan.segments[segment.index()].name),
        Trigger::Every { .. } => String::new(),
    }
}
