//! What the parser says about broken files. Each snapshot shows the texts and, under each, all its errors.

use comity_grammar::tree::DeclarationKind;
use comity_grammar::{SyntaxError, parse};
use std::fmt::Write;
use std::path::Path;

fn line_and_column(text: &str, at: u32) -> (usize, usize) {
    let before = &text[..at as usize];
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, text[line..at as usize].chars().count() + 1)
}

fn text_at(text: &str, span: comity_grammar::Span) -> String {
    let before = text[..span.start as usize].chars().next_back().filter(|_| span.start == span.end);
    before.into_iter().chain(text[span.range()].chars()).collect()
}

fn show(text: &str, error: &SyntaxError) -> String {
    let (line, column) = line_and_column(text, error.span.start);
    let place = text[error.span.range()].lines().next().unwrap_or_default();
    let mut shown = format!("{line}:{column} {:?} `{place}`\n    {}\n", error.kind, error.message);
    if let Some(help) = &error.help {
        let _ = writeln!(shown, "    help: {help}");
    }
    if let Some((span, instead)) = &error.mend {
        let _ = writeln!(shown, "    mend: `{}` becomes `{instead}`", text_at(text, *span));
    }
    for (span, label) in &error.labels {
        let (line, column) = line_and_column(text, span.start);
        let _ = writeln!(shown, "    {line}:{column}: {label}");
    }
    shown
}

#[test]
fn errors_speak_the_authors_language() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/invalid");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut shown = String::new();
        for text in std::fs::read_to_string(&path).unwrap().trim_end().split("\n----\n") {
            let parsed = parse(text);
            assert!(!parsed.errors.is_empty(), "{text}");
            let _ = writeln!(shown, "{text}");
            for error in &parsed.errors {
                let _ = write!(shown, "  > {}", show(text, error));
            }
            shown.push('\n');
        }
        insta::assert_snapshot!(format!("errors_{name}"), shown);
    }
}

/// One broken message leaves the rest of the file fully understood.
#[test]
fn a_mistake_stays_in_its_declaration() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let good = std::fs::read_to_string(root.join("valid/every_declaration.comity")).unwrap();
    let expected = parse(&good).file.declarations.len();
    for path in std::fs::read_dir(root.join("invalid")).unwrap() {
        let snippets = std::fs::read_to_string(path.unwrap().path()).unwrap();
        for broken in snippets.trim_end().split("\n----\n") {
            let alone = parse(broken);
            let both = parse(&format!("{broken}\n{good}"));
            // What was found at the end of the file differs; nothing else does.
            let kinds = |errors: &[SyntaxError]| errors.iter().map(|error| error.kind).collect::<Vec<_>>();
            assert_eq!(kinds(&both.errors), kinds(&alone.errors), "{broken}");
            assert_eq!(both.file.declarations.len(), alone.file.declarations.len() + expected, "{broken}");
            let read = both.file.declarations[alone.file.declarations.len()..].iter();
            assert!(read.clone().all(|one| !matches!(one.kind, DeclarationKind::Error)), "{broken}");
        }
    }
}
