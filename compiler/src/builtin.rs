//! The events that every policy has (reference §6).

use crate::ids::EventId;
use crate::types::Type;

/// A built-in event and its fields, each with its type and whether it may be missing.
pub struct BuiltinEvent {
    /// Its name.
    pub name: &'static str,
    /// Name, type, optional.
    pub fields: &'static [(&'static str, Type, bool)],
}

const DELIVERY: &[(&str, Type, bool)] =
    &[("message", Type::Message, false), ("channel", Type::Channel, false), ("send", Type::Text, false)];

/// In the order of their ids.
pub const BUILTIN_EVENTS: [BuiltinEvent; 12] = [
    BuiltinEvent { name: "identify", fields: &[] },
    BuiltinEvent {
        name: "consent_granted",
        fields: &[
            ("purpose", Type::Purpose, false),
            ("channel", Type::Channel, true),
            ("source", Type::Text, true),
            ("confirmed", Type::Bool, false),
        ],
    },
    BuiltinEvent {
        name: "consent_withdrawn",
        fields: &[
            ("purpose", Type::Purpose, true),
            ("channel", Type::Channel, true),
            ("source", Type::Text, true),
        ],
    },
    BuiltinEvent { name: "merge", fields: &[("from", Type::Text, false)] },
    BuiltinEvent { name: "sent", fields: DELIVERY },
    BuiltinEvent { name: "delivered", fields: DELIVERY },
    BuiltinEvent { name: "failed", fields: DELIVERY },
    BuiltinEvent { name: "opened", fields: DELIVERY },
    BuiltinEvent { name: "clicked", fields: DELIVERY },
    BuiltinEvent { name: "shown", fields: DELIVERY },
    BuiltinEvent { name: "dismissed", fields: DELIVERY },
    BuiltinEvent { name: "unsubscribed", fields: DELIVERY },
];

/// Attributes change.
pub const IDENTIFY: EventId = EventId(0);
/// A consent is given.
pub const CONSENT_GRANTED: EventId = EventId(1);
/// A consent is withdrawn.
pub const CONSENT_WITHDRAWN: EventId = EventId(2);
/// Two customers turn out to be one.
pub const MERGE: EventId = EventId(3);
/// A message left.
pub const SENT: EventId = EventId(4);
/// It arrived.
pub const DELIVERED: EventId = EventId(5);
/// It did not arrive.
pub const FAILED: EventId = EventId(6);
/// It was opened.
pub const OPENED: EventId = EventId(7);
/// It was clicked.
pub const CLICKED: EventId = EventId(8);
/// It was shown on a placement.
pub const SHOWN: EventId = EventId(9);
/// It was dismissed.
pub const DISMISSED: EventId = EventId(10);
/// The customer unsubscribed through it.
pub const UNSUBSCRIBED: EventId = EventId(11);

/// Whether an event is one about a message that was sent: its fields are `message`, `channel`, `send`.
pub fn is_delivery(event: EventId) -> bool {
    (SENT.0..=UNSUBSCRIBED.0).contains(&event.0)
}
