//! The small rules that all others are made of: tokens, names, lists, groups, and how to go on after a mistake.

use super::fault::{Fault, Label, Want};
use crate::token::{Comment, Kind, Token};
use crate::tree::{Name, Path, Text};
use crate::{Span, SyntaxError, SyntaxErrorKind as E};
use chumsky::extra;
use chumsky::input::{Checkpoint, Cursor, InputRef, MapExtra};
use chumsky::inspector::Inspector;
use chumsky::primitive::custom;
pub(super) use chumsky::primitive::{choice, empty};
pub(super) use chumsky::recovery::via_parser;
pub(super) use chumsky::recursive::recursive;
pub(super) use chumsky::{IterParser, Parser};
use smol_str::SmolStr;

/// What is parsed.
pub(super) type Input<'s> = &'s [Token];
/// How it is parsed.
pub(super) type Extra<'s> = extra::Full<Fault, State<'s>, ()>;
/// A rule behind a pointer: keeps types, and so compile time, small.
pub(super) type Boxed<'s, O> = chumsky::Boxed<'s, 's, Input<'s>, O, Extra<'s>>;

/// A rule of the grammar.
pub(super) trait Rule<'s, O>: Parser<'s, Input<'s>, O, Extra<'s>> + Clone + 's {}
impl<'s, O, T: Parser<'s, Input<'s>, O, Extra<'s>> + Clone + 's> Rule<'s, O> for T {}

/// How deep brackets, braces, `if`, `match`, `not` and unary `-` may be nested (language reference §3).
pub const NESTING: u32 = 64;

/// What rules need besides the tokens.
pub(super) struct State<'s> {
    pub source: &'s str,
    pub comments: &'s [Comment],
    pub pieces: &'s [crate::token::Piece],
    /// How deep the rule at work is nested.
    pub depth: u32,
    /// The file is known to have errors: a keyword at the beginning of a line isn't taken for a name if it
    /// reads like the next property, so that what lacks before it is what is reported.
    pub wary: bool,
}

impl<'s> Inspector<'s, Input<'s>> for State<'s> {
    type Checkpoint = u32;
    fn on_token(&mut self, _: &Token) {}
    fn on_save<'parse>(&self, _: &Cursor<'s, 'parse, Input<'s>>) -> u32 {
        self.depth
    }
    fn on_rewind<'parse>(&mut self, marker: &Checkpoint<'s, 'parse, Input<'s>, u32>) {
        self.depth = *marker.inspector();
    }
}

pub(super) type Ref<'s, 'p> = InputRef<'s, 'p, Input<'s>, Extra<'s>>;

/// A rule that looks at the tokens itself.
pub(super) fn by_hand<'s, O: 's>(
    rule: impl Fn(&mut Ref<'s, '_>) -> Result<O, Fault> + Clone + 's,
) -> Boxed<'s, O> {
    custom(rule).boxed()
}

/// The next token, without taking it. The last one is always `End`, and no rule takes that.
pub(super) fn peek<'s>(input: &mut Ref<'s, '_>) -> Token {
    match input.peek_ref() {
        Some(token) => *token,
        None => Token { kind: Kind::End, first_on_line: false, span: Span::default(), comments: 0, index: 0 },
    }
}

/// The token after the next one.
pub(super) fn peek_second<'s>(input: &mut Ref<'s, '_>) -> Kind {
    let next = peek(input).index as usize;
    input.full_slice().get(next + 1).map_or(Kind::End, |token| token.kind)
}

/// One token of a kind.
pub(super) fn token<'s>(kind: Kind, want: Want) -> Boxed<'s, Token> {
    by_hand(move |input: &mut Ref<'s, '_>| {
        let next = peek(input);
        if next.kind == kind && kind != Kind::End {
            input.next_ref();
            return Ok(next);
        }
        Err(Fault::expected(next, want))
    })
}

/// One mark or keyword that must stand here.
pub(super) fn just<'s>(kind: Kind) -> Boxed<'s, Token> {
    token(kind, Want::Token(kind))
}

/// One mark or keyword that may stand here; errors don't name it.
pub(super) fn maybe<'s>(kind: Kind) -> Boxed<'s, Token> {
    by_hand(move |input: &mut Ref<'s, '_>| {
        let next = peek(input);
        if next.kind == kind {
            input.next_ref();
            return Ok(next);
        }
        Err(Fault::unexpected(next))
    })
}

/// Two words that are keywords only together, such as `count of`.
pub(super) fn pair<'s>(first: Kind, second: Kind) -> Boxed<'s, Span> {
    by_hand(move |input: &mut Ref<'s, '_>| {
        let next = peek(input);
        if next.kind == first && peek_second(input) == second {
            input.next_ref();
            let last = peek(input);
            input.next_ref();
            return Ok(next.span.to(last.span));
        }
        Err(Fault::unexpected(next))
    })
}

/// Holds where the next two tokens fit; takes nothing.
pub(super) fn ahead<'s>(fits: fn(Kind, Kind) -> bool) -> Boxed<'s, ()> {
    by_hand(move |input: &mut Ref<'s, '_>| {
        let next = peek(input);
        if fits(next.kind, peek_second(input)) { Ok(()) } else { Err(Fault::unexpected(next)) }
    })
}

/// One token whose kind fits.
pub(super) fn kind<'s>(fits: fn(Kind) -> bool, want: Want) -> Boxed<'s, Token> {
    by_hand(move |input: &mut Ref<'s, '_>| {
        let next = peek(input);
        if fits(next.kind) {
            input.next_ref();
            return Ok(next);
        }
        Err(Fault::expected(next, want))
    })
}

/// The text of a token.
pub(super) fn name_of(input: &mut Ref<'_, '_>, token: Token) -> Name {
    Name { text: SmolStr::new(&input.state().source[token.span.range()]), span: token.span }
}

/// Whether a word at the beginning of a line reads like the beginning of something new.
fn begins_something<'s>(input: &mut Ref<'s, '_>, token: Token) -> bool {
    if !token.first_on_line || token.index == 0 {
        return false;
    }
    let Some(next) = input.full_slice().get(token.index as usize + 1).copied() else { return false };
    let keyword = super::is_line_keyword(token.kind);
    match next.kind {
        Kind::Assign | Kind::Colon => true,
        Kind::End | Kind::CloseBrace => token.kind == Kind::Exit,
        _ if next.first_on_line => token.kind == Kind::Exit,
        Kind::OpenBrace => keyword,
        kind => {
            keyword && !kind.is_mark() && (!kind.is_reserved() || matches!(kind, Kind::Any | Kind::Profile))
        }
    }
}

/// A word whose kind fits, as a name.
pub(super) fn word<'s>(fits: fn(Kind) -> bool, label: Label) -> Boxed<'s, Name> {
    by_hand(move |input: &mut Ref<'s, '_>| {
        let next = peek(input);
        if fits(next.kind) && !(input.state().wary && begins_something(input, next)) {
            input.next_ref();
            return Ok(name_of(input, next));
        }
        Err(Fault::expected(next, Want::A(label)))
    })
}

/// The name of a parameter, an attribute or a field, which begins something itself.
pub(super) fn leading_name<'s>(fits: fn(Kind) -> bool, label: Label) -> Boxed<'s, Name> {
    by_hand(move |input| {
        let next = peek(input);
        if fits(next.kind) {
            input.next_ref();
            return Ok(name_of(input, next));
        }
        Err(Fault::expected(next, Want::A(label)))
    })
}

/// A name in lower case that isn't reserved.
pub(super) fn name<'s>(label: Label) -> Boxed<'s, Name> {
    word(Kind::is_name, label)
}

/// The name that a declaration gives. A wrong word is reported and taken; a missing one leaves an empty name.
pub(super) fn new_name<'s>(label: Label) -> Boxed<'s, Name> {
    by_hand(move |input: &mut Ref<'s, '_>| {
        let next = peek(input);
        let wants_capital = label == Label::EnumName;
        // A declaration on the next line isn't a name.
        let missing = input.state().wary
            && next.first_on_line
            && super::declaration::starts(input.full_slice(), next.index as usize);
        // `cap at most 3`: the words that would follow its name.
        let missing = missing
            || label == Label::NewName(Kind::Cap)
                && next.kind == Kind::At
                && peek_second(input) == Kind::Most;
        let fits = if wants_capital { next.kind == Kind::TypeName } else { next.kind.is_name() };
        if fits && !missing {
            input.next_ref();
            return Ok(name_of(input, next));
        }
        let begins_body =
            |kind| matches!(kind, Kind::OpenBrace | Kind::Assign | Kind::Colon | Kind::OpenParen);
        if next.kind.is_word() && !missing {
            let mut name = name_of(input, next);
            input.next_ref();
            input.emit(Fault::custom(next, wrong_name(&name, next.kind, wants_capital)));
            if next.kind == Kind::TypeName && !wants_capital {
                // Where it is named, it is in small letters or told to be.
                name.text = SmolStr::new(name.text.to_ascii_lowercase());
            }
            return Ok(name);
        }
        let fault = match label {
            Label::NewName(of) if next.kind != Kind::Error => {
                let of = of.text();
                let article = if of.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
                let keyword =
                    (next.index as usize).checked_sub(1).map(|before| input.full_slice()[before].span);
                let place = if next.first_on_line { keyword.unwrap_or(next.span) } else { next.span };
                let error = SyntaxError::new(E::ExpectedName, place, format!("{article} {of} needs a name"));
                Fault::custom(next, error.help(format!("for instance `{}`", example(of))))
            }
            _ => Fault::expected(next, Want::A(label)),
        };
        if begins_body(next.kind) || next.kind == Kind::Error {
            input.emit(fault);
            if next.kind == Kind::Error {
                input.next_ref();
            }
            return Ok(Name {
                text: SmolStr::default(),
                span: Span { start: next.span.start, end: next.span.start },
            });
        }
        Err(fault)
    })
}

/// How a declaration begins, for those that lack a name.
fn example(of: &str) -> &'static str {
    match of {
        "enum" => "enum Tier ordered { bronze, silver, gold }",
        "event" => "event purchase { amount: money EUR }",
        "segment" => "segment shoppers = any purchase within 30d",
        "let" => "let spent = sum of purchase.amount within 90d",
        "table" => "table lever_for(tier: Tier): number { … }",
        "channel" => "channel email { to profile.email }",
        "placement" => "placement home_hero { on web  show 1 }",
        "class" => "class promotional",
        "purpose" => "purpose marketing { opt_in on email }",
        "message" => "message spring_sale { … }",
        "cap" => "cap weekly at most 3 per 7d for any",
        "holdout" => "holdout control 5% of promotional",
        "experiment" => "experiment first_touch { arms early 50%, late 50% }",
        "model" => "model conversion from \"conversion.txt\" { … }",
        "journey" => "journey welcome { on purchase … }",
        "invariant" => "invariant adults_only: any tagged alcohol requires …",
        "feature" => "feature orders = count of purchase within 90d",
        _ => "format lightgbm",
    }
}

fn wrong_name(name: &Name, kind: Kind, wants_capital: bool) -> SyntaxError {
    let word = &name.text;
    if kind.is_reserved() {
        let message = format!("`{word}` is a reserved word and can't be a name");
        return SyntaxError::new(E::ReservedWord, name.span, message).help("choose another name");
    }
    if wants_capital {
        let mut capital = word.to_string();
        capital[..1].make_ascii_uppercase();
        let message = format!("the name of an enum begins with a capital, and `{word}` doesn't");
        return SyntaxError::new(E::NameCase, name.span, message).help(format!("write `{capital}`"));
    }
    let message = format!("`{word}` begins with a capital, which only enums do");
    SyntaxError::new(E::NameCase, name.span, message).help(format!("write `{}`", word.to_ascii_lowercase()))
}

/// A name of this project, or `package.name`.
pub(super) fn path<'s>(label: Label) -> Boxed<'s, Path> {
    path_of(Kind::is_name, label)
}

/// A path whose first word fits.
pub(super) fn path_of<'s>(fits: fn(Kind) -> bool, label: Label) -> Boxed<'s, Path> {
    let rest = maybe(Kind::Dot).ignore_then(word(Kind::is_word, label)).or_not();
    let path = word(fits, label).then(rest).map(|(first, second)| match second {
        Some(name) => Path { package: Some(first), name },
        None => Path { package: None, name: first },
    });
    path.boxed()
}

/// `a, b, c`: at least one, no comma at the end.
pub(super) fn bare_list<'s, O: 's>(item: impl Rule<'s, O>) -> Boxed<'s, Vec<O>> {
    item.boxed().separated_by(maybe(Kind::Comma)).at_least(1).collect().boxed()
}

/// A group between brackets, which counts as nesting.
pub(super) fn group<'s, O: 's>(open: Kind, inner: impl Rule<'s, O>) -> Boxed<'s, O> {
    just(open).ignore_then(nested(inner)).then_ignore(just(open.partner())).boxed()
}

/// One level of nesting.
pub(super) fn nested<'s, O: 's>(inner: impl Rule<'s, O>) -> Boxed<'s, O> {
    let enter = by_hand(enter);
    let leave = by_hand(|input: &mut Ref<'s, '_>| {
        leave(input);
        Ok(())
    });
    enter.ignore_then(inner.boxed()).then_ignore(leave).boxed()
}

/// Begins a level of nesting.
pub(super) fn enter<'s>(input: &mut Ref<'s, '_>) -> Result<(), Fault> {
    if input.state().depth >= NESTING {
        let next = peek(input);
        let error = SyntaxError::new(E::TooDeep, next.span, "this is nested more than 64 deep")
            .help("give a part of it a name with `let`");
        return Err(Fault::custom(next, error));
    }
    input.state().depth += 1;
    Ok(())
}

/// Ends a level of nesting.
pub(super) fn leave<'s>(input: &mut Ref<'s, '_>) {
    input.state().depth -= 1;
}

/// Items with commas between them and, if one likes, after the last. A comma that lacks is reported once, and
/// what comes after it is read as if it were there.
pub(super) fn comma_list<'s, O: 's>(item: impl Rule<'s, O>, starts: Starts) -> Boxed<'s, Vec<O>> {
    item.boxed().then_ignore(separator(starts)).repeated().collect().boxed()
}

/// The same with at least one item.
pub(super) fn comma_list1<'s, O: 's>(item: impl Rule<'s, O>, starts: Starts) -> Boxed<'s, Vec<O>> {
    item.boxed().then_ignore(separator(starts)).repeated().at_least(1).collect().boxed()
}

fn separator<'s>(starts: Starts) -> Boxed<'s, ()> {
    by_hand(move |input: &mut Ref<'s, '_>| {
        let next = peek(input);
        match next.kind {
            Kind::Comma => {
                input.next_ref();
                return Ok(());
            }
            kind if kind.closes() => return Ok(()),
            Kind::End => return Err(Fault::expected(next, Want::Token(Kind::Comma))),
            _ => {}
        }
        // What was tried last can know better what lacks here: let it win over this message.
        if !starts(input.full_slice(), next.index as usize) {
            return Err(Fault::expected(next, Want::Token(Kind::Comma)));
        }
        input.emit(Fault::expected(next, Want::Token(Kind::Comma)));
        Ok(())
    })
}

/// Whether something that can be read on its own begins at a token.
pub(super) type Starts = fn(&[Token], usize) -> bool;

/// Leaves out at least one token, up to where something new begins or the group ends; gives what was left out.
pub(super) fn skip<'s>(starts: Starts) -> Boxed<'s, Span> {
    skip_while(move |input, first, at| {
        let tokens = input.full_slice();
        // A mark too much at the beginning of a line hides nothing of the rest.
        let behind_mark = at == first.index as usize + 1 && first.first_on_line && first.kind.is_mark();
        // `audience active`: what stands right behind an unknown word says something of it.
        let unknown = first.kind == Kind::Name && first.first_on_line;
        let of_it = unknown && at == first.index as usize + 1 && !tokens[at].first_on_line;
        starts(tokens, at) && !of_it || behind_mark && super::is_line_keyword(tokens[at].kind)
    })
}

/// The same, where more than the tokens tells what is new; it is told the first token that is left out.
pub(super) fn skip_while<'s>(
    starts: impl Fn(&mut Ref<'s, '_>, Token, usize) -> bool + Clone + 's,
) -> Boxed<'s, Span> {
    by_hand(move |input: &mut Ref<'s, '_>| {
        let first = peek(input);
        if first.kind.closes() || first.kind == Kind::End {
            return Err(Fault::unexpected(first));
        }
        let mut span = first.span;
        let mut depth = 0usize;
        loop {
            let next = peek(input);
            let closes = next.kind.closes();
            let fresh = next.index != first.index;
            if next.kind == Kind::End
                || depth == 0 && (closes || fresh && starts(input, first, next.index as usize))
            {
                return Ok(span);
            }
            if next.kind.opens() {
                depth += 1;
            } else if closes {
                depth -= 1;
            }
            span = span.to(next.span);
            input.next_ref();
        }
    })
}

/// The same, but where something new begins at once, nothing is left out.
pub(super) fn skip_any<'s>(starts: Starts) -> Boxed<'s, Span> {
    let at_once = by_hand(move |input| {
        let next = peek(input);
        if next.kind.closes() || starts(input.full_slice(), next.index as usize) {
            return Ok(Span { start: next.span.start, end: next.span.start });
        }
        Err(Fault::unexpected(next))
    });
    at_once.or(skip(starts)).boxed()
}

/// Nothing begins: skips to the end of the group.
pub(super) fn nothing(_: &[Token], _: usize) -> bool {
    false
}

/// Skips to the next comma of the group.
pub(super) fn comma(tokens: &[Token], index: usize) -> bool {
    tokens[index].kind == Kind::Comma
}

/// Whether a keyword at `index` can begin something: not behind a `.`, a comma or an operator.
pub(super) fn keyword_position(tokens: &[Token], index: usize) -> bool {
    let Some(previous) = index.checked_sub(1).map(|before| tokens[before].kind) else { return true };
    use Kind::*;
    let before_operand = matches!(
        previous,
        Dot | Comma
            | Colon
            | Assign
            | Arrow
            | Dots
            | Equal
            | NotEqual
            | Less
            | LessEqual
            | Greater
            | GreaterEqual
            | Plus
            | Minus
            | Star
            | Slash
            | And
            | Or
            | Not
            | In
            | Else
    );
    !before_operand || (tokens[index].first_on_line && !matches!(previous, Dot | Else))
}

/// Whether a line begins at a token that reads like a property or statement with a misspelt keyword.
pub(super) fn unknown_line(tokens: &[Token], index: usize) -> bool {
    let token = tokens[index];
    let Some(next) = tokens.get(index + 1) else { return false };
    let operand = next.kind.is_name() || next.kind == Kind::Text || next.kind == Kind::OpenBrace;
    token.first_on_line
        && token.kind.is_name()
        && operand
        && !next.first_on_line
        && keyword_position(tokens, index)
        && index
            .checked_sub(1)
            .is_none_or(|before| !matches!(tokens[before].kind, Kind::Comma | Kind::Or | Kind::And))
}

/// The `///` comment before the next token.
pub(super) fn docs<'s>() -> Boxed<'s, Vec<Text>> {
    by_hand(|input: &mut Ref<'s, '_>| {
        let next = peek(input);
        let before = (next.index as usize).checked_sub(1);
        let from = before.map_or(0, |before| input.full_slice()[before].comments);
        let state = input.state();
        let (source, all) = (state.source, state.comments);
        let comments = all.get(from as usize..next.comments as usize).unwrap_or_default();
        let count = comments.iter().rev().take_while(|comment| comment.doc).count();
        let docs = comments[comments.len() - count..].iter().map(|comment| {
            let line = source[comment.span.range()].trim_start_matches('/');
            Text {
                value: SmolStr::new(line.strip_prefix(' ').unwrap_or(line).trim_end()),
                span: comment.span,
            }
        });
        Ok(docs.collect())
    })
}

/// The place of what a rule has read.
pub(super) fn span<'s>(extra: &mut MapExtra<'s, '_, Input<'s>, Extra<'s>>) -> Span {
    match extra.slice() {
        [first, .., last] => first.span.to(last.span),
        [only] => only.span,
        [] => Span::default(),
    }
}
