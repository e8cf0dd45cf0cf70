//! Checked messages.

use super::{Constant, Expr, Location, Pattern};
use crate::ids::*;
use crate::types::Type;
use smol_str::SmolStr;

#[derive(Clone, Debug)]
pub struct Message {
    pub name: SmolStr,
    pub at: Location,
    pub class: ClassId,
    pub purposes: Vec<PurposeId>,
    pub tags: Vec<TagId>,
    pub owner: Option<SmolStr>,
    /// All that `every message has`, by name; its own value or the default.
    pub attributes: Vec<MessageAttribute>,
    /// First and last day, days since 1970-01-01.
    pub active: Option<(i64, i64)>,
    pub when: Option<Expr>,
    pub unless: Option<Expr>,
    pub triggers: Vec<Occurrence>,
    pub placements: Vec<PlacementId>,
    /// A number or money.
    pub value: Option<Expr>,
    /// A percent.
    pub propensity: Option<Expr>,
    /// A number.
    pub lever: Option<Expr>,
    /// µs
    pub expires: Option<i64>,
    pub via: Vec<ChannelId>,
    pub content: Vec<Content>,
}

#[derive(Clone, Debug)]
pub struct MessageAttribute {
    pub name: SmolStr,
    pub ty: Type,
    pub value: Constant,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    pub kind: OccurrenceKind,
    pub at: Location,
}

#[derive(Clone, Debug, PartialEq)]
pub enum OccurrenceKind {
    Event(Pattern),
    Enter(SegmentId),
    Leave(SegmentId),
    /// 0 is monday; `None` is every day. µs of the local day.
    Every {
        weekday: Option<u8>,
        time: i64,
    },
}

#[derive(Clone, Debug)]
pub struct Content {
    pub place: Place,
    pub language: Option<SmolStr>,
    pub fields: Vec<(SmolStr, Vec<Piece>)>,
    pub at: Location,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    Channel(ChannelId),
    Placement(PlacementId),
}

#[derive(Clone, Debug)]
pub enum Piece {
    Text(SmolStr),
    /// Of a printable type, never unknown.
    Value(Expr),
}
