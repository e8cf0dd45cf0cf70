//! E0005: there is no such edition.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0005", include_str!("../../../docs/diagnostics/E0005.md"));

/// An edition that this compiler doesn't know, or none of text.
pub(crate) fn edition(place: Location, written: Option<&str>, known: &str) -> Diagnostic {
    let message = match written {
        Some(other) => format!("there is no edition \"{other}\" of the language"),
        None => "the edition is a text".to_owned(),
    };
    let right = format!("\"{known}\"");
    CODE.at(place, message, "not an edition that this compiler knows")
        .help(format!("write `edition = {right}`"))
        .replace(place, right)
}

#[cfg(test)]
mod tests {
    use crate::check;
    use crate::source::{MANIFEST, Project, SourceFile};

    #[test]
    fn e0005_is_mended_by_the_edition_there_is() {
        for written in ["2026", "\"2027\""] {
            let text = format!("[policy]\nname = \"a\"\nedition = {written}\n");
            let files = vec![SourceFile::new("a.comity", "class service\n")];
            let found = check(&Project::new(SourceFile::new(MANIFEST, text), files)).diagnostics;
            let one = found.iter().find(|one| one.code.as_str() == "E0005").expect("E0005");
            assert_eq!(one.fix.as_ref().map(|fix| fix.edits[0].text.as_str()), Some("\"2026\""));
        }
    }
}
