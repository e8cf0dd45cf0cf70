//! E0008: projects that depend on one another in a circle.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0008", include_str!("../../../docs/diagnostics/E0008.md"));

/// A project that leads back to itself, by these folders; the project that is checked has none.
pub(crate) fn circle(place: Location, way: &[String]) -> Diagnostic {
    let named = |folder: &String| match folder.as_str() {
        "" => "this project".to_owned(),
        folder => quoted(folder),
    };
    let problem = match way {
        [only] => {
            return CODE
                .at(place, format!("{} depends on itself", named(only)), "the project itself")
                .help("remove the line: a project's own names stand without anything in front");
        }
        [first, .., last] => {
            let between: Vec<String> = way[1..].iter().map(named).collect();
            let message = format!("{} and {} depend on each other", named(last), named(first));
            CODE.at(place, message, "leads back").help(format!(
                "{} depends on {}",
                named(first),
                between.join(", that one on ")
            ))
        }
        [] => CODE.at(place, "projects depend on one another in a circle", "leads back"),
    };
    problem.help("move what they share into a project of its own, on which they all depend")
}

#[cfg(test)]
mod tests {
    use crate::check;
    use crate::source::{Folder, MANIFEST, Project, SourceFile, Unread};

    /// What is wrong with projects in folders of one level, each with the one that it depends on; the first is checked.
    fn found(projects: &[(&str, &str)]) -> Vec<String> {
        let folder = |path: &str| {
            let (name, on) = projects.iter().find(|(name, _)| path.ends_with(name)).ok_or(Unread::Missing)?;
            let on = if on.is_empty() { String::new() } else { format!("next = {{ path = \"../{on}\" }}\n") };
            let text = format!("[policy]\nname = \"{name}\"\nedition = \"2026\"\n[dependencies]\n{on}");
            let files = vec![SourceFile::new("a.comity", "class service\n")];
            Ok(Folder { identity: (*name).to_owned(), manifest: SourceFile::new(MANIFEST, text), files })
        };
        let project = Project::gather(folder(projects[0].0).unwrap(), &mut |path| folder(path));
        let found = check(&project).diagnostics.into_iter().filter(|one| one.code.as_str() == "E0008");
        found
            .map(|one| {
                let at = one.location().and_then(|at| project.file(at.file)).map_or("", |(path, _)| path);
                format!("{at}: {}", one.message)
            })
            .collect()
    }

    #[test]
    fn e0008_finds_circles_of_any_length() {
        assert_eq!(found(&[("a", "a")]), ["comity.toml: this project depends on itself"]);
        let two = found(&[("a", "b"), ("b", "a")]);
        assert_eq!(two, ["../b/comity.toml: `../b` and this project depend on each other"]);
        let beyond = found(&[("a", "b"), ("b", "c"), ("c", "b")]);
        assert_eq!(beyond, ["../c/comity.toml: `../c` and `../b` depend on each other"]);
        assert_eq!(found(&[("a", "b"), ("b", "c"), ("c", "")]), [""; 0]);
    }
}
