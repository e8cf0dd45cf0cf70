//! How well one mistake is survived: a token of a policy without errors is deleted, inserted or swapped with the
//! next one, and what the checker then says is counted.

use comity_compiler::check;
use comity_compiler::diagnostic::{Severity, render};
use comity_compiler::source::{Project, SourceFile};
use comity_grammar::{Span, parse};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What is inserted, in turn.
const INSERTED: [&str; 32] = [
    "{", "}", "(", ")", "[", "]", ",", ":", "=", "=>", ".", "..", "?", "==", "-", "\"x\"", "3", "7d",
    "20 EUR", "15%", "10:00", "when", "and", "not", "where", "message", "class", "via", "purpose",
    "nonsense", "Tier", "profile",
];

/// A way to spoil a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edit {
    /// A token is left out.
    Delete,
    /// A foreign token stands before one.
    Insert,
    /// A token and the next one have changed places.
    Swap,
}

/// What one edit led to.
pub struct Case {
    /// What was done.
    pub edit: Edit,
    /// Whether the text can't be read any more; else only its meaning is wrong, or it is another policy.
    pub syntax: bool,
    /// How many errors there are.
    pub errors: usize,
    /// How many of them lie in declarations that weren't touched.
    pub elsewhere: usize,
    /// The errors, as they are shown.
    pub shown: String,
}

/// The projects that are spoiled: examples, and the fixtures that check without errors.
///
/// # Panics
/// Where they can't be read.
pub fn projects() -> Vec<(String, Vec<SourceFile>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found: BTreeMap<PathBuf, Vec<SourceFile>> = BTreeMap::new();
    for file in policies(&root.join("examples")) {
        let text = std::fs::read_to_string(&file).expect("a policy");
        let folder = file.parent().expect("it is in a folder").to_owned();
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        found.entry(folder).or_default().push(SourceFile::new(name, text));
    }
    for folder in ["grammar/tests/fixtures/valid", "compiler/src", "docs"] {
        for file in policies(&root.join(folder)) {
            let text = std::fs::read_to_string(&file).expect("a policy");
            found.entry(file).or_default().push(SourceFile::new("policy.comity", text));
        }
    }
    let named = found.into_iter().map(|(path, files)| {
        let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
        (name, files)
    });
    named.filter(|(_, files)| errors(&project(files)).is_empty()).collect()
}

fn policies(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(policies(&path));
        } else if path.extension().is_some_and(|extension| extension == "comity") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn project(files: &[SourceFile]) -> Project {
    let manifest = SourceFile::new("comity.toml", "[policy]\nname = \"spoiled\"\nedition = \"2026\"\n");
    let mut project = Project::new(manifest, files.to_vec());
    project.read_models(&mut crate::model);
    project
}

/// The errors, each with the file (by position) and the place that it points at.
fn errors(project: &Project) -> Vec<(usize, Span, String)> {
    let found = check(project).diagnostics.into_iter().filter(|one| one.severity == Severity::Error);
    let placed = found.map(|one| {
        let shown = render(project, &one);
        let at = one.location();
        (at.map_or(usize::MAX, |at| at.file.index()), at.map(|at| at.span).unwrap_or_default(), shown)
    });
    placed.collect()
}

/// Spoils each file of a project at those places for which `chosen` holds of their numbers.
///
/// # Panics
/// Where the checker panics.
pub fn spoil(files: &[SourceFile], chosen: impl Fn(usize) -> bool, found: &mut Vec<Case>) {
    // Files have their positions in the order of their paths.
    let mut files = files.to_vec();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    for at in 0..files.len() {
        let text = files[at].text.clone();
        let parsed = parse(&text);
        let tokens: Vec<Span> =
            parsed.tokens.iter().map(|token| token.span).filter(|span| span.start < span.end).collect();
        let declarations: Vec<Span> = parsed.file.declarations.iter().map(|one| one.span).collect();
        for (index, token) in tokens.iter().enumerate() {
            for (which, edit) in [Edit::Delete, Edit::Insert, Edit::Swap].into_iter().enumerate() {
                if !chosen(index * 3 + which) {
                    continue;
                }
                let Some((range, with)) = replacement(&text, &tokens, index, edit) else { continue };
                let mut spoiled = text.clone();
                spoiled.replace_range(range.clone(), &with);
                files[at].text = spoiled;
                let touched = Span::new(range.start, range.end.max(token.end as usize));
                let shift = with.len() as i64 - range.len() as i64;
                let untouched = |span: Span| {
                    declarations.iter().any(|one| {
                        let shift = if one.start >= touched.end { shift } else { 0 };
                        let (start, end) = (i64::from(one.start) + shift, i64::from(one.end) + shift);
                        let apart = one.end < touched.start || touched.end < one.start;
                        apart && start <= i64::from(span.start) && i64::from(span.start) < end
                    })
                };
                let project = project(&files);
                let errors = errors(&project);
                let elsewhere =
                    errors.iter().filter(|(file, span, _)| *file != at || untouched(*span)).count();
                let syntax = !parse(&files[at].text).errors.is_empty();
                let shown = errors.iter().map(|(_, _, shown)| shown.as_str()).collect();
                found.push(Case { edit, syntax, errors: errors.len(), elsewhere, shown });
            }
        }
        files[at].text = text;
    }
}

/// What stands instead of which part of the text.
fn replacement(
    text: &str,
    tokens: &[Span],
    index: usize,
    edit: Edit,
) -> Option<(std::ops::Range<usize>, String)> {
    let token = tokens[index];
    match edit {
        // Its neighbours stay apart.
        Edit::Delete => Some((token.range(), " ".to_owned())),
        Edit::Insert => {
            let start = token.start as usize;
            Some((start..start, format!("{} ", INSERTED[(index * 7 + index / 5) % INSERTED.len()])))
        }
        Edit::Swap => {
            let next = tokens.get(index + 1)?;
            let (first, second) = (&text[token.range()], &text[next.range()]);
            let between = &text[token.end as usize..next.start as usize];
            let range = token.start as usize..next.end as usize;
            (first != second).then(|| (range, format!(" {second} {between} {first} ")))
        }
    }
}

/// Of the cases of which something holds that are wrong at all: the share, in percent, with at most two errors, and
/// of those with an error in a declaration that wasn't touched.
pub fn shares(cases: &[Case], of: impl Fn(&Case) -> bool) -> (f64, f64) {
    let wrong: Vec<&Case> = cases.iter().filter(|case| of(case) && case.errors > 0).collect();
    let share = |count: usize| 100.0 * count as f64 / wrong.len().max(1) as f64;
    let few = wrong.iter().filter(|case| case.errors <= 2).count();
    let elsewhere = wrong.iter().filter(|case| case.elsewhere > 0).count();
    (share(few), share(elsewhere))
}

/// The figures of some cases, as a table.
pub fn table(cases: &[Case]) -> String {
    let mut out =
        String::from("                        cases  valid   one   two  more  at most two  elsewhere\n");
    let mut line = |name: &str, of: &dyn Fn(&Case) -> bool| {
        let cases: Vec<&Case> = cases.iter().filter(|case| of(case)).collect();
        let with = |errors: usize| cases.iter().filter(|case| case.errors == errors).count();
        let wrong = cases.len() - with(0);
        let more = wrong - with(1) - with(2);
        let share = 100.0 * (wrong - more) as f64 / wrong.max(1) as f64;
        let elsewhere = cases.iter().filter(|case| case.elsewhere > 0).count();
        let _ = writeln!(
            out,
            "{name:<22} {:>6} {:>6} {:>5} {:>5} {:>5} {share:>11.2}% {elsewhere:>10}",
            cases.len(),
            with(0),
            with(1),
            with(2),
            more
        );
    };
    for (kind, syntax) in [("syntax", true), ("meaning", false)] {
        for edit in [Edit::Delete, Edit::Insert, Edit::Swap] {
            line(&format!("{kind}, {edit:?}"), &|case: &Case| case.syntax == syntax && case.edit == edit);
        }
        line(&format!("{kind}, all"), &|case: &Case| case.syntax == syntax);
    }
    line("all", &|_| true);
    out
}
