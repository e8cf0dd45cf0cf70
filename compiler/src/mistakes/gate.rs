//! Each mistake has a file, a code, a page that is true, and tests; and nothing says a mistake but its file.

use super::*;
use crate::check;
use crate::diagnostic::{Severity, render};
use crate::source::{Folder, MANIFEST, Project, SourceFile, Unread};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Codes whose mistake can't be shown as a text.
const WITHOUT_EXAMPLES: [&str; 3] = ["E0002", "E0003", "E0007"];

/// What stands in the folder beside the mistakes.
const OTHERS: [&str; 6] = ["fixture", "found", "gate", "mod", "prelude", "syntax"];

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/diagnostics");

/// The language and the text of the example below a heading.
fn example(page: &str, heading: &str) -> Option<(String, String)> {
    let rest = page.split(&format!("## {heading}\n")).nth(1)?;
    let (language, rest) = rest.split_once("```")?.1.split_once('\n')?;
    Some((language.to_owned(), rest.split("```").next()?.to_owned()))
}

fn project((language, text): (String, String)) -> Project {
    match language.as_str() {
        "toml" => Project::gather(folder("retail", text), &mut |path| match path {
            "../shared-policy" => {
                Ok(folder(path, "[policy]\nname = \"shared\"\nedition = \"2026\"\n".to_owned()))
            }
            "../retail" => Ok(folder("retail", String::new())),
            _ => Err(Unread::Missing),
        }),
        _ => {
            let mut project = Project::single(SourceFile::new("a.comity", text));
            project.read_models(&mut model);
            project
        }
    }
}

/// The models that pages speak of.
fn model(path: &str) -> Result<Vec<u8>, Unread> {
    let whole = fixture::LIGHTGBM;
    match path {
        "models/conversion.txt" => Ok(whole.into()),
        "models/cut-short.txt" => Ok(whole[..whole.len() / 2].into()),
        "models/ranks.txt" => Ok(whole.replace("binary sigmoid:1", "lambdarank").into()),
        "models/too-large.txt" => Ok(whole.replace("num_leaves=3", "num_leaves=2000000").into()),
        _ => Err(Unread::Missing),
    }
}

/// The folder of a project with a policy that says nothing.
fn folder(identity: &str, manifest: String) -> Folder {
    let files = vec![SourceFile::new("a.comity", "")];
    Folder { identity: identity.to_owned(), manifest: SourceFile::new(MANIFEST, manifest), files }
}

/// The bad example of each page has the mistake and no other; the good one has none.
#[test]
fn pages_are_true() {
    let mut wrong = Vec::new();
    for code in CODES {
        let page = code.page();
        assert!(page.starts_with(&format!("# {code}: ")), "{code} has another title");
        if WITHOUT_EXAMPLES.contains(&code.as_str()) {
            continue;
        }
        let (Some(bad), Some(good)) = (example(page, "Bad"), example(page, "Good")) else {
            wrong.push(format!("{code}: no examples"));
            continue;
        };
        let (bad, good) = (project(bad), project(good));
        let found = check(&bad).diagnostics;
        let errors = found.iter().filter(|one| one.severity == Severity::Error || one.code == *code);
        let shown: Vec<String> = errors.clone().map(|one| render(&bad, one)).collect();
        if shown.len() != 1 || errors.clone().any(|one| one.code != *code) {
            wrong.push(format!("{code}: the bad example gives {} errors\n{}", shown.len(), shown.join("\n")));
        }
        for one in check(&good).diagnostics {
            if one.severity == Severity::Error || one.code == *code {
                wrong.push(format!("{code}: the good example gives {}", render(&good, &one)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The mend of a bad example leaves its mistake behind, and brings no other one.
#[test]
fn mends_of_pages_are_true() {
    let mut wrong = Vec::new();
    for code in CODES {
        let Some((language, text)) = example(code.page(), "Bad") else { continue };
        let bad = project((language.clone(), text.clone()));
        let found = check(&bad).diagnostics;
        let Some(fix) = found.iter().find(|one| one.code == *code).and_then(|one| one.fix.as_ref()) else {
            continue;
        };
        let mut mended = text;
        let mut edits = fix.edits.clone();
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.location.span.start));
        for edit in edits {
            mended.replace_range(edit.location.span.range(), &edit.text);
        }
        let left = project((language, mended));
        for one in check(&left).diagnostics.iter().filter(|one| one.severity == Severity::Error) {
            wrong.push(format!("{code}: {}", render(&left, one)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the bad example of each page looks like when it is checked.
#[test]
fn pages_as_they_are_shown() {
    let mut shown = String::new();
    for code in CODES {
        let Some(bad) = example(code.page(), "Bad") else { continue };
        let bad = project(bad);
        for one in check(&bad).diagnostics.iter().filter(|one| one.code == *code) {
            shown += &render(&bad, one);
            shown.push('\n');
        }
    }
    insta::assert_snapshot!(shown);
}

/// Messages, labels and helps of all bad examples keep to `docs/diagnostics/STYLE.md`, as far as a test can tell.
#[test]
fn messages_keep_to_the_style() {
    let jargon =
        ["token", "identifier", "operand", "argument", "invalid", "illegal", "mismatch", "please", "!"];
    let mut wrong = Vec::new();
    for code in CODES {
        let Some(bad) = example(code.page(), "Bad") else { continue };
        for one in check(&project(bad)).diagnostics.iter().filter(|one| one.code == *code) {
            let labels = one.labels.iter().map(|label| &label.text);
            for text in std::iter::once(&one.message).chain(labels).chain(&one.help) {
                // What stands in backquotes is the author's.
                let words: String = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
                let capital = words.starts_with(|first: char| first.is_uppercase());
                let said = jargon.iter().find(|word| words.contains(*word));
                if words.ends_with('.')
                    || said.is_some()
                    || (capital && !text.starts_with("Comity")) && !is_type(text)
                {
                    wrong.push(format!("{code}: {text}"));
                }
            }
            if one.labels.iter().filter(|label| label.primary).count() > 1 {
                wrong.push(format!("{code}: has two places"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Enums and currencies have capitals.
fn is_type(text: &str) -> bool {
    let first = text.split(' ').next().unwrap_or_default();
    first == "EUR" || first == "Tier"
}

/// The texts of the files in this folder that are about a mistake, by their names.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for path in under(&Path::new(SOURCES).join("mistakes"), "rs") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if !OTHERS.contains(&name.as_str()) {
            files.insert(name, fs::read_to_string(path).unwrap());
        }
    }
    files
}

fn under(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found
}

/// A file for each code and a code for each file; a page for each code and a code for each page; sorted.
#[test]
fn codes_files_and_pages_match() {
    assert!(CODES.is_sorted_by(|a, b| a < b), "the registry isn't sorted");
    let registered: BTreeSet<String> = CODES.iter().map(|code| code.to_string()).collect();
    let mut declared = BTreeSet::new();
    for (name, text) in files() {
        let codes: Vec<&str> =
            text.split("Code::new(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let [code] = codes[..] else { panic!("{name}.rs has {} codes", codes.len()) };
        assert!(text.starts_with(&format!("//! {code}: ")), "{name}.rs doesn't begin with its code");
        assert!(text.contains(&format!("docs/diagnostics/{code}.md")), "{name}.rs has another page");
        assert!(declared.insert(code.to_owned()), "{code} has two files");
    }
    assert_eq!(declared, registered);
    let pages: BTreeSet<String> = under(Path::new(PAGES), "md")
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| is_code(name))
        .collect();
    assert_eq!(pages, registered);
    assert_eq!(explain("e0101"), explain("E0101"));
    assert!(explain("E0101").is_some() && explain("E9999").is_none());
}

/// Codes are made and named in the files of their mistakes only.
#[test]
fn nothing_else_says_a_mistake() {
    let mistakes = Path::new(SOURCES).join("mistakes");
    let mut wrong = Vec::new();
    for path in under(Path::new(SOURCES), "rs") {
        if path.starts_with(&mistakes)
            || path.components().any(|part| part.as_os_str() == "tests")
            || path.ends_with("tests.rs")
        {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        if text.contains("Code::new(") || text.split('"').any(is_code) {
            wrong.push(path.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "codes are named in {}", wrong.join(", "));
}

/// Every file about a mistake has a test in which the mistake is made.
#[test]
fn every_mistake_is_tested() {
    let mut wrong = Vec::new();
    for (name, text) in files() {
        let tests = text.split_once("#[cfg(test)]\nmod tests {").map(|(_, tests)| tests);
        let code = text.get(4..9).unwrap_or_default();
        if !tests.is_some_and(|tests| tests.contains("#[test]") && tests.contains(code)) {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "without a test that names the code: {}", wrong.join(", "));
}

fn is_code(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 5 && matches!(bytes[0], b'E' | b'W') && bytes[1..].iter().all(u8::is_ascii_digit)
}
