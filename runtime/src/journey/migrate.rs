//! A new version of the policy: instances go on at the same statement, or end (reference §10).

use super::{State, WatchOf};
use crate::effect::{Effect, EffectKind, JourneyEffect, Lifecycle};
use crate::profile::{Cause, Profile};
use crate::step::{Stepper, TOO_LATE};
use comity_compiler::ids::JourneyId;
use comity_compiler::plan::{Mapping, Plan};
use smol_str::SmolStr;
use std::sync::Arc;

impl Stepper {
    /// Carries a customer's journeys over from an older version of the policy to the one of this stepper, at an
    /// instant (µs). `mapping` is from the older plan's journeys to this one's.
    ///
    /// Attributes, events and messages keep their places in this: the caller has carried those over already.
    pub fn migrate(
        &mut self,
        profile: &mut Profile,
        old: &Plan,
        mapping: &Mapping,
        at: i64,
        effects: &mut Vec<Effect>,
    ) {
        let mut step = self.step(0);
        profile.now = profile.now.max(at);
        step.moment.changed();
        let mut gone: Vec<u32> = Vec::new();
        let mut lost = Vec::new();
        let mut index = 0;
        while let Some(instance) = profile.journeys.instances.get_mut(index) {
            let mapped = mapping.journeys.get(instance.origin.journey.index());
            let Some((mapped, journey)) = mapped.and_then(|mapped| Some((mapped, mapped.journey?))) else {
                lost.push(profile.journeys.instances.remove(index));
                continue;
            };
            let target = |step: u32| mapped.steps.get(step as usize).copied().flatten();
            let mut whole = true;
            for place in &mut instance.places {
                match (target(place.step), place.state) {
                    (Some(step), _) => place.step = step,
                    (None, _) => whole = false,
                }
            }
            if let Some(more) = &mut instance.more {
                more.looks.retain_mut(|look| match target(look.wait) {
                    Some(wait) => {
                        look.wait = wait;
                        true
                    }
                    None => false,
                });
                more.counters.retain_mut(|(step, _)| match target(*step) {
                    Some(to) => {
                        *step = to;
                        true
                    }
                    None => false,
                });
            }
            rename(&mut instance.origin, journey);
            if !whole {
                gone.push(instance.number);
            }
            // What stops it may be another condition now.
            let stops = &step.policy.plan.journeys[journey.index()].stop_when;
            instance.stop_due = if stops.is_empty() { i64::MAX } else { profile.now };
            index += 1;
        }
        for deferred in &mut profile.deferred {
            if let Cause::Journey(proposal) = &mut deferred.cause
                && let Some(mapped) = mapping.journeys.get(proposal.origin.journey.index())
                && let (Some(journey), Some(Some(to))) =
                    (mapped.journey, mapped.steps.get(proposal.step as usize))
            {
                proposal.step = *to;
                rename(&mut proposal.origin, journey);
            }
        }
        if let Some(past) = &mut profile.journeys.past {
            past.goals.retain_mut(|watch| match &mut watch.of {
                WatchOf::Journey(_, origin) => {
                    let mapped = mapping.journeys.get(origin.journey.index());
                    match mapped.and_then(|mapped| mapped.journey) {
                        Some(journey) => {
                            rename(origin, journey);
                            true
                        }
                        None => false,
                    }
                }
                WatchOf::Experiment(..) => true,
            });
        }
        let migrated = || Some(SmolStr::new_static("migrated"));
        for instance in lost {
            let is_its = |deferred: &mut crate::profile::Deferred| match &deferred.cause {
                Cause::Journey(proposal) => proposal.number == instance.number,
                _ => false,
            };
            profile.deferred.extract_if(.., is_its).for_each(drop);
            let instance_id = super::instance_id(old, &profile.subject, &instance.origin);
            let journey = old.journeys.get(instance.origin.journey.index());
            let effect = JourneyEffect {
                journey: journey.map(|journey| journey.name.clone()).unwrap_or_default(),
                instance: instance_id.clone(),
                state: Lifecycle::Migrated,
                reason: migrated(),
                origin: instance.origin,
            };
            let id = crate::record::effect_id("j_", &[&instance_id, Lifecycle::Migrated.word()]);
            effects.push(Effect { id, time: profile.now, kind: EffectKind::Journey(Box::new(effect)) });
        }
        for number in gone {
            step.end_instance(profile, number, Lifecycle::Migrated, migrated(), effects);
        }
        // Nothing was proposed when the policy changed: whoever stands at a send without waiting goes on.
        for instance in &mut profile.journeys.instances {
            for place in &mut instance.places {
                let held = |act: u32| {
                    profile.deferred.iter().any(|deferred| match &deferred.cause {
                        Cause::Journey(proposal) => proposal.number == instance.number && proposal.act == act,
                        _ => false,
                    })
                };
                if let State::Proposed(act) = place.state
                    && !held(act)
                {
                    place.state = State::Ready;
                    place.due = profile.now;
                }
            }
        }
        profile.journeys.prune(profile.now, TOO_LATE);
        profile.find_due();
    }
}

fn rename(origin: &mut Arc<super::Origin>, journey: JourneyId) {
    if origin.journey != journey {
        let mut other = super::Origin::clone(origin);
        other.journey = journey;
        *origin = Arc::new(other);
    }
}
