//! E0004: `comity.toml` can't be read.

use super::prelude::*;
use comity_grammar::Span;

pub(super) const CODE: Code = Code::new("E0004", include_str!("../../../docs/diagnostics/E0004.md"));

/// Something that isn't TOML; the reason is the reader's.
pub(crate) fn unreadable(place: Location, reason: &str) -> Diagnostic {
    CODE.at(place, "`comity.toml` can't be read", reason.replace('\n', ", "))
}

/// `policy = …` where `[policy]` is meant.
pub(crate) fn not_a_table(place: Location, name: &str) -> Diagnostic {
    CODE.at(place, format!("`{name}` is a table in `comity.toml`"), "not a table")
        .help(format!("write `[{name}]` on a line of its own"))
}

/// No `[policy]` at all.
pub(crate) fn no_policy(end: Location) -> Diagnostic {
    CODE.at(end, "`comity.toml` doesn't name the policy", "no `[policy]`")
        .help("write `[policy]`, and below it `name = \"retail\"` and `edition = \"2026\"`")
}

/// What belongs into `[policy]`, and the first of it stands at `place` outside of any table.
pub(crate) fn outside(place: Location, keys: &[&str], has_policy: bool) -> Diagnostic {
    let (named, stand, them) = match keys {
        [one] => (format!("`{one}`"), "stands", "it"),
        _ => (named(keys.iter().copied(), "and"), "stand", "them"),
    };
    let problem = CODE.at(place, format!("{named} {stand} outside of `[policy]`"), "not below `[policy]`");
    match has_policy {
        true => problem.help(format!("put {them} below `[policy]`")),
        false => {
            let start = Location { span: Span { end: place.span.start, ..place.span }, ..place };
            let help = format!("write `[policy]` above {them}, on a line of its own");
            problem.help(help.clone()).mend(help, start, "[policy]\n")
        }
    }
}

/// A key that means nothing, among those that would.
pub(crate) fn unknown_key(place: Location, key: &str, known: &[&'static str]) -> Diagnostic {
    CODE.at(place, format!("`comity.toml` has no `{key}`"), "unknown").did_you_mean_or(
        place,
        closest(key, known.iter().copied()),
        format!("what can stand here is {}", named(known.iter().copied(), "or")),
    )
}

/// A name that isn't a text, or an empty one.
pub(crate) fn bad_name(place: Location) -> Diagnostic {
    CODE.at(place, "the policy's name is a text", "not a name").help("for instance `name = \"retail\"`")
}

/// `[policy]` without `name`.
pub(crate) fn no_name(place: Location) -> Diagnostic {
    CODE.at(place, "the policy has no name", "no `name` below it").help("for instance `name = \"retail\"`")
}

/// `[policy]` without `edition`.
pub(crate) fn no_edition(place: Location, edition: &str) -> Diagnostic {
    CODE.at(place, "the policy doesn't say its edition of the language", "no `edition` below it")
        .help(format!("write `edition = \"{edition}\"`"))
}

/// A lint that doesn't exist.
pub(crate) fn unknown_lint(place: Location, lint: &str) -> Diagnostic {
    let known = crate::lint::names();
    let meant = lint.replace('_', "-").to_ascii_lowercase();
    let problem = CODE.at(place, format!("there is no lint `{lint}`"), "unknown");
    if known.contains(&meant.as_str()) {
        return problem.help(format!("did you mean `{meant}`?")).replace(place, meant);
    }
    problem.did_you_mean_or(
        place,
        closest(&meant, known.iter().copied()),
        format!("lints are {}", named(known.iter().copied(), "and")),
    )
}

/// A lint's level that isn't one.
pub(crate) fn bad_level(place: Location, lint: &str) -> Diagnostic {
    CODE.at(place, format!("the level of the lint `{lint}` isn't one"), "not a level")
        .help("write `\"allow\"`, `\"warn\"` or `\"deny\"`")
}

#[cfg(test)]
mod tests {
    use crate::check;
    use crate::source::{MANIFEST, Project, SourceFile};

    /// Code and message of what is wrong with a manifest.
    fn manifest(text: &str) -> Vec<(String, String)> {
        let files = vec![SourceFile::new("a.comity", "class service\n")];
        let found = check(&Project::new(SourceFile::new(MANIFEST, text), files)).diagnostics;
        let errors = found.into_iter().filter(|one| !crate::mistakes::no_messages::is(one));
        errors.map(|one| (one.code.to_string(), one.message)).collect()
    }

    #[test]
    fn e0004_says_what_is_wrong() {
        let says = |text: &str, message: &str| {
            assert_eq!(manifest(text), [("E0004".to_owned(), message.to_owned())], "{text}");
        };
        says("", "`comity.toml` doesn't name the policy");
        says("policy = 3\n", "`policy` is a table in `comity.toml`");
        says("[policy]\nedition = \"2026\"\n", "the policy has no name");
        says("[policy]\nname = \"a\"\n", "the policy doesn't say its edition of the language");
        says("[policy]\nname = 3\nedition = \"2026\"\n", "the policy's name is a text");
        says("[policy]\nnmae = \"a\"\nedition = \"2026\"\n", "`comity.toml` has no `nmae`");
        says("name = \"a\"\nedition = \"2026\"\n", "`name` and `edition` stand outside of `[policy]`");
        says("name = \"a\"\n[policy]\nedition = \"2026\"\n", "`name` stands outside of `[policy]`");
        says("edition = \"2026\"\n[lints]\n", "`edition` stands outside of `[policy]`");
        says("[policy\n", "`comity.toml` can't be read");
        says(
            "[policy]\nname = \"a\"\nedition = \"2026\"\n[lints]\nunused = \"high\"\n",
            "the level of the lint `unused` isn't one",
        );
    }
}
