//! What the parser has to say: its words, and the file of each kind of mistake.

use super::prelude::*;
use super::*;
use crate::ids::FileId;
use comity_grammar::{SyntaxError, SyntaxErrorKind as Kind};

/// A mistake of syntax in a file. The words are the parser's, who knows what it was reading.
pub(crate) fn of_syntax(file: FileId, error: &SyntaxError) -> Diagnostic {
    let mut problem = code(error.kind).at(at(file, error.span), error.message.clone(), "");
    for (span, text) in &error.labels {
        problem = problem.also(at(file, *span), text.clone());
    }
    let problem = problem.maybe_help(error.help.clone());
    match &error.mend {
        Some((span, text)) if text.is_empty() => problem.remove(at(file, *span), "leave it out"),
        Some((span, text)) => {
            let title = match span.start == span.end {
                true => format!("add `{text}`"),
                false => format!("write `{}`", text.trim()),
            };
            problem.mend(title, at(file, *span), text.clone())
        }
        None => problem,
    }
}

/// Whether a code is one of those that the parser finds.
pub(crate) fn is_of_syntax(code: Code) -> bool {
    (unknown_sign::CODE..=assignment_in_condition::CODE).contains(&code)
}

fn code(kind: Kind) -> Code {
    match kind {
        Kind::UnknownCharacter | Kind::BadWord => unknown_sign::CODE,
        Kind::UnterminatedText | Kind::UnknownEscape | Kind::LoneBrace | Kind::CommentInTemplate => {
            unreadable_text::CODE
        }
        Kind::BadNumber | Kind::BadTime | Kind::BadInstant => unreadable_number::CODE,
        Kind::Unclosed | Kind::Unopened => unmatched_bracket::CODE,
        Kind::TooDeep | Kind::TooLong => too_deep::CODE,
        Kind::ExpectedDeclaration => no_declaration::CODE,
        Kind::ExpectedName | Kind::ReservedWord | Kind::NameCase => not_a_name::CODE,
        Kind::ExpectedProperty | Kind::ExpectedStatement | Kind::MisplacedProperty => no_property::CODE,
        Kind::ExpectedExpression
        | Kind::ExpectedLiteral
        | Kind::ExpectedType
        | Kind::ExpectedEvent
        | Kind::ExpectedReference
        | Kind::ExpectedToken => something_missing::CODE,
        Kind::ChainedComparison => chained_comparison::CODE,
        Kind::AssignmentInCondition => assignment_in_condition::CODE,
    }
}

/// Whether a diagnostic misses something that a name should stand for.
pub(crate) fn is_about_a_name(diagnostic: &Diagnostic) -> bool {
    let code = diagnostic.code;
    [unknown_name::CODE, unknown_part::CODE, unknown_type::CODE].contains(&code)
}

/// Whether a diagnostic misses a name, the field of a test's event, or the attribute that variants go by: one that is
/// not there is missed in many places.
pub(crate) fn is_about_a_word(diagnostic: &Diagnostic) -> bool {
    is_about_a_name(diagnostic) || [unknown_word::CODE, variant_for_no_one::CODE].contains(&diagnostic.code)
}

/// Whether a diagnostic is about values that don't fit one another.
pub(crate) fn is_about_a_type(diagnostic: &Diagnostic) -> bool {
    ("E0200".."E0500").contains(&diagnostic.code.as_str())
}

/// Whether a diagnostic can come from a declaration that isn't whole and begins with this word.
pub(crate) fn follows_from(keyword: &str, diagnostic: &Diagnostic) -> bool {
    let codes: &[Code] = match keyword {
        "journey" | "event" => &[field_not_always_there::CODE, event_incomplete::CODE],
        "channel" | "placement" => &[
            content_missing::CODE,
            content_unused::CODE,
            content_incomplete::CODE,
            hopeless_expectation::CODE,
        ],
        "arbitrate" => &[classes_unranked::CODE],
        _ => &[],
    };
    codes.contains(&diagnostic.code)
}
