//! A placement's request: what is shown to a customer who comes (reference §9).

use super::{Candidate, NO_TRIGGER, Step};
use crate::effect::Effect;
use crate::profile::{Cause, Profile};
use comity_compiler::ids::*;

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
        let candidate = |(message, _): &(MessageId, usize)| Candidate {
            message: *message,
            trigger: NO_TRIGGER,
            cause: Cause::Placement(placement, profile.now),
            late: false,
            proposed: profile.now,
        };
        let mut candidates = policy.placements[placement.index()].iter().map(candidate).collect();
        let changes = self.compare_segments(profile, effects);
        self.occur(profile, None, &changes, &mut candidates, effects);
        self.decide_all(profile, candidates, effects);
    }
}
