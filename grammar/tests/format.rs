//! The formatter: it only moves tokens, a second run changes nothing, and comments stay.

use comity_grammar::token::Kind;
use comity_grammar::{format, parse};
use std::path::{Path, PathBuf};

/// All policies of a folder and, of files of snippets, each snippet.
fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut texts = Vec::new();
    for folder in ["valid", "messy", "snippets"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            texts.extend(text.split("\n----\n").map(|part| (path.clone(), part.to_owned())));
        }
    }
    texts.sort();
    texts
}

/// The tokens that a layout has to keep: all but commas before a closing bracket.
fn kept(text: &str) -> Vec<String> {
    let tokens = parse(text).tokens;
    let mut kept = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let last = tokens.get(index + 1).is_some_and(|next| next.kind.closes());
        if !(token.kind == Kind::Comma && last) {
            kept.push(text[token.span.range()].to_owned());
        }
    }
    kept
}

fn comments(text: &str) -> Vec<String> {
    parse(text).comments.iter().map(|comment| text[comment.span.range()].trim_end().to_owned()).collect()
}

fn check(path: &Path, text: &str) {
    let Ok(formatted) = format(text) else { return };
    let place = path.display();
    assert_eq!(kept(text), kept(&formatted), "{place} lost tokens:\n{formatted}");
    assert_eq!(comments(text), comments(&formatted), "{place} lost comments:\n{formatted}");
    let again = format(&formatted).unwrap_or_else(|errors| panic!("{place}: {errors:?}\n{formatted}"));
    if let Some((first, second)) =
        formatted.lines().zip(again.lines()).find(|(first, second)| first != second)
    {
        panic!("{place} isn't stable: {first:?} becomes {second:?} in\n{formatted}");
    }
    assert_eq!(formatted, again, "{place} isn't stable");
    assert!(!formatted.contains("\n\n\n") && !formatted.contains(" \n"), "{place}:\n{formatted}");
}

/// The examples are what newcomers see first: they stand as the formatter lays them out.
#[test]
fn examples_are_formatted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "comity") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert_eq!(format(&text).unwrap(), text, "{}", path.display());
            }
        }
    }
}

#[test]
fn layout_keeps_tokens_and_comments_and_is_stable() {
    for (path, text) in texts() {
        check(&path, &text);
    }
}

/// Line breaks and comments between any two tokens.
#[test]
fn any_place_of_comments_and_breaks_is_stable() {
    for (path, text) in texts() {
        let parsed = parse(&text);
        if !parsed.errors.is_empty() || text.len() > 6000 {
            continue;
        }
        for (position, between) in ["\n", " // c\n", "\n// c\n", "\n\n// c\n\n"].iter().enumerate() {
            let mut spread = String::new();
            for (index, token) in parsed.tokens.iter().enumerate() {
                spread.push_str(&text[token.span.range()]);
                // Not everywhere, so that bodies on one line occur as well.
                spread.push_str(if (index + position) % 5 == 0 { between } else { " " });
            }
            check(&path, &spread);
        }
    }
}

#[test]
fn a_messy_file_is_laid_out() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/messy/layout.comity");
    insta::assert_snapshot!(format(&std::fs::read_to_string(path).unwrap()).unwrap());
}

#[test]
fn the_spec_keeps_its_layout() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/valid");
    for name in ["journeys", "experiments", "tests", "consent"] {
        let text = std::fs::read_to_string(root.join(format!("{name}.comity"))).unwrap();
        assert_eq!(format(&text).unwrap(), text, "{name}");
    }
}

/// One that is too wide for a line gets several: its neighbours aren't aligned with it, neither now nor when read again.
#[test]
fn rows_are_aligned_without_the_ones_that_are_spread() {
    let list = (0..12).map(|index| format!("attribute_{index}: int")).collect::<Vec<_>>().join(", ");
    let text = format!("event a {{ b: int }}\nevent of_a_long_name {{ {list} }}\nevent abc {{ d: int }}\n");
    let formatted = format(&text).unwrap();
    let lines: Vec<&str> = formatted.lines().collect();
    assert_eq!(lines[0], "event a   { b: int }");
    assert_eq!(lines[1], "event of_a_long_name {");
    assert_eq!(lines.last(), Some(&"event abc { d: int }"));
    check(Path::new("rows"), &text);
}

#[test]
fn an_element_too_wide_for_any_line_is_left_whole() {
    let name = "a".repeat(120);
    let text = format!("message m {{ via {name}, b content {name} {{ text \"t\" }} }}\n");
    assert!(format(&text).unwrap().contains(&format!("{name},\n")));
    check(Path::new("wide"), &text);
}

#[test]
fn a_file_with_errors_is_left_alone() {
    assert_eq!(format("let a =").unwrap_err().len(), 1);
    assert_eq!(format("").unwrap(), "");
    assert_eq!(format("\u{feff}let  a=1").unwrap(), "let a = 1\n");
}
