//! Declarations except messages, journeys and tests (language reference §6–§8, §11, §12).

use super::Grammar;
use super::basic::*;
use super::expression::value;
use super::fault::{Fault, Label, Want};
use super::literal::*;
use super::rules;
use crate::Span;
use crate::token::{Kind, Token};
use crate::tree::*;

/// The words that begin a declaration, one for each kind.
pub const DECLARATIONS: [&str; 22] = [
    "enum",
    "profile",
    "event",
    "segment",
    "let",
    "table",
    "channel",
    "placement",
    "class",
    "purpose",
    "every",
    "message",
    "cap",
    "suppress",
    "arbitrate",
    "holdout",
    "experiment",
    "model",
    "journey",
    "stop",
    "test",
    "invariant",
];

/// The words that begin a property of a short body.
pub(super) fn is_property(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Inbound
            | To
            | Quiet
            | Spread
            | Cost
            | On
            | Show
            | OptIn
            | DoubleOptIn
            | OptOut
            | Always
            | Never
            | Rank
            | Score
            | Pick
            | Arms
            | Salt
            | Goal
            | Format
            | Feature
    )
}

/// Whether a declaration begins at a token, as far as one can tell without reading it.
pub(super) fn starts(tokens: &[Token], index: usize) -> bool {
    let kind = tokens[index].kind;
    if !kind.begins_declaration() {
        return false;
    }
    let next = tokens.get(index + 1).map_or(Kind::End, |token| token.kind);
    let fits = match kind {
        Kind::Profile | Kind::Arbitrate => next == Kind::OpenBrace,
        Kind::Every => next == Kind::Message,
        Kind::Test => next == Kind::Text,
        _ => next.is_word() || next == Kind::OpenBrace,
    };
    let behind_group = index.checked_sub(1).is_some_and(|before| tokens[before].kind == Kind::CloseBrace);
    fits && (tokens[index].first_on_line || behind_group)
}

/// The body of a declaration: one property after another, each of which can fail on its own.
pub(super) fn body<'s, O: 's>(
    property: Boxed<'s, O>,
    want: Label,
    starts: Starts,
    error: fn(Span) -> O,
) -> Boxed<'s, Vec<O>> {
    let property = property.or(unwanted(want)).recover_with(via_parser(skip(starts).map(error)));
    group(Kind::OpenBrace, property.repeated().collect()).boxed()
}

/// Says what a body is made of, where something else stands.
fn unwanted<'s, O: 's>(want: Label) -> Boxed<'s, O> {
    by_hand(move |input| Err(Fault::expected(peek(input), Want::A(want))))
}

/// A keyword and the rest of its property.
pub(super) fn property<'s, O: 's>(keyword: Kind, rest: impl Rule<'s, O>) -> Boxed<'s, (Token, O)> {
    maybe(keyword).then(rest.boxed()).boxed()
}

/// One of all declarations, or what another rule makes of it.
pub(super) fn declaration<'s>(
    grammar: &Grammar<'s>,
    other: Boxed<'s, DeclarationKind>,
) -> Boxed<'s, DeclarationKind> {
    let rules = vec![
        (Kind::Enum, enum_()),
        (Kind::Profile, profile()),
        (Kind::Event, event()),
        (Kind::Segment, segment(grammar)),
        (Kind::Let, let_(grammar)),
        (Kind::Table, table(grammar)),
        (Kind::Channel, rules::channel(grammar)),
        (Kind::Placement, rules::placement()),
        (Kind::Class, rules::class()),
        (Kind::Purpose, rules::purpose(grammar)),
        (Kind::Every, every_message()),
        (Kind::Message, super::message::message(grammar)),
        (Kind::Cap, rules::cap()),
        (Kind::Suppress, rules::suppress(grammar)),
        (Kind::Arbitrate, rules::arbitrate(grammar)),
        (Kind::Holdout, rules::holdout()),
        (Kind::Experiment, rules::experiment(grammar)),
        (Kind::Model, rules::model(grammar)),
        (Kind::Journey, super::journey::journey(grammar)),
        (Kind::Stop, rules::stop(grammar)),
        (Kind::Test, super::test::test()),
        (Kind::Invariant, rules::invariant(grammar)),
    ];
    grammar.one_of(rules, other)
}

fn enum_<'s>() -> Boxed<'s, DeclarationKind> {
    let member = ahead(|first, _| first.is_word()).ignore_then(new_name(Label::Member)).map(Some);
    let member = member.or(name(Label::Member).map(Some));
    let member = member.recover_with(via_parser(skip(comma).to(None)));
    let members = comma_list1(member, |tokens, index| tokens[index].kind.is_word());
    maybe(Kind::Enum)
        .ignore_then(new_name(Label::EnumName))
        .then(maybe(Kind::Ordered).or_not())
        .then(group(Kind::OpenBrace, members))
        .map(|((name, ordered), members)| {
            let members = members.into_iter().flatten().collect();
            DeclarationKind::Enum(Enum { name, ordered: ordered.is_some(), members })
        })
        .boxed()
}

/// `text?`, `money EUR`, `set of text`, `Tier`
fn type_<'s>() -> Boxed<'s, Type> {
    let money = maybe(Kind::Money).ignore_then(currency()).map(TypeKind::Money);
    let element = path_of(is_type_name, Label::ElementType).map_with(|path, e| Type {
        kind: TypeKind::Named(path),
        optional: false,
        span: span(e),
    });
    let set = maybe(Kind::Set)
        .ignore_then(just(Kind::Of))
        .ignore_then(element)
        .map(|element| TypeKind::Set(Box::new(element)));
    let named = path_of(is_type_name, Label::Type).map(TypeKind::Named);
    choice((money, set, named))
        .then(maybe(Kind::Question).or_not())
        .map_with(|(kind, optional), e| Type { kind, optional: optional.is_some(), span: span(e) })
        .boxed()
}

fn is_type_name(kind: Kind) -> bool {
    kind == Kind::TypeName || kind.is_name() && !matches!(kind, Kind::Money | Kind::Set)
}

fn no_type(span: Span) -> Type {
    Type { kind: TypeKind::Error, optional: false, span }
}

/// A word followed by `:` begins an attribute or a field.
pub(super) fn starts_field(tokens: &[Token], index: usize) -> bool {
    tokens[index].kind.is_word() && tokens.get(index + 1).is_some_and(|next| next.kind == Kind::Colon)
}

/// `only for care, marketing`; `only` followed by `:` begins the next attribute.
fn only_for<'s>() -> Boxed<'s, Vec<Path>> {
    let more = maybe(Kind::Comma)
        .ignore_then(ahead(|first, second| first.is_word() && second != Kind::Colon))
        .ignore_then(path(Label::Purpose));
    ahead(|first, second| first == Kind::Only && second != Kind::Colon)
        .ignore_then(just(Kind::Only))
        .ignore_then(just(Kind::For))
        .ignore_then(path(Label::Purpose))
        .map(|first| vec![first])
        .foldl(more.repeated(), |mut all, next| {
            all.push(next);
            all
        })
        .or_not()
        .map(Option::unwrap_or_default)
        .boxed()
}

/// An attribute of the profile or of every message. Where it can't be read, its name may still be known.
fn attribute<'s>() -> Boxed<'s, Option<Attribute>> {
    let default = literal(Label::Literal).map(|literal| (Some(literal), None));
    let member = name(Label::Literal).map(|name| (None, Some(name)));
    let default = maybe(Kind::Assign).ignore_then(default.or(member)).or_not();
    let personal = ahead(|first, second| first == Kind::Personal && second != Kind::Colon)
        .ignore_then(just(Kind::Personal))
        .map(|token| token.span)
        .or_not();
    let rest = type_().then(default).then(personal).then(only_for());
    let rest = rest.map(|(((ty, default), personal), only_for)| {
        let (default, default_member) = default.unwrap_or_default();
        (ty, default, default_member, personal, only_for)
    });
    let error = skip_any(starts_field).map(|span| (no_type(span), None, None, None, Vec::new()));
    docs()
        .then(new_name(Label::Attribute))
        .then_ignore(just(Kind::Colon))
        .then(rest.recover_with(via_parser(error)))
        .map_with(|((doc, name), (ty, default, default_member, personal, only_for)), e| {
            Some(Attribute { doc, name, ty, default, default_member, personal, only_for, span: span(e) })
        })
        .boxed()
}

fn attributes<'s>() -> Boxed<'s, Vec<Attribute>> {
    let begins = ahead(|first, second| first.is_word() || second == Kind::Colon);
    body(begins.ignore_then(attribute()).boxed(), Label::Attribute, starts_field, |_| None)
        .map(|attributes| attributes.into_iter().flatten().collect())
        .boxed()
}

fn profile<'s>() -> Boxed<'s, DeclarationKind> {
    maybe(Kind::Profile)
        .ignore_then(attributes())
        .map(|attributes| DeclarationKind::Profile(Profile { attributes }))
        .boxed()
}

fn every_message<'s>() -> Boxed<'s, DeclarationKind> {
    maybe(Kind::Every)
        .ignore_then(just(Kind::Message))
        .ignore_then(just(Kind::Has))
        .ignore_then(attributes())
        .map(|attributes| DeclarationKind::EveryMessage(EveryMessage { attributes }))
        .boxed()
}

fn event<'s>() -> Boxed<'s, DeclarationKind> {
    let field = docs()
        .then(new_name(Label::FieldName))
        .then_ignore(just(Kind::Colon))
        .then(
            type_().then(only_for()).recover_with(via_parser(
                skip_any(|tokens, index| comma(tokens, index) || starts_field(tokens, index))
                    .map(|span| (no_type(span), Vec::new())),
            )),
        )
        .map_with(|((doc, name), (ty, only_for)), e| {
            Some(EventField { doc, name, ty, only_for, span: span(e) })
        });
    let begins = ahead(|first, second| first.is_word() || second == Kind::Colon);
    let field = begins.ignore_then(field);
    let field = field.or(unwanted(Label::FieldName)).recover_with(via_parser(skip(comma).to(None)));
    let fields = comma_list(field.boxed(), starts_field);
    maybe(Kind::Event)
        .ignore_then(event_name())
        .then(only_for())
        .then(group(Kind::OpenBrace, fields))
        .map(|((name, only_for), fields)| {
            let fields = fields.into_iter().flatten().collect();
            DeclarationKind::Event(Event { name, only_for, fields })
        })
        .boxed()
}

/// No event is named `enter`, `leave` or `every`.
fn event_name<'s>() -> Boxed<'s, Name> {
    let keyword = |kind| matches!(kind, Kind::Enter | Kind::Leave | Kind::Every);
    let taken = word(keyword, Label::NewName(Kind::Event)).validate(|name: Name, e, emitter| {
        let found: Token = e.slice()[0];
        let message =
            format!("no event can be named `{}`: the word has a meaning where events stand", name.text);
        let error = crate::SyntaxError::new(crate::SyntaxErrorKind::ReservedWord, name.span, message);
        emitter.emit(Fault::custom(found, error.help("choose another name")));
        name
    });
    taken.or(new_name(Label::NewName(Kind::Event))).boxed()
}

fn segment<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    maybe(Kind::Segment)
        .ignore_then(new_name(Label::NewName(Kind::Segment)))
        .then_ignore(just(Kind::Assign))
        .then(grammar.expression.clone())
        .map(|(name, condition)| DeclarationKind::Segment(Segment { name, condition }))
        .boxed()
}

fn parameters<'s>() -> Boxed<'s, Vec<Parameter>> {
    let parameter = leading_name(Kind::is_name, Label::Parameter)
        .then_ignore(just(Kind::Colon))
        .then(type_())
        .map_with(|(name, ty), e| Parameter { name, ty, span: span(e) });
    group(Kind::OpenParen, comma_list1(parameter, starts_field)).boxed()
}

fn let_<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    let parameters = ahead(|first, _| first == Kind::OpenParen).ignore_then(parameters()).or_not();
    maybe(Kind::Let)
        .ignore_then(new_name(Label::NewName(Kind::Let)))
        .then(parameters)
        .then_ignore(just(Kind::Assign))
        .then(grammar.expression.clone())
        .map(|((name, parameters), value)| {
            DeclarationKind::Let(Let { name, parameters: parameters.unwrap_or_default(), value })
        })
        .boxed()
}

fn table<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    let computed = group(Kind::OpenParen, grammar.expression.clone())
        .map_with(|inner, e| Expr { kind: ExprKind::Paren(Box::new(inner)), span: span(e) });
    let computed = ahead(|first, _| first == Kind::OpenParen).ignore_then(computed);
    let row = bare_list(cell())
        .then_ignore(just(Kind::Arrow))
        .then(value(Label::RowResult).or(computed))
        .map_with(|(cells, result), e| TableRow { cells, result, span: span(e) });
    let next_row = |tokens: &[Token], index: usize| {
        tokens[index].first_on_line && !matches!(tokens[index].kind, Kind::Arrow | Kind::Comma)
    };
    let rows = body(row.boxed(), Label::Cell, next_row, |span| TableRow {
        cells: vec![Cell { kind: CellKind::Error, span }],
        result: Expr { kind: ExprKind::Error, span },
        span,
    });
    maybe(Kind::Table)
        .ignore_then(new_name(Label::NewName(Kind::Table)))
        .then(parameters())
        .then_ignore(just(Kind::Colon))
        .then(type_())
        .then(rows)
        .map(|(((name, parameters), result), rows)| {
            DeclarationKind::Table(Table { name, parameters, result, rows })
        })
        .boxed()
}
