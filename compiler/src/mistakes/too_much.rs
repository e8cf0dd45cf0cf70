//! E0007: a file or a project that is too large to be read by anyone.

use super::prelude::*;
use crate::limits::{DECLARATIONS, FILE_SIZE, PROJECTS};

pub(super) const CODE: Code = Code::new("E0007", include_str!("../../../docs/diagnostics/E0007.md"));

/// A file of too many bytes.
pub(crate) fn file(path: &str, bytes: usize) -> Diagnostic {
    let size = bytes.div_ceil(1024 * 1024);
    CODE.project(format!("`{path}` has {size} MiB, and a policy file has at most {}", FILE_SIZE >> 20))
        .help("is it a policy? Lists of values belong into the profile, and many messages into many files")
}

/// A project of too many declarations.
pub(crate) fn declarations(count: usize) -> Diagnostic {
    CODE.project(format!("the project has {count} declarations, and at most {DECLARATIONS} are read"))
        .help("split it into projects of their own")
}

/// Too many projects that depend on one another.
pub(crate) fn projects() -> Diagnostic {
    CODE.project(format!(
        "the policy is made of more than {PROJECTS} projects, and at most {PROJECTS} are read"
    ))
    .help("put what belongs together into one project")
}

/// Whether a diagnostic is this one: then nothing else is looked at.
pub(crate) fn is(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == CODE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;
    use crate::source::{Project, SourceFile};

    fn messages(text: String) -> Vec<String> {
        let project = Project::single(SourceFile::new("a.comity", text));
        check(&project).diagnostics.into_iter().map(|one| format!("{} {}", one.code, one.message)).collect()
    }

    #[test]
    fn e0007_is_all_that_is_said_of_a_huge_file() {
        let comment = "// nothing\n".repeat(FILE_SIZE / 11);
        assert!(messages(comment.clone()).iter().all(|message| !message.starts_with("E0007")));
        assert_eq!(
            messages(comment + "// a word too much\n"),
            ["E0007 `a.comity` has 9 MiB, and a policy file has at most 8"]
        );
    }

    #[test]
    fn e0007_is_all_that_is_said_of_too_many_declarations() {
        assert_eq!(
            messages("class a\n".repeat(DECLARATIONS + 1)),
            ["E0007 the project has 50001 declarations, and at most 50000 are read"]
        );
    }
}
