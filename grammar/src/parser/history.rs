//! Questions to the history, and patterns (language reference §5.1).

use super::basic::*;
use super::expression::Node;
use super::fault::{Fault, Label, Want};
use super::literal::{duration, time};
use crate::token::Kind;
use crate::tree::*;
use crate::{Span, SyntaxError, SyntaxErrorKind};

/// `opened(cart_email)`: the event and its message.
fn event<'s>() -> Boxed<'s, (Path, Option<Path>)> {
    let message =
        maybe(Kind::OpenParen).ignore_then(path(Label::Message)).then_ignore(just(Kind::CloseParen));
    path_of(is_event, Label::Event).then(message.or_not()).boxed()
}

/// No event is named `enter`, `leave` or `every`.
fn is_event(kind: Kind) -> bool {
    kind.is_name() && !matches!(kind, Kind::Enter | Kind::Leave | Kind::Every)
}

fn pattern(event: (Path, Option<Path>), filter: Option<Expr>, parenthesized: bool, span: Span) -> Pattern {
    let (event, message) = event;
    Pattern { event: Some(event), message, filter: filter.map(Box::new), parenthesized, span }
}

/// `(purchase where category == "shoes")`: a filtered pattern, and only that, stands in parentheses. With it
/// goes how deep its filter is.
fn in_parentheses<'s>(expression: Boxed<'s, Node>) -> Boxed<'s, (Pattern, u16)> {
    let inner = event().then_ignore(just(Kind::Where)).then(expression);
    let error = maybe(Kind::OpenParen).then(skip(nothing).or_not()).then(maybe(Kind::CloseParen));
    let error = error.map(|((open, _), close)| {
        let span = open.span.to(close.span);
        (Pattern { event: None, message: None, filter: None, parenthesized: true, span }, 0)
    });
    let filtered = group(Kind::OpenParen, inner)
        .map_with(|(event, filter), e| (pattern(event, Some(filter.expr), true, span(e)), filter.depth));
    ahead(|first, _| first == Kind::OpenParen).ignore_then(filtered.recover_with(via_parser(error))).boxed()
}

fn bare<'s>() -> Boxed<'s, (Pattern, u16)> {
    let unfiltered = by_hand(|input| {
        let next = peek(input);
        if next.kind != Kind::Where {
            return Ok(());
        }
        let message = "a filtered event stands in parentheses here";
        let error = SyntaxError::new(SyntaxErrorKind::ExpectedToken, next.span, message);
        Err(Fault::custom(next, error.help("write `(purchase where amount > 20 EUR)`")))
    });
    event().map_with(|event, e| (pattern(event, None, false, span(e)), 0)).then_ignore(unfiltered).boxed()
}

/// `purchase.amount`, `shop.purchase.amount`, `opened(m).channel`, `(purchase where …).amount`
fn with_field<'s>(expression: Boxed<'s, Node>) -> Boxed<'s, ((Pattern, u16), Name)> {
    let dot = || token(Kind::Dot, Want::A(Label::DotField));
    let field = move || dot().ignore_then(word(Kind::is_field, Label::FieldName));
    let message =
        || maybe(Kind::OpenParen).ignore_then(path(Label::Message)).then_ignore(just(Kind::CloseParen));
    let first = || word(is_event, Label::Event);
    let direct = first().then(message()).map_with(|(name, message), e| {
        pattern((Path { package: None, name }, Some(message)), None, false, span(e))
    });
    let direct = direct.then(field());
    // `a.b(m).field`, `a.b.field` or `a.b`: what the dots mean is known at the end.
    let dotted = first().then(field());
    let foreign = dotted.clone().then(message()).map_with(|((package, name), message), e| {
        pattern((Path { package: Some(package), name }, Some(message)), None, false, span(e))
    });
    let foreign = foreign.then(field());
    let further = maybe(Kind::Dot).ignore_then(word(Kind::is_field, Label::FieldName)).or_not();
    let plain = dotted.then(further).map(|((first, second), third)| {
        let (path, field) = match third {
            Some(third) => (Path { package: Some(first), name: second }, third),
            None => (Path { package: None, name: first }, second),
        };
        let span = path.span();
        (pattern((path, None), None, false, span), field)
    });
    let filtered = in_parentheses(expression).then(field());
    let unfiltered = choice((direct, foreign, plain)).map(|(pattern, field)| ((pattern, 0), field));
    filtered.or(unfiltered).boxed()
}

/// `within 24h`, `within this week`
fn within<'s>() -> Boxed<'s, Within> {
    let calendar = choice((
        token(Kind::Week, Want::A(Label::CalendarSpan)).to(CalendarSpan::Week),
        token(Kind::Month, Want::A(Label::CalendarSpan)).to(CalendarSpan::Month),
        token(Kind::Quarter, Want::A(Label::CalendarSpan)).to(CalendarSpan::Quarter),
        token(Kind::Year, Want::A(Label::CalendarSpan)).to(CalendarSpan::Year),
    ));
    let today = just(Kind::Today).to(CalendarSpan::Today);
    let calendar = today
        .or(just(Kind::This).ignore_then(calendar))
        .map_with(|calendar, e| Within::Calendar(calendar, span(e)));
    maybe(Kind::Within).ignore_then(duration().map(Within::Rolling).or(calendar)).boxed()
}

/// A question to the history.
pub(super) fn aggregate<'s>(expression: Boxed<'s, Node>) -> Boxed<'s, (Aggregate, u16)> {
    let word = |kind, fold| maybe(kind).map(move |token| (fold, token.span));
    let of = |kind, fold| pair(kind, Kind::Of).map(move |span| (fold, span));
    let time_since = |kind, fold| {
        pair(Kind::Time_, Kind::Since).then(just(kind)).map(move |(span, end)| (fold, span.to(end.span)))
    };
    let events = choice((
        of(Kind::Count, Fold::Count),
        word(Kind::Any, Fold::Any),
        word(Kind::No, Fold::No),
        time_since(Kind::Last, Fold::TimeSinceLast),
        time_since(Kind::First, Fold::TimeSinceFirst),
    ));
    let events = events
        .then(in_parentheses(expression.clone()).or(bare()))
        .map(|((fold, fold_span), pattern)| (fold, fold_span, pattern, None));
    let fields = choice((
        of(Kind::Sum, Fold::Sum),
        of(Kind::Average, Fold::Average),
        of(Kind::Min, Fold::Min),
        of(Kind::Max, Fold::Max),
        word(Kind::Distinct, Fold::Distinct),
        word(Kind::Last, Fold::Last),
        word(Kind::First, Fold::First),
    ));
    let fields = fields
        .then(with_field(expression))
        .map(|((fold, fold_span), (pattern, field))| (fold, fold_span, pattern, Some(field)));
    events
        .or(fields)
        .then(within().or_not())
        .map(|((fold, fold_span, (pattern, depth), field), within)| {
            (Aggregate { fold, fold_span, pattern, field, within }, depth)
        })
        .boxed()
}

/// What stands after `on`, `stop on`, `restart on` and `goal`: filters without parentheses.
pub(super) fn occurrence<'s>(expression: Boxed<'s, Expr>) -> Boxed<'s, Occurrence> {
    let filter = maybe(Kind::Where).ignore_then(expression).or_not();
    let event = event()
        .then(filter)
        .map_with(|(event, filter), e| OccurrenceKind::Event(pattern(event, filter, false, span(e))));
    change().or(event).map_with(|kind, e| Occurrence { kind, span: span(e) }).boxed()
}

/// What a `wait for` waits for: filters in parentheses.
pub(super) fn awaited<'s>(expression: Boxed<'s, Expr>) -> Boxed<'s, Occurrence> {
    let expression = expression.map(|expr| Node { expr, depth: 0 }).boxed();
    let pattern = in_parentheses(expression).or(bare()).map(|(pattern, _)| OccurrenceKind::Event(pattern));
    change().or(pattern).map_with(|kind, e| Occurrence { kind, span: span(e) }).boxed()
}

/// What starts a message or a journey: also a time of the week.
pub(super) fn trigger<'s>(occurrence: Boxed<'s, Occurrence>) -> Boxed<'s, Occurrence> {
    let day = token(Kind::Day, Want::A(Label::Weekday)).to(None);
    let weekday = word(Kind::is_weekday, Label::Weekday).map(Some);
    let every =
        maybe(Kind::Every).ignore_then(day.or(weekday)).then_ignore(just(Kind::At)).then(time()).map_with(
            |(weekday, time), e| Occurrence { kind: OccurrenceKind::Every { weekday, time }, span: span(e) },
        );
    every.or(occurrence).boxed()
}

/// `enter active_shopper`, `leave active_shopper`
fn change<'s>() -> Boxed<'s, OccurrenceKind> {
    let enter = maybe(Kind::Enter).ignore_then(path(Label::Segment)).map(OccurrenceKind::Enter);
    let leave = maybe(Kind::Leave).ignore_then(path(Label::Segment)).map(OccurrenceKind::Leave);
    enter.or(leave).boxed()
}
