//! Journeys (language reference §10).

use super::Grammar;
use super::basic::*;
use super::declaration::property;
use super::declaration::starts_field;
use super::fault::{Fault, Label, Want};
use super::history::awaited;
use super::literal::*;
use crate::token::{Kind, Token};
use crate::tree::*;
use crate::{SyntaxError, SyntaxErrorKind as E};

pub(super) fn is_property(kind: Kind) -> bool {
    use Kind::*;
    matches!(kind, Class | On | Key | When | Reenter | Touches | Stop | Goal)
}

pub(super) fn is_statement(kind: Kind) -> bool {
    use Kind::*;
    matches!(kind, Wait | Send | If | Split | Repeat | Together | Set | Emit | Enter | Exit)
}

fn starts_any(tokens: &[Token], index: usize) -> bool {
    let kind = tokens[index].kind;
    (is_statement(kind) || is_property(kind)) && keyword_position(tokens, index)
        || unknown_line(tokens, index)
}

pub(super) fn journey<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    use JourneyPropertyKind as P;
    let stop_on = just(Kind::On).ignore_then(grammar.occurrence.clone()).map(P::StopOn);
    let stop_when = just(Kind::When).ignore_then(grammar.expression.clone()).map(P::StopWhen);
    let property = choice((
        property(Kind::Class, path(Label::Class).map(P::Class)),
        property(Kind::On, grammar.trigger.clone().map(P::On)),
        property(Kind::Key, grammar.expression.clone().map(P::Key)),
        property(Kind::When, grammar.expression.clone().map(P::When)),
        property(Kind::Reenter, reenter().map(P::Reenter)),
        property(Kind::Touches, whole_number().map(P::Touches)),
        property(Kind::Stop, stop_on.or(stop_when)),
        property(Kind::Goal, grammar.goal().map(|(occurrence, within)| P::Goal { occurrence, within })),
    ))
    .map_with(|(keyword, kind), e| JourneyProperty { kind, keyword: keyword.span, span: span(e) });
    // What is neither a property nor a statement doesn't end the properties.
    let begins = ahead(|first, _| !is_statement(first) && !first.closes() && first != Kind::End);
    let unknown = begins.clone().ignore_then(by_hand(|input| {
        let next = peek(input);
        if is_property(next.kind) {
            return Err(Fault::unexpected(next));
        }
        Err(Fault::expected(next, Want::A(Label::Statement(Kind::Journey))))
    }));
    let error = skip(starts_any).map(|span| JourneyProperty { kind: P::Error, keyword: span, span });
    let property = property.or(unknown).recover_with(via_parser(begins.ignore_then(error)));
    let properties = property.repeated().collect::<Vec<_>>();
    let inner = properties.then(statements(grammar));
    maybe(Kind::Journey)
        .ignore_then(new_name(Label::NewName(Kind::Journey)))
        .then(group(Kind::OpenBrace, inner))
        .map(|(name, (properties, body))| DeclarationKind::Journey(Journey { name, properties, body }))
        .boxed()
}

fn reenter<'s>() -> Boxed<'s, Reenter> {
    choice((
        just(Kind::Never).to(Reenter::Never),
        just(Kind::After).ignore_then(duration()).map(Reenter::After),
        just(Kind::When).then(just(Kind::Finished)).to(Reenter::WhenFinished),
        just(Kind::Always).to(Reenter::Always),
    ))
    .boxed()
}

/// Statements up to the end of their group.
fn statements<'s>(grammar: &Grammar<'s>) -> Boxed<'s, Vec<Statement>> {
    recursive(|statements| {
        let statement = statement(grammar, statements.boxed());
        let error = skip(starts_any).map(|span| Statement { kind: StatementKind::Error, span });
        let statement = statement.or(unwanted()).recover_with(via_parser(error));
        statement.repeated().collect::<Vec<_>>()
    })
    .boxed()
}

/// Says what the body of a journey is made of, where something else stands.
fn unwanted<'s>() -> Boxed<'s, Statement> {
    by_hand(|input| {
        let next = peek(input);
        if is_property(next.kind) {
            let message = format!("`{}` stands before the first statement of a journey", next.kind.text());
            let error = SyntaxError::new(E::MisplacedProperty, next.span, message)
                .help("move it up, to the other properties");
            return Err(Fault::custom(next, error));
        }
        Err(Fault::expected(next, Want::A(Label::Statement(Kind::Journey))))
    })
}

fn statement<'s>(grammar: &Grammar<'s>, statements: Boxed<'s, Vec<Statement>>) -> Boxed<'s, Statement> {
    use StatementKind as S;
    let block = group(Kind::OpenBrace, statements).boxed();
    let otherwise = maybe(Kind::Else).ignore_then(block.clone()).or_not().boxed();
    let emitted = leading_name(Kind::is_name, Label::FieldName)
        .then_ignore(just(Kind::Colon))
        .then(grammar.expression.clone());
    let fields = comma_list(emitted, starts_field);
    let arm = leading_name(Kind::is_name, Label::Branch).then(block.clone());
    let set = just(Kind::Profile)
        .ignore_then(just(Kind::Dot))
        .ignore_then(word(Kind::is_field, Label::FieldName))
        .then_ignore(just(Kind::Assign))
        .then(grammar.expression.clone())
        .map(|(attribute, value)| S::Set { attribute, value });
    let statement = choice((
        property(Kind::Wait, wait(grammar, block.clone())),
        property(Kind::Send, send(otherwise.clone())),
        branch(grammar, block.clone()),
        property(
            Kind::Split,
            path(Label::Experiment)
                .then(group(Kind::OpenBrace, arm.repeated().collect()))
                .map(|(experiment, arms)| S::Split { experiment, arms }),
        ),
        property(
            Kind::Repeat,
            whole_number()
                .then_ignore(just(Kind::Times))
                .then(block.clone())
                .map(|(times, body)| S::Repeat { times, body }),
        ),
        property(Kind::Together, group(Kind::OpenBrace, block.repeated().collect()).map(S::Together)),
        property(Kind::Set, set),
        property(
            Kind::Emit,
            name(Label::Event)
                .then(group(Kind::OpenBrace, fields))
                .map(|(event, fields)| S::Emit { event, fields }),
        ),
        property(Kind::Enter, path(Label::Journey).map(S::Enter)),
        property(Kind::Exit, empty().to(S::Exit)),
    ));
    statement.map_with(|(_, kind), e| Statement { kind, span: span(e) }).boxed()
}

/// `if E {…} else if F {…} else {…}`
fn branch<'s>(grammar: &Grammar<'s>, block: Boxed<'s, Vec<Statement>>) -> Boxed<'s, (Token, StatementKind)> {
    let expression = grammar.expression.clone();
    recursive(|branch| {
        let chained = ahead(|first, _| first == Kind::If)
            .ignore_then(branch)
            .map_with(|(_, kind), e| vec![Statement { kind, span: span(e) }]);
        let otherwise = maybe(Kind::Else).ignore_then(chained.or(block.clone())).or_not();
        let rest = expression.then(block).then(otherwise);
        maybe(Kind::If).then(nested(rest)).map(|(keyword, ((condition, then), otherwise))| {
            (keyword, StatementKind::If { condition, then, otherwise })
        })
    })
    .boxed()
}

fn wait<'s>(grammar: &Grammar<'s>, block: Boxed<'s, Vec<Statement>>) -> Boxed<'s, StatementKind> {
    use StatementKind as S;
    let up_to = || just(Kind::Up).ignore_then(just(Kind::To)).ignore_then(duration());
    let weekday = maybe(Kind::On).ignore_then(word(Kind::is_weekday, Label::Weekday)).or_not();
    let until = maybe(Kind::Until)
        .ignore_then(time())
        .then(weekday)
        .map(|(time, weekday)| S::WaitUntil { time, weekday });
    let occurrences =
        awaited(grammar.expression.clone()).separated_by(maybe(Kind::Or)).at_least(1).collect::<Vec<_>>();
    let then = maybe(Kind::Then).ignore_then(block.clone()).or_not();
    let otherwise = maybe(Kind::Else).ignore_then(block).or_not();
    let wait_for =
        maybe(Kind::For).ignore_then(occurrences).then(up_to()).then(then).then(otherwise).map(
            |(((occurrences, up_to), then), otherwise)| S::WaitFor { occurrences, up_to, then, otherwise },
        );
    let limit = ahead(|first, _| first == Kind::Up).ignore_then(up_to()).or_not();
    let restart = maybe(Kind::Restart)
        .ignore_then(just(Kind::On))
        .ignore_then(grammar.occurrence.clone())
        .then(limit)
        .map(|(on, up_to)| Restart { on, up_to })
        .or_not();
    let plain = duration().then(restart).map(|(duration, restart)| S::Wait { duration, restart });
    choice((until, wait_for, plain)).boxed()
}

/// `M via c1, c2`, or `M via c1 then c2 within D`: a chain of fallbacks.
fn send<'s>(otherwise: Boxed<'s, Option<Vec<Statement>>>) -> Boxed<'s, StatementKind> {
    let then = maybe(Kind::Then).ignore_then(path(Label::Channel));
    let within = maybe(Kind::Within).ignore_then(duration()).or_not();
    let chain = then.repeated().at_least(1).collect::<Vec<_>>().then(within);
    let chain = chain.map(|(channels, within)| (channels, true, within));
    let more = maybe(Kind::Comma).ignore_then(path(Label::Channel)).repeated().collect::<Vec<_>>();
    let more = more.map(|channels| (channels, false, None));
    let via = maybe(Kind::Via).ignore_then(path(Label::Channel).then(chain.or(more))).or_not();
    path(Label::Message)
        .then(via)
        .then(otherwise)
        .map(|((message, via), otherwise)| {
            let (mut channels, mut chain, mut within) = (Vec::new(), false, None);
            if let Some((first, (rest, chained, deadline))) = via {
                channels.push(first);
                channels.extend(rest);
                (chain, within) = (chained, deadline);
            }
            StatementKind::Send(Send { message, via: channels, chain, within, otherwise })
        })
        .boxed()
}
