//! E0003: the project has no policy.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0003", include_str!("../../../docs/diagnostics/E0003.md"));

/// A project without a single policy file.
pub(crate) fn project() -> Diagnostic {
    CODE.project("the project has no policy: there is no file that ends in `.comity`")
        .help("write a first one beside `comity.toml`, or begin with `comity new NAME`")
}

#[cfg(test)]
mod tests {
    use crate::check;
    use crate::source::{MANIFEST, Project, SourceFile};

    #[test]
    fn e0003_is_about_the_project() {
        let manifest = SourceFile::new(MANIFEST, "[policy]\nname = \"a\"\nedition = \"2026\"\n");
        let found = check(&Project::new(manifest, Vec::new())).diagnostics;
        let codes: Vec<&str> = found.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["E0003"]);
        assert_eq!(found[0].location(), None);
    }
}
