//! What the runtime keeps of the past: exactly what some rule can still ask for.

use crate::ids::*;
use crate::types::Type;
use comity_grammar::tree::CalendarSpan as SyntaxSpan;
use serde::{Deserialize, Serialize};

/// A kept part of the history: the events of one type that pass a filter which depends on their own fields only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// Which events.
    pub event: EventId,
    /// Over [`super::Source::Field`] slots and constants only.
    pub filter: Option<ExprId>,
    /// The fields that are kept, by position in the event, ascending.
    pub fields: Vec<u32>,
    /// How long entries are kept.
    pub keep: Keep,
}

impl Stream {
    /// A stream of which nothing is kept yet.
    pub(crate) fn new(event: EventId, filter: Option<ExprId>) -> Stream {
        Stream { event, filter, fields: Vec::new(), keep: Keep::default() }
    }
}

/// How long a stream's entries are kept: as long as one of these says so. Windows over the whole history that
/// need no entries (`count`, `last` …) are kept as running totals beside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// µs; 0 where no rolling window looks.
    pub rolling: i64,
    /// The longest calendar span that looks.
    pub calendar: Option<Calendar>,
    /// A window over the whole history needs every entry.
    pub ever: bool,
}

/// Calendar spans in the customer's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Calendar {
    Day,
    /// From Monday.
    Week,
    Month,
    Quarter,
    Year,
}

impl From<SyntaxSpan> for Calendar {
    fn from(span: SyntaxSpan) -> Self {
        match span {
            SyntaxSpan::Today => Calendar::Day,
            SyntaxSpan::Week => Calendar::Week,
            SyntaxSpan::Month => Calendar::Month,
            SyntaxSpan::Quarter => Calendar::Quarter,
            SyntaxSpan::Year => Calendar::Year,
        }
    }
}

/// A question to the history.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// Which part of the history.
    pub stream: StreamId,
    /// A further condition on each entry that depends on more than its own fields (`event.category`,
    /// `profile.x`): evaluated when the question is asked.
    pub filter: Option<ExprId>,
    /// Which question.
    pub fold: Fold,
    /// Position in the event's declaration.
    pub field: Option<u32>,
    /// How far back.
    pub span: WindowSpan,
    /// Type of the answer.
    pub ty: Type,
    /// Whether the answer can be unknown.
    pub optional: bool,
}

impl Window {
    /// Whether it can be foreseen when time alone takes the answer over a constant ([`super::Wake::Crosses`]): of
    /// counts and sums of integers over what is kept ready.
    pub fn is_foreseen(&self) -> bool {
        let adds_up = match self.fold {
            Fold::Count | Fold::Distinct => true,
            Fold::Sum => !self.ty.is_float(),
            _ => false,
        };
        adds_up && self.filter.is_none() && matches!(self.span, WindowSpan::Rolling(_))
    }
}

/// Questions to the history. A field that an entry lacks is skipped by all but `count`, `any` and the times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// int
    Count,
    /// bool: whether there is one.
    Any,
    /// The field's type. Int-like: the exact sum, saturated at the end. Doubles: left to right in history order.
    Sum,
    /// Of ints and doubles a number, of money money (exact sum by count, ties to even); unknown where none.
    Average,
    /// Unknown where none.
    Min,
    /// Unknown where none.
    Max,
    /// int: how many different values.
    Distinct,
    /// Of the newest entry that has the field.
    Last,
    /// Of the oldest entry that has the field.
    First,
    /// instant of the newest entry.
    LastTime,
    /// instant of the oldest entry.
    FirstTime,
}

/// How far back a window looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowSpan {
    /// The whole history.
    Ever,
    /// `now - µs < time <= now`
    Rolling(i64),
    /// The events whose local date lies in the span that holds the local date of `now`.
    Calendar(Calendar),
}
