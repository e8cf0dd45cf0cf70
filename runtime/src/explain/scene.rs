//! What is explained: a customer at an instant, with all that is decided together there.

use crate::journey::Proposal;
use crate::policy::Policy;
use crate::profile::{Cause, Profile, Snapshot};
use crate::step::arbitrate::Picked;
use crate::step::{Candidate, NO_TRIGGER, Stepper};
use comity_compiler::ids::*;
use comity_compiler::plan::StepKind;
use smol_str::SmolStr;
use std::sync::Arc;

/// One customer at one instant, with everything that is decided together there.
#[derive(Clone, Debug)]
pub struct Scene {
    pub(super) profile: Profile,
    pub(super) candidates: Vec<Candidate>,
    /// Which of them is explained.
    pub(super) at: usize,
    pub(super) picked: Picked,
    decided: bool,
}

/// Keeps the scenes of decisions as they are made: of some messages the last one each.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Of this customer; without, of any.
    pub subject: Option<SmolStr>,
    /// About these messages.
    pub messages: Vec<MessageId>,
    scenes: Vec<Scene>,
    /// Of each type the last event, with its time.
    events: Vec<(Arc<Snapshot>, i64)>,
}

impl Watch {
    /// Watches some messages of a customer, or of any.
    pub fn new(subject: Option<SmolStr>, messages: Vec<MessageId>) -> Watch {
        Watch { subject, messages, scenes: Vec::new(), events: Vec::new() }
    }

    /// The last decision about a message.
    pub fn scene(&self, message: MessageId) -> Option<&Scene> {
        self.scenes.iter().find(|scene| scene.message() == message)
    }

    /// Forgets what was decided so far.
    pub fn clear(&mut self) {
        self.scenes.clear();
        self.events.clear();
    }

    /// Of each type the last event, with its time (µs).
    pub(super) fn events(&self) -> &[(Arc<Snapshot>, i64)] {
        &self.events
    }

    /// An event has come.
    pub(crate) fn happened(&mut self, subject: &str, event: &Arc<Snapshot>, time: i64) {
        if self.subject.as_ref().is_none_or(|followed| followed == subject) {
            self.events.retain(|(known, _)| known.event != event.event);
            self.events.push((Arc::clone(event), time));
        }
    }

    /// Messages are about to be decided together.
    pub(crate) fn see(&mut self, profile: &Profile, candidates: &[Candidate], picked: &Picked) {
        if self.subject.as_ref().is_some_and(|subject| *subject != profile.subject) {
            return;
        }
        for (at, candidate) in candidates.iter().enumerate() {
            if candidate.counterfactual.is_some() || !self.messages.contains(&candidate.message) {
                continue;
            }
            self.scenes.retain(|scene| scene.message() != candidate.message);
            self.scenes.push(Scene {
                profile: profile.clone(),
                candidates: candidates.to_vec(),
                at,
                picked: picked.clone(),
                decided: true,
            });
        }
    }
}

impl Scene {
    /// The message that it is about.
    pub fn message(&self) -> MessageId {
        self.candidate().message
    }

    /// The customer, just before it is decided.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Whether it was decided so; else it is only supposed.
    pub fn is_decided(&self) -> bool {
        self.decided
    }

    pub(super) fn candidate(&self) -> &Candidate {
        &self.candidates[self.at]
    }

    pub(super) fn placement(&self) -> Option<PlacementId> {
        match self.candidate().cause {
            Cause::Placement(placement, _) => Some(placement),
            _ => None,
        }
    }

    /// Whether there is an event that `event.x` can look at.
    pub(super) fn has_event(&self) -> bool {
        self.candidate().cause.event().is_some()
    }

    /// What proposed the message, in words; nothing where it is only supposed.
    pub(super) fn cause_words(&self, policy: &Policy) -> Option<String> {
        let plan = &policy.plan;
        let event = |cause: &Cause| match cause {
            Cause::Event(event) => Some(format!("{} {}", plan.events[event.event.index()].name, event.id)),
            Cause::Entered(segment, _) => Some(format!("enter {}", plan.segments[segment.index()].name)),
            Cause::Left(segment, _) => Some(format!("leave {}", plan.segments[segment.index()].name)),
            Cause::Schedule(_) if self.decided => Some("its schedule".to_owned()),
            Cause::Placement(placement, _) => {
                Some(format!("a request of {}", plan.placements[placement.index()].name))
            }
            Cause::Schedule(_) | Cause::Journey(_) => None,
        };
        match &self.candidate().cause {
            Cause::Journey(proposal) => {
                let journey = &plan.journeys[proposal.origin.journey.index()].name;
                let from = event(&proposal.origin.cause).map(|from| format!(", entered by {from}"));
                Some(format!("journey {journey}{}", from.unwrap_or_default()))
            }
            cause => event(cause),
        }
    }
}

impl Stepper {
    /// What would be decided about a message if it were proposed at an instant (µs), or now if that is earlier: by
    /// what proposed it last (`cause`), by a journey that the customer is in, or by nothing in particular. One scene
    /// for its channels, and one for each of its placements. What is due before has been done.
    pub fn suppose(
        &mut self,
        profile: &Profile,
        message: MessageId,
        at: i64,
        cause: Option<&Cause>,
    ) -> Vec<Scene> {
        let policy = self.policy().clone();
        let declared = &policy.plan.messages[message.index()];
        let mut profile = profile.clone();
        profile.now = profile.now.max(at);
        let now = profile.now;
        let candidate = |message, trigger, cause, proposed| {
            let (late, counterfactual) = (false, None);
            Candidate { message, trigger, cause, late, proposed, counterfactual }
        };
        let scene = |profile: &Profile, candidates: Vec<Candidate>, at| Scene {
            profile: profile.clone(),
            candidates,
            at,
            picked: Picked::default(),
            decided: false,
        };
        let mut scenes = Vec::new();
        if !declared.routes.is_empty() {
            let one = match profile.waiting(message) {
                Some(at) => Candidate::from(profile.deferred.remove(at)),
                None => {
                    let of_journey = journey_cause(&policy, &profile, message);
                    let known =
                        cause.filter(|cause| !matches!(cause, Cause::Placement(..) | Cause::Journey(_)));
                    // A schedule says nothing but the date, and stands for whatever else there may be.
                    let cause = of_journey
                        .or(known.cloned())
                        .unwrap_or_else(|| Cause::Schedule(profile.zone.date(now)));
                    candidate(message, NO_TRIGGER, cause, now)
                }
            };
            scenes.push(scene(&profile, vec![one], 0));
        }
        for display in &declared.displays {
            let asked = &policy.placements[display.placement.index()];
            let cause = || Cause::Placement(display.placement, now);
            let candidates = asked.iter().map(|other| candidate(*other, NO_TRIGGER, cause(), now)).collect();
            let at = asked.iter().position(|other| *other == message).unwrap_or_default();
            scenes.push(scene(&profile, candidates, at));
        }
        scenes
    }
}

/// A journey that the customer is in and that can send the message.
fn journey_cause(policy: &Policy, profile: &Profile, message: MessageId) -> Option<Cause> {
    profile.journeys.instances.iter().find_map(|instance| {
        let journey = policy.plan.journeys.get(instance.origin.journey.index())?;
        let sends = |step: &comity_compiler::plan::Step| {
            matches!(step.kind, StepKind::Send { message: sent, .. } if sent == message)
        };
        let step = journey.steps.iter().position(sends)? as u32;
        let origin = instance.origin.clone();
        let proposal = Proposal { number: instance.number, step, tried: 0, act: instance.acts, origin };
        Some(Cause::Journey(Box::new(proposal)))
    })
}
