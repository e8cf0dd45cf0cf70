//! Changes to a scene: of the customer, the event, the time.

use super::Change;
use super::condition::{PERSONAL, is_personal, slot_words, typed_words, value_words};
use super::scene::Scene;
use crate::journey::{Origin, Proposal};
use crate::policy::Policy;
use crate::profile::{Cause, Grant, Profile, Snapshot, Withdrawal};
use comity_compiler::ids::*;
use comity_compiler::plan::Source;
use comity_compiler::types::Type;
use comity_compiler::value::Value;
use smol_str::SmolStr;
use std::sync::Arc;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Move {
    /// An attribute has this value.
    Attribute(AttributeId, Option<Value>),
    /// A consent is given; confirmed, or not.
    Consent(PurposeId, ChannelId, bool),
    /// A consent is withdrawn.
    Withdraw(PurposeId, ChannelId),
    /// It is this late, µs.
    Time(i64),
    /// The field of the event that fills this slot has this value.
    Event(SlotId, Option<Value>),
    /// The slot is taken to hold this.
    Value(SlotId, Option<Value>),
    /// Another message isn't proposed.
    Without(MessageId),
    /// The customer isn't held out.
    Spare(HoldoutId),
}

/// A text that no policy means: it stands for any other.
pub(super) const ANOTHER: &str = "\u{2026}";

impl Move {
    /// What it changes: of two moves with the same target only one can be made.
    pub(super) fn target(&self) -> (u8, u32, u32) {
        match *self {
            Move::Attribute(id, _) => (0, id.0, 0),
            Move::Consent(purpose, channel, _) | Move::Withdraw(purpose, channel) => {
                (1, purpose.0, channel.0)
            }
            Move::Time(_) => (2, 0, 0),
            Move::Event(slot, _) => (3, slot.0, 0),
            Move::Value(slot, _) => (4, slot.0, 0),
            Move::Without(message) => (5, message.0, 0),
            Move::Spare(holdout) => (6, holdout.0, 0),
        }
    }

    /// The instant that it is then, µs, where it is about that.
    pub(super) fn time(&self) -> Option<i64> {
        match self {
            Move::Time(at) => Some(*at),
            _ => None,
        }
    }

    /// How much it weighs: what can be had more easily comes first.
    pub(super) fn weight(&self) -> u32 {
        match self {
            Move::Attribute(..) | Move::Consent(..) | Move::Withdraw(..) => 10,
            Move::Time(_) => 11,
            Move::Event(..) => 13,
            Move::Value(..) => 14,
            Move::Without(_) => 15,
            Move::Spare(_) => 12,
        }
    }

    /// As it is told, where the customer was as in the scene.
    pub(super) fn told(
        &self,
        policy: &Policy,
        scene: &Scene,
        current: impl Fn(SlotId) -> Option<Value>,
    ) -> Change {
        let plan = &policy.plan;
        let name = |id: ChannelId| plan.channels[id.index()].name.clone();
        match self {
            Move::Attribute(id, value) => {
                let attribute = &plan.attributes[id.index()];
                let words = |value: Option<&Value>| match value {
                    Some(value) => typed_words(plan, attribute.ty, value),
                    None => "unknown".to_owned(),
                };
                let known = scene.profile.attribute(*id);
                let to = match value {
                    Some(Value::Text(text)) if **text == *ANOTHER && known.is_none() => "known".to_owned(),
                    Some(Value::Text(text)) if **text == *ANOTHER => "another one".to_owned(),
                    value => words(value.as_ref()),
                };
                let from = (!attribute.personal || known.is_none()).then(|| words(known.as_ref()));
                Change::Attribute { what: format!("profile.{}", attribute.name), from, to }
            }
            Move::Event(slot, value) | Move::Value(slot, value) => {
                let now = scene.profile.now;
                let known = current(*slot);
                let to = match value {
                    Some(Value::Text(text)) if **text == *ANOTHER => "another one".to_owned(),
                    value => value_words(plan, *slot, value.as_ref(), now),
                };
                let from = (!is_personal(plan, *slot)).then(|| value_words(plan, *slot, known.as_ref(), now));
                debug_assert!(from.as_deref() != Some(PERSONAL));
                Change::Value { what: slot_words(plan, *slot), from, to }
            }
            Move::Consent(purpose, channel, confirmed) => Change::Consent {
                purpose: plan.purposes[purpose.index()].name.clone(),
                channel: name(*channel),
                confirmed: *confirmed,
            },
            Move::Withdraw(purpose, channel) => Change::Withdrawal {
                purpose: plan.purposes[purpose.index()].name.clone(),
                channel: name(*channel),
            },
            Move::Time(at) => Change::Time { at: *at },
            Move::Without(message) => {
                Change::Without { message: plan.messages[message.index()].name.clone() }
            }
            Move::Spare(holdout) => Change::Holdout { holdout: plan.holdouts[holdout.index()].name.clone() },
        }
    }
}

/// A scene after some moves.
pub(super) struct Changed {
    pub(super) scene: Scene,
    /// What slots are taken to hold.
    pub(super) pretended: Vec<(SlotId, Option<Value>)>,
    /// Nobody is held out.
    pub(super) spared: bool,
}

impl Scene {
    /// The scene after some moves.
    pub(super) fn after(&self, policy: &Policy, moves: &[Move]) -> Changed {
        let mut scene = self.clone();
        let (mut pretended, mut spared) = (Vec::new(), false);
        let now = scene.profile.now;
        // An address comes before the consent that is given for it; a consent given at the very instant of a
        // withdrawal would not stand.
        for one in moves {
            if let Move::Attribute(id, value) = one {
                scene.profile.set_attribute(policy, *id, value.clone(), now);
            }
        }
        for one in moves {
            match one {
                Move::Attribute(..) => {}
                Move::Consent(purpose, channel, confirmed) => {
                    grant(&mut scene.profile, *purpose, *channel, *confirmed, now.saturating_add(1));
                }
                Move::Withdraw(purpose, channel) => scene.profile.ledger.withdraw(Withdrawal {
                    purpose: Some(*purpose),
                    channel: Some(*channel),
                    time: now.saturating_add(1),
                }),
                Move::Time(at) => {
                    // What is proposed now would be proposed then; what waits since earlier goes on waiting.
                    for candidate in &mut scene.candidates {
                        if candidate.proposed == now {
                            candidate.proposed = *at;
                        }
                    }
                    scene.profile.now = *at;
                }
                Move::Event(slot, value) => {
                    let candidate = &mut scene.candidates[self.at];
                    candidate.cause = with_field(policy, &candidate.cause, *slot, value.as_ref());
                }
                Move::Value(slot, value) => pretended.push((*slot, value.clone())),
                Move::Without(message) => scene.remove(*message),
                Move::Spare(_) => spared = true,
            }
        }
        Changed { scene, pretended, spared }
    }

    /// Another message isn't proposed.
    fn remove(&mut self, message: MessageId) {
        let own = self.candidate().clone();
        self.candidates.retain(|candidate| candidate.message != message || *candidate == own);
        self.at = self.candidates.iter().position(|candidate| *candidate == own).unwrap_or_default();
        self.picked.remove(message);
    }
}

fn grant(profile: &mut Profile, purpose: PurposeId, channel: ChannelId, confirmed: bool, time: i64) {
    let receipt = SmolStr::new_static("supposed");
    profile.ledger.grant(Grant { receipt, purpose, channel: Some(channel), time, source: None, confirmed });
}

/// The cause, where a field of its event has another value.
fn with_field(policy: &Policy, cause: &Cause, slot: SlotId, value: Option<&Value>) -> Cause {
    match cause {
        Cause::Event(event) => {
            let slots = &policy.events[event.event.index()].slots;
            let Some((_, field)) = slots.iter().find(|(known, _)| *known == slot) else {
                return cause.clone();
            };
            let mut fields = event.fields.to_vec();
            if fields.len() <= *field as usize {
                fields.resize(*field as usize + 1, None);
            }
            fields[*field as usize] = value.cloned();
            let fields = fields.into_boxed_slice();
            Cause::Event(Arc::new(Snapshot { id: event.id.clone(), event: event.event, fields }))
        }
        Cause::Journey(proposal) => {
            let cause = with_field(policy, &proposal.origin.cause, slot, value);
            let origin = Arc::new(Origin { cause, ..(*proposal.origin).clone() });
            Cause::Journey(Box::new(Proposal { origin, ..(**proposal).clone() }))
        }
        _ => cause.clone(),
    }
}

/// A value of a type that stands for any other.
pub(super) fn another(policy: &Policy, ty: Type, today: i64, now: i64) -> Option<Value> {
    match ty {
        Type::Set(_) => Some(Value::Set([].into())),
        Type::Date => Some(Value::Cell(today as u64)),
        Type::Instant => Some(Value::Cell(now as u64)),
        _ if ty.is_text() => Some(policy.text(ANOTHER)),
        Type::Number | Type::Percent => Some(Value::Cell(0.0_f64.to_bits())),
        _ => Some(Value::Cell(0)),
    }
}

/// Whether a slot can be given a value, and by which move.
pub(super) fn moves_of(policy: &Policy, slot: SlotId, value: Option<Value>, has_event: bool) -> Vec<Move> {
    let plan = &policy.plan;
    let cell = match &value {
        Some(Value::Cell(cell)) => Some(*cell),
        _ => None,
    };
    match plan.slots[slot.index()].source {
        Source::Attribute(id) => vec![Move::Attribute(id, value)],
        Source::Event(_) if has_event => vec![Move::Event(slot, value)],
        Source::Window(window) => {
            use comity_compiler::plan::Fold;
            let fold = plan.windows[window.index()].fold;
            let counts = matches!(fold, Fold::Count | Fold::Distinct);
            if counts && cell.is_some_and(|cell| (cell as i64) < 0) {
                return Vec::new();
            }
            vec![Move::Value(slot, value)]
        }
        Source::Bucket(_) => match cell.map(f64::from_bits) {
            Some(place) if (0.0..1.0).contains(&place) => vec![Move::Value(slot, value)],
            _ => Vec::new(),
        },
        Source::Arm(_) | Source::InJourney(_) => vec![Move::Value(slot, value)],
        Source::Consent(purpose, channel) => match cell {
            Some(0) => vec![Move::Withdraw(purpose, channel)],
            _ => vec![Move::Consent(purpose, channel, false), Move::Consent(purpose, channel, true)],
        },
        Source::Reachable(channel) => match super::gates::address_attribute(plan, channel) {
            Some(id) if cell == Some(0) => vec![Move::Attribute(id, None)],
            Some(id) => vec![Move::Attribute(id, Some(policy.text(ANOTHER)))],
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}
