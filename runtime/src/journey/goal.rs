//! Goals: what is measured of journeys and experiments (reference §10, §11).

use super::occur::{Changes, Occurred};
use super::{Watch, WatchOf};
use crate::effect::{Effect, EffectKind, GoalEffect, GoalOf};
use crate::profile::{Cause, Profile};
use crate::step::{Step, TOO_LATE};
use comity_compiler::plan::Trigger;
use std::sync::Arc;

impl Step<'_> {
    /// Goals that the event, or a change, meets: each once.
    pub(super) fn meet_goals(
        &mut self,
        profile: &mut Profile,
        event: Option<&Occurred<'_>>,
        changes: Changes<'_>,
        effects: &mut Vec<Effect>,
    ) {
        if event.is_none() && changes.is_empty() {
            return;
        }
        for watch in self.met(profile, event, changes) {
            let goal = match &watch.of {
                WatchOf::Journey(_, origin) => &self.policy.plan.journeys[origin.journey.index()].goal,
                WatchOf::Experiment(experiment, _) => &self.policy.plan.experiments[experiment.index()].goal,
            };
            let policy = self.policy;
            let cause = match (goal.as_ref().map(|goal| &goal.on), event) {
                (Some(Trigger::Enter(segment)), _) => Cause::Entered(*segment, profile.now),
                (Some(Trigger::Leave(segment)), _) => Cause::Left(*segment, profile.now),
                (_, Some(occurred)) => Cause::Event(Arc::clone(occurred.event)),
                (_, None) => continue,
            };
            let subject = &profile.subject;
            let (of, key) = match watch.of {
                WatchOf::Journey(_, origin) => {
                    let instance = super::instance_id(&policy.plan, subject, &origin);
                    (GoalOf::Journey(origin.journey, instance.clone()), instance)
                }
                WatchOf::Experiment(id, arm) => {
                    (GoalOf::Experiment(id, arm), policy.plan.experiments[id.index()].name.clone())
                }
            };
            let met_by = cause.text(&policy.plan);
            let parts: [&str; 5] = [&policy.plan.policy, "goal", &key, subject, met_by.as_str()];
            let id = crate::record::effect_id("o_", &parts);
            let kind = EffectKind::Goal(Box::new(GoalEffect { of, cause }));
            effects.push(Effect { id, time: profile.now, kind });
        }
    }

    /// The goals that are met, which then are open no longer: of the instances that run, and of what is past.
    fn met(
        &mut self,
        profile: &mut Profile,
        event: Option<&Occurred<'_>>,
        changes: Changes<'_>,
    ) -> Vec<Watch> {
        let policy = self.policy;
        let time = event.map_or(profile.now, |event| event.time);
        let mut met = Vec::new();
        for number in self.numbers(profile) {
            let Some(at) = profile.journeys.find(number) else { continue };
            let instance = &profile.journeys.instances[at];
            if !instance.goal_open {
                continue;
            }
            let origin = Arc::clone(&instance.origin);
            let Some(goal) = &policy.plan.journeys[origin.journey.index()].goal else { continue };
            let (from, until) = (origin.time, origin.entered.saturating_add(goal.within));
            let own = Some((number, origin.event()));
            if (from..=until).contains(&time) && self.matches(profile, &goal.on, event, changes, own) {
                profile.journeys.instances[at].goal_open = false;
                met.push(Watch { of: WatchOf::Journey(number, origin), from, until });
            }
        }
        let mut index = 0;
        while let Some(watch) = profile.journeys.past().and_then(|past| past.goals.get(index)).cloned() {
            let (goal, own) = match &watch.of {
                WatchOf::Journey(number, origin) => {
                    (&policy.plan.journeys[origin.journey.index()].goal, Some((*number, origin.event())))
                }
                WatchOf::Experiment(experiment, _) => {
                    (&policy.plan.experiments[experiment.index()].goal, None)
                }
            };
            // As if it had been forgotten at once when its time was over.
            let is_met = (watch.from..=watch.until).contains(&time)
                && watch.until.saturating_add(TOO_LATE) >= profile.now
                && goal.as_ref().is_some_and(|goal| self.matches(profile, &goal.on, event, changes, own));
            if is_met {
                profile.journeys.past_mut().goals.remove(index);
                met.push(watch);
            } else {
                index += 1;
            }
        }
        met
    }
}
