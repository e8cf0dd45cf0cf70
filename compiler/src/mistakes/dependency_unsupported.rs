//! E0006: dependencies aren't supported yet.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0006", include_str!("../../../docs/diagnostics/E0006.md"));

/// `[dependencies]` are part of the language, but not of this compiler.
pub(crate) fn dependency(place: Location, name: &str) -> Diagnostic {
    let message = format!("the policy depends on `{name}`, but dependencies aren't supported yet");
    CODE.at(place, message, "can't be used yet").help("copy the declarations that you need into this project")
}

#[cfg(test)]
mod tests {
    use crate::check;
    use crate::source::{MANIFEST, Project, SourceFile};

    #[test]
    fn e0006_names_the_dependency() {
        let text =
            "[policy]\nname = \"a\"\nedition = \"2026\"\n[dependencies]\nbase = { path = \"../base\" }\n";
        let files = vec![SourceFile::new("a.comity", "class service\n")];
        let found = check(&Project::new(SourceFile::new(MANIFEST, text), files)).diagnostics;
        let one = found.iter().find(|one| one.code.as_str() == "E0006").expect("E0006");
        assert!(one.message.contains("`base`"), "{}", one.message);
    }
}
