//! What the generators call well typed checks and has one layout, and the norm reads what the parser reads.

#![allow(missing_docs)] // The rules are documented in the grammar itself.

use comity_compiler::check;
use comity_compiler::diagnostic::{Diagnostic, Severity, render};
use comity_compiler::source::{Folder, Project, SourceFile, Unread};
use comity_grammar::{DECLARATIONS, Parsed, parse_all};
use comity_tests::generate::{Program, Random, policy, program};
use comity_tests::mutate::{mutate, words};
use comity_tests::{project, properties};
use pest::Parser as _;
use std::collections::BTreeMap;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/comity.pest"]
struct Norm;

/// So many small programs are tried, every one as it is, and many with some of their tokens changed.
const PROGRAMS: u64 = 10_000;

/// Of so many files one is laid out, of so many one is changed, and of so many changed ones one is checked as well.
const LAID_OUT: u64 = 4;
const CHANGED: u64 = 2;
const CHECKED: u64 = 8;

/// So many programs are read at once.
const BATCH: usize = 100;

#[test]
fn well_typed_policies_check() {
    for seed in 0..100 {
        let text = policy(&mut Random::new(seed));
        let before = project(&text);
        if let Some(wrong) = first_error(&before) {
            panic!("seed {seed}: {wrong}\n{text}");
        }
        if let Some(difference) = properties::layout(&text) {
            panic!("seed {seed}: {difference}");
        }
    }
}

#[test]
fn ten_thousand_programs() {
    let count = std::env::var("COMITY_PROGRAMS").map_or(PROGRAMS, |count| count.parse().expect("a number"));
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let work = |first: u64| {
        let seeds: Vec<u64> = (first..count).step_by(threads as usize).collect();
        let mut found = Found::default();
        seeds.chunks(BATCH).for_each(|seeds| found.try_programs(seeds));
        found
    };
    let found = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(move || work(first))).collect();
        workers.into_iter().fold(Found::default(), |all, worker| all.with(worker.join().expect("no panic")))
    });
    assert!(
        found.wrong.is_empty(),
        "{} programs:\n{}",
        found.wrong.len(),
        found.wrong[..found.wrong.len().min(5)].join("\n")
    );
    println!("{found:?}");
    for kind in DECLARATIONS {
        let times = found.kinds.get(kind).copied().unwrap_or_default();
        assert!(times * 100 > count, "`{kind}` is declared {times} times only");
    }
    assert!(found.changed_read * 20 > found.changed, "changes leave hardly anything that can be read");
}

#[derive(Debug, Default)]
struct Found {
    wrong: Vec<String>,
    /// Declarations, by their first words.
    kinds: BTreeMap<String, u64>,
    changed: u64,
    /// Changed texts that can still be read.
    changed_read: u64,
}

impl Found {
    fn with(mut self, other: Found) -> Found {
        self.wrong.extend(other.wrong);
        for (kind, times) in other.kinds {
            *self.kinds.entry(kind).or_default() += times;
        }
        self.changed += other.changed;
        self.changed_read += other.changed_read;
        self
    }

    fn try_programs(&mut self, seeds: &[u64]) {
        let mut texts: Vec<(u64, String)> = Vec::new();
        for seed in seeds {
            let program = program(&mut Random::new(*seed));
            if let Some(wrong) = first_error(&gather(&program)) {
                let texts: Vec<&str> =
                    program.base.iter().chain(&program.own).map(|(_, text)| text.as_str()).collect();
                self.wrong.push(format!("seed {seed}: {wrong}\n{}", texts.join("\n----\n")));
            }
            texts.extend(program.base.into_iter().chain(program.own).map(|(_, text)| (*seed, text)));
        }
        let parsed = parsed(&texts);
        let mut changed: Vec<(u64, String)> = Vec::new();
        for ((seed, text), parsed) in texts.iter().zip(&parsed) {
            for declaration in &parsed.file.declarations {
                let mut words = text[declaration.span.range()].split_whitespace();
                let word = words.find(|word| DECLARATIONS.contains(word)).unwrap_or_default();
                *self.kinds.entry(word.to_owned()).or_default() += 1;
            }
            self.judge(*seed, text, parsed, LAID_OUT);
            let mut random = Random::new(seed.wrapping_add(text.len() as u64));
            if random.once_in(CHANGED) {
                let all = words(text, &parsed.tokens);
                let below = &mut |below| random.below(below as u64) as usize;
                changed.push((*seed, mutate(text, &parsed.tokens, &all, below)));
            }
        }
        for ((seed, text), parsed) in changed.iter().zip(self::parsed(&changed)) {
            self.changed += 1;
            self.changed_read += u64::from(parsed.errors.is_empty());
            self.judge(*seed, text, &parsed, 1);
            if seed.is_multiple_of(CHECKED) {
                // Whatever is wrong with it, checking ends.
                check(&project(text));
            }
        }
    }

    /// The norm reads what the parser reads, and of so many texts one is laid out.
    fn judge(&mut self, seed: u64, text: &str, parsed: &Parsed, once_in: u64) {
        let wrong = disagreement(text, parsed).or_else(|| {
            let chosen = parsed.errors.is_empty() && seed.is_multiple_of(once_in);
            chosen.then(|| properties::layout(text)).flatten()
        });
        self.wrong.extend(wrong.map(|wrong| format!("seed {seed}: {wrong}\n{text}")));
    }
}

fn parsed(texts: &[(u64, String)]) -> Vec<Parsed> {
    parse_all(&texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>())
}

/// Where the norm and the parser disagree about a text.
fn disagreement(text: &str, parsed: &Parsed) -> Option<String> {
    match (Norm::parse(Rule::file, text), parsed.errors.first()) {
        (Ok(_), Some(error)) => Some(format!("only the norm accepts it; the parser says {error:?}")),
        (Err(error), None) => Some(format!("only the parser accepts it; the norm says {error}")),
        _ => None,
    }
}

fn first_error(project: &Project) -> Option<String> {
    let found = check(project).diagnostics;
    // Programs come without the files of their models: that one isn't there is true of each that declares any.
    let is_wrong = |one: &&Diagnostic| one.severity == Severity::Error && one.code.as_str() != "E0803";
    found.iter().find(is_wrong).map(|one| render(project, one))
}

fn gather(program: &Program) -> Project {
    let manifest = |rest: &str| {
        SourceFile::new("comity.toml", format!("[policy]\nname = \"p\"\nedition = \"2026\"\n{rest}"))
    };
    let folder = |identity: &str, manifest: SourceFile, files: &[(String, String)]| Folder {
        identity: identity.to_owned(),
        manifest,
        files: files.iter().map(|(path, text)| SourceFile::new(path.as_str(), text.as_str())).collect(),
    };
    let base = "[dependencies]\nbase = { path = \"../base\" }\n";
    let needs = if program.base.is_empty() { "" } else { base };
    Project::gather(folder(".", manifest(needs), &program.own), &mut |path| match path {
        "../base" => Ok(folder(path, manifest(""), &program.base)),
        _ => Err(Unread::Missing),
    })
}
