//! Channels, placements, classes, purposes and the rules over messages (language reference §7, §8, §11, §12).

use super::Grammar;
use super::basic::*;
use super::declaration::{body, property};
use super::fault::{Label, Want};
use super::literal::*;
use crate::token::{Kind, Token};
use crate::tree::*;

/// Any number of days, as after `on`.
fn weekdays<'s>() -> Boxed<'s, Vec<Name>> {
    bare_list(word(Kind::is_weekday, Label::Weekday))
}

pub(super) fn channel<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
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
        // `21:00 to 08:00` is a span in other words.
        let span = tokens[index].kind == To && index > 0 && tokens[index - 1].kind == Time;
        let begins = matches!(tokens[index].kind, Inbound | To | Quiet | Spread | Cost);
        begins && !span && keyword_position(tokens, index)
    };
    let error = |span| ChannelProperty { kind: P::Error, keyword: span, span };
    maybe(Kind::Channel)
        .ignore_then(new_name(Label::NewName(Kind::Channel)))
        .then(body(property.boxed(), Label::Property(Kind::Channel), starts, error))
        .map(|(name, properties)| DeclarationKind::Channel(Channel { name, properties }))
        .boxed()
}

pub(super) fn placement<'s>() -> Boxed<'s, DeclarationKind> {
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
        .then(body(property.boxed(), Label::Property(Kind::Placement), starts, error))
        .map(|(name, properties)| DeclarationKind::Placement(Placement { name, properties }))
        .boxed()
}

pub(super) fn class<'s>() -> Boxed<'s, DeclarationKind> {
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

pub(super) fn purpose<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
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

pub(super) fn cap<'s>() -> Boxed<'s, DeclarationKind> {
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

pub(super) fn suppress<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    maybe(Kind::Suppress)
        .ignore_then(selector())
        .then_ignore(just(Kind::When))
        .then(grammar.expression.clone())
        .map(|(selector, condition)| DeclarationKind::Suppress(Suppress { selector, condition }))
        .boxed()
}

pub(super) fn arbitrate<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
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
        .ignore_then(body(property.boxed(), Label::Property(Kind::Arbitrate), starts, error))
        .map(|properties| DeclarationKind::Arbitrate(Arbitrate { properties }))
        .boxed()
}

pub(super) fn holdout<'s>() -> Boxed<'s, DeclarationKind> {
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

pub(super) fn experiment<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
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
        .then(body(property.boxed(), Label::Property(Kind::Experiment), starts, error))
        .map(|(name, properties)| DeclarationKind::Experiment(Experiment { name, properties }))
        .boxed()
}

pub(super) fn model<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
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
        .then(body(property.boxed(), Label::Property(Kind::Model), starts, error))
        .map(|((name, file), properties)| DeclarationKind::Model(Model { name, file, properties }))
        .boxed()
}

pub(super) fn stop<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
    maybe(Kind::Stop)
        .ignore_then(bare_list(path(Label::Class)))
        .then_ignore(just(Kind::Journeys))
        .then_ignore(just(Kind::On))
        .then(grammar.occurrence.clone())
        .map(|(classes, on)| DeclarationKind::Stop(Stop { classes, on }))
        .boxed()
}

pub(super) fn invariant<'s>(grammar: &Grammar<'s>) -> Boxed<'s, DeclarationKind> {
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
