//! Errors of syntax as diagnostics.

use crate::diagnostic::Diagnostic;
use crate::ids::FileId;
use crate::mistakes;
use crate::source::SourceFile;
use comity_grammar::Parsed;

/// What is wrong with the syntax of a file. Of one that isn't UTF-8 only that is said.
pub(super) fn problems(id: FileId, file: &SourceFile, parsed: &Parsed) -> Vec<Diagnostic> {
    match file.is_utf8() {
        true => parsed.errors.iter().map(|error| mistakes::of_syntax(id, error)).collect(),
        false => Vec::new(),
    }
}
