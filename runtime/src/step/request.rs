//! A placement's request: what is shown to a customer who comes (reference §9).

use super::{Candidate, NO_TRIGGER, Step};
use crate::effect::Effect;
use crate::profile::{Cause, Profile};
use comity_compiler::ids::*;
use smallvec::SmallVec;

impl Step<'_> {
    /// Decides what a placement shows a customer at an instant.
    pub(super) fn decide(
        &mut self,
        profile: &mut Profile,
        placement: PlacementId,
        at: i64,
        effects: &mut Vec<Effect>,
    ) {
        self.begin(profile, at);
        let policy = self.policy;
        let cause = Cause::Placement(placement, profile.now);
        let messages = &policy.placements[placement.index()];
        let crowd = self.may_decide_together(&policy.displayed[placement.index()], profile);
        let is_loose = |message: &&MessageId| crowd.is_none_or(|crowd| !crowd.has(&policy.engine, **message));
        let candidate = |message: &MessageId| Candidate {
            message: *message,
            trigger: NO_TRIGGER,
            cause: cause.clone(),
            late: false,
            proposed: profile.now,
            counterfactual: None,
        };
        let mut candidates = messages.iter().filter(is_loose).map(candidate).collect();
        if let Some(crowd) = crowd {
            self.propose_crowd(crowd, (cause, false, profile.now), SmallVec::new(), 0);
        }
        let changes = self.compare_segments(profile, effects);
        self.occur(profile, None, &changes, &mut candidates, effects);
        self.decide_all(profile, candidates, effects);
    }
}
