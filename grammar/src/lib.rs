//! The syntax of Comity: tokens, the parser, the syntax tree and the formatter.
//!
//! `comity.pest` beside this crate is the normative grammar; the parser accepts exactly what it accepts, but
//! never fails: it returns a tree, in which what could not be read is an error node, and all the errors.

pub mod span;
pub mod token;
pub mod tree;

mod error;
mod format;
mod parser;
mod print;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use format::format;
pub use parser::{Parsed, parse};
pub use print::print;
pub use span::Span;
pub use token::Token;
