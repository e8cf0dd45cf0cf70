//! Applies mechanical mends.

use crate::failure::{Failure, Result};
use crate::output::NewFile;
use crate::project::{self, Loaded};
use comity_compiler::check;
use comity_compiler::diagnostic::{Diagnostic, Edit, Severity};
use comity_compiler::ids::FileId;
use comity_compiler::source::Project;
use std::collections::BTreeMap;
use std::path::Path;

/// A mend can uncover the next mistake; this many times is enough for any that were made by people.
const ROUNDS: usize = 16;

/// What came of the mends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// There was nothing to mend.
    Nothing,
    /// So many mends in so many files were written.
    Applied { mends: usize, files: usize },
    /// The policy would have been worse than before: nothing was written.
    Worse,
}

/// Applies the mends of a project's diagnostics until there are none, in memory; what comes out is written where it
/// is better than what there was.
///
/// # Errors
/// Where the project has no files, they have changed meanwhile, or they can't be written.
pub(super) fn apply(path: &Path, loaded: &mut Loaded) -> Result<Outcome> {
    if path == Path::new(project::STDIN) {
        return Err(Failure::new("`--fix` needs files to write to, not standard input"));
    }
    let mut project = loaded.project.clone();
    let mut diagnostics = check(&project).diagnostics;
    let before = weight(&diagnostics);
    let mut texts: BTreeMap<FileId, String> = BTreeMap::new();
    let mut mends = 0;
    for _ in 0..ROUNDS {
        let (edits, count) = choose(&project, &diagnostics);
        if count == 0 {
            break;
        }
        mends += count;
        for (file, edits) in edits {
            let text = project.file(file).map_or("", |(_, text)| text);
            let text = edited(text, &edits);
            texts.insert(file, text);
        }
        project = loaded.project.edited(&texts);
        diagnostics = check(&project).diagnostics;
    }
    if mends == 0 {
        return Ok(Outcome::Nothing);
    }
    if weight(&diagnostics) > before {
        return Ok(Outcome::Worse);
    }
    write(loaded, &texts)?;
    // A mend of `comity.toml` can lead to projects that weren't read before.
    *loaded = project::load(path)?;
    Ok(Outcome::Applied { mends, files: texts.len() })
}

/// How bad it is. A mistake of syntax hides others, so that fewer of them are better even if more is found then.
fn weight(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|one| one.severity == Severity::Error);
    let (syntax, rest): (Vec<_>, Vec<_>) = errors.partition(|one| one.is_of_syntax());
    (syntax.len(), rest.len())
}

/// The edits of each file by their places, and of how many mends they are. Of mends that touch each other the
/// first one is applied; the next round looks at what remains.
fn choose(project: &Project, diagnostics: &[Diagnostic]) -> (BTreeMap<FileId, Vec<Edit>>, usize) {
    let mut chosen: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    let mut count = 0;
    let files = project.files();
    // What isn't UTF-8 was read with losses: writing it back would make them final.
    let whole = |edit: &Edit| {
        let file = edit.location.file;
        // Another project is mended where it is at home.
        project.is_own(file) && files.get(file.index()).is_none_or(|file| file.is_utf8())
    };
    for fix in diagnostics.iter().filter_map(|diagnostic| diagnostic.fix.as_ref()) {
        let free = |edit: &Edit| {
            let others = chosen.get(&edit.location.file).map(Vec::as_slice).unwrap_or_default();
            others.iter().all(|other| apart(edit, other))
        };
        if !fix.edits.is_empty() && fix.edits.iter().all(|edit| whole(edit) && free(edit)) {
            count += 1;
            for edit in &fix.edits {
                chosen.entry(edit.location.file).or_default().push(edit.clone());
            }
        }
    }
    for edits in chosen.values_mut() {
        edits.sort_by_key(|edit| edit.location.span.start);
    }
    (chosen, count)
}

fn apart(a: &Edit, b: &Edit) -> bool {
    a.location.span.end < b.location.span.start || b.location.span.end < a.location.span.start
}

/// Writes all files beside their places before the first one is put in its own.
fn write(loaded: &Loaded, texts: &BTreeMap<FileId, String>) -> Result<()> {
    let mut written = Vec::new();
    for (file, text) in texts {
        let Some((path, read)) = loaded.project.file(*file) else { continue };
        let Some(target) = loaded.path(path) else { continue };
        if project::read(&target)? != read.as_bytes() {
            let message =
                format!("`{}` has changed while it was checked: nothing was written", target.display());
            return Err(Failure::new(message).help("run `comity check --fix` again"));
        }
        let mut new = NewFile::create(&target)?;
        new.write(text.as_bytes())?;
        written.push(new);
    }
    written.into_iter().try_for_each(NewFile::finish)
}

/// A text with edits, which are sorted and apart.
fn edited(text: &str, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        let range = edit.location.span.range();
        out.push_str(text.get(done..range.start).unwrap_or_default());
        out.push_str(&edit.text);
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}
