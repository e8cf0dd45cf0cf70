//! Exposure to experiments: recorded once, the first time when the arm matters (reference §11).
//!
//! Whether and when a customer is exposed must not follow from the arm, or the arms differ in more than what is tried. So
//! what would be proposed in another arm is tried as well, as *counterfactual*: it goes through the gates and the
//! arbitration in its turn, waits for quiet hours to end, and never leaves (docs/decisions/0025-counterfactuals.md).

use super::enter::Start;
use super::{Origin, Watch, WatchOf};
use crate::effect::{Effect, EffectKind, ExposedEffect};
use crate::moment::Moment;
use crate::policy::journeys::{Asked, experiments};
use crate::profile::{Cause, Profile};
use crate::step::gates::Standing;
use crate::step::{Candidate, Step};
use comity_compiler::ids::*;
use comity_compiler::plan::Source;
use smallvec::SmallVec;
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
        if profile.journeys.is_exposed(experiment) {
            return;
        }
        self.arm_matters = true;
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
        profile.forget_counterfactuals();
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
        for asked in &self.policy.journeys.arms[candidate.message.index()] {
            self.expose(profile, asked.experiment, &candidate.cause, effects);
        }
    }

    /// Whether a candidate may have to be tried as in other arms, too.
    pub(crate) fn asks_for_arm(&self, candidate: &Candidate) -> bool {
        candidate.counterfactual.is_some()
            || self.policy.journeys.arms[candidate.message.index()].iter().any(Asked::decides)
    }

    /// What stands because of a candidate in the arms in which the customer isn't, where it would stand otherwise
    /// there than it does: `passes` says whether the guard holds in the customer's own.
    ///
    /// What has waited as counterfactual stays so, also where the customer's own arm would let it go now: it was never
    /// proposed.
    pub(crate) fn stand_in_other_arms(
        &mut self,
        profile: &mut Profile,
        candidate: &Candidate,
        passes: bool,
        undecided: &mut Vec<Standing>,
    ) {
        let policy = self.policy;
        let message = candidate.message;
        for asked in policy.journeys.arms[message.index()].iter().filter(|asked| asked.decides()) {
            let (of, waited) = (asked.experiment, candidate.counterfactual);
            let is_as_here = passes && waited.is_none() && !asked.ways;
            let is_as_here = is_as_here || !passes && !asked.guard;
            if is_as_here || waited.is_some_and(|other| other != of) || profile.journeys.is_exposed(of) {
                continue;
            }
            let mut arms = match asked.guard {
                true => self.moment.passing_arms(policy, profile, candidate, of, asked.guard_is_plain),
                false => (0..policy.plan.experiments[of.index()].arms.len() as u32).collect(),
            };
            let mine = self.moment.arm(policy, profile, of);
            arms.retain(|arm| waited.is_some() || *arm != mine);
            // Where the channels are as in each other arm, one stands for all.
            arms.truncate(if asked.ways { usize::MAX } else { 1 });
            for arm in arms {
                let counterfactual = Candidate { counterfactual: Some(of), ..candidate.clone() };
                let mut standing = self.standing(profile, counterfactual);
                standing.in_arm = asked.ways.then_some((of, arm));
                undecided.push(standing);
                // What no channel can take, whatever happens meanwhile, leaves no trace in the other arm either.
                let declared = &policy.plan.messages[message.index()];
                self.arm_matters |= !policy.closable[message.index()] || self.has_way_out(profile, declared);
            }
        }
    }

    /// A candidate is held back by quiet hours: whether it waits for their end.
    ///
    /// A journey waits with its message, and goes on at once in the arm that has none: there the ways part, and the arm
    /// matters at once.
    pub(crate) fn waits(
        &mut self,
        profile: &mut Profile,
        candidate: &Candidate,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let policy = self.policy;
        let of_journey = matches!(candidate.cause, Cause::Journey(_));
        let Some(experiment) = candidate.counterfactual else {
            let asked = policy.journeys.arms[candidate.message.index()].iter();
            for asked in asked.filter(|asked| of_journey && asked.decides()) {
                self.expose(profile, asked.experiment, &candidate.cause, effects);
            }
            return true;
        };
        if of_journey {
            self.expose(profile, experiment, &candidate.cause, effects);
        }
        let waiting = (candidate.message, candidate.trigger, candidate.counterfactual);
        let mut known = profile.deferred.iter();
        !profile.journeys.is_exposed(experiment)
            && !known.any(|known| (known.message, known.trigger, known.counterfactual) == waiting)
    }

    /// Of a journey whose `when` doesn't hold: the experiments in another arm of which it does.
    pub(super) fn entered_in_other_arms(
        &mut self,
        profile: &mut Profile,
        start: &Start<'_>,
        when: ExprId,
    ) -> SmallVec<[ExperimentId; 1]> {
        let policy = self.policy;
        let event = match start.cause {
            Cause::Event(event) => Some(event),
            _ => None,
        };
        let mut found = SmallVec::new();
        for experiment in &policy.journeys.entry_arms[start.journey.index()] {
            if profile.journeys.is_exposed(*experiment) {
                continue;
            }
            let holds = |moment: &mut Moment| {
                moment.look_at(policy, event);
                moment.holds(policy, profile, when, &[])
            };
            if !self.moment.arms_where(policy, *experiment, holds).is_empty() {
                found.push(*experiment);
            }
        }
        self.moment.look_at(policy, event);
        found
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
        if policy.journeys.arms_are_hidden {
            for experiment in experiments(&policy.engine, vec![expr]) {
                self.expose(profile, experiment, &origin.cause, effects);
            }
            return;
        }
        for slot in policy.engine.slots(expr) {
            if let Source::Arm(experiment) = policy.plan.slots[slot.index()].source {
                self.expose(profile, experiment, &origin.cause, effects);
            }
        }
    }
}
