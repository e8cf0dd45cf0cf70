//! Entries: who may begin a journey (reference §10).

use super::{Instance, Journeys, Origin, Past, Place, State, WatchOf};
use crate::effect::{Effect, EffectKind, JourneyEffect, Lifecycle};
use crate::profile::{Cause, Profile, Snapshot};
use crate::step::Step;
use comity_compiler::ids::*;
use comity_compiler::plan::{Reenter, Source, Trigger};
use comity_compiler::value::Value;
use smallvec::{SmallVec, smallvec};
use std::sync::Arc;

/// What starts an instance.
pub(crate) struct Start<'a> {
    pub(crate) journey: JourneyId,
    pub(crate) cause: &'a Cause,
    /// Of the cause, µs.
    pub(crate) time: i64,
}

impl Step<'_> {
    /// Enters a journey, unless something speaks against it.
    pub(crate) fn enter_journey(
        &mut self,
        profile: &mut Profile,
        start: &Start<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let policy = self.policy;
        let journey = &policy.plan.journeys[start.journey.index()];
        let event = match start.cause {
            Cause::Event(event) => Some(event),
            _ => None,
        };
        self.moment.look_at(policy, event);
        let failing = journey.when.filter(|when| !self.moment.holds(policy, profile, *when, &[]));
        let only_elsewhere = failing.map(|when| self.entered_in_other_arms(profile, start, when));
        if only_elsewhere.as_ref().is_some_and(SmallVec::is_empty) {
            return;
        }
        let key = journey.key.map_or(0, |key| self.key(profile, key));
        if !self.may_enter(profile, start.journey, key) || self.is_stopped_already(profile, start) {
            return;
        }
        if let Some(experiments) = only_elsewhere {
            for experiment in experiments {
                self.expose(profile, experiment, start.cause, effects);
            }
            return;
        }
        let now = profile.now;
        let cause = policy.journeys.trimmed(start.journey, start.cause);
        let number = profile.journeys.next;
        profile.journeys.next = number.wrapping_add(1);
        let twin = if journey.reenter == Reenter::Always { number } else { 0 };
        let origin =
            Arc::new(Origin { journey: start.journey, cause, time: start.time, entered: now, key, twin });
        self.tell(profile, &origin, Lifecycle::Entered, None, effects);
        if let Some(when) = journey.when {
            self.expose_by(profile, when, &origin, effects);
        }
        let places = smallvec![Place { step: 0, due: i64::MAX, state: State::Ready }];
        let instance = Instance {
            number,
            origin,
            touches: 0,
            acts: 0,
            goal_open: journey.goal.is_some(),
            stop_due: i64::MAX,
            places,
            more: None,
        };
        profile.journeys.instances.reserve_exact(1);
        profile.journeys.instances.push(instance);
        self.members_changed(profile);
        if journey.steps.is_empty() {
            self.end_instance(profile, number, Lifecycle::Finished, None, effects);
        } else {
            self.plan_stop(profile, number);
        }
    }

    /// The hash of a key's value.
    fn key(&mut self, profile: &mut Profile, key: ExprId) -> u64 {
        let policy = self.policy;
        let answer = self.moment.evaluate(policy, profile, key);
        let ty = policy.plan.expr(key).ty;
        match self.moment.frame().value(&policy.plan, ty, answer.cell) {
            // The number that a plan gives to a text changes with the policy.
            Value::Cell(cell) if ty.is_text() => {
                let text = policy.plan.texts.get(cell as usize).map_or("", |text| text);
                xxhash_rust::xxh3::xxh3_64(text.as_bytes()) | 1
            }
            Value::Text(text) => xxhash_rust::xxh3::xxh3_64(text.as_bytes()) | 1,
            Value::Cell(cell) => xxhash_rust::xxh3::xxh3_64(&cell.to_le_bytes()) | 1,
            Value::Set(_) => 1,
        }
    }

    /// What `reenter` says.
    fn may_enter(&self, profile: &Profile, journey: JourneyId, key: u64) -> bool {
        let declared = &self.policy.plan.journeys[journey.index()];
        if declared.reenter == Reenter::Always {
            return true;
        }
        let same = |instance: &Instance| instance.origin.journey == journey && instance.origin.key == key;
        if profile.journeys.instances.iter().any(same) {
            return false;
        }
        let left = profile.journeys.past().map_or(&[][..], |past| &past.left);
        let bars = |reenter: Reenter, until: i64| match reenter {
            Reenter::Never => true,
            Reenter::After(_) => until > profile.now,
            Reenter::WhenFinished | Reenter::Always => false,
        };
        let of = |left: &&super::Left| left.journey == declared.name && left.key == key;
        !left.iter().filter(of).any(|left| bars(declared.reenter, left.until))
    }

    /// Whether something that would stop the instance is known already, with a time not before the trigger's; or
    /// a condition holds that stops it.
    fn is_stopped_already(&mut self, profile: &mut Profile, start: &Start<'_>) -> bool {
        let policy = self.policy;
        let journey = &policy.plan.journeys[start.journey.index()];
        let mut conditions = journey.stop_when.iter();
        if conditions.any(|stop| self.moment.judge(policy, profile, stop).holds()) {
            return true;
        }
        let global = policy
            .plan
            .stops
            .iter()
            .filter(|stop| journey.class.is_some_and(|class| stop.classes.contains(&class)));
        let mut stops = journey.stops.iter().chain(global.map(|stop| &stop.stop));
        stops.any(|stop| match (&stop.on, stop.known) {
            (Trigger::Event { .. }, Some(known)) => self.is_known(profile, known, start.time),
            _ => false,
        })
    }

    /// Whether an event that a window counts happened at an instant or later; the one at hand doesn't count.
    fn is_known(&mut self, profile: &mut Profile, known: ExprId, from: i64) -> bool {
        let policy = self.policy;
        let window = policy.engine.slots(known).first().and_then(|slot| {
            match policy.plan.slots[slot.index()].source {
                Source::Window(window) => Some(window),
                _ => None,
            }
        });
        let Some(window) = window else { return false };
        let order = self.order;
        self.moment
            .any_entry(policy, profile, window, |entry| entry.time() >= from && entry.sequence() != order)
    }

    /// Tells what became of an instance.
    pub(crate) fn tell(
        &self,
        profile: &Profile,
        origin: &Arc<Origin>,
        state: Lifecycle,
        reason: Option<smol_str::SmolStr>,
        effects: &mut Vec<Effect>,
    ) {
        let journey = self.policy.plan.journeys[origin.journey.index()].name.clone();
        let instance = super::instance_id(&self.policy.plan, &profile.subject, origin);
        let id = crate::record::effect_id("j_", &[&instance, state.word()]);
        let effect = JourneyEffect { journey, origin: Arc::clone(origin), instance, state, reason };
        effects.push(Effect { id, time: profile.now, kind: EffectKind::Journey(Box::new(effect)) });
    }
}

impl Journeys {
    /// Forgets what can no longer matter.
    pub(crate) fn prune(&mut self, now: i64, late: i64) {
        if let Some(past) = &mut self.past {
            past.left.retain(|left| left.until > now);
            past.goals.retain(|watch| watch.until.saturating_add(late) >= now);
        }
        let instances = &self.instances;
        let goals = self.past.as_ref().map_or(&[][..], |past| &past.goals);
        self.sent.retain(|sent| {
            instances.iter().any(|instance| instance.number == sent.number)
                || goals.iter().any(|watch| matches!(watch.of, WatchOf::Journey(n, _) if n == sent.number))
        });
        if self.sent.is_empty() {
            self.sent = Vec::new();
        }
        let is_empty = |past: &Past| past.left.is_empty() && past.goals.is_empty() && past.exposed.is_empty();
        if self.past.as_deref().is_some_and(is_empty) {
            self.past = None;
        }
    }
}

impl Snapshot {
    /// Bytes beside its own.
    pub(crate) fn memory(&self) -> usize {
        let text = |value: &Option<Value>| match value {
            Some(Value::Text(text)) => text.len() + 16,
            _ => 0,
        };
        let id = if self.id.is_heap_allocated() { self.id.len() + 16 } else { 0 };
        self.fields.iter().map(text).sum::<usize>() + size_of_val(&*self.fields) + id
    }
}
