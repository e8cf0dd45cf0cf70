//! Journeys (language reference §10).

use super::{Expr, Literal, Name, Occurrence, Path};
use crate::Span;

/// `journey cart_recovery { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    pub name: Name,
    pub properties: Vec<JourneyProperty>,
    pub body: Vec<Statement>,
}

/// A property of a journey.
#[derive(Clone, Debug, PartialEq)]
pub struct JourneyProperty {
    pub kind: JourneyPropertyKind,
    pub keyword: Span,
    pub span: Span,
}

/// The kinds of property of a journey.
#[derive(Clone, Debug, PartialEq)]
pub enum JourneyPropertyKind {
    Error,
    Class(Path),
    On(Occurrence),
    Key(Expr),
    When(Expr),
    Reenter(Reenter),
    Touches(Literal),
    StopOn(Occurrence),
    StopWhen(Expr),
    Goal { occurrence: Occurrence, within: Literal },
}

/// When a customer may enter again.
#[derive(Clone, Debug, PartialEq)]
pub enum Reenter {
    Error,
    Never,
    After(Literal),
    WhenFinished,
    Always,
}

/// A statement with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub kind: StatementKind,
    pub span: Span,
}

/// The kinds of statement.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    Error,
    /// `wait D [restart on PATTERN [up to D2]]`
    Wait {
        duration: Literal,
        restart: Option<Restart>,
    },
    /// `wait until 10:00 [on monday]`
    WaitUntil {
        time: Literal,
        weekday: Option<Name>,
    },
    /// `wait for PATTERN or … up to D then {…} else {…}`
    WaitFor {
        occurrences: Vec<Occurrence>,
        up_to: Literal,
        then: Option<Vec<Statement>>,
        otherwise: Option<Vec<Statement>>,
    },
    Send(Send),
    If {
        condition: Expr,
        then: Vec<Statement>,
        otherwise: Option<Vec<Statement>>,
    },
    Split {
        experiment: Path,
        arms: Vec<(Name, Vec<Statement>)>,
    },
    Repeat {
        times: Literal,
        body: Vec<Statement>,
    },
    Together(Vec<Vec<Statement>>),
    /// `set profile.x = E`
    Set {
        attribute: Name,
        value: Expr,
    },
    Emit {
        event: Name,
        fields: Vec<(Name, Expr)>,
    },
    Enter(Path),
    Exit,
}

/// `restart on PATTERN [up to D2]`
#[derive(Clone, Debug, PartialEq)]
pub struct Restart {
    pub on: Occurrence,
    pub up_to: Option<Literal>,
}

/// `send M [via c1, c2 | via c1 then c2] [within D] [else {…}]`
#[derive(Clone, Debug, PartialEq)]
pub struct Send {
    pub message: Path,
    pub via: Vec<Path>,
    /// Whether the channels are joined by `then`: a fallback chain.
    pub chain: bool,
    pub within: Option<Literal>,
    pub otherwise: Option<Vec<Statement>>,
}
