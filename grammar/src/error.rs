//! What is wrong with the syntax of a file, in the author's words.

use crate::Span;

/// One mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Which kind of mistake; the compiler gives each kind a code.
    pub kind: SyntaxErrorKind,
    /// Where it is.
    pub span: Span,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that matter, each with what it says.
    pub labels: Vec<(Span, String)>,
    /// What to write where, if that is certain.
    pub mend: Option<(Span, String)>,
}

impl SyntaxError {
    /// An error without help, labels and mend.
    pub fn new(kind: SyntaxErrorKind, span: Span, message: impl Into<String>) -> Self {
        SyntaxError { kind, span, message: message.into(), help: None, labels: Vec::new(), mend: None }
    }

    /// The same with a help.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with the help to write something else there, which is also the mend.
    pub fn write(self, instead: impl Into<String>) -> Self {
        let (span, instead) = (self.span, instead.into());
        self.help(format!("write `{}`", instead.trim())).mend(span, instead)
    }

    /// The same with a mend: what to write in place of what stands somewhere.
    pub fn mend(mut self, span: Span, instead: impl Into<String>) -> Self {
        self.mend = Some((span, instead.into()));
        self
    }

    /// The same with one more place.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push((span, text.into()));
        self
    }
}

/// The kinds of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyntaxErrorKind {
    /// A character that means nothing in Comity.
    UnknownCharacter,
    /// A text that doesn't end on its line.
    UnterminatedText,
    /// `\q` in a text.
    UnknownEscape,
    /// A `{` or `}` without its partner in a text.
    LoneBrace,
    /// A comment inside the braces of a content field.
    CommentInTemplate,
    /// A number that runs into a word, such as `20EUR` or `1h30m`.
    BadNumber,
    /// A time that isn't `HH:MM`.
    BadTime,
    /// An instant that lacks its offset or seconds.
    BadInstant,
    /// A word that is written neither like a name nor like an enum.
    BadWord,
    /// A bracket that is never closed.
    Unclosed,
    /// A closing bracket without an opening one.
    Unopened,
    /// Brackets, `if`, `match`, `not` or `-` more than 64 deep.
    TooDeep,
    /// An expression with too many operators in a row.
    TooLong,
    /// What stands at the top level isn't a declaration.
    ExpectedDeclaration,
    /// A name is missing.
    ExpectedName,
    /// A reserved word is used as a name.
    ReservedWord,
    /// A name with a capital, or an enum without one.
    NameCase,
    /// What stands in a body isn't one of its properties.
    ExpectedProperty,
    /// What stands in the body of a journey or a test isn't a statement.
    ExpectedStatement,
    /// A property of a journey after its first statement.
    MisplacedProperty,
    /// A condition or a value is missing.
    ExpectedExpression,
    /// A literal is missing, or one of another kind stands there.
    ExpectedLiteral,
    /// A type is missing.
    ExpectedType,
    /// An event is missing.
    ExpectedEvent,
    /// The name of a channel, class, message … is missing.
    ExpectedReference,
    /// A comma, bracket or keyword is missing.
    ExpectedToken,
    /// `a < b < c`
    ChainedComparison,
    /// `=` where `==` is meant.
    AssignmentInCondition,
}

impl SyntaxErrorKind {
    /// Whether it only says that something else should begin there.
    pub(crate) fn is_vague(self) -> bool {
        use SyntaxErrorKind::*;
        matches!(self, ExpectedDeclaration | ExpectedProperty | ExpectedStatement)
    }
}
