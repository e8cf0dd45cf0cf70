//! From lines of JSON to events and profiles of one policy (interfaces §2).
//!
//! A [`Schema`] is made once from a plan; after that a line is read in one pass, from its bytes straight to
//! cells, with no tree between them. What the policy doesn't know is skipped and counted; what it knows must have
//! the type that it declares, or the whole line is refused with a [`Rejection`] that says where and why.

mod attributes;
mod data;
mod envelope;
mod forms;
mod given;
mod profile;
mod rejection;
mod scalar;
mod scan;
mod schema;
mod standing;
mod value;
mod words;

#[cfg(test)]
pub(crate) mod tests;

pub use attributes::Attributes;
pub use given::Given;
pub use profile::{ConsentLine, ProfileLine, misplaced_in_attributes, misspelt_in_profile};
pub use rejection::{Rejected, Rejection};
pub use schema::Schema;

use comity_compiler::ids::*;
use comity_compiler::value::Value;
use smol_str::SmolStr;

/// The longest id of an event, a customer or a send, in bytes.
pub const MAX_ID: usize = 1024;

/// An event as it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: SmolStr,
    /// The customer.
    pub subject: SmolStr,
    /// µs since 1970-01-01T00:00:00Z.
    pub time: i64,
    /// What happened.
    pub kind: Kind,
    /// How many fields it had that the policy doesn't know.
    pub unknown_fields: u32,
}

/// The values of a declared event, by position in its fields.
pub type Fields = Box<[Option<Value>]>;

/// Attributes that change, by their ids, in the order in which they were given; `None` makes one unknown, or gives it its
/// default back.
pub type Changes = Vec<(AttributeId, Option<Value>)>;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// An event that the policy declares.
    Known {
        /// Its type.
        event: EventId,
        /// By position in the event's fields; `None` also where nothing in the policy reads the field.
        fields: Fields,
    },
    /// These attributes change.
    Identify(Changes),
    /// A consent is given.
    ConsentGranted {
        /// For this purpose.
        purpose: PurposeId,
        /// On this channel, or on all.
        channel: Option<ChannelId>,
        /// Where it was given.
        source: Option<Value>,
        /// Whether it was confirmed (double opt-in).
        confirmed: bool,
        /// The receipt's id; without it the event's.
        receipt: Option<SmolStr>,
    },
    /// A consent is withdrawn.
    ConsentWithdrawn {
        /// For this purpose, or for all.
        purpose: Option<PurposeId>,
        /// On this channel, or on all.
        channel: Option<ChannelId>,
        /// Where it was withdrawn.
        source: Option<Value>,
    },
    /// Another customer turns out to be this one.
    Merge {
        /// The customer that becomes the event's subject.
        from: SmolStr,
    },
    /// Something happened to a message: `send` is there, or both `message` and `channel`.
    Delivery {
        /// `delivered` … `unsubscribed`.
        event: EventId,
        /// The id of the record of the send.
        send: Option<SmolStr>,
        /// The message, where it was given and the policy has it.
        message: Option<MessageId>,
        /// The channel, where it was given and the policy has it.
        channel: Option<ChannelId>,
    },
    /// A type that the policy doesn't know: to be counted and ignored.
    Unknown,
}
