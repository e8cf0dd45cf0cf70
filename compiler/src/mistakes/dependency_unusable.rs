//! E0006: a project that can't be used by this one.

use super::prelude::*;
use crate::builtin::BUILTIN_EVENTS;
use crate::source::Unread;
use comity_grammar::token::Kind;

pub(super) const CODE: Code = Code::new("E0006", include_str!("../../../docs/diagnostics/E0006.md"));

/// `base = "../base"`
pub(crate) fn bare_path(place: Location, name: &str, path: &str) -> Diagnostic {
    let written = format!("{{ path = {path:?} }}");
    CODE.at(place, format!("`{name}` doesn't say where the other project is"), "a text")
        .help(format!("write `{name} = {written}`"))
        .mend(format!("write `{written}`"), place, written)
}

/// A dependency without `path`.
pub(crate) fn no_path(place: Location, name: &str) -> Diagnostic {
    CODE.at(place, format!("`{name}` doesn't say where the other project is"), "no path")
        .help(format!("write its folder: `{name} = {{ path = \"../{name}\" }}`"))
}

/// A dependency whose name can't stand in a policy, or means something else there.
pub(crate) fn check_name(place: Location, name: &str) -> Option<Diagnostic> {
    let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let meant: String = name.to_ascii_lowercase().chars().map(|c| if small(c) { c } else { '_' }).collect();
    let problem =
        |why: &str| CODE.at(place, format!("another project can't be called `{name}`"), why.to_owned());
    if meant.starts_with(|first: char| first.is_ascii_digit()) {
        return Some(
            problem("begins with a digit").help(format!("give it another name, for instance `p{meant}`")),
        );
    }
    if meant != name {
        return Some(
            problem("not a name in policies")
                .help(format!("write `{meant}`: names have small letters, digits and `_`"))
                .replace(place, meant),
        );
    }
    let event = BUILTIN_EVENTS.iter().any(|event| event.name == name);
    let taken = ["event", "message"].contains(&name) || Kind::keyword(name).is_some_and(Kind::is_reserved);
    (event || taken).then(|| {
        problem("this name is taken")
            .help(format!("`{name}` means something in policies: choose another name"))
    })
}

/// A dependency whose folder can't be read.
pub(crate) fn unread(place: Location, path: &str, unread: &Unread) -> Diagnostic {
    match unread {
        Unread::Missing | Unread::MissingAmong(_) | Unread::Outside => CODE
            .at(place, format!("there is no folder `{path}`"), "not found")
            .help("the path begins at the folder of this `comity.toml`"),
        Unread::NoProject => CODE
            .at(place, format!("`{path}` is not a policy project: it has no `comity.toml`"), "not a project")
            .help("give the folder of a project"),
        Unread::Failed(reason) => CODE.at(place, format!("`{path}` can't be read: {reason}"), "not readable"),
    }
}

/// One project under two names.
pub(crate) fn twice(place: Location, name: &str, first: &str, first_at: Location) -> Diagnostic {
    CODE.at(place, format!("`{first}` and `{name}` are the same project"), "again")
        .also(first_at, "here first")
        .help(format!("use one name for it, for instance `{first}`"))
}

/// Whether a diagnostic says that another project lacks: then nothing is known of its names.
pub(crate) fn lacks(diagnostic: &Diagnostic) -> bool {
    [CODE, super::dependency_circle::CODE].contains(&diagnostic.code)
}

#[cfg(test)]
mod tests {
    use crate::check;
    use crate::diagnostic::Diagnostic;
    use crate::source::{Folder, MANIFEST, Project, SourceFile, Unread};

    /// What is wrong with these `[dependencies]`; only `../base` is there.
    fn found(dependencies: &str) -> Vec<Diagnostic> {
        let manifest = |rest: &str| {
            let text = format!("[policy]\nname = \"a\"\nedition = \"2026\"\n{rest}");
            SourceFile::new(MANIFEST, text)
        };
        let folder = |identity: &str, rest: &str| Folder {
            identity: identity.to_owned(),
            manifest: manifest(rest),
            files: vec![SourceFile::new("a.comity", "")],
        };
        let own = folder("own", &format!("[dependencies]\n{dependencies}"));
        let project = Project::gather(own, &mut |path| match path {
            "../base" | "../other/base" => Ok(folder("base", "")),
            "../plain" => Err(Unread::NoProject),
            "../secret" => Err(Unread::Failed("permission denied".into())),
            _ => Err(Unread::Missing),
        });
        let found = check(&project).diagnostics.into_iter();
        found.filter(|one| !crate::mistakes::no_messages::is(one)).collect()
    }

    #[test]
    fn e0006_says_why() {
        let says = |dependencies: &str, message: &str| {
            let found = found(dependencies);
            let [one] = found.as_slice() else { panic!("{dependencies}: {found:?}") };
            assert_eq!((one.code.as_str(), one.message.as_str()), ("E0006", message));
            assert!(one.location().is_some() && (one.fix.is_none() || !one.help.is_empty()));
        };
        assert_eq!(found("base = { path = \"../base\" }"), []);
        says("base = \"../base\"", "`base` doesn't say where the other project is");
        says("base = {}", "`base` doesn't say where the other project is");
        says("base = { path = 3 }", "`base` doesn't say where the other project is");
        says("base = { path = \"../bas\" }", "there is no folder `../bas`");
        says("base = { path = \"../plain\" }", "`../plain` is not a policy project: it has no `comity.toml`");
        says("base = { path = \"../secret\" }", "`../secret` can't be read: permission denied");
        says("the-base = { path = \"../base\" }", "another project can't be called `the-base`");
        says("1st = { path = \"../base\" }", "another project can't be called `1st`");
        says("message = { path = \"../base\" }", "another project can't be called `message`");
        says("sent = { path = \"../base\" }", "another project can't be called `sent`");
        says("within = { path = \"../base\" }", "another project can't be called `within`");
        says(
            "base = { path = \"../base\" }\nmore = { path = \"../other/base\" }",
            "`base` and `more` are the same project",
        );
    }

    #[test]
    fn e0006_has_mends_for_what_can_only_be_meant_so() {
        let mend = |dependencies: &str| found(dependencies)[0].fix.clone().map(|fix| fix.title);
        assert_eq!(mend("base = \"../base\"").as_deref(), Some("write `{ path = \"../base\" }`"));
        assert_eq!(mend("The-Base = { path = \"../base\" }").as_deref(), Some("write `the_base`"));
        assert_eq!(mend("event = { path = \"../base\" }"), None);
    }
}
