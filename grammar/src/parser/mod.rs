//! The parser: chumsky's rules over the tokens.
//!
//! It never fails. Before it runs, all groups are closed (see `token::balance`); what can't be read within a
//! group is left out up to where the next declaration, property, statement, row or field begins, and reported
//! once. `comity.pest` is the same grammar in its normative form.

mod basic;
mod declaration;
mod expression;
mod fault;
mod habit;
mod hint;
mod history;
mod journey;
mod literal;
mod message;
mod rules;
mod test;

use crate::token::{Balanced, Comment, Kind, Lexed, Token, balance, lex};
use crate::tree::{Declaration, DeclarationKind, Expr, File, Literal, Occurrence};
use crate::{Span, SyntaxError};
pub use basic::NESTING;
use basic::*;
pub use declaration::DECLARATIONS;
use fault::{Fault, Label, Want};
pub use message::MESSAGE_PROPERTIES;

/// A file as the parser understands it.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// What was understood.
    pub file: File,
    /// All mistakes, in the order of the text.
    pub errors: Vec<SyntaxError>,
    /// All tokens; the last one is `End`.
    pub tokens: Vec<Token>,
    /// All comments.
    pub comments: Vec<Comment>,
}

/// Rules that many declarations share.
struct Grammar<'s> {
    expression: Boxed<'s, Expr>,
    occurrence: Boxed<'s, Occurrence>,
    trigger: Boxed<'s, Occurrence>,
}

impl<'s> Grammar<'s> {
    fn new() -> Self {
        let expression = expression::expression();
        let occurrence = history::occurrence(expression.clone());
        let trigger = history::trigger(occurrence.clone());
        Grammar { expression, occurrence, trigger }
    }

    /// `when E`, where it may stand.
    fn condition(&self) -> Boxed<'s, Option<Expr>> {
        maybe(Kind::When).ignore_then(self.expression.clone()).or_not().boxed()
    }

    /// `purchase within 7d`
    fn goal(&self) -> Boxed<'s, (Occurrence, Literal)> {
        self.occurrence.clone().then_ignore(just(Kind::Within)).then(literal::duration()).boxed()
    }
}

fn file<'s>() -> Boxed<'s, File> {
    let grammar = Grammar::new();
    let unwanted = by_hand(|input| Err(Fault::expected(peek(input), Want::A(Label::Declaration))));
    let error = skip_declaration().map(|_| DeclarationKind::Error);
    let kind = declaration::declaration(&grammar).or(unwanted).recover_with(via_parser(error));
    let declaration = docs()
        .then(kind.map_with(|kind, e| (kind, span(e))))
        .map(|(doc, (kind, span))| Declaration { doc, kind, span });
    let not_end = ahead(|first, _| first != Kind::End);
    not_end
        .ignore_then(declaration)
        .repeated()
        .collect()
        .map(|declarations| File { declarations })
        .then_ignore(by_hand(|input| {
            input.next_ref();
            Ok(())
        }))
        .boxed()
}

/// The words that begin a declaration, a property or a statement.
fn is_line_keyword(kind: Kind) -> bool {
    kind.begins_declaration()
        || message::is_property(kind)
        || journey::is_property(kind)
        || journey::is_statement(kind)
        || declaration::is_property(kind)
        || test::is_statement(kind)
}

/// Skips to the next declaration: one that isn't indented more than what is skipped.
fn skip_declaration<'s>() -> Boxed<'s, Span> {
    skip_while(|input, first, at| {
        let source = input.state().source;
        let tokens = input.full_slice();
        declaration::starts(tokens, at)
            && (!tokens[at].first_on_line
                || indentation(source, tokens[at].span) <= indentation(source, first.span))
    })
}

/// How far the line of a place is indented.
fn indentation(source: &str, at: Span) -> usize {
    let line = source[..at.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
    source[line..].bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Reads a file. Whatever is wrong with it, there is a tree.
pub fn parse(text: &str) -> Parsed {
    parse_all(&[text]).pop().unwrap_or_default()
}

/// Reads many files. The rules are made once for all of them, which takes longer than reading a small file by them.
pub fn parse_all(texts: &[&str]) -> Vec<Parsed> {
    let lexed: Vec<Lexed> = texts.iter().map(|text| lex(text)).collect();
    let pairs = texts.iter().zip(&lexed);
    let balanced: Vec<Balanced> =
        pairs.map(|(text, lexed)| balance(text, &lexed.tokens, declaration::starts)).collect();
    let rules = file();
    let files = texts.iter().zip(&lexed).zip(&balanced);
    files.map(|((text, lexed), balanced)| read(&rules, text, lexed, balanced)).collect()
}

fn read<'s>(rules: &Boxed<'s, File>, text: &'s str, lexed: &'s Lexed, balanced: &'s Balanced) -> Parsed {
    let read = |wary| {
        let (source, comments, pieces) = (text, &*lexed.comments, &*lexed.pieces);
        let mut state = State { source, comments, pieces, depth: 0, wary };
        rules.parse_with_state(&balanced.tokens, &mut state).into_output_errors()
    };
    let (mut tree, mut faults) = read(false);
    let mut errors = lexed.errors.clone();
    errors.extend(balanced.errors.clone());
    if !errors.is_empty() || !faults.is_empty() {
        (tree, faults) = read(true);
    }
    for fault in faults {
        let span = fault.span();
        // Tokens that are errors, and groups whose end is a guess, have been reported.
        let known = fault.error.is_none() && fault.found.kind == Kind::Error
            || balanced.guessed.iter().any(|group| group.start <= span.start && span.start < group.end);
        if !known {
            errors.push(fault.into_error(&balanced.tokens, text));
        }
    }
    // At one place there is one mistake: of several opinions the most definite.
    errors.sort_by_key(|error| (error.span.start, error.kind.is_vague(), error.span, error.kind));
    errors.dedup_by_key(|error| error.span.start);
    let file = tree.unwrap_or_default();
    Parsed { file, errors, tokens: lexed.tokens.clone(), comments: lexed.comments.clone() }
}
