//! Errors of syntax as diagnostics.

use crate::diagnostic::{Diagnostic, at};
use crate::ids::FileId;
use crate::source::SourceFile;
use comity_grammar::{SyntaxError, SyntaxErrorKind as Kind, tree};

/// The tree of a file and what is wrong with its syntax. Of a file that isn't UTF-8 only that is said.
pub(super) fn parse(id: FileId, file: &SourceFile) -> (tree::File, Vec<Diagnostic>) {
    let parsed = comity_grammar::parse(&file.text);
    let problems = match file.is_utf8() {
        true => parsed.errors.iter().map(|error| diagnostic(id, error)).collect(),
        false => Vec::new(),
    };
    (parsed.file, problems)
}

fn diagnostic(file: FileId, error: &SyntaxError) -> Diagnostic {
    let mut problem = Diagnostic::error(code(error.kind), error.message.clone(), at(file, error.span), "");
    for (span, text) in &error.labels {
        problem = problem.also(at(file, *span), text.clone());
    }
    problem.maybe_help(error.help.clone())
}

fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::UnknownCharacter | Kind::BadWord => "E0010",
        Kind::UnterminatedText | Kind::UnknownEscape | Kind::LoneBrace | Kind::CommentInTemplate => "E0011",
        Kind::BadNumber | Kind::BadTime | Kind::BadInstant => "E0012",
        Kind::Unclosed | Kind::Unopened => "E0013",
        Kind::TooDeep | Kind::TooLong => "E0014",
        Kind::ExpectedDeclaration => "E0015",
        Kind::ExpectedName | Kind::ReservedWord | Kind::NameCase => "E0016",
        Kind::ExpectedProperty | Kind::ExpectedStatement | Kind::MisplacedProperty => "E0017",
        Kind::ExpectedExpression
        | Kind::ExpectedLiteral
        | Kind::ExpectedType
        | Kind::ExpectedEvent
        | Kind::ExpectedReference
        | Kind::ExpectedToken => "E0018",
        Kind::ChainedComparison => "E0019",
        Kind::AssignmentInCondition => "E0020",
    }
}
