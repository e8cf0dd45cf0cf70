//! What to do about mistakes that authors bring along from other languages.

use super::fault::{Label, Want};
use crate::Span;
use crate::token::{Kind, Token};

/// What to do, and what to write where, if that is certain.
pub(super) struct Hint {
    pub help: String,
    pub mend: Option<(Span, String)>,
}

/// A help for what was found where something else was wanted, by the tokens around it.
pub(super) fn hint(found: Token, previous: Token, wants: &[Want], source: &str) -> Option<Hint> {
    let written = &source[found.span.range()];
    let before = &source[previous.span.range()];
    let wanted = |want| wants.contains(&want);
    let name = previous.kind.is_name();
    let mut mend = None;
    let help = match found.kind {
        Kind::Comma
            if wants.iter().any(|want| matches!(want, Want::A(Label::Property(_) | Label::ContentField))) =>
        {
            mend = Some((found.span, String::new()));
            "leave the comma out".to_owned()
        }
        _ if previous.kind == Kind::Is && wanted(Want::Token(Kind::Known)) => {
            if found.kind.is_word() && found.kind != Kind::Not || found.kind == Kind::Text {
                mend = Some((previous.span, "==".to_owned()));
            }
            "values are compared by `==`; `is` only asks whether one is known".to_owned()
        }
        _ if wanted(Want::Token(Kind::Else)) => "an `if` that gives a value always has an `else`".to_owned(),
        _ if wanted(Want::A(Label::DotField)) => {
            "ask for a field, as in `last purchase.amount`, or `time since last purchase` for how long ago"
                .to_owned()
        }
        Kind::Dots => "whether a value lies in a range is asked by `in`: `x in 18..65`".to_owned(),
        Kind::Within if name => format!("begin with the question: `any {before} within 7d`"),
        Kind::Within => {
            "`within` stands right behind the event: `count of purchase within 7d > 3`".to_owned()
        }
        Kind::Dot if name || previous.kind == Kind::CloseParen => {
            "an attribute has no fields of its own; functions stand in front: `length(profile.name)`"
                .to_owned()
        }
        Kind::TypeName if wanted(Want::A(Label::Expression)) => {
            mend = Some((found.span, written.to_ascii_lowercase()));
            format!("names begin with a small letter: `{}`", written.to_ascii_lowercase())
        }
        Kind::Name if matches!(previous.kind, Kind::Int | Kind::Number) && written.len() == 3 => {
            mend = Some((found.span, written.to_ascii_uppercase()));
            format!("currencies are written in capitals: `{before} {}`", written.to_ascii_uppercase())
        }
        // Between the parts of a list; what begins the next one shows that it goes on.
        _ if wants == [Want::Token(Kind::Comma)]
            && (found.kind.is_name() || found.kind == Kind::TypeName) =>
        {
            mend = Some((Span { start: previous.span.end, end: previous.span.end }, ",".to_owned()));
            format!("put a comma behind `{before}`")
        }
        _ => return None,
    };
    Some(Hint { help, mend })
}
