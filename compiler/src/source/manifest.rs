//! `comity.toml` (language reference §2).

use crate::checked::Location;
use crate::diagnostic::{Diagnostic, at};
use crate::ids::FileId;
use crate::mistakes::{bad_manifest, dependency_unsupported, unknown_edition};
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
            return (
                Manifest::default(),
                vec![bad_manifest::unreadable(reader.place(span), error.message())],
            );
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
    fn place(&self, span: Range<usize>) -> Location {
        at(self.file, Span::new(span.start, span.end))
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
                    self.problems.push(bad_manifest::not_a_table(self.place(value.span()), key.get_ref()));
                }
                _ => {
                    let meant = self.unknown(key, &["policy", "lints", "dependencies"]);
                    policy |= meant == Some("policy");
                }
            }
        }
        if !policy && !table.iter().any(|(key, _)| key.get_ref() == "policy") {
            self.problems.push(bad_manifest::no_policy(self.place(self.end..self.end)));
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
        let problem = bad_manifest::unknown_key(self.place(key.span()), name, known);
        let meant = problem.fix.as_ref().map(|fix| fix.edits[0].text.clone());
        self.problems.push(problem);
        known.iter().copied().find(|name| Some(*name) == meant.as_deref())
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
                        self.problems.push(bad_manifest::bad_name(self.place(value.span())));
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
            self.problems.push(bad_manifest::no_name(self.place(place.clone())));
        }
        if !edition {
            self.problems.push(bad_manifest::no_edition(self.place(place), EDITION));
        }
        name.unwrap_or_default()
    }

    fn edition(&mut self, value: &Spanned<DeValue<'_>>) {
        let written = value.get_ref().as_str();
        if written != Some(EDITION) {
            self.problems.push(unknown_edition::edition(self.place(value.span()), written, EDITION));
        }
    }

    fn lints(&mut self, table: &DeTable<'_>) -> BTreeMap<String, LintLevel> {
        let mut lints = BTreeMap::new();
        let known = crate::lint::names();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let code = |code: &&crate::diagnostic::Code| code.as_str() == name && code.lint_name().is_some();
            if !known.contains(&name) && !crate::mistakes::CODES.iter().any(|one| code(&one)) {
                self.problems.push(bad_manifest::unknown_lint(self.place(key.span()), name));
                continue;
            }
            let level = match value.get_ref().as_str() {
                Some("allow") => LintLevel::Allow,
                Some("warn") => LintLevel::Warn,
                Some("deny") => LintLevel::Deny,
                _ => {
                    self.problems.push(bad_manifest::bad_level(self.place(value.span()), key.get_ref()));
                    continue;
                }
            };
            lints.insert(key.get_ref().to_string(), level);
        }
        lints
    }

    fn dependencies(&mut self, table: &DeTable<'_>) {
        for (key, _) in table {
            self.problems.push(dependency_unsupported::dependency(self.place(key.span()), key.get_ref()));
        }
    }
}
