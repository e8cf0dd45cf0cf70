//! Segments: who entered and who left, and when time alone will tell.

use super::Step;
use crate::effect::{Effect, EffectKind};
use crate::policy::Policy;
use crate::profile::Profile;
use crate::record::effect_id;
use comity_compiler::ids::SegmentId;
use comity_compiler::plan::Wake;
use comity_compiler::value::Value;

impl Step<'_> {
    /// Compares segments with their last state: those that an event can have changed, and those that are due.
    /// Returns the changes, by name.
    pub(super) fn compare_segments(
        &mut self,
        profile: &mut Profile,
        affected: &[SegmentId],
        effects: &mut Vec<Effect>,
    ) -> Vec<(SegmentId, bool)> {
        let policy = self.policy;
        let mut changes = Vec::new();
        for (index, segment) in policy.plan.segments.iter().enumerate() {
            let id = SegmentId::at(index);
            if profile.segments[index].due > profile.now && !affected.contains(&id) {
                continue;
            }
            let inside = self.moment.holds(policy, profile, segment.condition, &[]);
            let due = next_wake(policy, profile, &segment.wakes);
            let state = &mut profile.segments[index];
            state.due = due;
            if state.inside != inside {
                state.inside = inside;
                changes.push((id, inside));
                let parts = [&policy.plan.policy, "segment", &segment.name, &profile.subject];
                let at = format!("{}:{inside}", profile.now);
                let id_of = effect_id("g_", &[parts[0], parts[1], parts[2], parts[3], &at]);
                let kind = EffectKind::Segment { segment: id, entered: inside };
                effects.push(Effect { id: id_of, time: profile.now, kind });
            }
        }
        changes
    }
}

/// The next instant after now at which a condition can change although nothing happens.
fn next_wake(policy: &Policy, profile: &mut Profile, wakes: &[Wake]) -> i64 {
    let now = profile.now;
    let mut next = i64::MAX;
    let mut consider = |at: i64| {
        if at > now {
            next = next.min(at);
        }
    };
    for wake in wakes {
        match *wake {
            Wake::Window(window) => {
                let change = profile.history.next_change(&policy.history, window, now, profile.zone);
                change.into_iter().for_each(&mut consider);
            }
            Wake::Since(window, length) => {
                let since = profile.history.window(&policy.history, window, now, profile.zone);
                if let Some(Value::Cell(since)) = since {
                    let at = (since as i64).saturating_add(length);
                    consider(at);
                    consider(at.saturating_add(1));
                }
            }
            Wake::LocalDate => consider(profile.zone.next_date_change(now)),
            Wake::LocalTime(time) => consider(profile.zone.next_reading(now, time)),
            Wake::At(at) => {
                consider(at);
                consider(at.saturating_add(1));
            }
        }
    }
    next
}
