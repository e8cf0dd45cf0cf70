//! The parser: chumsky's rules over the tokens.
//!
//! It never fails. Before it runs, all groups are closed (see `token::balance`); what can't be read within a
//! group is left out up to where the next declaration, property, statement, row or field begins, and reported
//! once. `comity.pest` is the same grammar in its normative form.
//!
//! Most texts have no mistake. So each is read with expressions taken [straight ahead](straight) first, which is three
//! times as fast and can't say what is wrong; where it doesn't get through, all is read anew by rules that can.

mod ahead;
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
mod straight;
mod test;

use crate::token::{Balanced, Comment, Kind, Lexed, Token, balance, lex};
use crate::tree::{Declaration, DeclarationKind, Expr, File, Literal, Occurrence, Path};
use crate::{Span, SyntaxError};
pub use basic::NESTING;
use basic::*;
pub use declaration::DECLARATIONS;
use fault::{Fault, Label, Want};
pub use message::MESSAGE_PROPERTIES;
use std::cell::OnceCell;

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
    /// Whether it is for texts without mistakes only.
    straight: bool,
    expression: Boxed<'s, Expr>,
    occurrence: Boxed<'s, Occurrence>,
    trigger: Boxed<'s, Occurrence>,
}

impl<'s> Grammar<'s> {
    /// That whose expressions are read [straight ahead](straight), or the one that can say what is wrong.
    fn new(straight: bool) -> Self {
        let expression = if straight { straight::expression() } else { expression::expression() };
        let occurrence = history::occurrence(expression.clone());
        let trigger = history::trigger(occurrence.clone());
        let trigger = if straight { ahead::trigger(trigger) } else { trigger };
        Grammar { straight, expression, occurrence, trigger }
    }

    /// One of some rules, each of which begins with a word of its own, or another rule.
    fn one_of<O: 's>(&self, rules: Vec<(Kind, Boxed<'s, O>)>, other: Boxed<'s, O>) -> Boxed<'s, O> {
        if !self.straight {
            let rules: Vec<_> = rules.into_iter().map(|(_, rule)| rule).chain([other]).collect();
            return choice(rules).boxed();
        }
        let rules = std::rc::Rc::new(rules);
        by_hand(move |input| {
            let next = peek(input).kind;
            let rule = rules.iter().find(|(kind, _)| *kind == next).map_or(&other, |(_, rule)| rule);
            input.parse(rule)
        })
    }

    /// The name of a declaration.
    fn path(&self, label: Label) -> Boxed<'s, Path> {
        if self.straight { ahead::path() } else { path(label) }
    }

    /// One or several.
    fn paths(&self, label: Label) -> Boxed<'s, Vec<Path>> {
        if self.straight { ahead::paths() } else { bare_list(path(label)) }
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

fn file<'s>(straight: bool) -> Boxed<'s, File> {
    let grammar = Grammar::new(straight);
    let unwanted = by_hand(|input| Err(Fault::expected(peek(input), Want::A(Label::Declaration))));
    let error = skip_declaration().map(|_| DeclarationKind::Error);
    let kind = declaration::declaration(&grammar, unwanted).recover_with(via_parser(error));
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

/// So many bytes are read faster than a thread is begun and the rules are made for it.
const WORTH_A_THREAD: usize = 1 << 17;

/// As deep as the deepest nesting that is read needs.
const STACK: usize = 8 << 20;

/// Reads many files: large ones on several threads. What comes out doesn't depend on that.
pub fn parse_all(texts: &[&str]) -> Vec<Parsed> {
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let most = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let parts = parts(texts, (bytes / WORTH_A_THREAD).min(most));
    std::thread::scope(|scope| {
        let begun: Vec<_> = parts
            .iter()
            .skip(1)
            .map(|part| {
                let thread = std::thread::Builder::new().stack_size(STACK);
                (*part, thread.spawn_scoped(scope, || parse_some(part)).ok())
            })
            .collect();
        let mut parsed = parse_some(parts.first().copied().unwrap_or_default());
        for (part, thread) in begun {
            // Where there are no threads, this one does it.
            let read = thread.and_then(|thread| thread.join().ok());
            parsed.extend(read.unwrap_or_else(|| parse_some(part)));
        }
        parsed
    })
}

/// The files in so many parts of about as many bytes each, in their order.
fn parts<'t, 's>(texts: &'t [&'s str], count: usize) -> Vec<&'t [&'s str]> {
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let each = bytes.div_ceil(count.max(1));
    let mut parts = Vec::new();
    let (mut first, mut size) = (0, 0);
    for (position, text) in texts.iter().enumerate() {
        size += text.len();
        if size >= each {
            parts.push(&texts[first..=position]);
            (first, size) = (position + 1, 0);
        }
    }
    parts.extend((first < texts.len()).then(|| &texts[first..]));
    parts
}

/// Reads some files. The rules are made once for all of them, which takes longer than reading a small file by them.
fn parse_some(texts: &[&str]) -> Vec<Parsed> {
    // The rules know how long tokens live, so there is room for all of them first.
    let lexed: Vec<OnceCell<Lexed>> = texts.iter().map(|_| OnceCell::new()).collect();
    let balanced: Vec<OnceCell<Balanced<'_>>> = texts.iter().map(|_| OnceCell::new()).collect();
    let rules = Rules { straight: file(true), thorough: OnceCell::new() };
    let files = texts.iter().zip(&lexed).zip(&balanced);
    let read = files.map(|((text, lexed), balanced)| {
        let lexed = lexed.get_or_init(|| lex(text));
        let balanced = balanced.get_or_init(|| balance(text, &lexed.tokens, declaration::starts));
        read(&rules, text, lexed, balanced)
    });
    let read: Vec<(File, Vec<SyntaxError>)> = read.collect();
    drop(rules);
    let parsed = |((file, errors), lexed): ((File, Vec<SyntaxError>), OnceCell<Lexed>)| {
        let Lexed { tokens, comments, .. } = lexed.into_inner().unwrap_or_default();
        Parsed { file, errors, tokens, comments }
    };
    read.into_iter().zip(lexed).map(parsed).collect()
}

/// The rules of files.
struct Rules<'s> {
    /// For files without errors.
    straight: Boxed<'s, File>,
    /// For all others, once there is one.
    thorough: OnceCell<Boxed<'s, File>>,
}

fn read<'s>(
    rules: &Rules<'s>,
    text: &'s str,
    lexed: &'s Lexed,
    balanced: &'s Balanced<'s>,
) -> (File, Vec<SyntaxError>) {
    let read = |rules: &Boxed<'s, File>, wary| {
        let (source, comments, pieces) = (text, &*lexed.comments, &*lexed.pieces);
        let mut state = State { source, comments, pieces, depth: 0, wary };
        rules.parse_with_state(&balanced.tokens, &mut state).into_output_errors()
    };
    let mut errors = lexed.errors.clone();
    errors.extend(balanced.errors.clone());
    let mut found = None;
    if errors.is_empty() {
        found = Some(read(&rules.straight, false)).filter(|(_, faults)| faults.is_empty());
    }
    let (tree, faults) = found.unwrap_or_else(|| read(rules.thorough.get_or_init(|| file(false)), true));
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
    (tree.unwrap_or_default(), errors)
}
