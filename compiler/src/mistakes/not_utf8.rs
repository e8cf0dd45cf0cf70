//! E0002: a file is not UTF-8 text.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0002", include_str!("../../../docs/diagnostics/E0002.md"));

/// A file whose bytes aren't text; the place is that of the first byte that isn't.
pub(crate) fn file(path: &str, place: Location) -> Diagnostic {
    CODE.at(place, format!("`{path}` is not UTF-8 text"), "the first byte that isn't")
        .help("save the file as UTF-8; an editor that shows it as Latin-1 or Windows-1252 can convert it")
}

/// A file that begins like UTF-16.
pub(crate) fn utf16(path: &str, place: Location) -> Diagnostic {
    CODE.at(place, format!("`{path}` is UTF-16 text, and a policy is UTF-8"), "the mark of UTF-16")
        .help("save the file as UTF-8: where a file is saved, editors ask for its encoding; Notepad called UTF-16 \"Unicode\"")
}

/// Whether nothing is known of a file but this.
pub(crate) fn is(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == CODE
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

    #[test]
    fn of_what_cannot_be_read_only_that_is_said() {
        let bytes: Vec<u8> = "\u{feff}let a = 5\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let project = Project::single(SourceFile::from_bytes("a.comity", &bytes));
        let found = check(&project).diagnostics;
        let said: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(said, ["`a.comity` is UTF-16 text, and a policy is UTF-8"]);
    }
}
