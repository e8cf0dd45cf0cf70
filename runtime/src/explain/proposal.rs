//! What proposes a message: its triggers, placements, and the journeys that send it.

use super::condition::clauses_of;
use super::{Clause, Place, Sources, instant, optional_instant};
use crate::effect::{Effect, EffectKind};
use crate::journey::{State, instance_id};
use crate::profile::{Profile, Snapshot};
use crate::step::{Step, Stepper};
use comity_compiler::ids::*;
use comity_compiler::lower::{Declaration, DeclarationKind, words};
use comity_compiler::plan::{Journey, Reenter, StepKind, Trigger};
use serde::Serialize;
use smol_str::SmolStr;
use std::sync::Arc;

/// An event and its time.
type Happened = (Arc<Snapshot>, i64);

/// What proposes a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Proposals {
    /// Each `on`.
    pub triggers: Vec<TriggerNote>,
    /// The placements at which it can be shown.
    pub placements: Vec<SmolStr>,
    /// The journeys that send it.
    pub journeys: Vec<JourneyNote>,
    /// It waits for the end of quiet hours, until then (µs).
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_instant")]
    pub deferred: Option<i64>,
}

/// One `on`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TriggerNote {
    /// `cart_abandoned where value >= 20 EUR`
    pub on: String,
    /// Of a schedule: when it is due next.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_instant")]
    pub next: Option<i64>,
    /// The last event of its type, and whether it was such an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<LastEvent>,
}

/// The last event of a type.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LastEvent {
    /// Its type.
    pub event: SmolStr,
    /// Its id.
    pub id: SmolStr,
    /// When it happened.
    #[serde(serialize_with = "instant")]
    pub time: i64,
    /// What is asked of it; all must hold. What a condition looks at beside the event is as it is now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clause>,
}

/// A journey that sends the message, as the customer stands to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JourneyNote {
    /// Its name.
    pub journey: SmolStr,
    /// Where it is declared.
    pub at: Vec<Place>,
    /// What starts it.
    pub on: Vec<TriggerNote>,
    /// What its `when` asks at entry.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Clause>,
    /// When the customer entered it, and how it ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<Past>,
    /// Where the customer is in it.
    pub instances: Vec<Instance>,
    /// The customer may not enter again before this instant (with the same key, where it has one); the end of time
    /// for never.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_instant")]
    pub barred: Option<i64>,
}

/// An instance began or ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Past {
    /// When.
    #[serde(serialize_with = "instant")]
    pub time: i64,
    /// `entered`, `stopped`, `finished`, `migrated`
    pub state: &'static str,
    /// Why it ended, where that isn't plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<SmolStr>,
}

/// A running instance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Instance {
    /// As in records.
    pub instance: SmolStr,
    /// When it was entered.
    #[serde(serialize_with = "instant")]
    pub entered: i64,
    /// How many messages it has sent.
    pub touches: u32,
    /// The statements at which it stands.
    pub stands: Vec<Standing>,
}

/// A statement at which an instance stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// Its words.
    pub statement: SmolStr,
    /// The branches that it is in, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<SmolStr>,
    /// Where it is written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<Place>,
    /// When it goes on by time alone.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_instant")]
    pub until: Option<i64>,
}

impl Stepper {
    /// What proposes a message, and how the customer stands to it at an instant (µs), or now if that is earlier; of what
    /// happened before (`effects`) what is about its journeys.
    pub fn proposals(
        &mut self,
        profile: &Profile,
        message: MessageId,
        at: i64,
        effects: &[Effect],
        sources: &Sources<'_>,
    ) -> Proposals {
        let policy = self.policy().clone();
        let plan = &policy.plan;
        let declared = &plan.messages[message.index()];
        let mut profile = profile.clone();
        profile.now = profile.now.max(at);
        let events: Vec<Happened> = self.watched().map(|watch| watch.events().to_vec()).unwrap_or_default();
        let mut step = self.step(0);
        step.moment.changed();
        let placement = |display: &comity_compiler::plan::Display| {
            plan.placements[display.placement.index()].name.clone()
        };
        let mut journeys = Vec::new();
        for (index, journey) in plan.journeys.iter().enumerate() {
            let sends = |step: &comity_compiler::plan::Step| matches!(step.kind, StepKind::Send { message: sent, .. } if sent == message);
            if journey.steps.iter().any(sends) {
                let mut note = step.journey_note(&mut profile, JourneyId::at(index), &events, sources);
                note.past = past(&journey.name, effects);
                journeys.push(note);
            }
        }
        let owner = Declaration { kind: DeclarationKind::Message, name: declared.name.clone() };
        let mut triggers = Vec::with_capacity(declared.triggers.len());
        for trigger in &declared.triggers {
            triggers.push(step.trigger_note(&mut profile, trigger, &owner, &events, sources));
        }
        let waiting = profile.waiting(message);
        Proposals {
            triggers,
            placements: declared.displays.iter().map(placement).collect(),
            journeys,
            deferred: waiting.map(|at| profile.deferred[at].due),
        }
    }
}

impl Step<'_> {
    fn trigger_note(
        &mut self,
        profile: &mut Profile,
        trigger: &Trigger,
        owner: &Declaration,
        events: &[Happened],
        sources: &Sources<'_>,
    ) -> TriggerNote {
        let plan = &self.policy.plan;
        let next = match *trigger {
            Trigger::Every { weekday, time } => {
                Some(profile.zone.next_local_after(profile.now, weekday, time))
            }
            _ => None,
        };
        let last = match *trigger {
            Trigger::Event { event, filter } => {
                events.iter().find(|(one, _)| one.event == event).map(|(one, time)| {
                    let asked = filter.map(|filter| clauses_of(plan, filter, false)).unwrap_or_default();
                    let told = |clause: &Vec<_>| {
                        self.told_of_event(profile, clause, one, std::slice::from_ref(owner), sources)
                    };
                    LastEvent {
                        event: plan.events[event.index()].name.clone(),
                        id: one.id.clone(),
                        time: *time,
                        clauses: asked.iter().map(told).collect(),
                    }
                })
            }
            _ => None,
        };
        TriggerNote { on: words::trigger(plan, trigger), next: next.filter(|at| *at < i64::MAX), last }
    }

    fn journey_note(
        &mut self,
        profile: &mut Profile,
        id: JourneyId,
        events: &[Happened],
        sources: &Sources<'_>,
    ) -> JourneyNote {
        let policy = self.policy;
        let plan = &policy.plan;
        let journey = &plan.journeys[id.index()];
        let owner = Declaration { kind: DeclarationKind::Journey, name: journey.name.clone() };
        let mut when = Vec::new();
        for clause in journey.when.map(|when| clauses_of(plan, when, false)).unwrap_or_default() {
            when.push(self.told_clause(profile, &clause, std::slice::from_ref(&owner), false, sources));
        }
        let mut on = Vec::with_capacity(journey.triggers.len());
        for trigger in &journey.triggers {
            on.push(self.trigger_note(profile, trigger, &owner, events, sources));
        }
        let of_it = |instance: &&crate::journey::Instance| instance.origin.journey == id;
        let instances = profile.journeys.instances.iter().filter(of_it);
        let instances = instances.map(|one| self.instance(profile, journey, one, sources)).collect();
        let at = sources.origins.declaration(DeclarationKind::Journey, &journey.name);
        JourneyNote {
            journey: journey.name.clone(),
            at: sources.places(at.as_slice()),
            on,
            when,
            past: Vec::new(),
            instances,
            barred: barred(journey, profile),
        }
    }

    fn instance(
        &self,
        profile: &Profile,
        journey: &Journey,
        instance: &crate::journey::Instance,
        sources: &Sources<'_>,
    ) -> Instance {
        let plan = &self.policy.plan;
        let steps = sources.origins.steps.get(instance.origin.journey.index());
        let stands = instance.places.iter().filter(|place| !matches!(place.state, State::Joining(_)));
        let stands = stands.filter_map(|place| {
            let step = journey.steps.get(place.step as usize)?;
            let at = steps.and_then(|steps| steps.get(place.step as usize)).copied();
            Some(Standing {
                statement: step.text.clone(),
                path: step.path.clone(),
                at: sources.places(at.as_slice()),
                until: (place.due < i64::MAX).then_some(place.due),
            })
        });
        Instance {
            instance: instance_id(plan, &profile.subject, &instance.origin),
            entered: instance.origin.entered,
            touches: instance.touches,
            stands: stands.collect(),
        }
    }
}

/// The beginnings and ends of a journey's instances.
fn past(journey: &str, effects: &[Effect]) -> Vec<Past> {
    let of_it = effects.iter().filter_map(|effect| match &effect.kind {
        EffectKind::Journey(one) if one.journey == journey => Some((effect.time, one)),
        _ => None,
    });
    of_it.map(|(time, one)| Past { time, state: one.state.word(), reason: one.reason.clone() }).collect()
}

/// Until when the customer may not enter a journey again.
fn barred(journey: &Journey, profile: &Profile) -> Option<i64> {
    let left = profile.journeys.past().map_or(&[][..], |past| &past.left);
    let mut of_it = left.iter().filter(|left| left.journey == journey.name);
    match journey.reenter {
        Reenter::Never => of_it.next().map(|_| i64::MAX),
        Reenter::After(_) => of_it.map(|left| left.until).filter(|until| *until > profile.now).max(),
        Reenter::WhenFinished | Reenter::Always => None,
    }
}
