//! Purpose limitation as information flow (language reference §8.2): data that is `only for` some purposes influences
//! no message of another purpose, whichever way it takes.
//!
//! The policy becomes a graph: whatever is worked out or decided points to what it looks at. A message leads to its
//! conditions, its triggers, the rules of its purposes, the suppression that can block it, the places in journeys
//! that send it; these lead to definitions, models, attributes and events. An attribute that a journey sets leads to
//! the value and to the place where it is set. From each message the shortest way to each datum that isn't for it is
//! a violation. The graph forgets values and the order of events, so it shows every way that there is, and some that
//! no customer ever takes.

mod expression;
mod graph;
mod journey;
mod message;

use crate::checked::{Checked, Definition, Location};
use crate::diagnostic::Diagnostic;
use crate::ids::*;
use crate::mistakes::purpose_violated;
use graph::Graph;

/// Something that can be influenced, or from which influence comes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Node {
    Attribute(AttributeId),
    /// That it happened, and when.
    Event(EventId),
    /// A field of an event, by its position.
    Field(EventId, u32),
    Definition(Definition),
    Model(ModelId),
    /// What the rules of a purpose say about a channel.
    Consent(PurposeId, ChannelId),
    /// Where a channel sends to.
    Address(ChannelId),
    Quiet(ChannelId),
    Suppress(SuppressId),
    Score,
    /// That an instance of a journey comes to a place in its text, and when.
    Place(JourneyId, u32),
    /// That an instance of a journey is on its way.
    Journey(JourneyId),
    /// That a message is sent, and what it says.
    Message(MessageId),
    /// That a message passes its gates, whoever proposed it.
    Gates(MessageId),
}

/// One thing looks at another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) to: Node,
    /// How, where it is a step that is worth telling: from one place of a journey to the next isn't.
    pub(crate) step: Option<(Location, How)>,
}

/// How one thing looks at another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum How {
    LooksAt,
    IsProposedBy,
    IsSentBy,
    IsBlockedBy,
    IsHeldBackBy,
    GoesTo,
    Is,
    NeedsConsent,
    IsScoredBy,
    Prints,
    StartsOn,
    IsStoppedBy,
    WaitsFor,
    GoesBy,
    GoesOnWithout,
    IsEnteredFrom,
    IsSetIn,
    IsSetTo,
    UsesTimeZone,
}

/// A step of the way from a message to a datum.
pub(crate) struct Step {
    pub(crate) from: Node,
    pub(crate) to: Node,
    pub(crate) at: Location,
    pub(crate) how: How,
}

/// Every message that data influences which isn't for it, with the way that the influence takes. Messages of which
/// the purposes aren't fully known are left out.
pub(crate) fn violations(checked: &Checked, unclear: impl Fn(MessageId) -> bool) -> Vec<Diagnostic> {
    let restricted = restricted(checked);
    if restricted.is_empty() {
        return Vec::new();
    }
    let mut graph = Graph::of(checked);
    graph.keep_leading_to(restricted.iter().map(|(datum, _)| *datum));
    let mut found = Vec::new();
    for (position, message) in checked.messages.iter().enumerate() {
        let id = MessageId::at(position);
        if unclear(id) || message.purposes.is_empty() {
            continue;
        }
        let ways = graph.ways_from(Node::Message(id));
        let mut told = Vec::new();
        for (datum, only_for) in &restricted {
            // That its event isn't for the message says enough about a field.
            let of_event = matches!(datum, Node::Field(event, _) if told.contains(&Node::Event(*event)));
            if of_event || message.purposes.iter().any(|purpose| only_for.contains(purpose)) {
                continue;
            }
            if let Some(way) = ways.to(*datum) {
                told.push(*datum);
                found.push(purpose_violated::flow(checked, id, *datum, only_for, &way));
            }
        }
    }
    found
}

/// All data that is only for some purposes, events before their fields.
fn restricted(checked: &Checked) -> Vec<(Node, Vec<PurposeId>)> {
    let mut all = Vec::new();
    for (position, attribute) in checked.attributes.iter().enumerate() {
        if !attribute.only_for.is_empty() {
            all.push((Node::Attribute(AttributeId::at(position)), attribute.only_for.clone()));
        }
    }
    for (position, event) in checked.events.iter().enumerate() {
        let id = EventId::at(position);
        if !event.only_for.is_empty() {
            all.push((Node::Event(id), event.only_for.clone()));
        }
        for (field, declared) in event.fields.iter().enumerate() {
            if !declared.only_for.is_empty() {
                all.push((Node::Field(id, field as u32), declared.only_for.clone()));
            }
        }
    }
    all
}
