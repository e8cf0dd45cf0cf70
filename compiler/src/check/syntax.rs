//! Errors of syntax as diagnostics.

use crate::diagnostic::Diagnostic;
use crate::ids::FileId;
use crate::mistakes;
use crate::source::SourceFile;
use comity_grammar::{Span, tree};
use tree::DeclarationKind as Declared;

/// The tree of a file and what is wrong with its syntax. Of a file that isn't UTF-8 only that is said.
pub(super) fn parse(id: FileId, file: &SourceFile) -> (tree::File, Vec<Diagnostic>) {
    let parsed = comity_grammar::parse(&file.text);
    let problems = match file.is_utf8() {
        true => parsed.errors.iter().map(|error| mistakes::of_syntax(id, error)).collect(),
        false => Vec::new(),
    };
    (parsed.file, problems)
}

/// What is left of the diagnostics when those are taken away that follow from a mistake of syntax: those in the
/// same property, or in the same declaration where it has no properties.
pub(super) fn without_consequences(
    found: Vec<Diagnostic>,
    mistakes: &[Diagnostic],
    trees: &[tree::File],
) -> Vec<Diagnostic> {
    let mut clouded: Vec<(FileId, Span)> = Vec::new();
    // What isn't a declaration clouds none.
    let inside = mistakes.iter().filter(|mistake| !mistakes::no_declaration::is(mistake));
    for at in inside.filter_map(Diagnostic::location) {
        let Some(tree) = trees.get(at.file.index()) else { continue };
        // What begins last before the mistake holds it, even if its span ends where reading failed.
        let unit =
            units(tree).filter(|unit| unit.start <= at.span.start).max_by_key(|unit| (unit.start, unit.end));
        clouded.push((at.file, unit.map_or(at.span, |unit| unit.to(at.span))));
    }
    let hidden = |one: &Diagnostic| {
        one.location().is_some_and(|at| {
            clouded.iter().any(|(file, span)| {
                *file == at.file && span.start <= at.span.start && at.span.end <= span.end
            })
        })
    };
    found.into_iter().filter(|one| !hidden(one)).collect()
}

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
