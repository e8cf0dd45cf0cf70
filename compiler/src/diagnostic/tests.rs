//! Each code has a page, and the page is true: its bad example has the mistake, its good one has none.

use super::*;
use crate::check;
use crate::source::{MANIFEST, Project, SourceFile};
use std::collections::BTreeSet;

/// Codes whose mistake can't be shown as a text.
const WITHOUT_EXAMPLES: [&str; 2] = ["E0002", "E0003"];

/// The language and the text of the example below a heading.
fn example(page: &str, heading: &str) -> Option<(String, String)> {
    let rest = page.split(&format!("## {heading}\n")).nth(1)?;
    let (language, rest) = rest.split_once("```")?.1.split_once('\n')?;
    Some((language.to_owned(), rest.split("```").next()?.to_owned()))
}

fn project((language, text): (String, String)) -> Project {
    match language.as_str() {
        "toml" => Project::new(SourceFile::new(MANIFEST, text), vec![SourceFile::new("a.comity", "")]),
        _ => Project::single(SourceFile::new("a.comity", text)),
    }
}

#[test]
fn pages_are_true() {
    let mut wrong = Vec::new();
    for (code, page) in CODES {
        assert!(page.starts_with(&format!("# {code}: ")), "{code} has another title");
        if WITHOUT_EXAMPLES.contains(code) {
            continue;
        }
        let (Some(bad), Some(good)) = (example(page, "Bad"), example(page, "Good")) else {
            wrong.push(format!("{code}: no examples"));
            continue;
        };
        let (bad, good) = (project(bad), project(good));
        let found = check(&bad).diagnostics;
        let errors = found.iter().filter(|one| one.severity == Severity::Error || one.code.as_str() == *code);
        let shown: Vec<String> = errors.clone().map(|one| render(&bad, one)).collect();
        if shown.len() != 1 || errors.clone().any(|one| one.code.as_str() != *code) {
            wrong.push(format!("{code}: the bad example gives {} errors\n{}", shown.len(), shown.join("\n")));
        }
        for one in check(&good).diagnostics {
            if one.severity == Severity::Error || one.code.as_str() == *code {
                wrong.push(format!("{code}: the good example gives {}", render(&good, &one)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every code that the compiler can give is registered, and every registered code can be given.
#[test]
fn codes_and_pages_match() {
    let mut used = BTreeSet::new();
    let mut open = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("diagnostic/code.rs")
            && !path.ends_with("tests.rs")
        {
            let text = std::fs::read_to_string(path).unwrap();
            used.extend(text.split('"').filter(|word| is_code(word)).map(str::to_owned));
        }
    }
    let registered: BTreeSet<String> = CODES.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(used, registered);
    assert!(CODES.is_sorted_by(|a, b| a.0 < b.0));
    assert_eq!(explain("e0101"), explain("E0101"));
    assert!(explain("E0101").is_some() && explain("E9999").is_none());
}

fn is_code(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 5 && matches!(bytes[0], b'E' | b'W') && bytes[1..].iter().all(u8::is_ascii_digit)
}
