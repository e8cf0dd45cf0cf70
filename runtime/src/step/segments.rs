//! Segments: who entered and who left, and when time alone will tell.

use super::Step;
use crate::effect::{Effect, EffectKind};
use crate::policy::watches::{HOLDS, Stake};
use crate::profile::Profile;
use crate::record::effect_id;
use comity_compiler::ids::SegmentId;

impl Step<'_> {
    /// Something changed in which these have a stake: segments that can come out differently are compared in this
    /// step, schedules that sleep judge again when their time comes.
    pub(super) fn touch(&mut self, profile: &mut Profile, stakes: &[Stake]) {
        let segments = self.policy.plan.segments.len();
        for stake in stakes {
            let watch = stake.watch as usize;
            let standing = profile.standings[watch];
            let matters = match standing {
                HOLDS => stake.hurts,
                clause => stake.helps && clause == stake.clause,
            };
            if !matters {
                continue;
            }
            let Some(schedule) = watch.checked_sub(segments) else {
                profile.watches[watch] = i64::MIN;
                continue;
            };
            // One that is due already stays so.
            if standing != HOLDS && profile.watches[watch] > profile.now {
                self.note_date(profile, schedule);
                profile.standings[watch] = HOLDS;
                let (from, last) = (profile.now.max(profile.timers_done), profile.last_dates[schedule]);
                profile.watches[watch] = self.next_occurrence(profile, schedule, from, last);
            }
        }
    }

    /// Every segment is compared in this step.
    pub(super) fn compare_all_segments(&mut self, profile: &mut Profile) {
        profile.watches[..self.policy.plan.segments.len()].fill(i64::MIN);
    }

    /// Compares segments with their last state: those that something can have changed, and those that are due.
    /// Returns the changes, by name.
    pub(super) fn compare_segments(
        &mut self,
        profile: &mut Profile,
        effects: &mut Vec<Effect>,
    ) -> Vec<(SegmentId, bool)> {
        let policy = self.policy;
        let mut changes = Vec::new();
        for (index, segment) in policy.plan.segments.iter().enumerate() {
            if profile.watches[index] > self.limit(profile) {
                continue;
            }
            let judgement = self.moment.judge(policy, profile, &segment.condition);
            profile.watches[index] = judgement.until;
            let was_inside = profile.standings[index] == HOLDS;
            profile.standings[index] = judgement.standing();
            let inside = judgement.holds();
            if was_inside == inside {
                continue;
            }
            let id = SegmentId::at(index);
            changes.push((id, inside));
            let at = format!("{}:{inside}", profile.now);
            let parts = [&policy.plan.policy, "segment", &segment.name, &profile.subject, &at];
            let kind = EffectKind::Segment { segment: id, entered: inside };
            effects.push(Effect { id: effect_id("g_", &parts), time: profile.now, kind });
        }
        changes
    }
}
