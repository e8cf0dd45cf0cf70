//! `comity.toml` (language reference §2).

use crate::diagnostic::{Diagnostic, at, closest, quoted};
use crate::ids::FileId;
use comity_grammar::Span;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The edition of the language that this compiler understands.
const EDITION: &str = "2026";

/// What `comity.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The policy's name.
    pub name: SmolStr,
    /// How much each lint weighs, where it isn't left as it is.
    pub lints: BTreeMap<String, LintLevel>,
}

/// How much a lint weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LintLevel {
    /// Not shown.
    Allow,
    /// A warning.
    Warn,
    /// An error.
    Deny,
}

impl Manifest {
    /// Reads the text of a manifest. Never fails: what could not be read is in the diagnostics.
    pub(super) fn read(text: &str, file: FileId) -> (Manifest, Vec<Diagnostic>) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut reader = Reader { file, end: text.len(), problems: Vec::new() };
        if let Some(error) = errors.first() {
            let span = error.span().unwrap_or(0..0);
            let problem = Diagnostic::error(
                "E0004",
                "`comity.toml` can't be read",
                reader.place(span),
                error.message().replace('\n', ", "),
            );
            return (Manifest::default(), vec![problem]);
        }
        let manifest = reader.manifest(table.get_ref());
        (manifest, reader.problems)
    }
}

struct Reader {
    file: FileId,
    end: usize,
    problems: Vec<Diagnostic>,
}

impl Reader {
    fn place(&self, span: Range<usize>) -> crate::checked::Location {
        at(self.file, Span::new(span.start, span.end))
    }

    fn problem(&mut self, span: Range<usize>, message: String, label: &str) -> &mut Diagnostic {
        let problem = Diagnostic::error("E0004", message, self.place(span), label);
        let position = self.problems.len();
        self.problems.push(problem);
        &mut self.problems[position]
    }

    fn manifest(&mut self, table: &DeTable<'_>) -> Manifest {
        let mut manifest = Manifest::default();
        let mut policy = false;
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref().as_table()) {
                ("policy", Some(table)) => {
                    policy = true;
                    manifest.name = self.policy(table, key.span());
                }
                ("lints", Some(table)) => manifest.lints = self.lints(table),
                ("dependencies", Some(table)) => self.dependencies(table),
                ("policy" | "lints" | "dependencies", None) => {
                    let message = format!("`{}` is a table in `comity.toml`", key.get_ref());
                    let help = format!("write `[{}]` on a line of its own", key.get_ref());
                    self.problem(value.span(), message, "not a table").help.push(help);
                }
                _ => {
                    let meant = self.unknown(key, &["policy", "lints", "dependencies"]);
                    policy |= meant == Some("policy");
                }
            }
        }
        if !policy && !table.iter().any(|(key, _)| key.get_ref() == "policy") {
            let end = self.end;
            self.problem(end..end, "`comity.toml` doesn't name the policy".into(), "no `[policy]`")
                .help
                .push("write `[policy]`, and below it `name = \"retail\"` and `edition = \"2026\"`".into());
        }
        manifest
    }

    /// Reports a key that means nothing, and returns the one that was probably meant.
    fn unknown(
        &mut self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        known: &[&'static str],
    ) -> Option<&'static str> {
        let name = key.get_ref().as_ref();
        let meant = closest(name, known.iter().copied());
        let help = match meant {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let known: Vec<String> = known.iter().map(|name| quoted(name)).collect();
                format!("what can stand here is {}", crate::diagnostic::list(&known, "or"))
            }
        };
        let message = format!("`comity.toml` has no `{name}`");
        self.problem(key.span(), message, "unknown").help.push(help);
        meant.and_then(|meant| known.iter().copied().find(|name| *name == meant))
    }

    fn policy(&mut self, table: &DeTable<'_>, place: Range<usize>) -> SmolStr {
        let mut name = None;
        let mut edition = false;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "name" => match value.get_ref().as_str() {
                    Some(text) if !text.trim().is_empty() => name = Some(SmolStr::new(text)),
                    _ => {
                        name = Some(SmolStr::default());
                        self.problem(value.span(), "the policy's name is a text".into(), "not a name")
                            .help
                            .push("for instance `name = \"retail\"`".into());
                    }
                },
                "edition" => {
                    edition = true;
                    self.edition(value);
                }
                _ => match self.unknown(key, &["name", "edition"]) {
                    // Misspelt: that it lacks is no second mistake.
                    Some("name") => name = name.or(Some(SmolStr::default())),
                    Some(_) => edition = true,
                    None => {}
                },
            }
        }
        if name.is_none() {
            self.problem(place.clone(), "the policy has no name".into(), "no `name` below it")
                .help
                .push("for instance `name = \"retail\"`".into());
        }
        if !edition {
            self.problem(
                place,
                "the policy doesn't say its edition of the language".into(),
                "no `edition` below it",
            )
            .help
            .push(format!("write `edition = \"{EDITION}\"`"));
        }
        name.unwrap_or_default()
    }

    fn edition(&mut self, value: &Spanned<DeValue<'_>>) {
        if value.get_ref().as_str() == Some(EDITION) {
            return;
        }
        let place = self.place(value.span());
        let message = match value.get_ref().as_str() {
            Some(other) => format!("there is no edition \"{other}\" of the language"),
            None => "the edition is a text".to_owned(),
        };
        let right = format!("\"{EDITION}\"");
        self.problems.push(
            Diagnostic::error("E0005", message, place, "not an edition that this compiler knows")
                .help(format!("write `edition = {right}`"))
                .replace(place, right),
        );
    }

    fn lints(&mut self, table: &DeTable<'_>) -> BTreeMap<String, LintLevel> {
        let mut lints = BTreeMap::new();
        for (key, value) in table {
            let level = match value.get_ref().as_str() {
                Some("allow") => LintLevel::Allow,
                Some("warn") => LintLevel::Warn,
                Some("deny") => LintLevel::Deny,
                _ => {
                    let message = format!("the level of the lint `{}` isn't one", key.get_ref());
                    self.problem(value.span(), message, "not a level")
                        .help
                        .push("write \"allow\", \"warn\" or \"deny\"".into());
                    continue;
                }
            };
            lints.insert(key.get_ref().to_string(), level);
        }
        lints
    }

    fn dependencies(&mut self, table: &DeTable<'_>) {
        for (key, _) in table {
            let message =
                format!("the policy depends on `{}`, but dependencies aren't supported yet", key.get_ref());
            let problem = Diagnostic::error("E0006", message, self.place(key.span()), "can't be used yet")
                .help("copy the declarations that you need into this project");
            self.problems.push(problem);
        }
    }
}
