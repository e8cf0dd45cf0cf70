//! The syntax tree: what an author wrote, before any name or type is looked at.
//!
//! Every node carries its [`Span`]. What could not be read is an `Error` node, so that the rest of the file
//! stays usable. Literals keep the digits as written; what they mean is the compiler's business.

#![allow(clippy::large_enum_variant)] // A node is made once and borrowed ever after.
#![allow(missing_docs)] // A field says what its name says; the type above it shows the text it stands for.

mod declaration;
mod expression;
mod journey;
mod message;
mod test;

pub use declaration::*;
pub use expression::*;
pub use journey::*;
pub use message::*;
pub use test::*;

use crate::Span;
use smol_str::SmolStr;
use std::fmt;

/// A word that the author chose, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The word.
    pub text: SmolStr,
    /// Where it stands.
    pub span: Span,
}

/// A name of this project, or of another one as `package.name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The dependency, where one is named.
    pub package: Option<Name>,
    /// The name itself.
    pub name: Name,
}

impl Path {
    /// From the package, if any, to the end of the name.
    pub fn span(&self) -> Span {
        self.package.as_ref().map_or(self.name.span, |package| package.span.to(self.name.span))
    }
}

/// As it is written, without blanks.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.package {
            Some(package) => write!(f, "{}.{}", package.text, self.name.text),
            None => f.write_str(&self.name.text),
        }
    }
}

/// A text literal, escapes resolved; braces are plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The value.
    pub value: SmolStr,
    /// With its quotes.
    pub span: Span,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// In the order of the text.
    pub declarations: Vec<Declaration>,
}
