//! What messages without mistakes are made of besides [expressions](super::straight), read straight ahead: what isn't as
//! usual has the whole file read anew.

use super::basic::*;
use super::fault::Fault;
use super::straight::since;
use crate::token::Kind;
use crate::tree::*;

/// The properties of a declaration between their braces.
pub(super) fn body<'s, O: 's>(property: Boxed<'s, O>) -> Boxed<'s, Vec<O>> {
    by_hand(move |input| {
        take(input, Kind::OpenBrace)?;
        enter(input)?;
        let mut properties = Vec::new();
        while peek(input).kind != Kind::CloseBrace {
            properties.push(input.parse(&property)?);
        }
        leave(input);
        take(input, Kind::CloseBrace)?;
        Ok(properties)
    })
}

/// `basket`, `other.thing`
pub(super) fn path<'s>() -> Boxed<'s, Path> {
    by_hand(read_path)
}

/// `a, b, c`
pub(super) fn paths<'s>() -> Boxed<'s, Vec<Path>> {
    by_hand(|input| {
        let mut paths = vec![read_path(input)?];
        while peek(input).kind == Kind::Comma {
            input.next_ref();
            paths.push(read_path(input)?);
        }
        Ok(paths)
    })
}

/// What starts a message or a journey: mostly an event by its name alone.
pub(super) fn trigger<'s>(trigger: Boxed<'s, Occurrence>) -> Boxed<'s, Occurrence> {
    by_hand(move |input| {
        let first = peek(input);
        let is_event = first.kind.is_name() && !matches!(first.kind, Kind::Enter | Kind::Leave | Kind::Every);
        if !is_event || matches!(peek_second(input), Kind::Dot | Kind::OpenParen | Kind::Where) {
            return input.parse(&trigger);
        }
        let event = Some(read_path(input)?);
        let pattern = Pattern { event, message: None, filter: None, parenthesized: false, span: first.span };
        Ok(Occurrence { kind: OccurrenceKind::Event(pattern), span: first.span })
    })
}

/// `email { subject "…" body "…" }`, with what is wanted of a language.
pub(super) fn content<'s>(language: Boxed<'s, Text>, template: Boxed<'s, Template>) -> Boxed<'s, Content> {
    let field = by_hand(move |input| {
        let first = peek(input);
        if !first.kind.is_name() {
            return Err(Fault::unexpected(first));
        }
        input.next_ref();
        let name = name_of(input, first);
        let template = input.parse(&template)?;
        Ok(ContentField { name, template, span: since(input, first) })
    });
    let fields = body(field);
    by_hand(move |input| {
        let place = read_path(input)?;
        let language = match peek(input).kind {
            Kind::For => {
                input.next_ref();
                Some(input.parse(&language)?)
            }
            _ => None,
        };
        Ok(Content { place, language, fields: input.parse(&fields)? })
    })
}

fn read_path<'s>(input: &mut Ref<'s, '_>) -> Result<Path, Fault> {
    let first = peek(input);
    if !first.kind.is_name() {
        return Err(Fault::unexpected(first));
    }
    input.next_ref();
    let first = name_of(input, first);
    if peek(input).kind != Kind::Dot {
        return Ok(Path { package: None, name: first });
    }
    input.next_ref();
    let second = peek(input);
    if !second.kind.is_word() {
        return Err(Fault::unexpected(second));
    }
    input.next_ref();
    Ok(Path { package: Some(first), name: name_of(input, second) })
}

/// Takes a mark.
fn take<'s>(input: &mut Ref<'s, '_>, kind: Kind) -> Result<(), Fault> {
    let next = peek(input);
    if next.kind != kind {
        return Err(Fault::unexpected(next));
    }
    input.next_ref();
    Ok(())
}
