//! Exposure to experiments: recorded once, the first time when the arm matters (reference §11).

use super::{Origin, Watch, WatchOf};
use crate::effect::{Effect, EffectKind, ExposedEffect};
use crate::profile::{Cause, Profile};
use crate::step::{Candidate, Stand, Step};
use comity_compiler::ids::*;
use comity_compiler::plan::Source;
use std::sync::Arc;

impl Step<'_> {
    /// The arm of an experiment mattered to the customer.
    pub(crate) fn expose(
        &mut self,
        profile: &mut Profile,
        experiment: ExperimentId,
        cause: &Cause,
        effects: &mut Vec<Effect>,
    ) {
        let known = profile.journeys.past().is_some_and(|past| past.exposed.contains(&experiment));
        if known {
            return;
        }
        self.exposed = true;
        let plan = &self.policy.plan;
        let declared = &plan.experiments[experiment.index()];
        let arm = self.moment.arm(self.policy, profile, experiment);
        let now = profile.now;
        let past = profile.journeys.past_mut();
        past.exposed.push(experiment);
        if let Some(goal) = &declared.goal {
            let until = now.saturating_add(goal.within);
            past.goals.push(Watch { of: WatchOf::Experiment(experiment, arm), from: now, until });
        }
        let id = crate::record::effect_id("x_", &[&plan.policy, "exposed", &declared.name, &profile.subject]);
        let exposed = ExposedEffect { experiment, arm, cause: cause.clone() };
        effects.push(Effect { id, time: now, kind: EffectKind::Exposed(Box::new(exposed)) });
    }

    /// A message left, or its ghost: the arms that it asks for mattered.
    pub(crate) fn expose_by_message(
        &mut self,
        profile: &mut Profile,
        candidate: &Candidate,
        effects: &mut Vec<Effect>,
    ) {
        for experiment in &self.policy.journeys.arms[candidate.message.index()] {
            self.expose(profile, *experiment, &candidate.cause, effects);
        }
    }

    /// A message that `when` and `unless` hold back only because the customer is in this arm and in no other, and
    /// that passes all other gates: the arm mattered, too.
    pub(crate) fn expose_the_ineligible(
        &mut self,
        profile: &mut Profile,
        candidate: &Candidate,
        effects: &mut Vec<Effect>,
    ) {
        let policy = self.policy;
        let experiments = &policy.journeys.guard_arms[candidate.message.index()];
        for experiment in experiments {
            let known = profile.journeys.past().is_some_and(|past| past.exposed.contains(experiment));
            if known || !self.moment.would_pass(policy, profile, candidate, *experiment) {
                continue;
            }
            let mut standing = self.standing(profile, candidate.clone());
            if matches!(self.stand(profile, &mut standing), Stand::Passes { .. }) {
                self.expose(profile, *experiment, &candidate.cause, effects);
            }
        }
    }

    /// An expression of a journey was evaluated: if it asks for an arm, that mattered.
    pub(super) fn expose_by(
        &mut self,
        profile: &mut Profile,
        expr: ExprId,
        origin: &Arc<Origin>,
        effects: &mut Vec<Effect>,
    ) {
        let policy = self.policy;
        for slot in policy.engine.slots(expr) {
            if let Source::Arm(experiment) = policy.plan.slots[slot.index()].source {
                self.expose(profile, experiment, &origin.cause, effects);
            }
        }
    }
}
