//! Literals, ranges and cells (language reference §3, §6).

use super::basic::*;
use super::fault::{Fault, Label, Want};
use crate::Span;
use crate::token::{Escape, Kind, Token, bad_escapes, escapes};
use crate::tree::*;
use smol_str::{SmolStr, SmolStrBuilder};

/// The unit that a word after a number means, if it means one.
fn unit(kind: Kind) -> Option<DurationUnit> {
    Some(match kind {
        Kind::Second | Kind::Seconds => DurationUnit::Second,
        Kind::Minute | Kind::Minutes => DurationUnit::Minute,
        Kind::Hour | Kind::Hours => DurationUnit::Hour,
        Kind::Day | Kind::Days => DurationUnit::Day,
        Kind::Week | Kind::Weeks => DurationUnit::Week,
        _ => return None,
    })
}

fn is_currency(source: &str, token: Token) -> bool {
    token.kind == Kind::TypeName
        && token.span.range().len() == 3
        && source[token.span.range()].bytes().all(|byte| byte.is_ascii_uppercase())
}

/// `EUR`
pub(super) fn currency<'s>() -> Boxed<'s, Name> {
    by_hand(|input| {
        let next = peek(input);
        let source = input.state().source;
        if !is_currency(source, next) {
            return Err(Fault::expected(next, Want::A(Label::Currency)));
        }
        input.next_ref();
        Ok(Name { text: SmolStr::new(&source[next.span.range()]), span: next.span })
    })
}

/// A literal without a sign. Money and durations with a space take two tokens.
fn unsigned<'s>(fits: fn(&LiteralKind) -> bool, label: Label) -> Boxed<'s, Literal> {
    by_hand(move |input| read_unsigned(input, fits, label))
}

/// Reads a literal without a sign.
pub(super) fn read_unsigned<'s>(
    input: &mut Ref<'s, '_>,
    fits: fn(&LiteralKind) -> bool,
    label: Label,
) -> Result<Literal, Fault> {
    let start = peek(input);
    let before = input.save();
    let source = input.state().source;
    let written = &source[start.span.range()];
    let digits = |cut: usize| SmolStr::new(&written[..written.len() - cut]);
    let mut span = start.span;
    input.next_ref();
    let kind = match start.kind {
        Kind::True => LiteralKind::Bool(true),
        Kind::False => LiteralKind::Bool(false),
        Kind::Int | Kind::Number => {
            let next = peek(input);
            if let Some(unit) = unit(next.kind) {
                input.next_ref();
                span = span.to(next.span);
                LiteralKind::Duration { amount: digits(0), unit, unit_span: next.span }
            } else if is_currency(source, next) {
                input.next_ref();
                span = span.to(next.span);
                let currency = Name { text: SmolStr::new(&source[next.span.range()]), span: next.span };
                LiteralKind::Money { amount: digits(0), currency: Box::new(currency) }
            } else if start.kind == Kind::Int {
                LiteralKind::Int(digits(0))
            } else {
                LiteralKind::Number(digits(0))
            }
        }
        Kind::Percent => LiteralKind::Percent(digits(1)),
        Kind::Duration => {
            let unit = match written.as_bytes().last() {
                Some(b's') => DurationUnit::Second,
                Some(b'm') => DurationUnit::Minute,
                Some(b'h') => DurationUnit::Hour,
                Some(b'd') => DurationUnit::Day,
                _ => DurationUnit::Week,
            };
            let unit_span = Span { start: span.end - 1, end: span.end };
            LiteralKind::Duration { amount: digits(1), unit, unit_span }
        }
        Kind::Time => LiteralKind::Time(digits(0)),
        Kind::Date => LiteralKind::Date(digits(0)),
        Kind::Instant => LiteralKind::Instant(digits(0)),
        Kind::Text => LiteralKind::Text(plain_text(input, start)),
        _ => {
            input.rewind(before);
            return Err(Fault::expected(start, Want::A(label)));
        }
    };
    if !fits(&kind) {
        input.rewind(before);
        return Err(Fault::expected(start, Want::A(label)));
    }
    Ok(Literal { kind, span })
}

/// The value of a text in which braces are plain.
fn plain_text<'s>(input: &mut Ref<'s, '_>, token: Token) -> Text {
    let state = input.state();
    let (source, pieces) = (state.source, state.pieces);
    let inner = Span { start: token.span.start + 1, end: token.span.end - 1 };
    // The escapes outside braces have been looked at by the lexer.
    let from = pieces.partition_point(|piece| piece.span.start < inner.start);
    let mut errors = Vec::new();
    for piece in pieces[from..].iter().take_while(|piece| piece.span.end <= inner.end) {
        bad_escapes(&source[piece.span.range()], piece.span.start as usize, &mut errors);
    }
    for error in errors {
        input.emit(Fault::custom(token, error));
    }
    Text { value: resolve(&source[inner.range()]), span: token.span }
}

/// A piece of text with its escapes resolved; bad ones are left out.
pub(super) fn resolve(written: &str) -> SmolStr {
    if !written.contains('\\') {
        return SmolStr::new(written);
    }
    let mut value = SmolStrBuilder::new();
    for escape in escapes(written) {
        if let Escape::Character(character) = escape {
            value.push(character);
        }
    }
    value.finish()
}

/// A literal where one is wanted: a number may have a `-` in front.
pub(super) fn literal<'s>(label: Label) -> Boxed<'s, Literal> {
    any_literal(label).or(negative(label)).boxed()
}

/// Any literal without a sign.
pub(super) fn any_literal<'s>(label: Label) -> Boxed<'s, Literal> {
    unsigned(|_| true, label)
}

/// A literal that begins with `-`.
pub(super) fn negative<'s>(label: Label) -> Boxed<'s, Literal> {
    let numeric = |kind: &LiteralKind| {
        use LiteralKind::*;
        matches!(kind, Int(_) | Number(_) | Percent(_) | Money { .. } | Duration { .. })
    };
    let literal = token(Kind::Minus, Want::A(label)).then(unsigned(numeric, label));
    let literal = literal.map(|(minus, mut literal)| {
        use LiteralKind::*;
        match &mut literal.kind {
            Int(digits) | Number(digits) | Percent(digits) => *digits = signed(digits),
            Money { amount, .. } | Duration { amount, .. } => *amount = signed(amount),
            _ => {}
        }
        literal.span = minus.span.to(literal.span);
        literal
    });
    literal.boxed()
}

fn signed(digits: &str) -> SmolStr {
    ["-", digits].into_iter().collect()
}

/// `3`
pub(super) fn whole_number<'s>() -> Boxed<'s, Literal> {
    unsigned(|kind| matches!(kind, LiteralKind::Int(_)), Label::WholeNumber)
}

/// `5%`
pub(super) fn percentage<'s>() -> Boxed<'s, Literal> {
    unsigned(|kind| matches!(kind, LiteralKind::Percent(_)), Label::Percentage)
}

/// `24h`, `30 minutes`
pub(super) fn duration<'s>() -> Boxed<'s, Literal> {
    duration_or(Label::Duration)
}

/// A duration where something else can stand as well.
pub(super) fn duration_or<'s>(label: Label) -> Boxed<'s, Literal> {
    unsigned(|kind| matches!(kind, LiteralKind::Duration { .. }), label)
}

/// `21:00`
pub(super) fn time<'s>() -> Boxed<'s, Literal> {
    unsigned(|kind| matches!(kind, LiteralKind::Time(_)), Label::Time)
}

/// `2026-11-27`
pub(super) fn date<'s>() -> Boxed<'s, Literal> {
    unsigned(|kind| matches!(kind, LiteralKind::Date(_)), Label::Date)
}

/// `0.06 EUR`
pub(super) fn money<'s>() -> Boxed<'s, Literal> {
    unsigned(|kind| matches!(kind, LiteralKind::Money { .. }), Label::Money)
}

/// `"…"`, braces plain
pub(super) fn text<'s>(label: Label) -> Boxed<'s, Text> {
    by_hand(move |input| {
        let next = peek(input);
        if next.kind != Kind::Text {
            return Err(Fault::expected(next, Want::A(label)));
        }
        let text = plain_text(input, next);
        input.next_ref();
        Ok(text)
    })
}

/// `18..65` with ends as a rule reads them.
pub(super) fn range_of<'s>(start: Boxed<'s, Literal>, end: Boxed<'s, Literal>) -> Boxed<'s, Range> {
    let range = start.then_ignore(just(Kind::Dots)).then(end).map(|(start, end)| {
        let span = start.span.to(end.span);
        Range { start, end, span }
    });
    range.boxed()
}

/// What stands in a table's column, or before `=>` in a `match`.
pub(super) fn cell<'s>() -> Boxed<'s, Cell> {
    let end = || maybe(Kind::Dots).ignore_then(literal(Label::Literal)).or_not();
    let join = |(start, end): (Literal, Option<Literal>)| match end {
        Some(end) => {
            let span = start.span.to(end.span);
            CellKind::Range(Box::new(Range { start, end, span }))
        }
        None => CellKind::Literal(start),
    };
    let any = maybe(Kind::Underscore).to(CellKind::Any);
    let literal = any_literal(Label::Cell).then(end()).map(join);
    let below_zero = negative(Label::Literal).then(end()).map(join);
    let in_parens = token(Kind::OpenParen, Want::A(Label::Cell))
        .ignore_then(below_zero)
        .then_ignore(just(Kind::CloseParen));
    let name = path(Label::Cell).map(CellKind::Name);
    choice((any, literal, in_parens, name)).map_with(|kind, e| Cell { kind, span: span(e) }).boxed()
}
