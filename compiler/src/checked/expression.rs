//! Typed expressions.

use super::{Cell, Location};
use crate::ids::*;
use crate::plan::{Calendar, Comparison};
use crate::types::Type;
use comity_grammar::tree::Fold;
use smol_str::SmolStr;

/// An expression with its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub ty: Type,
    /// Whether it can be unknown where it stands: what flow typing has shown to be known is not.
    pub optional: bool,
    pub at: Location,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A diagnostic has been given.
    Error,
    Constant(Constant),

    /// `profile.x`
    Attribute(AttributeId),
    /// `event.x`
    EventField(SmolStr),
    /// `trigger.x`
    TriggerField(SmolStr),
    /// `message.x`; also an attribute's name in a score.
    MessageAttribute(SmolStr),
    /// `message.name`, of type message.
    MessageName,
    /// `message.class`
    MessageClass,
    /// `channel`: the channel in question.
    Channel,
    /// A field, by its position, of the event that a `where` looks at.
    Field(u32),
    /// A parameter, by its position, of the let or table.
    Parameter(u32),
    /// `propensity` in a score.
    Propensity,
    /// `value` in a score: a number; money as its amount in major units.
    Value,
    /// `lever` in a score.
    Lever,
    Now,
    Local(LocalPart),

    /// A let with its arguments.
    Let(LetId, Vec<Expr>),
    /// A table with its arguments.
    Table(TableId, Vec<Expr>),
    Segment(SegmentId),
    Aggregate(Box<Aggregate>),

    /// An int where a number is expected.
    ToNumber(Box<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    IsKnown(Box<Expr>),
    IsUnknown(Box<Expr>),
    Otherwise(Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// The arms are tried in order and cover everything.
    Match(Box<Expr>, Vec<(Cell, Expr)>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    InList(Box<Expr>, Vec<Constant>),
    InRange(Box<Expr>, Box<Range>),
    /// What the operands' types say: saturating ints, doubles, money, percent (reference §4).
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// `contains` on a set or a text.
    Contains(Box<Expr>, Box<Expr>),
    ContainsAll(Box<Expr>, Box<Expr>),
    Overlaps(Box<Expr>, Box<Expr>),
    StartsWith(Box<Expr>, Box<Expr>),
    EndsWith(Box<Expr>, Box<Expr>),
    /// A regular expression that compiles.
    Matches(Box<Expr>, SmolStr),
    /// `years since D`
    YearsSince(Box<Expr>),
    /// `days since D`
    DaysSince(Box<Expr>),

    /// `min(a, b, …)`: two or more, of one type.
    Min(Vec<Expr>),
    Max(Vec<Expr>),
    Abs(Box<Expr>),
    /// Value, low, high.
    Clamp(Box<Expr>, Box<Expr>, Box<Expr>),
    Round(Box<Expr>),
    Floor(Box<Expr>),
    Ceil(Box<Expr>),
    Lower(Box<Expr>),
    Upper(Box<Expr>),
    /// Of a text, or how many members a set has.
    Length(Box<Expr>),

    Bucket(SmolStr),
    Predict(ModelId),
    Arm(ExperimentId),
    /// A constant purpose; the channel may be the one in question or a parameter.
    Consent(PurposeId, Box<Expr>),
    Reachable(Box<Expr>),
    InJourney(JourneyId),
}

/// Operations on numbers and units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Parts of the customer's local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalPart {
    Date,
    Time,
    Hour,
    Weekday,
    Month,
    Day,
}

/// A value that the policy states.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    Bool(bool),
    Int(i64),
    /// number, percent
    Number(f64),
    /// Minor units; the type has the currency.
    Money(i64),
    /// µs
    Duration(i64),
    /// µs of the day
    Time(i64),
    /// Days since 1970-01-01
    Date(i64),
    /// µs since 1970-01-01T00:00:00Z
    Instant(i64),
    /// Text and its kin.
    Text(SmolStr),
    /// Position of a member; the type has the enum, or the experiment.
    Member(u32),
    Channel(ChannelId),
    Class(ClassId),
    Message(MessageId),
    Purpose(PurposeId),
    /// 0 is monday.
    Weekday(u8),
    /// The empty set, as a default.
    EmptySet,
}

/// `18..65`, both ends included; of times the end is not, and it may cross midnight.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    pub start: Constant,
    pub end: Constant,
}

/// A question to the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    pub fold: Fold,
    pub pattern: Pattern,
    /// Position of the field in the event.
    pub field: Option<u32>,
    pub within: Within,
}

/// How far back a question goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    Ever,
    /// µs
    Rolling(i64),
    Calendar(Calendar),
}

/// Which events.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub event: EventId,
    /// Of a delivery event.
    pub message: Option<MessageId>,
    /// `where`; its fields are [`ExprKind::Field`].
    pub filter: Option<Box<Expr>>,
    pub at: Location,
}
