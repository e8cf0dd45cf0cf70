//! Declarations (language reference §6–§8, §11, §12) except messages, journeys and tests.

use super::{Cell, Expr, Journey, Literal, Message, Name, Occurrence, Path, Range, Test, Text};
use crate::Span;

/// A top-level declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// The lines of its `///` comment, without the slashes and one space.
    pub doc: Vec<Text>,
    /// What it declares.
    pub kind: DeclarationKind,
    /// From its keyword to its end, without the doc comment.
    pub span: Span,
}

/// What can be declared.
#[derive(Clone, Debug, PartialEq)]
pub enum DeclarationKind {
    /// Could not be read.
    Error,
    Enum(Enum),
    Profile(Profile),
    Event(Event),
    Segment(Segment),
    Let(Let),
    Table(Table),
    Channel(Channel),
    Placement(Placement),
    Class(Class),
    Purpose(Purpose),
    EveryMessage(EveryMessage),
    Message(Message),
    Cap(Cap),
    Suppress(Suppress),
    Arbitrate(Arbitrate),
    Holdout(Holdout),
    Experiment(Experiment),
    Model(Model),
    Journey(Journey),
    Stop(Stop),
    Test(Test),
    Invariant(Invariant),
}

/// `enum Tier ordered { bronze, silver, gold }`
#[derive(Clone, Debug, PartialEq)]
pub struct Enum {
    pub name: Name,
    pub ordered: bool,
    pub members: Vec<Name>,
}

/// `profile { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub attributes: Vec<Attribute>,
}

/// An attribute of the profile, or of every message.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    pub doc: Vec<Text>,
    pub name: Name,
    pub ty: Type,
    pub default: Option<Literal>,
    /// A default that is an enum's member.
    pub default_member: Option<Name>,
    /// Where `personal` stands.
    pub personal: Option<Span>,
    /// `only for p1, p2`
    pub only_for: Vec<Path>,
    pub span: Span,
}

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    pub kind: TypeKind,
    /// `?`
    pub optional: bool,
    pub span: Span,
}

/// The kinds of type.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// Could not be read.
    Error,
    /// `int`, `text`, `Tier`, `channel` …
    Named(Path),
    /// `money EUR`
    Money(Name),
    /// `set of text`
    Set(Box<Type>),
}

/// `event purchase { order: text }`
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub name: Name,
    pub only_for: Vec<Path>,
    pub fields: Vec<EventField>,
}

/// A field of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventField {
    pub doc: Vec<Text>,
    pub name: Name,
    pub ty: Type,
    pub only_for: Vec<Path>,
    pub span: Span,
}

/// `segment s = …`
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    pub name: Name,
    pub condition: Expr,
}

/// `let f(x: int) = …`
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    pub name: Name,
    pub parameters: Vec<Parameter>,
    pub value: Expr,
}

/// A parameter of a let or a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub name: Name,
    pub ty: Type,
    pub span: Span,
}

/// `table lever_for(tier: Tier, ch: channel): number { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub name: Name,
    pub parameters: Vec<Parameter>,
    pub result: Type,
    pub rows: Vec<TableRow>,
}

/// One row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    pub cells: Vec<Cell>,
    /// A literal, a member, or an expression in parentheses.
    pub result: Expr,
    pub span: Span,
}

/// `channel email { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    pub name: Name,
    pub properties: Vec<ChannelProperty>,
}

/// A property of a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelProperty {
    pub kind: ChannelPropertyKind,
    /// Its keyword.
    pub keyword: Span,
    pub span: Span,
}

/// The kinds of property of a channel.
#[derive(Clone, Debug, PartialEq)]
pub enum ChannelPropertyKind {
    Error,
    Inbound,
    /// `to profile.email`, `to device profile.push_token`; the expression is as written.
    To {
        device: bool,
        address: Expr,
    },
    Quiet(Quiet),
    Spread(Literal),
    Cost(Literal),
}

/// `quiet 21:00..08:00 on sunday when …`
#[derive(Clone, Debug, PartialEq)]
pub struct Quiet {
    pub range: Range,
    pub weekdays: Vec<Name>,
    pub condition: Option<Expr>,
}

/// `placement home_hero { on web  show 1 }`
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    pub name: Name,
    pub properties: Vec<PlacementProperty>,
}

/// A property of a placement.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacementProperty {
    pub kind: PlacementPropertyKind,
    pub keyword: Span,
    pub span: Span,
}

/// The kinds of property of a placement.
#[derive(Clone, Debug, PartialEq)]
pub enum PlacementPropertyKind {
    Error,
    On(Path),
    Show(Literal),
    Distinct(Name),
}

/// `class service { ignores quiet, caps }`
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    pub name: Name,
    /// `quiet`, `caps`, `suppression`, `holdout`.
    pub ignores: Vec<Name>,
}

/// `purpose marketing { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Purpose {
    pub name: Name,
    pub rules: Vec<ConsentRule>,
}

/// `double_opt_in on email when …`
#[derive(Clone, Debug, PartialEq)]
pub struct ConsentRule {
    pub mode: ConsentMode,
    pub mode_span: Span,
    pub channels: Vec<Path>,
    pub condition: Option<Expr>,
    pub span: Span,
}

/// What a consent rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentMode {
    OptIn,
    DoubleOptIn,
    OptOut,
    Always,
    Never,
}

/// `every message has { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct EveryMessage {
    pub attributes: Vec<Attribute>,
}

/// Which messages a rule governs: `promotional tagged sale on email, sms`.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// Where `any` stands; else classes.
    pub any: Option<Span>,
    pub classes: Vec<Path>,
    pub tags: Vec<Name>,
    pub channels: Vec<Path>,
    pub span: Span,
}

/// `cap weekly at most 5 per 7d for lifecycle, promotional per message`
#[derive(Clone, Debug, PartialEq)]
pub struct Cap {
    pub name: Name,
    pub limit: Literal,
    pub span_of: CapSpan,
    pub selector: Selector,
    pub per: Option<(CapPer, Span)>,
}

/// Over what time a cap counts.
#[derive(Clone, Debug, PartialEq)]
pub enum CapSpan {
    Error(Span),
    /// A duration literal.
    Rolling(Literal),
    Day(Span),
    Week(Span),
    Month(Span),
}

/// What a cap counts separately for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapPer {
    Message,
    Tag,
    Channel,
}

/// `suppress promotional when …`
#[derive(Clone, Debug, PartialEq)]
pub struct Suppress {
    pub selector: Selector,
    pub condition: Expr,
}

/// `arbitrate { rank … score … pick … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Arbitrate {
    pub properties: Vec<ArbitrateProperty>,
}

/// A property of `arbitrate`.
#[derive(Clone, Debug, PartialEq)]
pub struct ArbitrateProperty {
    pub kind: ArbitratePropertyKind,
    pub keyword: Span,
    pub span: Span,
}

/// The kinds of property of `arbitrate`.
#[derive(Clone, Debug, PartialEq)]
pub enum ArbitratePropertyKind {
    Error,
    Rank(Vec<Path>),
    Score(Expr),
    Pick { limit: Literal, per_channel: bool },
}

/// `holdout control 5% of lifecycle salt "2026-h2"`
#[derive(Clone, Debug, PartialEq)]
pub struct Holdout {
    pub name: Name,
    pub share: Literal,
    pub classes: Vec<Path>,
    pub salt: Option<Text>,
}

/// `experiment first_touch { arms … salt … goal … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    pub name: Name,
    pub properties: Vec<ExperimentProperty>,
}

/// A property of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentProperty {
    pub kind: ExperimentPropertyKind,
    pub keyword: Span,
    pub span: Span,
}

/// The kinds of property of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub enum ExperimentPropertyKind {
    Error,
    /// Each arm and its share.
    Arms(Vec<(Name, Literal)>),
    Salt(Text),
    Goal {
        occurrence: Occurrence,
        within: Literal,
    },
}

/// `model conversion from "…" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub name: Name,
    pub file: Text,
    pub properties: Vec<ModelProperty>,
}

/// A property of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelProperty {
    pub kind: ModelPropertyKind,
    pub keyword: Span,
    pub span: Span,
}

/// The kinds of property of a model.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelPropertyKind {
    Error,
    Format(Name),
    Feature { name: Name, value: Expr },
}

/// `stop lifecycle, promotional journeys on purchase`
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    pub classes: Vec<Path>,
    pub on: Occurrence,
}

/// `invariant adults_only: any tagged alcohol requires …`
#[derive(Clone, Debug, PartialEq)]
pub struct Invariant {
    pub name: Name,
    pub selector: Selector,
    pub condition: Expr,
}
