//! Expressions of the plan: slots, constants and operations, each written once.
//!
//! Operands are never unknown where an operation needs them (the checker saw to that), except for
//! [`Op::IsKnown`], [`Op::Otherwise`], [`Op::If`] and [`Op::Slot`], which carry it along. An unknown value's cell
//! is 0. Every operation is total: on any cells it gives a cell, and evaluating both sides of `and`, `or`, `if`,
//! `otherwise` or only the one that is needed makes no difference.

use super::Wake;
use crate::ids::*;
use crate::types::Type;
use serde::{Deserialize, Serialize};

/// An expression: an operation with its type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Node {
    pub op: Op,
    pub ty: Type,
    /// Whether it can be unknown.
    pub optional: bool,
}

/// Operations. "Integer-like" are all types but number and percent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// A cell of the node's type; of a set, the empty set.
    Constant(u64),
    /// An unknown value.
    Unknown,
    /// What the frame holds.
    Slot(SlotId),

    /// bool
    Not(ExprId),
    /// bools
    And(ExprId, ExprId),
    /// bools
    Or(ExprId, ExprId),
    /// Whether an optional is known.
    IsKnown(ExprId),
    /// The first if it is known, else the second, which may be unknown too.
    Otherwise(ExprId, ExprId),
    /// Condition, then, else.
    If(ExprId, ExprId, ExprId),

    /// Two values of one type, compared as `i64`, or as doubles; texts only by `Equal` and `NotEqual`.
    Compare(Comparison, ExprId, ExprId),
    /// Whether the cell is one of these, which are sorted and distinct; never doubles; of texts those that the
    /// policy names.
    In(ExprId, Vec<u64>),

    /// Doubles, or integer-like, saturating.
    Add(ExprId, ExprId),
    /// Doubles, or integer-like, saturating.
    Subtract(ExprId, ExprId),
    /// Doubles, or ints, saturating.
    Multiply(ExprId, ExprId),
    /// Two doubles; unknown where the second is 0.
    Divide(ExprId, ExprId),
    /// Integer-like times double: one product of doubles, ties to even, saturating.
    Scale(ExprId, ExprId),
    /// Integer-like by double: one quotient of doubles, ties to even, saturating; unknown where the second is 0.
    Unscale(ExprId, ExprId),
    /// Double, or integer-like, saturating.
    Negate(ExprId),
    /// Double, or integer-like, saturating.
    Abs(ExprId),
    /// The smaller one.
    Min(ExprId, ExprId),
    /// The larger one.
    Max(ExprId, ExprId),
    /// Integer-like as a double.
    ToNumber(ExprId),
    /// Money's minor units as a double of major units, by this many minor units.
    ToMajor(ExprId, i64),
    /// Double to int, ties to even, saturating.
    Round(ExprId),
    /// Double to int, saturating.
    Floor(ExprId),
    /// Double to int, saturating.
    Ceil(ExprId),

    /// A text in lower case.
    Lower(ExprId),
    /// A text in upper case.
    Upper(ExprId),
    /// Unicode scalars of a text.
    Length(ExprId),
    /// Whether the first text starts with the second.
    StartsWith(ExprId, ExprId),
    /// Whether the first text ends with the second.
    EndsWith(ExprId, ExprId),
    /// Whether the second text stands in the first.
    TextContains(ExprId, ExprId),
    /// Whether the regular expression matches somewhere in the text.
    Matches(ExprId, RegexId),

    /// Whether a set has a member.
    SetContains(ExprId, ExprId),
    /// Whether the first set has all members of the second.
    SetContainsAll(ExprId, ExprId),
    /// Whether two sets have a member in common.
    SetOverlaps(ExprId, ExprId),
    /// How many members a set has.
    SetLength(ExprId),

    /// Full years from the first date to the second; 0 where the second is earlier.
    YearsBetween(ExprId, ExprId),
}

/// The operands of an operation, in order: by reference, or by mutable reference, as the operation is given.
macro_rules! operands {
    ($op:expr) => {
        match $op {
            Op::Constant(_) | Op::Unknown | Op::Slot(_) => [None, None, None],
            Op::Not(a)
            | Op::IsKnown(a)
            | Op::In(a, _)
            | Op::Negate(a)
            | Op::Abs(a)
            | Op::ToNumber(a)
            | Op::ToMajor(a, _)
            | Op::Round(a)
            | Op::Floor(a)
            | Op::Ceil(a)
            | Op::Lower(a)
            | Op::Upper(a)
            | Op::Length(a)
            | Op::Matches(a, _)
            | Op::SetLength(a) => [Some(a), None, None],
            Op::And(a, b)
            | Op::Or(a, b)
            | Op::Otherwise(a, b)
            | Op::Compare(_, a, b)
            | Op::Add(a, b)
            | Op::Subtract(a, b)
            | Op::Multiply(a, b)
            | Op::Divide(a, b)
            | Op::Scale(a, b)
            | Op::Unscale(a, b)
            | Op::Min(a, b)
            | Op::Max(a, b)
            | Op::StartsWith(a, b)
            | Op::EndsWith(a, b)
            | Op::TextContains(a, b)
            | Op::SetContains(a, b)
            | Op::SetContainsAll(a, b)
            | Op::SetOverlaps(a, b)
            | Op::YearsBetween(a, b) => [Some(a), Some(b), None],
            Op::If(a, b, c) => [Some(a), Some(b), Some(c)],
        }
    };
}

impl Op {
    /// Whether what it comes to can be unknown, whatever the node says of itself: a plan from outside can say anything.
    pub(crate) fn can_be_unknown(&self) -> bool {
        matches!(
            self,
            Op::Unknown | Op::Slot(_) | Op::Otherwise(..) | Op::If(..) | Op::Divide(..) | Op::Unscale(..)
        )
    }

    /// The operands, in order.
    pub fn operands(&self) -> impl Iterator<Item = ExprId> {
        operands!(self).into_iter().flatten().copied()
    }

    /// The operands, in order, to be renumbered.
    pub fn operands_mut(&mut self) -> impl Iterator<Item = &mut ExprId> {
        operands!(self).into_iter().flatten()
    }
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Comparison {
    /// What it says of the sides in the other order: `a < b` is `b > a`.
    pub fn mirrored(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessEqual => Comparison::GreaterEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterEqual => Comparison::LessEqual,
            same => same,
        }
    }

    /// Whether it is true of two sides.
    pub fn holds<T: PartialOrd>(self, a: T, b: T) -> bool {
        match self {
            Comparison::Equal => a == b,
            Comparison::NotEqual => a != b,
            Comparison::Less => a < b,
            Comparison::LessEqual => a <= b,
            Comparison::Greater => a > b,
            Comparison::GreaterEqual => a >= b,
        }
    }

    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterEqual => ">=",
        }
    }
}

/// A place in the frame: something about the customer, the event, or the moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Slot {
    pub source: Source,
    pub ty: Type,
    pub optional: bool,
}

impl Slot {
    /// Whether it holds a date that the profile keeps: a window's answer or an attribute.
    pub fn is_kept_date(&self) -> bool {
        self.ty == Type::Date && matches!(self.source, Source::Window(_) | Source::Attribute(_))
    }
}

/// Where the runtime gets a slot's value from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An attribute of the profile.
    Attribute(AttributeId),
    /// The field of this name of the event that proposed the message.
    Event(TextId),
    /// A field, by its position in the event's declaration, of the event that a filter looks at.
    Field(u32),
    /// A question to the history.
    Window(WindowId),
    /// The customer's `now`.
    Now,
    /// Local date.
    LocalDate,
    /// Local time of day, µs.
    LocalTime,
    /// Local hour, int.
    LocalHour,
    /// Local weekday.
    LocalWeekday,
    /// Local month, 1–12.
    LocalMonth,
    /// Local day of the month, 1–31.
    LocalDay,
    /// Whether the purpose allows the channel.
    Consent(PurposeId, ChannelId),
    /// Whether the channel's address is known.
    Reachable(ChannelId),
    /// The customer's place in [0%, 100%) under a salt.
    Bucket(TextId),
    /// The customer's arm.
    Arm(ExperimentId),
    /// Whether the customer is in a journey.
    InJourney(JourneyId),
    /// A model's answer.
    Predict(ModelId),
    /// Nowhere: no rule asks for it. An edit has left it, so that the others keep their numbers.
    Nothing,
}

/// A condition that is shared by guards: a bool expression without `and`, `or`, `not` at its top (except one whose
/// clauses would be too many). Of complements only one is an atom: `==`, `>` and `>=`, never `!=`, `<=` and `<`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Atom {
    /// The condition.
    pub expr: ExprId,
    /// When it can change although no event comes.
    pub wakes: Vec<Wake>,
}

/// A condition as a conjunction of clauses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// All of them must hold.
    pub clauses: Vec<Clause>,
}

impl Guard {
    /// All that its clauses are made of.
    pub fn literals(&self) -> impl Iterator<Item = &Literal> {
        self.clauses.iter().flat_map(|clause| &clause.literals)
    }
}

/// A disjunction.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Clause {
    /// One of them must hold.
    pub literals: Vec<Literal>,
}

/// An atom or its opposite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Literal {
    pub atom: AtomId,
    pub negated: bool,
}
