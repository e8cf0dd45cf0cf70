//! Expressions and patterns (language reference §3–§5).

use super::{Name, Path, Text};
use crate::Span;
use smol_str::SmolStr;

/// An expression with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// Could not be read.
    Error,
    /// `3`, `"x"`, `20 EUR` …
    Literal(Literal),
    /// `["DE", "AT"]`
    List(Vec<Expr>),
    /// A bare name: `basket`, `gold`, `email`, `channel`.
    Name(Name),
    /// `profile`, `event`, `trigger`, `message` or `local`; only before a `.`.
    Root(Root),
    /// `now`
    Now,
    /// `base.name`
    Field { base: Box<Expr>, name: Name },
    /// `lapsed(30d)`, `min(a, b)`, `other.f(x)`
    Call { callee: Box<Path>, arguments: Vec<Expr> },
    /// `( e )`
    Paren(Box<Expr>),
    /// `not e`, `-e`
    Unary { operator: UnaryOperator, operand: Box<Expr> },
    /// `a + b`, `a and b`, `a == b`, `a contains b`, `a otherwise b` …
    Binary { operator: BinaryOperator, operator_span: Span, left: Box<Expr>, right: Box<Expr> },
    /// `x is known`, `x is unknown`
    Is { subject: Box<Expr>, known: bool },
    /// `x in [..]`, `x not in 1..5`
    In { subject: Box<Expr>, negated: bool, set: InSet },
    /// `if c then a else b`
    If { condition: Box<Expr>, then: Box<Expr>, otherwise: Box<Expr> },
    /// `match e { gold => 1, else => 2 }`
    Match { subject: Box<Expr>, arms: Vec<MatchArm> },
    /// `count of purchase within 24h` and its kin
    Aggregate(Box<Aggregate>),
    /// `years since X`, `days since X`
    Since { unit: SinceUnit, of: Box<Expr> },
}

/// Where a dotted name begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// `profile.x`
    Profile,
    /// `event.x`
    Event,
    /// `trigger.x`
    Trigger,
    /// `message.x`
    Message,
    /// `local.hour`
    Local,
}

/// `not` and unary `-`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `not`
    Not,
    /// `-`
    Negate,
}

/// Operators between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Contains,
    ContainsAll,
    Overlaps,
    StartsWith,
    EndsWith,
    Matches,
    Otherwise,
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// The right side of `in`.
#[derive(Clone, Debug, PartialEq)]
pub enum InSet {
    /// `["DE", "AT"]`, `[gold, silver]`
    List { items: Vec<Expr>, span: Span },
    /// `18..65`
    Range(Box<Range>),
    /// Could not be read.
    Error(Span),
}

/// `18..65`, `21:00..08:00`; the ends are literals.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// First value.
    pub start: Literal,
    /// Last value.
    pub end: Literal,
    /// Both ends and the dots.
    pub span: Span,
}

/// One arm of `match`.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchArm {
    /// `gold`, `18..65`, `_` or `else`.
    pub pattern: Cell,
    /// What follows `=>`.
    pub value: Expr,
    /// The whole arm.
    pub span: Span,
}

/// What stands in a table's column or before the `=>` of a match arm.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// What it is.
    pub kind: CellKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of cell.
#[derive(Clone, Debug, PartialEq)]
pub enum CellKind {
    /// Could not be read.
    Error,
    /// `_`
    Any,
    /// `else`, in a `match` only.
    Else,
    /// A literal; in parentheses where it is negative.
    Literal(Literal),
    /// A range; in parentheses where an end is negative.
    Range(Box<Range>),
    /// A member, channel, class, message, purpose or weekday.
    Name(Path),
}

/// A literal with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal {
    /// What it is.
    pub kind: LiteralKind,
    /// Where it stands, sign included.
    pub span: Span,
}

/// The kinds of literal. Numbers keep their digits as written, underscores included, and a leading `-`.
#[derive(Clone, Debug, PartialEq)]
pub enum LiteralKind {
    /// `true`
    Bool(bool),
    /// `1_000`, `-3`
    Int(SmolStr),
    /// `0.25`
    Number(SmolStr),
    /// `15%`: the digits before the sign
    Percent(SmolStr),
    /// `20 EUR`
    Money { amount: SmolStr, currency: Box<Name> },
    /// `90s`, `30 minutes`
    Duration { amount: SmolStr, unit: DurationUnit, unit_span: Span },
    /// `21:00`
    Time(SmolStr),
    /// `2026-11-27`
    Date(SmolStr),
    /// `2026-11-27T10:00:00Z`
    Instant(SmolStr),
    /// `"..."`
    Text(Text),
}

/// Units of a duration literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurationUnit {
    Second,
    Minute,
    Hour,
    /// Exactly 24 h.
    Day,
    Week,
}

/// `years since`, `days since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SinceUnit {
    Years,
    Days,
}

/// A question to the history (§5.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// Which question.
    pub fold: Fold,
    /// The word or words of the question.
    pub fold_span: Span,
    /// Which events.
    pub pattern: Pattern,
    /// `.amount`
    pub field: Option<Name>,
    /// `within 24h`
    pub within: Option<Within>,
}

/// The questions that can be put to the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    Count,
    Any,
    No,
    Sum,
    Average,
    Min,
    Max,
    Distinct,
    Last,
    First,
    TimeSinceLast,
    TimeSinceFirst,
}

/// How far back a question to the history goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Within {
    /// Rolling: a duration literal.
    Rolling(Literal),
    /// `today`, `this week` …
    Calendar(CalendarSpan, Span),
    /// Could not be read.
    Error(Span),
}

/// Calendar spans, in the customer's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarSpan {
    Today,
    Week,
    Month,
    Quarter,
    Year,
}

/// An event, optionally of one message, optionally filtered: `opened(cart_email)`,
/// `(purchase where category == "shoes")`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// The event; `None` could not be read.
    pub event: Option<Path>,
    /// The message of a delivery event.
    pub message: Option<Path>,
    /// The condition on the event's fields.
    pub filter: Option<Box<Expr>>,
    /// Whether it stood in parentheses.
    pub parenthesized: bool,
    /// Where it stands, parentheses included.
    pub span: Span,
}

/// What starts, stops or ends a wait: a pattern, or a change of a segment, or a time of the week.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    /// What it is.
    pub kind: OccurrenceKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of occurrence.
#[derive(Clone, Debug, PartialEq)]
pub enum OccurrenceKind {
    /// Could not be read.
    Error,
    /// An event.
    Event(Pattern),
    /// `enter active_shopper`
    Enter(Path),
    /// `leave active_shopper`
    Leave(Path),
    /// `every monday at 10:00`; no weekday for `every day`.
    Every { weekday: Option<Name>, time: Literal },
}
