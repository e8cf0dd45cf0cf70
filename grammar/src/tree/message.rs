//! Messages and their content (language reference §7).

use super::{Expr, Literal, Name, Occurrence, Path, Range, Text};
use crate::Span;
use smol_str::SmolStr;

/// `message cart_email { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its name.
    pub name: Name,
    /// In the order of the text.
    pub properties: Vec<MessageProperty>,
}

/// A property of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageProperty {
    /// What it says.
    pub kind: MessagePropertyKind,
    /// Its keyword, or the attribute's name.
    pub keyword: Span,
    /// All of it.
    pub span: Span,
}

/// The kinds of property of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum MessagePropertyKind {
    Error,
    Class(Path),
    Purpose(Vec<Path>),
    Owner(Text),
    Tags(Vec<Name>),
    /// `category = "cart"`; the value is a literal or a member.
    Attribute {
        name: Name,
        value: Expr,
    },
    /// Two dates, both included.
    Active(Range),
    When(Expr),
    Unless(Expr),
    On(Occurrence),
    At(Vec<Path>),
    Value(Expr),
    Propensity(Expr),
    Lever(Expr),
    Expires(Literal),
    Via(Vec<Path>),
    Content(Content),
}

/// `content email for "de" { subject "…" body "…" }`
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    /// A channel or a placement.
    pub place: Path,
    pub language: Option<Text>,
    pub fields: Vec<ContentField>,
}

/// `subject "Hello {profile.first_name otherwise "friend"}"`
#[derive(Clone, Debug, PartialEq)]
pub struct ContentField {
    pub name: Name,
    pub template: Template,
    pub span: Span,
}

/// A text with expressions in braces.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    pub pieces: Vec<Piece>,
    /// With its quotes.
    pub span: Span,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text as it is, escapes resolved.
    Text(SmolStr),
    /// `{ expression }`
    Value(Expr),
}
