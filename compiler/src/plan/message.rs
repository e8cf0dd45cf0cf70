//! Messages in the plan: what proposes them, and for each way out the gates that they must pass.

#![allow(missing_docs)] // A field says what its name says.

use super::{Constant, Guard};
use crate::ids::*;
use crate::types::Type;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub name: SmolStr,
    pub class: ClassId,
    pub purposes: Vec<PurposeId>,
    pub tags: Vec<TagId>,
    pub owner: Option<SmolStr>,
    /// Of every message the same, in the order of their names.
    pub attributes: Vec<MessageAttribute>,
    /// First and last local date, as days since 1970-01-01.
    pub active: Option<(i64, i64)>,
    /// µs after it was proposed.
    pub expires: Option<i64>,
    /// `when`, and not `unless`.
    pub guard: Guard,
    pub triggers: Vec<Trigger>,
    /// Its outbound channels, in order of preference.
    pub routes: Vec<Route>,
    /// Its placements.
    pub displays: Vec<Display>,
}

/// An attribute of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageAttribute {
    pub name: SmolStr,
    pub ty: Type,
    pub value: Constant,
}

/// What proposes a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// An event; the filter may look at its fields and at the customer.
    Event { event: EventId, filter: Option<ExprId> },
    /// The customer enters a segment.
    Enter(SegmentId),
    /// The customer leaves a segment.
    Leave(SegmentId),
    /// At a local time (µs of the day), on a weekday (0 is monday) or every day.
    Every { weekday: Option<u8>, time: i64 },
}

impl Trigger {
    /// What an event must pass besides being of its type.
    pub fn filter(&self) -> Option<ExprId> {
        match self {
            Trigger::Event { filter, .. } => *filter,
            Trigger::Enter(_) | Trigger::Leave(_) | Trigger::Every { .. } => None,
        }
    }
}

impl Message {
    /// All its ways out: its channels, then those of its displays.
    pub fn all_routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter().chain(self.displays.iter().map(|display| &display.route))
    }

    /// Whether another one has its name, is governed by the same, is proposed by the same and goes out the same ways.
    pub(crate) fn is_proposed_like(&self, other: &Message) -> bool {
        let triggers = self.triggers.iter().zip(&other.triggers).all(|triggers| match triggers {
            (Trigger::Event { event: a, .. }, Trigger::Event { event: b, .. }) => a == b,
            (a, b) => a == b,
        });
        let routes = self.routes.iter().zip(&other.routes).all(|(a, b)| a.channel == b.channel);
        let mut displays = self.displays.iter().zip(&other.displays);
        (&self.name, self.class, &self.purposes, &self.tags)
            == (&other.name, other.class, &other.purposes, &other.tags)
            && (self.triggers.len(), self.routes.len(), self.displays.len())
                == (other.triggers.len(), other.routes.len(), other.displays.len())
            && triggers
            && routes
            && displays.all(|(a, b)| (a.placement, a.route.channel) == (b.placement, b.route.channel))
    }
}

/// A message on one of its channels: what the gates 5 to 8 of the reference's §9 ask, instantiated. Gate 3 asks
/// each of the message's purposes how it governs the channel ([`super::Purpose::channels`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    pub channel: ChannelId,
    /// The rules that govern it, with their conditions; empty where its class ignores suppression.
    pub suppressions: Vec<(SuppressId, ExprId)>,
    /// The caps that count it and can block it; empty where its class ignores caps.
    pub caps: Vec<CapId>,
    /// A number.
    pub score: ExprId,
    /// Without a language first.
    pub content: Vec<Variant>,
}

/// A message on one of its placements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Display {
    pub placement: PlacementId,
    /// On the placement's channel.
    pub route: Route,
}

/// A rule of a purpose for one channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConsentRule {
    pub mode: ConsentMode,
    pub when: Option<ExprId>,
}

/// What a consent rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentMode {
    /// A grant.
    OptIn,
    /// A confirmed grant.
    DoubleOptIn,
    /// No withdrawal.
    OptOut,
    /// Nothing.
    Always,
    /// Never allowed.
    Never,
}

/// Content, for all customers or for those of one language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    pub language: Option<SmolStr>,
    /// In the order of the text.
    pub fields: Vec<(SmolStr, Vec<Piece>)>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// As it is.
    Text(SmolStr),
    /// Printed by its type.
    Value(ExprId),
}
