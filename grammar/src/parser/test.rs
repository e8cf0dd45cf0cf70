//! Tests (language reference §12).

use super::basic::*;
use super::declaration::property;
use super::declaration::starts_field;
use super::expression::{list, value};
use super::fault::{Fault, Label, Want};
use super::literal::*;
use crate::token::{Kind, Token};
use crate::tree::*;

pub(super) fn is_statement(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Profile | Subject | Consent | Withdraw | Holdout | Arm | At | After | Event | Decide | Expect
    )
}

fn starts(tokens: &[Token], index: usize) -> bool {
    is_statement(tokens[index].kind) && tokens[index].first_on_line || unknown_line(tokens, index)
}

pub(super) fn test<'s>() -> Boxed<'s, DeclarationKind> {
    let error = skip(starts).map(|span| TestStatement { kind: TestStatementKind::Error, span });
    let unwanted = by_hand(|input| Err(Fault::expected(peek(input), Want::A(Label::Statement(Kind::Test)))));
    let statement = statement().or(unwanted).recover_with(via_parser(error));
    maybe(Kind::Test)
        .ignore_then(text(Label::Text))
        .then(group(Kind::OpenBrace, statement.repeated().collect()))
        .map(|(title, statements)| DeclarationKind::Test(Test { title, statements }))
        .boxed()
}

/// `{ tier: gold, email: "ada@shop.example" }`
fn fields<'s>() -> Boxed<'s, Vec<FieldValue>> {
    let list = list().map_with(|items, e| Expr { kind: ExprKind::List(items), span: span(e) });
    let list = ahead(|first, _| first == Kind::OpenBracket).ignore_then(list);
    let field = leading_name(Kind::is_field, Label::FieldName)
        .then_ignore(just(Kind::Colon))
        .then(list.or(value(Label::ListItem)))
        .map(|(name, value)| Some(FieldValue { name, value }))
        .recover_with(via_parser(skip(comma).to(None)));
    let fields = comma_list(field.boxed(), starts_field);
    group(Kind::OpenBrace, fields).map(|fields| fields.into_iter().flatten().collect()).boxed()
}

fn statement<'s>() -> Boxed<'s, TestStatement> {
    use TestStatementKind as T;
    let on = || maybe(Kind::On).ignore_then(bare_list(path(Label::Channel))).or_not();
    let consent = path(Label::Purpose).then(on()).then(maybe(Kind::Confirmed).or_not()).map(
        |((purpose, channels), confirmed)| T::Consent {
            purpose,
            channels: channels.unwrap_or_default(),
            confirmed: confirmed.is_some(),
        },
    );
    let withdraw = path(Label::Purpose)
        .then(on())
        .map(|(purpose, channels)| T::Withdraw { purpose, channels: channels.unwrap_or_default() });
    let arm = path(Label::Experiment)
        .then_ignore(just(Kind::Assign))
        .then(name(Label::Arm))
        .map(|(experiment, arm)| T::Arm { experiment, arm });
    let message =
        maybe(Kind::OpenParen).ignore_then(path(Label::Message)).then_ignore(just(Kind::CloseParen));
    let given = ahead(|first, _| first == Kind::OpenBrace).ignore_then(fields()).or_not();
    let event = path(Label::Event)
        .then(message.or_not())
        .then(given)
        .map(|((event, message), fields)| T::Event { event, message, fields });
    choice((
        property(Kind::Profile, fields().map(T::Profile)),
        property(Kind::Subject, text(Label::Text).map(T::Subject)),
        property(Kind::Consent, consent),
        property(Kind::Withdraw, withdraw),
        property(Kind::Holdout, path(Label::Holdout).map(T::Holdout)),
        property(Kind::Arm, arm),
        property(Kind::At, date().then(time()).map(|(date, time)| T::At { date, time })),
        property(Kind::After, duration().map(T::After)),
        property(Kind::Event, event),
        property(Kind::Decide, path(Label::Placement).map(T::Decide)),
        property(Kind::Expect, expectation().map(T::Expect)),
    ))
    .map_with(|(_, kind), e| TestStatement { kind, span: span(e) })
    .boxed()
}

fn expectation<'s>() -> Boxed<'s, Expectation> {
    use Expectation as X;
    let keyword = |kind| token(kind, Want::A(Label::Expectation));
    let via = maybe(Kind::Via).ignore_then(path(Label::Channel)).or_not();
    let times = whole_number().then_ignore(just(Kind::Times));
    let times = ahead(|first, _| first == Kind::Int).ignore_then(times).or_not();
    let sent = keyword(Kind::Sent)
        .ignore_then(path(Label::Message))
        .then(via)
        .then(times)
        .map(|((message, via), times)| X::Sent { message, via, times });
    let not_sent = just(Kind::Sent).ignore_then(path(Label::Message)).map(X::NotSent);
    let not_segment = just(Kind::Segment)
        .ignore_then(path(Label::Segment))
        .map(|segment| X::Segment { segment, negated: true });
    let not = keyword(Kind::Not).ignore_then(not_sent.or(not_segment));
    let only = keyword(Kind::Only)
        .ignore_then(just(Kind::Sent))
        .ignore_then(bare_list(path(Label::Message)))
        .map(X::OnlySent);
    let shown = keyword(Kind::Shown).ignore_then(bare_list(path(Label::Message))).map(X::Shown);
    let blocked = keyword(Kind::Blocked)
        .ignore_then(path(Label::Message))
        .then_ignore(just(Kind::Because))
        .then(name(Label::Reason))
        .map(|(message, reason)| X::Blocked { message, reason });
    let state = |kind| matches!(kind, Kind::Active | Kind::Stopped | Kind::Finished);
    let journey = keyword(Kind::Journey)
        .ignore_then(path(Label::Journey))
        .then(word(state, Label::State))
        .map(|(journey, state)| X::Journey { journey, state });
    let list = list().map_with(|items, e| Expr { kind: ExprKind::List(items), span: span(e) });
    let list = ahead(|first, _| first == Kind::OpenBracket).ignore_then(list);
    let profile = keyword(Kind::Profile)
        .ignore_then(just(Kind::Dot))
        .ignore_then(word(Kind::is_field, Label::FieldName))
        .then_ignore(just(Kind::Equal))
        .then(list.or(value(Label::ListItem)))
        .map(|(attribute, value)| X::Profile { attribute, value });
    let segment = keyword(Kind::Segment)
        .ignore_then(path(Label::Segment))
        .map(|segment| X::Segment { segment, negated: false });
    choice((sent, not, only, shown, blocked, journey, profile, segment)).boxed()
}
