//! The syntax of Comity: tokens, the parser, the syntax tree and the formatter.
//!
//! `comity.pest` beside this crate is the normative grammar; the parser accepts exactly what it accepts, but
//! never fails: it returns a tree, in which what could not be read is an error node, and all the errors.
//!
//! ```
//! let parsed = comity_grammar::parse("message hello { via }\nclass service");
//! assert_eq!(parsed.file.declarations.len(), 2);
//! assert_eq!(parsed.errors[0].message, "expected a channel after `via`, found `}`");
//! ```
//!
//! The way of a text:
//!
//! 1. [`token`]: `lex` reads words, literals, marks and comments; what means nothing is reported and left out.
//! 2. `token::balance` closes each bracket that isn't closed, by the indentation where there is one to go by, so
//!    that the parser only sees whole groups and a mistake can't reach beyond its group.
//! 3. `parser`: chumsky's rules, one per construct. A declaration, property, statement, row or field that can't
//!    be read is skipped up to the next one. The template of a content field is parsed by the same rules; its
//!    spans are those of the file. A text is first read with expressions taken straight ahead, token by token;
//!    one that has a mistake is read anew by the rules that know what to say of it.
//! 4. [`format`] moves the tokens of a text without errors; [`print`] shows the tree.
//!
//! What callers may rely on:
//!
//! * Nothing here panics, and nothing recurses deeper than [`NESTING`] levels of the text allow. The tree of an
//!   expression is never deeper than some hundreds of nodes, so that it can be walked by recursion.
//! * A declaration without a name has an empty one; the error is reported.
//! * A negative number is one literal where it can be, also in expressions: `-3` is a literal, `-x` isn't.
//! * Checks of values (month 13, unknown currencies, numbers out of range) are left to the compiler.

pub mod span;
pub mod token;
pub mod tree;

mod error;
mod format;
mod parser;
mod print;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use format::format;
pub use parser::{DECLARATIONS, MESSAGE_PROPERTIES, NESTING, Parsed, parse, parse_all};
pub use print::print;
pub use span::Span;
pub use token::Token;
