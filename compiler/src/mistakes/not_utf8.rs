//! E0002: a file is not UTF-8 text.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0002", include_str!("../../../docs/diagnostics/E0002.md"));

/// A file whose bytes aren't text; the place is that of the first byte that isn't.
pub(crate) fn file(path: &str, place: Location) -> Diagnostic {
    CODE.at(place, format!("`{path}` is not UTF-8 text"), "the first byte that isn't")
        .help("save the file as UTF-8; an editor that shows it as Latin-1 or Windows-1252 can convert it")
}

#[cfg(test)]
mod tests {
    use crate::check;
    use crate::source::{Project, SourceFile};

    #[test]
    fn e0002_names_the_byte() {
        let project = Project::single(SourceFile::from_bytes("a.comity", b"let a = \"gr\xfc\xdfe\"\n"));
        let found = check(&project).diagnostics;
        let one = found.iter().find(|one| one.code.as_str() == "E0002").expect("E0002");
        assert_eq!(one.location().map(|at| at.span.start), Some(11));
    }
}
