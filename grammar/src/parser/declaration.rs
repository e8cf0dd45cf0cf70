//! Declarations except messages, journeys and tests (language reference §6–§8, §11, §12).

use super::Grammar;
use super::basic::*;
use super::expression::value;
use super::fault::{Fault, Label, Want};
use super::literal::*;
use crate::Span;
use crate::token::{Kind, Token};
use crate::tree::*;

/// The words that begin a declaration.
pub(super) fn is_declaration(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Enum | Profile
            | Event
            | Segment
            | Let
            | Table
            | Channel
            | Placement
            | Class
            | Purpose
            | Every
            | Message
            | Cap
            | Suppress
            | Arbitrate
            | Holdout
            | Experiment
            | Model
            | Journey
            | Stop
            | Test
            | Invariant
    )
}

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
    if !is_declaration(kind) {
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
    of: Kind,
    starts: Starts,
    error: fn(Span) -> O,
) -> Boxed<'s, Vec<O>> {
    let property = property.or(unwanted(of)).recover_with(via_parser(skip(starts).map(error)));
    group(Kind::OpenBrace, property.repeated().collect()).boxed()
}

/// Says what a body is made of, where something else stands.
fn unwanted<'s, O: 's>(of: Kind) -> Boxed<'s, O> {
    by_hand(move |input| Err(Fault::expected(peek(input), Want::A(Label::Property(of)))))
}

/// A keyword and the rest of its property.
pub(super) fn property<'s, O: 's>(keyword: Kind, rest: impl Rule<'s, O>) -> Boxed<'s, (Token, O)> {
    maybe(keyword).then(rest.boxed()).boxed()
}

pub(super) fn declaration<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    let simple = choice((
        enum_(),
        profile(),
        event(),
        segment(grammar),
        let_(grammar),
        table(grammar),
        channel(grammar),
        placement(),
        class(),
        purpose(grammar),
        every_message(),
    ));
    let rules = choice((
        super::message::message(grammar),
        cap(),
        suppress(grammar),
        arbitrate(grammar),
        holdout(),
        experiment(grammar),
        model(grammar),
        super::journey::journey(grammar),
        stop(grammar),
        super::test::test(),
        invariant(grammar),
    ));
    simple.or(rules).boxed()
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
fn starts_field(tokens: &[Token], index: usize) -> bool {
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

fn attributes<'s>(of: Kind) -> Boxed<'s, Vec<Attribute>> {
    let begins = ahead(|first, second| first.is_word() || second == Kind::Colon);
    body(begins.ignore_then(attribute()).boxed(), of, starts_field, |_| None)
        .map(|attributes| attributes.into_iter().flatten().collect())
        .boxed()
}

fn profile<'s>() -> Boxed<'s, DeclarationKind> {
    maybe(Kind::Profile)
        .ignore_then(attributes(Kind::Profile))
        .map(|attributes| DeclarationKind::Profile(Profile { attributes }))
        .boxed()
}

fn every_message<'s>() -> Boxed<'s, DeclarationKind> {
    maybe(Kind::Every)
        .ignore_then(just(Kind::Message))
        .ignore_then(just(Kind::Has))
        .ignore_then(attributes(Kind::Message))
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
    let field = field.or(unwanted(Kind::Event)).recover_with(via_parser(skip(comma).to(None)));
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
    let rows = body(row.boxed(), Kind::Table, next_row, |span| TableRow {
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

/// Any number of days, as after `on`.
fn weekdays<'s>() -> Boxed<'s, Vec<Name>> {
    bare_list(word(Kind::is_weekday, Label::Weekday))
}

fn channel<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    use ChannelPropertyKind as P;
    let attribute = just(Kind::Profile)
        .then_ignore(just(Kind::Dot))
        .then(word(Kind::is_field, Label::FieldName))
        .map_with(|(root, name), e| {
            let base = Expr { kind: ExprKind::Root(Root::Profile), span: root.span };
            Expr { kind: ExprKind::Field { base: Box::new(base), name }, span: span(e) }
        });
    let to = maybe(Kind::Device)
        .or_not()
        .then(attribute)
        .map(|(device, address)| P::To { device: device.is_some(), address });
    let on = maybe(Kind::On).ignore_then(weekdays()).or_not();
    let quiet =
        range_of(time(), time()).then(on).then(grammar.condition()).map(|((range, weekdays), condition)| {
            P::Quiet(Quiet { range, weekdays: weekdays.unwrap_or_default(), condition })
        });
    let property = choice((
        property(Kind::Inbound, empty().to(P::Inbound)),
        property(Kind::To, to),
        property(Kind::Quiet, quiet),
        property(Kind::Spread, duration().map(P::Spread)),
        property(Kind::Cost, money().map(P::Cost)),
    ))
    .map_with(|(keyword, kind), e| ChannelProperty { kind, keyword: keyword.span, span: span(e) });
    let starts = |tokens: &[Token], index: usize| {
        use Kind::*;
        matches!(tokens[index].kind, Inbound | To | Quiet | Spread | Cost) && keyword_position(tokens, index)
    };
    let error = |span| ChannelProperty { kind: P::Error, keyword: span, span };
    maybe(Kind::Channel)
        .ignore_then(new_name(Label::NewName(Kind::Channel)))
        .then(body(property.boxed(), Kind::Channel, starts, error))
        .map(|(name, properties)| DeclarationKind::Channel(Channel { name, properties }))
        .boxed()
}

fn placement<'s>() -> Boxed<'s, DeclarationKind> {
    use PlacementPropertyKind as P;
    let property = choice((
        property(Kind::On, path(Label::Channel).map(P::On)),
        property(Kind::Show, whole_number().map(P::Show)),
        property(Kind::Distinct, name(Label::Attribute).map(P::Distinct)),
    ))
    .map_with(|(keyword, kind), e| PlacementProperty { kind, keyword: keyword.span, span: span(e) });
    let starts = |tokens: &[Token], index: usize| {
        matches!(tokens[index].kind, Kind::On | Kind::Show | Kind::Distinct)
            && keyword_position(tokens, index)
    };
    let error = |span| PlacementProperty { kind: P::Error, keyword: span, span };
    maybe(Kind::Placement)
        .ignore_then(new_name(Label::NewName(Kind::Placement)))
        .then(body(property.boxed(), Kind::Placement, starts, error))
        .map(|(name, properties)| DeclarationKind::Placement(Placement { name, properties }))
        .boxed()
}

fn class<'s>() -> Boxed<'s, DeclarationKind> {
    let exempt = |kind| matches!(kind, Kind::Quiet | Kind::Caps | Kind::Suppression | Kind::Holdout);
    let ignores = just(Kind::Ignores).ignore_then(bare_list(word(exempt, Label::Exemption)));
    let error = skip(nothing).map(|_| Vec::new());
    let ignores = group(Kind::OpenBrace, ignores.recover_with(via_parser(error)));
    let ignores = ahead(|first, _| first == Kind::OpenBrace).ignore_then(ignores).or_not();
    maybe(Kind::Class)
        .ignore_then(new_name(Label::NewName(Kind::Class)))
        .then(ignores)
        .map(|(name, ignores)| DeclarationKind::Class(Class { name, ignores: ignores.unwrap_or_default() }))
        .boxed()
}

fn purpose<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    let mode = choice((
        maybe(Kind::OptIn).map(|token| (ConsentMode::OptIn, token)),
        maybe(Kind::DoubleOptIn).map(|token| (ConsentMode::DoubleOptIn, token)),
        maybe(Kind::OptOut).map(|token| (ConsentMode::OptOut, token)),
        maybe(Kind::Always).map(|token| (ConsentMode::Always, token)),
        token(Kind::Never, Want::A(Label::Mode)).map(|token| (ConsentMode::Never, token)),
    ));
    let rule = mode
        .then_ignore(just(Kind::On))
        .then(bare_list(path(Label::Channel)))
        .then(grammar.condition())
        .map_with(|(((mode, keyword), channels), condition), e| {
            Some(ConsentRule { mode, mode_span: keyword.span, channels, condition, span: span(e) })
        });
    let starts = |tokens: &[Token], index: usize| {
        use Kind::*;
        matches!(tokens[index].kind, OptIn | DoubleOptIn | OptOut | Always | Never)
            && keyword_position(tokens, index)
    };
    let rule = rule.recover_with(via_parser(skip(starts).to(None)));
    maybe(Kind::Purpose)
        .ignore_then(new_name(Label::NewName(Kind::Purpose)))
        .then(group(Kind::OpenBrace, rule.repeated().collect::<Vec<_>>()))
        .map(|(name, rules)| {
            DeclarationKind::Purpose(Purpose { name, rules: rules.into_iter().flatten().collect() })
        })
        .boxed()
}

/// `any`, or classes; then `tagged t1, t2`; then `on c1, c2`
fn selector<'s>() -> Boxed<'s, Selector> {
    let any = maybe(Kind::Any).map(|token| (Some(token.span), Vec::new()));
    let classes = bare_list(path(Label::Selector)).map(|classes| (None, classes));
    let tagged = maybe(Kind::Tagged).ignore_then(bare_list(name(Label::Tag))).or_not();
    let on = maybe(Kind::On).ignore_then(bare_list(path(Label::Channel))).or_not();
    any.or(classes)
        .then(tagged)
        .then(on)
        .map_with(|(((any, classes), tags), channels), e| Selector {
            any,
            classes,
            tags: tags.unwrap_or_default(),
            channels: channels.unwrap_or_default(),
            span: span(e),
        })
        .boxed()
}

fn cap<'s>() -> Boxed<'s, DeclarationKind> {
    let calendar = |kind| token(kind, Want::A(Label::CapSpan)).map(|token| token.span);
    let span_of = choice((
        duration_or(Label::CapSpan).map(CapSpan::Rolling),
        calendar(Kind::Day).map(CapSpan::Day),
        calendar(Kind::Week).map(CapSpan::Week),
        calendar(Kind::Month).map(CapSpan::Month),
    ));
    let per = choice((
        just(Kind::Message).map(|token| (CapPer::Message, token.span)),
        just(Kind::Tag).map(|token| (CapPer::Tag, token.span)),
        just(Kind::Channel).map(|token| (CapPer::Channel, token.span)),
    ));
    maybe(Kind::Cap)
        .ignore_then(new_name(Label::NewName(Kind::Cap)))
        .then_ignore(just(Kind::At))
        .then_ignore(just(Kind::Most))
        .then(whole_number())
        .then_ignore(just(Kind::Per))
        .then(span_of)
        .then_ignore(just(Kind::For))
        .then(selector())
        .then(maybe(Kind::Per).ignore_then(per).or_not())
        .map(|((((name, limit), span_of), selector), per)| {
            DeclarationKind::Cap(Cap { name, limit, span_of, selector, per })
        })
        .boxed()
}

fn suppress<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    maybe(Kind::Suppress)
        .ignore_then(selector())
        .then_ignore(just(Kind::When))
        .then(grammar.expression.clone())
        .map(|(selector, condition)| DeclarationKind::Suppress(Suppress { selector, condition }))
        .boxed()
}

fn arbitrate<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    use ArbitratePropertyKind as P;
    let per_channel = maybe(Kind::Per).then(just(Kind::Channel)).or_not();
    let pick = whole_number()
        .then(per_channel)
        .map(|(limit, per_channel)| P::Pick { limit, per_channel: per_channel.is_some() });
    let property = choice((
        property(Kind::Rank, bare_list(path(Label::Class)).map(P::Rank)),
        property(Kind::Score, grammar.expression.clone().map(P::Score)),
        property(Kind::Pick, pick),
    ))
    .map_with(|(keyword, kind), e| ArbitrateProperty { kind, keyword: keyword.span, span: span(e) });
    let starts = |tokens: &[Token], index: usize| {
        matches!(tokens[index].kind, Kind::Rank | Kind::Score | Kind::Pick) && keyword_position(tokens, index)
    };
    let error = |span| ArbitrateProperty { kind: P::Error, keyword: span, span };
    maybe(Kind::Arbitrate)
        .ignore_then(body(property.boxed(), Kind::Arbitrate, starts, error))
        .map(|properties| DeclarationKind::Arbitrate(Arbitrate { properties }))
        .boxed()
}

fn holdout<'s>() -> Boxed<'s, DeclarationKind> {
    maybe(Kind::Holdout)
        .ignore_then(new_name(Label::NewName(Kind::Holdout)))
        .then(percentage())
        .then_ignore(just(Kind::Of))
        .then(bare_list(path(Label::Class)))
        .then(maybe(Kind::Salt).ignore_then(text(Label::Text)).or_not())
        .map(|(((name, share), classes), salt)| {
            DeclarationKind::Holdout(Holdout { name, share, classes, salt })
        })
        .boxed()
}

fn experiment<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    use ExperimentPropertyKind as P;
    let arm = name(Label::Arm).then(percentage());
    let property = choice((
        property(Kind::Arms, bare_list(arm).map(P::Arms)),
        property(Kind::Salt, text(Label::Text).map(P::Salt)),
        property(Kind::Goal, grammar.goal().map(|(occurrence, within)| P::Goal { occurrence, within })),
    ))
    .map_with(|(keyword, kind), e| ExperimentProperty { kind, keyword: keyword.span, span: span(e) });
    let starts = |tokens: &[Token], index: usize| {
        matches!(tokens[index].kind, Kind::Arms | Kind::Salt | Kind::Goal) && keyword_position(tokens, index)
    };
    let error = |span| ExperimentProperty { kind: P::Error, keyword: span, span };
    maybe(Kind::Experiment)
        .ignore_then(new_name(Label::NewName(Kind::Experiment)))
        .then(body(property.boxed(), Kind::Experiment, starts, error))
        .map(|(name, properties)| DeclarationKind::Experiment(Experiment { name, properties }))
        .boxed()
}

fn model<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    use ModelPropertyKind as P;
    let feature = name(Label::NewName(Kind::Feature))
        .then_ignore(just(Kind::Assign))
        .then(grammar.expression.clone())
        .map(|(name, value)| P::Feature { name, value });
    let property = choice((
        property(Kind::Format, name(Label::NewName(Kind::Format)).map(P::Format)),
        property(Kind::Feature, feature),
    ))
    .map_with(|(keyword, kind), e| ModelProperty { kind, keyword: keyword.span, span: span(e) });
    let starts = |tokens: &[Token], index: usize| {
        matches!(tokens[index].kind, Kind::Format | Kind::Feature) && keyword_position(tokens, index)
    };
    let error = |span| ModelProperty { kind: P::Error, keyword: span, span };
    maybe(Kind::Model)
        .ignore_then(new_name(Label::NewName(Kind::Model)))
        .then_ignore(just(Kind::From))
        .then(text(Label::Text))
        .then(body(property.boxed(), Kind::Model, starts, error))
        .map(|((name, file), properties)| DeclarationKind::Model(Model { name, file, properties }))
        .boxed()
}

fn stop<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    maybe(Kind::Stop)
        .ignore_then(bare_list(path(Label::Class)))
        .then_ignore(just(Kind::Journeys))
        .then_ignore(just(Kind::On))
        .then(grammar.occurrence.clone())
        .map(|(classes, on)| DeclarationKind::Stop(Stop { classes, on }))
        .boxed()
}

fn invariant<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    maybe(Kind::Invariant)
        .ignore_then(new_name(Label::NewName(Kind::Invariant)))
        .then_ignore(just(Kind::Colon))
        .then(selector())
        .then_ignore(just(Kind::Requires))
        .then(grammar.expression.clone())
        .map(|((name, selector), condition)| {
            DeclarationKind::Invariant(Invariant { name, selector, condition })
        })
        .boxed()
}
