//! `comity.pest` is the norm: it accepts exactly what the parser reads without an error.

#![allow(missing_docs)] // The rules are documented in the grammar itself.
#![allow(unreachable_pub)] // Two files here are also modules of `comity-tests`.

#[path = "norm/generate.rs"]
mod generate;
// What the tests of the whole hold for true as well.
#[path = "../../tests/src/mutate.rs"]
mod mutate;
#[path = "../../tests/src/properties.rs"]
mod properties;

use comity_grammar::{Token, parse};
use pest::Parser;
use std::path::{Path, PathBuf};

#[derive(pest_derive::Parser)]
#[grammar = "comity.pest"]
struct Norm;

fn norm(text: &str) -> Result<(), String> {
    Norm::parse(Rule::file, text).map(|_| ()).map_err(|error| error.to_string())
}

/// Says where the two disagree about a text.
fn disagreement(text: &str) -> Option<String> {
    let errors = parse(text).errors;
    match (norm(text), errors.first()) {
        (Ok(()), Some(error)) => Some(format!("only the norm accepts it; the parser says {error:?}")),
        (Err(error), None) => Some(format!("only the parser accepts it; the norm says {error}")),
        (Ok(()), None) => properties::layout(text),
        _ => None,
    }
}

/// All policies below a folder.
fn policies(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            found.extend(policies(&path));
        } else if path.extension().is_some_and(|extension| extension == "comity") {
            found.push((path.clone(), std::fs::read_to_string(path).unwrap()));
        }
    }
    found
}

fn fixtures() -> Vec<(PathBuf, String)> {
    policies(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"))
}

fn examples() -> Vec<(PathBuf, String)> {
    policies(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples"))
}

/// A fixture of `snippets/` holds many small texts, separated by lines of `----`.
fn snippets() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/snippets");
    let mut snippets = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        snippets.extend(text.split("\n----\n").map(|snippet| (name.clone(), snippet.to_owned())));
    }
    snippets.sort();
    snippets
}

#[test]
fn they_agree_on_files() {
    for (path, text) in fixtures().into_iter().chain(examples()) {
        if let Some(difference) = disagreement(&text) {
            panic!("{}: {difference}", path.display());
        }
    }
}

#[test]
fn they_agree_on_snippets() {
    let mut wrong = Vec::new();
    for (name, text) in snippets() {
        if let Some(difference) = disagreement(&text) {
            wrong.push(format!("{name}: {text}\n  {difference}"));
        } else if parse(&text).errors.is_empty() != (name == "accepted") {
            wrong.push(format!("not {name}: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{} snippets:\n{}", wrong.len(), wrong.join("\n"));
}

/// A sequence of numbers that is the same in every run.
struct Sequence(u64);

impl Sequence {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % below
    }
}

/// Declarations of the valid fixtures, so that a mutation is soon tried.
fn declarations() -> Vec<String> {
    let mut all = Vec::new();
    for (_, text) in fixtures() {
        let parsed = parse(&text);
        if parsed.errors.is_empty() {
            all.extend(parsed.file.declarations.iter().map(|one| text[one.span.range()].to_owned()));
        }
    }
    all
}

#[test]
fn they_agree_on_mutations() {
    let declarations = declarations();
    let every: Vec<Vec<Token>> = declarations.iter().map(|text| parse(text).tokens).collect();
    let words: Vec<&str> = declarations
        .iter()
        .zip(&every)
        .flat_map(|(text, tokens)| tokens.iter().map(|token| &text[token.span.range()]))
        .filter(|word| !word.is_empty())
        .collect();
    let rounds = std::env::var("COMITY_MUTATIONS").map_or(40, |rounds| rounds.parse().unwrap());
    let mut random = Sequence(1);
    let mut wrong = Vec::new();
    for _ in 0..rounds {
        for (text, tokens) in declarations.iter().zip(&every) {
            let mutated = mutate::mutate(text, tokens, &words, &mut |below| random.next(below));
            if let Some(difference) = disagreement(&mutated) {
                wrong.push(format!("{mutated}\n  {difference}"));
            }
        }
        if wrong.len() > 20 {
            break;
        }
    }
    assert!(wrong.is_empty(), "{} mutations:\n{}", wrong.len(), wrong.join("\n"));
}

/// Programs made from the norm, and each once more with a few tokens changed.
#[test]
fn they_agree_on_generated_programs() {
    let grammar = generate::Grammar::read();
    let count: u64 = std::env::var("COMITY_PROGRAMS").map_or(1500, |count| count.parse().unwrap());
    let mut wrong = Vec::new();
    let (mut tried, mut accepted) = (0, 0);
    let mut all = String::new();
    for seed in 0..count {
        let mut random = Sequence(seed);
        random.next(2);
        // Of most one declaration, of some a file of several.
        let text = grammar.text(if seed % 8 == 0 { "file" } else { "declaration" }, &mut random);
        // The norm tries all ways, and there are more of them the deeper brackets are nested.
        if text.len() > 300 || text.matches(['(', '[']).count() > 4 {
            continue;
        }
        tried += 1;
        accepted += u64::from(norm(&text).is_ok());
        let tokens = parse(&text).tokens;
        let words = mutate::words(&text, &tokens);
        let mutated = mutate::mutate(&text, &tokens, &words, &mut |below| random.next(below));
        for text in [&text, &mutated] {
            if let Some(difference) = disagreement(text) {
                wrong.push(format!("seed {seed}: {text}\n  {difference}"));
            }
        }
        all = text;
        if wrong.len() > 10 {
            break;
        }
    }
    assert!(wrong.is_empty(), "{} programs:\n{}", wrong.len(), wrong.join("\n"));
    println!("{tried} programs tried, {accepted} of them accepted");
    assert!(tried > count / 2 && accepted > tried / 2, "{tried} programs, {accepted} accepted, not\n{all}");
}

/// Deletes, inserts or replaces single characters: what the tokens are must agree as well.
#[test]
fn they_agree_on_mutated_characters() {
    let characters: Vec<char> = "{}()[],:.?=!<>+-*/%\"\\_ \n\tazAZ09TZé'\u{feff}&;#$".chars().collect();
    let rounds = std::env::var("COMITY_MUTATIONS").map_or(10, |rounds| rounds.parse().unwrap());
    let texts: Vec<String> =
        declarations().into_iter().chain(snippets().into_iter().map(|(_, text)| text)).collect();
    let mut random = Sequence(2);
    let mut wrong = Vec::new();
    for _ in 0..rounds {
        for text in texts.iter().filter(|text| text.len() < 400) {
            let mut mutated: Vec<char> = text.chars().collect();
            for _ in 0..=random.next(2) {
                let at = random.next(mutated.len() + 1);
                let character = characters[random.next(characters.len())];
                match random.next(3) {
                    0 if at < mutated.len() => drop(mutated.remove(at)),
                    1 if at < mutated.len() => mutated[at] = character,
                    _ => mutated.insert(at, character),
                }
            }
            let mutated: String = mutated.into_iter().collect();
            if let Some(difference) = disagreement(&mutated) {
                wrong.push(format!("{mutated}\n  {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} mutations:\n{}", wrong.len(), wrong.join("\n"));
}
