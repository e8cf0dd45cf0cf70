//! Journeys of two customers who turned out to be one (reference §6).

use super::{Journeys, WatchOf};
use crate::effect::{Effect, Lifecycle};
use crate::profile::{Cause, Deferred, Profile};
use crate::step::Step;
use comity_compiler::plan::Reenter;
use smol_str::SmolStr;

impl Journeys {
    /// Takes over those of another customer, and gives their instances numbers of its own.
    pub(crate) fn take_over(&mut self, other: Journeys, deferred: &mut [Deferred]) {
        let shift = self.next;
        let shifted = |number: u32| number.wrapping_add(shift);
        self.next = shifted(other.next);
        for mut instance in other.instances {
            instance.number = shifted(instance.number);
            self.instances.push(instance);
        }
        self.instances.sort_by_key(|instance| instance.origin.entered);
        for deferred in deferred {
            if let Cause::Journey(proposal) = &mut deferred.cause {
                proposal.number = shifted(proposal.number);
            }
        }
        self.sent.extend(other.sent.into_iter().map(|mut sent| {
            sent.number = shifted(sent.number);
            sent
        }));
        let Some(past) = other.past else { return };
        let mine = self.past_mut();
        mine.left.extend(past.left);
        mine.goals.extend(past.goals.into_iter().map(|mut watch| {
            if let WatchOf::Journey(number, _) = &mut watch.of {
                *number = shifted(*number);
            }
            watch
        }));
        for experiment in past.exposed {
            if !mine.exposed.contains(&experiment) {
                mine.exposed.push(experiment);
            }
        }
    }
}

impl Step<'_> {
    /// Of two instances with the same journey and key the older stays.
    pub(crate) fn end_twins(&mut self, profile: &mut Profile, effects: &mut Vec<Effect>) {
        let plan = &self.policy.plan;
        let mut twins = Vec::new();
        let instances = &profile.journeys.instances;
        for (index, instance) in instances.iter().enumerate() {
            let origin = &instance.origin;
            let same = |other: &super::Instance| {
                other.origin.journey == origin.journey && other.origin.key == origin.key
            };
            let is_second = instances[..index].iter().any(same);
            if is_second && plan.journeys[origin.journey.index()].reenter != Reenter::Always {
                twins.push(instance.number);
            }
        }
        for number in twins {
            let reason = Some(SmolStr::new_static("merged"));
            self.end_instance(profile, number, Lifecycle::Stopped, reason, effects);
        }
    }
}
