//! Segments: who entered and who left, and when time alone will tell.

use super::Step;
use crate::effect::{Effect, EffectKind};
use crate::policy::watches::WatchId;
use crate::profile::Profile;
use crate::record::effect_id;
use comity_compiler::ids::SegmentId;

impl Step<'_> {
    /// Something changed that these watches look at: segments are compared in this step, schedules judge again
    /// when their time comes.
    pub(super) fn touch(&mut self, profile: &mut Profile, watches: &[WatchId]) {
        let segments = self.policy.plan.segments.len();
        for watch in watches {
            let watch = *watch as usize;
            if let Some(schedule) = watch.checked_sub(segments) {
                // One that is due already stays so.
                if profile.watches[watch] > profile.now {
                    let last = profile.last_dates[schedule];
                    profile.watches[watch] = self.next_occurrence(profile, schedule, profile.now, last);
                }
            } else {
                profile.watches[watch] = i64::MIN;
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
            if profile.watches[index] > profile.now {
                continue;
            }
            let judgement = self.moment.judge(policy, profile, &segment.condition);
            profile.watches[index] = judgement.until;
            if profile.inside[index] == judgement.holds {
                continue;
            }
            profile.inside[index] = judgement.holds;
            let id = SegmentId::at(index);
            changes.push((id, judgement.holds));
            let at = format!("{}:{}", profile.now, judgement.holds);
            let parts = [&policy.plan.policy, "segment", &segment.name, &profile.subject, &at];
            let kind = EffectKind::Segment { segment: id, entered: judgement.holds };
            effects.push(Effect { id: effect_id("g_", &parts), time: profile.now, kind });
        }
        changes
    }
}
