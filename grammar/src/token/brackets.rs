//! Brackets. The parser only ever sees groups that are closed: what is missing is put in, what is too much is
//! left out, and each is reported once.

use super::{Kind, Token};
use crate::{Span, SyntaxError, SyntaxErrorKind as E};
use std::borrow::Cow;

/// The tokens with every group closed.
#[derive(Debug, Default)]
pub(crate) struct Balanced<'t> {
    pub tokens: Cow<'t, [Token]>,
    pub errors: Vec<SyntaxError>,
    /// Groups `( )` and `[ ]` whose end is a guess: errors inside follow from it.
    pub guessed: Vec<Span>,
}

/// The first bracket without a partner, if there is one: for a text that is too short to guess in.
pub(crate) fn check(source: &str, tokens: &[Token]) -> Option<SyntaxError> {
    unclosed(tokens)?;
    balance(source, tokens, |_, _| false).errors.into_iter().next()
}

/// So many brackets without a partner are named; more tell nobody anything.
const REPORTED: usize = 20;

/// A body that begins at the end of a line isn't closed within a line: a `}` that does so is the one that closes
/// nothing, and not the last.
fn without_stray(tokens: &[Token], from: usize, stray: usize) -> Option<(Vec<Token>, SyntaxError)> {
    let mut stack: Vec<bool> = Vec::new();
    let at = (from..stray).find(|&index| {
        let token = tokens[index];
        if token.kind.opens() {
            stack.push(token.kind == Kind::OpenBrace && tokens[index + 1].first_on_line);
        }
        token.kind.closes() && stack.pop() == Some(true) && !token.first_on_line
    })?;
    let mut rest = tokens.to_vec();
    let token = rest.remove(at);
    Some((rest, stray_error(token)))
}

fn stray_error(token: Token) -> SyntaxError {
    let message = format!("this `{}` closes nothing", token.kind.text());
    SyntaxError::new(E::Unopened, token.span, message).help("leave it out").mend(token.span, "")
}

/// In a longer body nobody looks for a `{` that lacks.
const LONGEST_GUESS: usize = 500;

struct Open {
    token: Token,
    /// The column of the first token of its line.
    indent: usize,
    /// Whether it is the last one on its line.
    spread: bool,
    /// Whether nothing closes it.
    unclosed: bool,
}

/// Which tokens open a group that nothing closes; `None` where all is well.
fn unclosed(tokens: &[Token]) -> Option<Vec<bool>> {
    let mut stack: Vec<usize> = Vec::new();
    let mut unclosed = vec![false; tokens.len()];
    let mut well = true;
    for (index, token) in tokens.iter().enumerate() {
        if token.kind.opens() {
            stack.push(index);
        } else if token.kind.closes() {
            match stack.iter().rposition(|&open| tokens[open].kind.partner() == token.kind) {
                Some(depth) => {
                    for &open in &stack[depth + 1..] {
                        unclosed[open] = true;
                        well = false;
                    }
                    stack.truncate(depth);
                }
                None => well = false,
            }
        }
    }
    for &open in &stack {
        unclosed[open] = true;
        well = false;
    }
    (!well).then_some(unclosed)
}

/// Closes all groups. `starts` tells whether a declaration begins at a token of the list.
pub(crate) fn balance<'t>(
    source: &str,
    tokens: &'t [Token],
    starts: fn(&[Token], usize) -> bool,
) -> Balanced<'t> {
    let Some(unclosed) = unclosed(tokens) else {
        return Balanced { tokens: tokens.into(), ..Balanced::default() };
    };
    if let Some((whole, error)) = with_missing_opener(source, tokens, starts) {
        let unclosed = self::unclosed(&whole).unwrap_or_else(|| vec![false; whole.len()]);
        let mut balanced = close_groups(source, &whole, &unclosed, starts);
        balanced.errors.push(error);
        return balanced;
    }
    close_groups(source, tokens, &unclosed, starts)
}

fn close_groups(
    source: &str,
    tokens: &[Token],
    unclosed: &[bool],
    starts: fn(&[Token], usize) -> bool,
) -> Balanced<'static> {
    let mut balancer = Balancer {
        source,
        tokens: Vec::with_capacity(tokens.len()),
        errors: Vec::new(),
        guessed: Vec::new(),
        stack: Vec::new(),
        suspect: None,
        tidy: true,
    };
    let mut indent = 0;
    for (index, &token) in tokens.iter().enumerate() {
        if token.first_on_line {
            indent = column(source, token.span.start as usize);
            let declaration = indent == 0 && starts(tokens, index);
            balancer.line(token, indent, declaration);
            if declaration || index == 0 {
                let next = (index + 1..tokens.len()).find(|&next| {
                    tokens[next].first_on_line
                        && column(source, tokens[next].span.start as usize) == 0
                        && starts(tokens, next)
                });
                balancer.tidy = self::unclosed(&tokens[index..next.unwrap_or(tokens.len())]).is_none();
            }
        }
        match token.kind {
            Kind::End => {
                balancer.close_all(token);
                balancer.push(token);
            }
            kind if kind.opens() => {
                let spread = tokens.get(index + 1).is_some_and(|next| next.first_on_line);
                balancer.stack.push(Open { token, indent, spread, unclosed: unclosed[index] });
                balancer.push(token);
            }
            kind if kind.closes() => balancer.close(token, indent),
            _ => balancer.push(token),
        }
    }
    let Balancer { tokens, errors, guessed, .. } = balancer;
    Balanced { tokens: tokens.into(), errors, guessed }
}

/// Where one `}` closes nothing, and the lines tell which body it is the end of: the text with the `{` that lacks at
/// the end of the line above that body, and what is wrong.
fn with_missing_opener(
    source: &str,
    tokens: &[Token],
    starts: fn(&[Token], usize) -> bool,
) -> Option<(Vec<Token>, SyntaxError)> {
    let (mut stack, mut mixed): (Vec<Kind>, bool) = (Vec::new(), false);
    let stray = tokens.iter().position(|token| {
        if token.kind.opens() {
            stack.push(token.kind);
        }
        let open = if token.kind.closes() { stack.pop() } else { return false };
        // One that closes another kind of group is the mistake itself.
        mixed = open.is_some_and(|open| open.partner() != token.kind);
        mixed || open.is_none()
    })?;
    if mixed {
        return None;
    }
    if tokens[stray].kind != Kind::CloseBrace || !tokens[stray].first_on_line {
        return None;
    }
    let column_of = |index: usize| column(source, tokens[index].span.start as usize);
    let from =
        (0..stray).rev().find(|&index| starts(tokens, index) && column_of(index) == column_of(stray))?;
    let lines: Vec<usize> =
        (from..=stray).filter(|&index| index == from || tokens[index].first_on_line).collect();
    if lines.len() > LONGEST_GUESS {
        return None;
    }
    let header = lines.windows(2).position(|pair| {
        let (line, next) = (pair[0], pair[1]);
        let deeper = column_of(next) > column_of(line);
        let closed = lines.iter().find(|&&later| later > line && column_of(later) <= column_of(line));
        let closed = closed.is_some_and(|&later| tokens[later].kind == Kind::CloseBrace);
        // A header is words and perhaps a text: what ends in a mark goes on in the next line.
        let header = tokens[line..next].iter().all(|token| token.kind.is_word() || token.kind == Kind::Text);
        deeper && closed && header
    });
    let Some(header) = header else { return without_stray(tokens, from, stray) };
    let last = tokens[lines[header + 1] - 1];
    let opener = Token {
        kind: Kind::OpenBrace,
        first_on_line: false,
        span: Span { start: last.span.end, end: last.span.end },
        ..last
    };
    let mut whole = tokens.to_vec();
    whole.insert(lines[header + 1], opener);
    let message = format!("expected `{{` after `{}`", &source[last.span.range()]);
    Some((whole, SyntaxError::new(E::ExpectedToken, last.span, message)))
}

struct Balancer<'s> {
    source: &'s str,
    tokens: Vec<Token>,
    errors: Vec<SyntaxError>,
    guessed: Vec<Span>,
    stack: Vec<Open>,
    /// A `{` that was closed by a `}` of another indentation: where a missing `}` belongs.
    suspect: Option<Token>,
    /// Whether all brackets of the declaration at hand have their partners.
    tidy: bool,
}

impl Balancer<'_> {
    fn push(&mut self, token: Token) {
        let index = self.tokens.len() as u32;
        self.tokens.push(Token { index, ..token });
    }

    /// Closes what can't reach over the beginning of a line.
    fn line(&mut self, token: Token, indent: usize, declaration: bool) {
        if declaration {
            self.close_all(token);
        }
        while let Some(open) = self.stack.last() {
            // A `{` at the end of its line is closed by what stands no deeper than that line.
            let brace = open.token.kind == Kind::OpenBrace;
            let known = if brace { self.tidy || !open.spread } else { !open.unclosed };
            let ends =
                if token.kind.closes() { brace && indent < open.indent } else { indent <= open.indent };
            if known || !ends {
                break;
            }
            self.close_missing(token);
        }
        if self.stack.is_empty() {
            self.suspect = None;
        }
    }

    fn close_all(&mut self, before: Token) {
        // One brace too few moves all later ones: only the most likely place is named.
        let braces = self.stack.iter().filter(|open| open.token.kind == Kind::OpenBrace).count();
        let mut named = braces == 0;
        while let Some(open) = self.stack.last() {
            if open.token.kind == Kind::OpenBrace {
                let likely = if braces == 1 { self.suspect.unwrap_or(open.token) } else { open.token };
                if !named {
                    self.report(likely);
                    named = true;
                }
                self.insert_closer(before);
            } else {
                self.close_missing(before);
            }
        }
        self.suspect = None;
    }

    /// Closes the innermost group, which has no end, before a token.
    fn close_missing(&mut self, before: Token) {
        let Some(open) = self.stack.last().map(|open| open.token) else { return };
        let span = Span::new(open.span.start as usize, before.span.start as usize);
        self.report(open);
        if open.kind != Kind::OpenBrace {
            self.guessed.push(span);
        }
        self.insert_closer(before);
    }

    fn insert_closer(&mut self, before: Token) {
        let Some(open) = self.stack.pop() else { return };
        let end = self.tokens.last().map_or(before.span.start, |last| last.span.end);
        let span = Span { start: end, end };
        self.push(Token { kind: open.token.kind.partner(), first_on_line: false, span, ..before });
    }

    fn report(&mut self, open: Token) {
        if self.errors.len() >= REPORTED {
            return;
        }
        let mark = open.kind.text();
        let message = format!("`{mark}` opened here is never closed");
        let help = format!("add the missing `{}`", open.kind.partner().text());
        self.errors.push(SyntaxError::new(E::Unclosed, open.span, message).help(help));
    }

    fn stray(&mut self, token: Token) {
        if self.errors.len() < REPORTED {
            self.errors.push(stray_error(token));
        }
    }

    fn close(&mut self, token: Token, indent: usize) {
        let fits = |open: &Open| open.token.kind.partner() == token.kind;
        let Some(depth) = self.stack.iter().rposition(fits) else {
            return self.stray(token);
        };
        // A `)` doesn't reach over a `{` that is still open.
        let blocked = self.stack[depth + 1..].iter().any(|open| open.token.kind == Kind::OpenBrace);
        if blocked && token.kind != Kind::CloseBrace {
            return self.stray(token);
        }
        while self.stack.len() > depth + 1 {
            self.close_missing(token);
        }
        if let Some(open) = self.stack.pop()
            && token.kind == Kind::CloseBrace
            && token.first_on_line
            && open.indent != indent
            && self.source[open.token.span.start as usize..token.span.start as usize].contains('\n')
            && self.suspect.is_none()
        {
            self.suspect = Some(open.token);
        }
        self.push(token);
    }
}

fn column(source: &str, at: usize) -> usize {
    let line = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
    source[line..at].trim_start_matches('\u{feff}').len()
}
