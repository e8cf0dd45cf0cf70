//! What follows from a mistake of syntax and is no mistake of its own.
//!
//! What couldn't be read may have declared something, or said something of what it declared. So a diagnostic is left
//! out where it lies in the part that couldn't be read, where it misses a name that this part may have declared, and
//! where it speaks of a declaration that is not whole.

use crate::checked::Location;
use crate::diagnostic::{Diagnostic, Label};
use crate::ids::FileId;
use crate::mistakes;
use crate::source::Project;
use comity_grammar::token::Kind;
use comity_grammar::{Parsed, Span, Token, tree};
use std::collections::BTreeSet;
use tree::DeclarationKind as Declared;

/// What isn't known for sure, because it couldn't be read.
#[derive(Default)]
struct Unread<'t> {
    /// Properties, or declarations without any.
    parts: Vec<(FileId, Span)>,
    /// The words of these.
    torn: BTreeSet<&'t str>,
    /// Names of declarations that are not whole.
    broken: BTreeSet<&'t str>,
    /// Names that may have been declared there.
    lost: BTreeSet<&'t str>,
    /// Declarations that are not whole.
    declarations: Vec<(FileId, Span)>,
    /// Those of them whose properties say something of one another.
    rules: Vec<(FileId, Span)>,
    /// What such declarations declare, where they have no name: anything may be one.
    nameless: BTreeSet<&'t str>,
    /// The words that such declarations begin with.
    keywords: BTreeSet<&'t str>,
}

/// What is left of the diagnostics when those are taken away that follow from mistakes of syntax.
pub(super) fn left_out(
    found: Vec<Diagnostic>,
    mistakes: &[Diagnostic],
    project: &Project,
    files: &[Parsed],
    trees: &[tree::File],
) -> Vec<Diagnostic> {
    let mut unread = Unread::default();
    for mistake in mistakes {
        let Some(at) = mistake.location() else { continue };
        let index = at.file.index();
        let (Some(parsed), Some(tree)) = (files.get(index), trees.get(index)) else { continue };
        let Some((_, text)) = project.file(at.file) else { continue };
        // What isn't a declaration clouds none.
        if !mistakes::no_declaration::is(mistake) {
            // What begins last before the mistake holds it, even if its span ends where reading failed.
            let unit = units(tree)
                .filter(|unit| unit.start <= at.span.start)
                .max_by_key(|unit| (unit.start, unit.end));
            let part = unit.map_or(at.span, |unit| unit.to(at.span));
            // What is left over at the end of a line may have been meant for what stands before it.
            let ahead = units(tree).filter(|unit| unit.end <= part.start).max_by_key(|unit| unit.end);
            let ahead = ahead.filter(|ahead| {
                let between = text.get(ahead.end as usize..part.start as usize).unwrap_or_default();
                mistakes::no_property::is(mistake) && between.trim().is_empty() && !between.contains('\n')
            });
            let part = ahead.map_or(part, |ahead| ahead.to(part));
            unread.parts.push((at.file, part));
            unread.torn.extend(words(text.get(part.range()).unwrap_or_default()));
        }
        unread.names(at.file, text, tree, &parsed.tokens, at.span);
    }
    found.into_iter().filter(|one| !unread.explains(one, project)).collect()
}

impl<'t> Unread<'t> {
    /// Notes the names around a mistake: those of the declaration that holds it, and what stands before it where
    /// nothing is declared.
    fn names(&mut self, file: FileId, text: &'t str, tree: &tree::File, tokens: &[Token], mistake: Span) {
        let declarations = &tree.declarations;
        let next = declarations.partition_point(|one| one.span.start <= mistake.start);
        let Some(last) = next.checked_sub(1) else { return };
        // What doesn't fit behind a declaration belongs to it.
        let first_on_line =
            tokens.iter().any(|token| token.span.start == mistake.start && token.first_on_line);
        let behind = declarations[last].kind == Declared::Error && !first_on_line;
        let start = declarations[last.saturating_sub(usize::from(behind))].span.start;
        let end = declarations.get(next).map_or(u32::MAX, |one| one.span.start);
        let tokens: Vec<Token> =
            tokens.iter().filter(|token| (start..end).contains(&token.span.start)).copied().collect();
        let word = |token: &Token| text.get(token.span.range()).unwrap_or_default();
        match (tokens.first(), tokens.get(1)) {
            (Some(first), _) if !first.kind.begins_declaration() => {}
            (Some(_), Some(second)) if second.kind.is_word() => drop(self.broken.insert(word(second))),
            (Some(first), _) => drop(self.nameless.insert(word(first))),
            _ => {}
        }
        let keyword = tokens.iter().take(2).find(|token| token.kind.begins_declaration());
        self.keywords.extend(keyword.map(word));
        let whole = (file, Span { start, end: tokens.last().map_or(start, |last| last.span.end) });
        self.declarations.push(whole);
        // Statements stand on their own.
        if !keyword.is_some_and(|keyword| matches!(keyword.kind, Kind::Journey | Kind::Test)) {
            self.rules.push(whole);
        }
        let names = tokens.iter().filter(|token| token.kind.is_word() && !token.kind.begins_declaration());
        self.lost.extend(names.map(word));
    }

    /// Whether a diagnostic follows from what couldn't be read.
    fn explains(&self, one: &Diagnostic, project: &Project) -> bool {
        let Some(at) = one.location() else { return false };
        let holds = |place: Location, within: &[(FileId, Span)]| {
            within.iter().any(|(file, span)| {
                *file == place.file && span.start <= place.span.start && place.span.end <= span.end
            })
        };
        if holds(at, &self.parts) {
            return true;
        }
        let within = holds(at, &self.declarations);
        let declared = |label: &&Label| label.text.starts_with("declared");
        if one.labels.iter().filter(declared).any(|label| holds(label.location, &self.declarations)) {
            return true;
        }
        if !within && self.keywords.iter().any(|keyword| mistakes::follows_from(keyword, one)) {
            return true;
        }
        let text = project.file(at.file).and_then(|(_, text)| text.get(at.span.range())).unwrap_or_default();
        let mut words = words(text);
        if mistakes::is_about_a_name(one) {
            return !within && words.any(|word| self.lost.contains(word))
                || words_before_quote(&one.message).any(|word| self.nameless.contains(word))
                || self.quoted(&one.message, &self.broken);
        }
        // A declaration that isn't whole may say what it seems to lack.
        let lacks = one.message.split('`').rev().nth(1).unwrap_or_default();
        let said = match mistakes::property_missing::is(one) {
            true => self.torn.contains(lacks),
            false => PROPERTIES.iter().any(|property| self.torn.contains(property)),
        };
        holds(at, &self.rules) && said && !mistakes::is_about_a_type(one)
            || words.any(|word| self.broken.contains(word))
            || self.quoted(&one.message, &self.broken)
            || one.help.iter().any(|help| help.starts_with("declare ") && self.quoted(help, &self.lost))
    }

    /// Whether a sentence names one of these in its backticks.
    fn quoted(&self, sentence: &str, names: &BTreeSet<&str>) -> bool {
        sentence.split('`').skip(1).step_by(2).flat_map(words).any(|word| names.contains(word))
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// What a message says is missing: "there is no event `x`", "there is no `x`".
fn words_before_quote(message: &str) -> impl Iterator<Item = &str> {
    let kind = message.split('`').next().unwrap_or_default();
    let named = words(kind);
    let bare = ["let", "segment", "table", "enum", "model", "experiment"];
    let any = kind.trim() == "there is no";
    named.chain(bare.into_iter().filter(move |_| any))
}

/// What a message says of itself, and other properties are looked at with.
const PROPERTIES: [&str; 4] = ["content", "via", "at", "on"];

/// Declarations and their properties.
fn units(tree: &tree::File) -> impl Iterator<Item = Span> + '_ {
    let read = tree.declarations.iter().filter(|declaration| declaration.kind != Declared::Error);
    read.flat_map(|declaration| {
        let properties: Vec<Span> = match &declaration.kind {
            Declared::Profile(node) => node.attributes.iter().map(|one| one.span).collect(),
            Declared::EveryMessage(node) => node.attributes.iter().map(|one| one.span).collect(),
            Declared::Event(node) => node.fields.iter().map(|one| one.span).collect(),
            Declared::Table(node) => node.rows.iter().map(|one| one.span).collect(),
            Declared::Channel(node) => node.properties.iter().map(|one| one.span).collect(),
            Declared::Placement(node) => node.properties.iter().map(|one| one.span).collect(),
            Declared::Purpose(node) => node.rules.iter().map(|one| one.span).collect(),
            Declared::Message(node) => node.properties.iter().map(|one| one.span).collect(),
            Declared::Arbitrate(node) => node.properties.iter().map(|one| one.span).collect(),
            Declared::Experiment(node) => node.properties.iter().map(|one| one.span).collect(),
            Declared::Model(node) => node.properties.iter().map(|one| one.span).collect(),
            Declared::Journey(node) => {
                let properties = node.properties.iter().map(|one| one.span);
                properties.chain(node.body.iter().map(|one| one.span)).collect()
            }
            Declared::Test(node) => node.statements.iter().map(|one| one.span).collect(),
            _ => Vec::new(),
        };
        std::iter::once(declaration.span).chain(properties)
    })
}
