//! E0803: the file of a model isn't there, or not in the project.

use super::prelude::*;
use crate::source::Unread;

pub(super) const CODE: Code = Code::new("E0803", include_str!("../../../docs/diagnostics/E0803.md"));

/// A model whose file nobody could read.
pub(crate) fn unread(place: Location, path: &str, unread: &Unread) -> Diagnostic {
    match unread {
        Unread::Missing | Unread::NoProject => CODE
            .at(place, format!("there is no file `{path}`"), "not found")
            .help("save the model there; the path begins at the project's folder"),
        Unread::Outside if path.starts_with('/') => CODE
            .at(place, format!("`{path}` begins at the root of this machine"), "not within the project")
            .help("the path of a model begins at the project's folder: `models/likely.txt`"),
        Unread::Outside => CODE
            .at(place, format!("`{path}` is outside the project's folder"), "not in the project")
            .help("a model travels with the policy that asks it: copy it into the project's folder"),
        Unread::Failed(reason) => CODE.at(place, format!("`{path}` can't be read: {reason}"), "not readable"),
    }
}

/// Whether it says that a model's file isn't there.
#[cfg(test)]
pub(crate) fn is(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == CODE
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;
    use crate::source::Unread;

    #[test]
    fn a_file_that_nobody_could_read() {
        with_vocabulary(
            r#"model m from "models/other.txt" { format lightgbm feature x = profile.score }
//           ^^^^^^^^^^^^^^^^^^ E0803
"#,
        );
        let says = |unread: Unread| {
            let mut project = project(MODEL);
            project.read_models(&mut |_| Err(unread.clone()));
            let found = crate::check(&project).diagnostics;
            found.iter().find(|one| super::is(one)).map(|one| one.message.clone()).unwrap_or_default()
        };
        // Where the path says it already, nobody is asked for the file.
        for path in ["../m.txt", "models/../../m.txt", "/etc/passwd", "C:/m.txt", "..\\m.txt"] {
            let written = path.replace('\\', "\\\\");
            let mut project = project(&MODEL.replace("m.txt", &written));
            project.read_models(&mut |asked| panic!("{asked} was asked for"));
            let found = crate::check(&project).diagnostics;
            assert!(
                found.iter().any(|one| super::is(one)
                    && (one.message.contains("is outside") || one.message.contains("begins at the root"))),
                "{found:?}"
            );
        }
        const MODEL: &str = "model m from \"m.txt\" { format lightgbm feature x = 1 }";
        assert_eq!(says(Unread::Missing), "there is no file `m.txt`");
        assert_eq!(says(Unread::Outside), "`m.txt` is outside the project's folder");
        assert_eq!(says(Unread::Failed("it is a folder".into())), "`m.txt` can't be read: it is a folder");
    }
}
