//! Tokens (language reference §3): words, literals, marks, and the comments between them.

mod brackets;
mod kind;
mod lex;
mod scan;
mod words;

pub(crate) use brackets::{Balanced, balance, check};
pub use kind::Kind;
pub(crate) use lex::Piece;
pub(crate) use lex::bad_escapes;
pub(crate) use lex::hours;
pub use lex::{Lexed, lex};
pub(crate) use scan::{Escape, escapes};

use crate::Span;

/// The smallest unit of a policy's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Whether it is the first one on its line.
    pub first_on_line: bool,
    /// Where it stands.
    pub span: Span,
    /// How many comments of the file stand before it.
    pub comments: u32,
    /// Its place in the list of tokens.
    pub index: u32,
}

/// A comment with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the slashes to the end of the line.
    pub span: Span,
    /// Whether it begins with exactly three slashes.
    pub doc: bool,
}
