//! E0803: the file of a model isn't there, or not in the project.

use super::prelude::*;
use crate::source::Unread;

pub(super) const CODE: Code = Code::new("E0803", include_str!("../../../docs/diagnostics/E0803.md"));

/// A model whose file nobody could read.
pub(crate) fn unread(place: Location, path: &str, unread: &Unread) -> Diagnostic {
    match unread {
        Unread::Missing | Unread::NoProject => missing(place, path, &[]),
        Unread::MissingAmong(files) => missing(place, path, files),
        Unread::Outside if path.starts_with('/') => CODE
            .at(place, format!("`{path}` begins at the root of this machine"), "not within the project")
            .help("the path of a model begins at the project's folder: `models/likely.txt`"),
        Unread::Outside => CODE
            .at(place, format!("`{path}` is outside the project's folder"), "not in the project")
            .help("a model travels with the policy that asks it: copy it into the project's folder"),
        Unread::Failed(reason) => CODE.at(place, format!("`{path}` can't be read: {reason}"), "not readable"),
    }
}

/// A file that isn't there, and what else there is.
fn missing(place: Location, path: &str, files: &[String]) -> Diagnostic {
    const NAMED: usize = 4;
    const SAVE: &str = "save the model there; the path begins at the project's folder";
    let problem = CODE.at(place, format!("there is no file `{path}`"), "not found");
    let name = |path: &'_ str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let elsewhere: Vec<&str> =
        files.iter().map(String::as_str).filter(|file| name(file) == name(path)).collect();
    let meant = match elsewhere.as_slice() {
        [only] => Some(format!("did you mean `{only}`?")),
        _ => closest(path, files.iter().map(String::as_str)).map(|meant| meant.question()),
    };
    if let Some(question) = meant {
        return problem.help(question);
    }
    match files {
        [] => problem.help(SAVE),
        [only] => problem.help(format!("there is `{only}`")).help(SAVE),
        few if few.len() <= NAMED => {
            problem.help(format!("there are {}", named(few.iter().map(String::as_str), "and"))).help(SAVE)
        }
        many => {
            let first: Vec<String> = many[..NAMED].iter().map(|file| quoted(file)).collect();
            problem.help(format!("there are {}, …", first.join(", "))).help(SAVE)
        }
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
        let among = |files: &[&str]| {
            let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
            let mut project = project(MODEL);
            project.read_models(&mut |_| Err(Unread::MissingAmong(files.clone())));
            let found = crate::check(&project).diagnostics;
            found.into_iter().find(super::is).map(|one| one.help.join("; ")).unwrap_or_default()
        };
        assert_eq!(among(&["models/m.txt", "n.json"]), "did you mean `models/m.txt`?");
        assert_eq!(among(&["mm.txt", "likely.json"]), "did you mean `mm.txt`?");
        let save = "save the model there; the path begins at the project's folder";
        assert_eq!(among(&[]), save);
        assert_eq!(among(&["likely.json"]), format!("there is `likely.json`; {save}"));
        assert_eq!(
            among(&["a/likely.json", "b/other.json"]),
            format!("there are `a/likely.json` and `b/other.json`; {save}")
        );
        let many = ["a/one.json", "b/two.json", "c/three.json", "d/four.json", "e/five.json"];
        assert_eq!(
            among(&many),
            format!("there are `a/one.json`, `b/two.json`, `c/three.json`, `d/four.json`, …; {save}")
        );
        assert_eq!(says(Unread::Outside), "`m.txt` is outside the project's folder");
        assert_eq!(says(Unread::Failed("it is a folder".into())), "`m.txt` can't be read: it is a folder");
    }
}
