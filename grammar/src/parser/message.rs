//! Messages and their content (language reference §7).

use super::Grammar;
use super::ahead;
use super::basic::*;
use super::declaration::{body, property};
use super::expression::value;
use super::fault::{Fault, Label, Want};
use super::literal::*;
use crate::Span;
use crate::token::{Kind, Piece as TokenPiece, Token};
use crate::tree::*;

/// What a message can say of itself, by its first words.
pub const MESSAGE_PROPERTIES: [&str; 15] = [
    "class",
    "purpose",
    "owner",
    "tags",
    "active",
    "when",
    "unless",
    "on",
    "at",
    "value",
    "propensity",
    "lever",
    "expires",
    "via",
    "content",
];

pub(super) fn is_property(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Class
            | Purpose
            | Owner
            | Tags
            | Active
            | When
            | Unless
            | On
            | At
            | Value
            | Propensity
            | Lever
            | Expires
            | Via
            | Content
    )
}

/// Whether a property begins at a token; `category = …` does as well.
fn starts(tokens: &[Token], index: usize) -> bool {
    let kind = tokens[index].kind;
    let attribute = kind.is_name() && tokens.get(index + 1).is_some_and(|next| next.kind == Kind::Assign);
    // `at 10:00` belongs to an `every`.
    let time = kind == Kind::At && tokens.get(index + 1).is_some_and(|next| next.kind == Kind::Time);
    (is_property(kind) && !time || attribute) && keyword_position(tokens, index)
        || unknown_line(tokens, index)
}

pub(super) fn message<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    use MessagePropertyKind as P;
    let expression = || grammar.expression.clone();
    let properties = vec![
        keyed(Kind::Class, grammar.path(Label::Class).map(P::Class)),
        keyed(Kind::Purpose, grammar.paths(Label::Purpose).map(P::Purpose)),
        keyed(Kind::Owner, text(Label::Text).map(P::Owner)),
        keyed(Kind::Tags, bare_list(name(Label::Tag)).map(P::Tags)),
        keyed(Kind::Active, range_of(date(), date()).map(P::Active)),
        keyed(Kind::When, expression().map(P::When)),
        keyed(Kind::Unless, expression().map(P::Unless)),
        keyed(Kind::On, grammar.trigger.clone().map(P::On)),
        keyed(Kind::At, grammar.paths(Label::Placement).map(P::At)),
        keyed(Kind::Value, expression().map(P::Value)),
        keyed(Kind::Propensity, expression().map(P::Propensity)),
        keyed(Kind::Lever, expression().map(P::Lever)),
        keyed(Kind::Expires, duration().map(P::Expires)),
        keyed(Kind::Via, grammar.paths(Label::Channel).map(P::Via)),
        keyed(Kind::Content, content(grammar).map(P::Content)),
    ];
    let property = grammar.one_of(properties, attribute()).map_with(|(keyword, kind), e| MessageProperty {
        kind,
        keyword: keyword.span,
        span: span(e),
    });
    let error = |span| MessageProperty { kind: P::Error, keyword: span, span };
    let properties = match grammar.straight {
        true => ahead::body(property.boxed()),
        false => body(property.boxed(), Label::Property(Kind::Message), starts, error),
    };
    maybe(Kind::Message)
        .ignore_then(new_name(Label::NewName(Kind::Message)))
        .then(properties)
        .map(|(name, properties)| DeclarationKind::Message(Message { name, properties }))
        .boxed()
}

/// A property with the keyword that it begins with.
fn keyed<'s, O: 's>(keyword: Kind, rest: impl Rule<'s, O>) -> (Kind, Boxed<'s, (Token, O)>) {
    (keyword, property(keyword, rest))
}

/// `category = "cart"`; no attribute is named like a property.
fn attribute<'s>() -> Boxed<'s, (Token, MessagePropertyKind)> {
    let keyword = ahead(|first, second| first.is_name() && !is_property(first) && second == Kind::Assign)
        .ignore_then(kind(Kind::is_name, Want::A(Label::Attribute)));
    keyword
        .then_ignore(just(Kind::Assign))
        .then(value(Label::Literal))
        .map_with(|(keyword, value), e| {
            let source = e.state().source;
            let name = Name { text: source[keyword.span.range()].into(), span: keyword.span };
            (keyword, MessagePropertyKind::Attribute { name, value })
        })
        .boxed()
}

/// `email for "de" { subject "…" body "…" }`
fn content<'s>(grammar: &Grammar<'s>) -> Boxed<'s, Content> {
    if grammar.straight {
        return ahead::content(text(Label::Language), template(grammar));
    }
    let starts = |tokens: &[Token], index: usize| {
        tokens[index].kind.is_word()
            && (tokens[index].first_on_line
                || tokens.get(index + 1).is_some_and(|next| next.kind == Kind::Text))
    };
    let field = leading_name(Kind::is_name, Label::ContentField)
        .then(template(grammar))
        .map_with(|(name, template), e| Some(ContentField { name, template, span: span(e) }))
        .recover_with(via_parser(skip(starts).to(None)));
    let fields = group(Kind::OpenBrace, field.repeated().collect::<Vec<_>>());
    path(Label::Place)
        .then(maybe(Kind::For).ignore_then(text(Label::Language)).or_not())
        .then(fields)
        .map(|((place, language), fields)| Content {
            place,
            language,
            fields: fields.into_iter().flatten().collect(),
        })
        .boxed()
}

/// A text whose braces hold expressions, which are parsed by the same rule as all others.
fn template<'s>(grammar: &Grammar<'s>) -> Boxed<'s, Template> {
    let expression = grammar.expression.clone().then_ignore(end_of_piece()).boxed();
    kind(|kind| kind == Kind::Text, Want::A(Label::Text))
        .map_with(move |token, e| {
            let (source, all) = (e.state().source, e.state().pieces);
            let depth = e.state().depth + 1;
            let inner = Span { start: token.span.start + 1, end: token.span.end - 1 };
            let from = all.partition_point(|piece| piece.span.start < inner.start);
            let mut pieces = Vec::new();
            let mut plain = inner.start;
            let add_text = |pieces: &mut Vec<Piece>, start: u32, end: u32| {
                if start < end {
                    let written = &source[Span { start, end }.range()];
                    pieces.push(Piece::Text(resolve(written)));
                }
            };
            for piece in all[from..].iter().take_while(|piece| piece.span.end <= inner.end) {
                add_text(&mut pieces, plain, piece.span.start);
                plain = piece.span.end;
                let (value, faults) = embedded(&expression, piece, source, depth);
                for fault in faults {
                    e.emit(fault);
                }
                let value = value.unwrap_or(Expr { kind: ExprKind::Error, span: piece.span });
                pieces.push(Piece::Value(value));
            }
            add_text(&mut pieces, plain, inner.end);
            Template { pieces, span: token.span }
        })
        .boxed()
}

/// Parses the inside of one pair of braces.
fn embedded<'s>(
    expression: &Boxed<'s, Expr>,
    piece: &'s TokenPiece,
    source: &'s str,
    depth: u32,
) -> (Option<Expr>, Vec<Fault>) {
    let lexed = &piece.lexed;
    let first = lexed.tokens[0];
    if !lexed.errors.is_empty() {
        return (None, lexed.errors.iter().map(|error| Fault::custom(first, error.clone())).collect());
    }
    let balanced = crate::token::check(source, &lexed.tokens);
    if let Some(error) = balanced {
        return (None, vec![Fault::custom(first, error)]);
    }
    let mut state = State { source, comments: &lexed.comments, pieces: &[], depth, wary: false };
    let (value, faults) = expression.parse_with_state(&lexed.tokens, &mut state).into_output_errors();
    let faults = faults.into_iter().map(|fault| {
        let found = fault.found;
        let mut error = fault.into_error(&lexed.tokens, source);
        if error.span.start == error.span.end {
            error.span = piece.span;
        }
        Fault::custom(found, error)
    });
    (value, faults.collect())
}

/// The `End` of the tokens between braces.
fn end_of_piece<'s>() -> Boxed<'s, ()> {
    by_hand(|input| {
        let next = peek(input);
        if next.kind != Kind::End {
            return Err(Fault::expected(next, Want::Token(Kind::CloseBrace)));
        }
        input.next_ref();
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_listed() {
        for word in MESSAGE_PROPERTIES {
            assert!(Kind::keyword(word).is_some_and(is_property), "{word}");
        }
    }
}
