//! Goals: what is measured of journeys and experiments (reference §10, §11).

use super::WatchOf;
use super::occur::{Changes, Occurred};
use crate::effect::{Effect, EffectKind, GoalEffect, GoalOf};
use crate::profile::{Cause, Profile};
use crate::step::Step;
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
        let policy = self.policy;
        let time = event.map_or(profile.now, |event| event.time);
        let mut index = 0;
        while let Some(watch) = profile.journeys.past().and_then(|past| past.goals.get(index)).cloned() {
            let (goal, instance) = match &watch.of {
                WatchOf::Journey(number, origin) => {
                    let journey = &policy.plan.journeys[origin.journey.index()];
                    (journey.goal.as_ref(), Some((*number, origin.event())))
                }
                WatchOf::Experiment(experiment, _) => {
                    (policy.plan.experiments[experiment.index()].goal.as_ref(), None)
                }
            };
            let is_met = watch.from <= time
                && time <= watch.until
                && goal.is_some_and(|goal| self.matches(profile, &goal.on, event, changes, instance));
            if !is_met {
                index += 1;
                continue;
            }
            profile.journeys.past_mut().goals.remove(index);
            let cause = match (goal.map(|goal| &goal.on), event) {
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
            let parts: [&str; 5] = [&policy.plan.policy, "goal", &key, subject, &met_by];
            let id = crate::record::effect_id("o_", &parts);
            let kind = EffectKind::Goal(Box::new(GoalEffect { of, cause }));
            effects.push(Effect { id, time: profile.now, kind });
        }
    }
}
