//! Applies mechanical mends.

use crate::failure::{Failure, Result};
use crate::output;
use crate::project::{self, Loaded};
use comity_compiler::check;
use comity_compiler::diagnostic::{Diagnostic, Edit};
use comity_compiler::ids::FileId;
use std::collections::BTreeMap;
use std::path::Path;

/// A mend can uncover the next mistake; this many times is enough for any that were made by people.
const ROUNDS: usize = 16;

/// Applies the mends of a project's diagnostics and reads it again, until there are none. Also says how many
/// there were.
///
/// # Errors
/// Where the project has no files, or they can't be written.
pub(super) fn apply(path: &Path, mut loaded: Loaded) -> Result<(Loaded, usize)> {
    if path == Path::new(project::STDIN) {
        return Err(Failure::new("`--fix` needs files to write to, not standard input"));
    }
    let mut fixed = 0;
    for _ in 0..ROUNDS {
        let diagnostics = check(&loaded.project).diagnostics;
        let (edits, count) = choose(&loaded, &diagnostics);
        if count == 0 {
            break;
        }
        fixed += count;
        for (file, edits) in edits {
            write(&loaded, file, &edits)?;
        }
        loaded = project::load(path)?;
    }
    Ok((loaded, fixed))
}

/// The edits of each file by their places, and of how many mends they are. Of mends that touch each other the
/// first one is applied; the next round looks at what remains.
fn choose(loaded: &Loaded, diagnostics: &[Diagnostic]) -> (BTreeMap<FileId, Vec<Edit>>, usize) {
    let mut chosen: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    let mut count = 0;
    let files = loaded.project.files();
    // What isn't UTF-8 was read with losses: writing it back would make them final.
    let whole = |edit: &Edit| files.get(edit.location.file.index()).is_none_or(|file| file.is_utf8());
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

fn write(loaded: &Loaded, file: FileId, edits: &[Edit]) -> Result<()> {
    let Some((path, text)) = loaded.project.file(file) else { return Ok(()) };
    let Some(target) = loaded.path(path) else { return Ok(()) };
    output::write(&target, edited(text, edits).as_bytes())
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
