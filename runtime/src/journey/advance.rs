//! (7) Journeys go on: their statements, one after the other (reference §10).

use super::enter::Start;
use super::{Instance, Place, Proposal, State};
use crate::effect::{Effect, EffectKind, EmitEffect, Json, Lifecycle, SetEffect};
use crate::format;
use crate::moment::Passage;
use crate::profile::{Cause, Profile};
use crate::step::{Candidate, NO_TRIGGER, Step, is_personal};
use comity_compiler::ids::*;
use comity_compiler::plan::{Next, StepKind};
use comity_compiler::types::Type;
use smol_str::SmolStr;
use std::sync::Arc;

/// Lets a place go on to a step, or end.
pub(super) fn lead(instance: &mut Instance, place: usize, next: Next) {
    match next {
        Some(step) => instance.places[place] = Place { step, due: i64::MAX, state: State::Ready },
        None => {
            instance.places.remove(place);
        }
    }
}

/// Instances, oldest first, do their statements until each waits, proposes or has ended.
impl Step<'_> {
    pub(crate) fn go_on(
        &mut self,
        profile: &mut Profile,
        candidates: &mut Vec<Candidate>,
        effects: &mut Vec<Effect>,
    ) {
        let mut at = 0;
        while let Some(instance) = profile.journeys.instances.get(at) {
            let ready = instance.places.iter().enumerate().filter(|(_, place)| place.state == State::Ready);
            // Branches that run side by side go on in the order of the text.
            match ready.min_by_key(|(_, place)| place.step).map(|(place, _)| place) {
                Some(place) => {
                    let number = instance.number;
                    self.perform(profile, at, place, candidates, effects);
                    self.finish_if_done(profile, number, effects);
                }
                None => at += 1,
            }
        }
    }

    /// Does the step of a place.
    fn perform(
        &mut self,
        profile: &mut Profile,
        at: usize,
        place: usize,
        candidates: &mut Vec<Candidate>,
        effects: &mut Vec<Effect>,
    ) {
        let policy = self.policy;
        let now = profile.now;
        let instance = &mut profile.journeys.instances[at];
        let (number, origin) = (instance.number, Arc::clone(&instance.origin));
        let steps = &policy.plan.journeys[origin.journey.index()].steps;
        let at_step = instance.places[place].step;
        let step = &steps[at_step as usize];
        self.moment.passes(Passage::Step(origin.journey, at_step));
        for wait in &step.opens {
            instance.look(*wait, now);
        }
        let standing = &mut instance.places[place];
        match &step.kind {
            StepKind::Wait { duration, restart, .. } => {
                let limit = restart.as_ref().and_then(|restart| restart.up_to).unwrap_or(*duration);
                standing.due = now.saturating_add(limit.min(*duration));
                standing.state = State::Waiting(now);
            }
            StepKind::WaitUntil { time, weekday, next } => {
                standing.due = profile.zone.next_local(now, *weekday, *time);
                standing.state = State::Waiting(now);
                // The present instant counts.
                if standing.due <= now {
                    lead(instance, place, *next);
                }
            }
            StepKind::WaitFor { up_to, then, .. } => {
                standing.due = now.saturating_add(*up_to);
                standing.state = State::Waiting(now);
                if instance.look_of(at_step, now).seen {
                    instance.close_look(at_step);
                    lead(instance, place, *then);
                    self.moment.passes(Passage::Branch(origin.journey, at_step, 0));
                }
            }
            StepKind::Send { .. } => {
                let act = instance.acts;
                instance.acts += 1;
                instance.places[place].state = State::Proposed(act);
                self.propose_of(profile, at, at_step, 0, act, candidates);
            }
            StepKind::If { condition, then, otherwise } => {
                self.moment.look_at(policy, origin.event());
                let holds = self.moment.holds(policy, profile, *condition, &[]);
                self.expose_by(profile, *condition, &origin, effects);
                self.moment.passes(Passage::Branch(origin.journey, at_step, u32::from(!holds)));
                let next = if holds { *then } else { *otherwise };
                lead(&mut profile.journeys.instances[at], place, next);
            }
            StepKind::Split { experiment, arms } => {
                let arm = self.moment.arm(policy, profile, *experiment);
                self.moment.passes(Passage::Branch(origin.journey, at_step, arm));
                self.expose(profile, *experiment, &origin.cause, effects);
                let next = arms.get(arm as usize).copied().flatten();
                lead(&mut profile.journeys.instances[at], place, next);
            }
            StepKind::Repeat { body, .. } => {
                instance.close_count(at_step);
                lead(instance, place, *body);
            }
            StepKind::Again { repeat } => {
                let StepKind::Repeat { times, body, next } = &steps[*repeat as usize].kind else {
                    return lead(instance, place, None);
                };
                if instance.count(*repeat) < *times {
                    lead(instance, place, *body);
                } else {
                    instance.close_count(*repeat);
                    lead(instance, place, *next);
                }
            }
            StepKind::Together { branches, next } => {
                if branches.is_empty() {
                    return lead(instance, place, *next);
                }
                standing.state = State::Joining(branches.len() as u32);
                let starts = branches.iter().flatten();
                let starts = starts.map(|step| Place { step: *step, due: i64::MAX, state: State::Ready });
                instance.places.extend(starts);
            }
            StepKind::Join { together } => {
                let StepKind::Together { next, .. } = &steps[*together as usize].kind else {
                    return lead(instance, place, None);
                };
                instance.places.remove(place);
                let joining = instance
                    .places
                    .iter()
                    .position(|place| place.step == *together && matches!(place.state, State::Joining(_)));
                let Some(joining) = joining else { return };
                match instance.places[joining].state {
                    State::Joining(open) if open > 1 => {
                        instance.places[joining].state = State::Joining(open - 1);
                    }
                    _ => lead(instance, joining, *next),
                }
            }
            StepKind::Set { attribute, value, next } => {
                lead(instance, place, *next);
                self.set(profile, number, &origin, *attribute, *value, effects);
            }
            StepKind::Emit { event, fields, next } => {
                lead(instance, place, *next);
                self.emit(profile, number, &origin, at_step, event, fields, effects);
            }
            StepKind::Enter { journey, next } => {
                lead(instance, place, *next);
                let start = Start { journey: *journey, cause: &origin.cause, time: origin.time };
                self.enter_journey(profile, &start, effects);
            }
            StepKind::Exit => {
                let reason = Some(SmolStr::new_static("exit"));
                self.end_instance(profile, number, Lifecycle::Finished, reason, effects);
            }
        }
    }

    /// An instance proposes the message of a `send`, on those of its channels that have not been tried.
    pub(super) fn propose_of(
        &mut self,
        profile: &Profile,
        at: usize,
        step: u32,
        tried: u8,
        act: u32,
        candidates: &mut Vec<Candidate>,
    ) {
        let instance = &profile.journeys.instances[at];
        let journey = &self.policy.plan.journeys[instance.origin.journey.index()];
        let StepKind::Send { message, .. } = journey.steps[step as usize].kind else { return };
        let origin = Arc::clone(&instance.origin);
        let proposal = Proposal { number: instance.number, step, tried, act, origin };
        candidates.push(Candidate {
            message,
            trigger: NO_TRIGGER,
            cause: Cause::Journey(Box::new(proposal)),
            late: self.late,
            proposed: profile.now,
            counterfactual: None,
        });
    }

    fn set(
        &mut self,
        profile: &mut Profile,
        number: u32,
        origin: &Arc<super::Origin>,
        attribute: AttributeId,
        value: ExprId,
        effects: &mut Vec<Effect>,
    ) {
        let policy = self.policy;
        self.moment.look_at(policy, origin.event());
        let answer = self.moment.evaluate(policy, profile, value);
        let declared = &policy.plan.attributes[attribute.index()];
        let kept = answer.known.then(|| self.moment.frame().value(&policy.plan, declared.ty, answer.cell));
        let printed = self.printed(profile, value, answer, declared.personal);
        self.expose_by(profile, value, origin, effects);
        let now = profile.now;
        if policy.plan.timezone == Some(attribute) {
            self.note_dates(profile);
        }
        let other_zone = profile.set_attribute(policy, attribute, kept, now);
        self.attribute_changed(profile, attribute);
        if other_zone {
            self.follow_zone(profile);
        }
        let act = self.next_act(profile, number);
        let instance = super::instance_id(&policy.plan, &profile.subject, origin);
        let id = crate::record::effect_id("p_", &[&instance, "set", &declared.name, &act.to_string()]);
        let effect = SetEffect { origin: Arc::clone(origin), instance, attribute, value: printed };
        effects.push(Effect { id, time: now, kind: EffectKind::Set(Box::new(effect)) });
    }

    #[allow(clippy::too_many_arguments)]
    fn emit(
        &mut self,
        profile: &mut Profile,
        number: u32,
        origin: &Arc<super::Origin>,
        step: u32,
        event: &SmolStr,
        fields: &[(SmolStr, ExprId)],
        effects: &mut Vec<Effect>,
    ) {
        let policy = self.policy;
        let mut data = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            self.moment.look_at(policy, origin.event());
            let answer = self.moment.evaluate(policy, profile, *value);
            data.push((name.clone(), self.printed(profile, *value, answer, false)));
            self.expose_by(profile, *value, origin, effects);
        }
        let act = self.next_act(profile, number);
        let instance = super::instance_id(&policy.plan, &profile.subject, origin);
        let parts: [&str; 4] = [&instance, "emit", &step.to_string(), &act.to_string()];
        let id = crate::record::effect_id("m_", &parts);
        let effect = EmitEffect { origin: Arc::clone(origin), instance, event: event.clone(), data };
        effects.push(Effect { id, time: profile.now, kind: EffectKind::Emit(Box::new(effect)) });
    }

    fn next_act(&self, profile: &mut Profile, number: u32) -> u32 {
        let Some(at) = profile.journeys.find(number) else { return 0 };
        let instance = &mut profile.journeys.instances[at];
        instance.acts += 1;
        instance.acts - 1
    }

    /// A value as it stands in a record; personal ones are hashed.
    fn printed(
        &self,
        profile: &Profile,
        expr: ExprId,
        answer: comity_compiler::engine::Answer,
        personal: bool,
    ) -> Json {
        let policy = self.policy;
        let Some(cell) = answer.get() else { return Json::Null };
        let ty = policy.plan.expr(expr).ty;
        let mut text = String::new();
        format::print(&mut text, cell, ty, &policy.plan, self.moment.frame(), None, profile.zone);
        if personal || is_personal(policy, expr) {
            return Json::Text(format::redact(&text));
        }
        match ty {
            Type::Bool => Json::Bool(cell != 0),
            Type::Int => Json::Int(cell.cast_signed()),
            Type::Number | Type::Percent => Json::Number(f64::from_bits(cell)),
            _ => Json::Text(text),
        }
    }
}
