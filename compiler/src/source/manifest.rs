//! `comity.toml` (language reference §2).

use crate::checked::Location;
use crate::diagnostic::{Diagnostic, at};
use crate::ids::FileId;
use crate::mistakes::{bad_manifest, dependency_unusable, unknown_edition};
use comity_grammar::Span;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The edition of the language that this compiler understands.
const EDITION: &str = "2026";
/// What stands in `[policy]`.
const POLICY: [&str; 2] = ["name", "edition"];

/// What `comity.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The policy's name.
    pub name: SmolStr,
    /// How much each lint weighs, where it isn't left as it is.
    pub lints: BTreeMap<String, LintLevel>,
    /// The other projects whose names it uses, by what it calls them.
    pub dependencies: BTreeMap<SmolStr, Dependency>,
}

/// Another project, as `[dependencies]` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Its folder, from that of the manifest.
    pub path: String,
    /// Where its name stands.
    pub name_at: Location,
    /// Where its path stands.
    pub path_at: Location,
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
        let stray = self.stray(table);
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref().as_table()) {
                ("policy", Some(table)) => {
                    policy = true;
                    manifest.name = self.policy(table, key.span(), &stray);
                }
                (name, _) if stray.contains(&name) => {}
                ("lints", Some(table)) => manifest.lints = self.lints(table),
                ("dependencies", Some(table)) => manifest.dependencies = self.dependencies(table),
                ("policy" | "lints" | "dependencies", None) => {
                    self.problems.push(bad_manifest::not_a_table(self.place(value.span()), key.get_ref()));
                }
                _ => {
                    let meant = self.unknown(key, &["policy", "lints", "dependencies"]);
                    policy |= meant == Some("policy");
                }
            }
        }
        if !policy && stray.is_empty() && !table.iter().any(|(key, _)| key.get_ref() == "policy") {
            self.problems.push(bad_manifest::no_policy(self.place(self.end..self.end)));
        }
        manifest
    }

    /// Reports what belongs into `[policy]` and stands outside of it, and returns it.
    fn stray(&mut self, table: &DeTable<'_>) -> Vec<&'static str> {
        let is_there =
            |name: &str| table.iter().find(|(key, _)| key.get_ref() == name).map(|(key, _)| key.span());
        let found = POLICY.iter().filter_map(|name| Some((*name, is_there(name)?)));
        let (names, spans): (Vec<&str>, Vec<Range<usize>>) = found.unzip();
        if let Some(first) = spans.into_iter().min_by_key(|span| span.start) {
            let place = self.place(first);
            self.problems.push(bad_manifest::outside(place, &names, is_there("policy").is_some()));
        }
        names
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

    /// `stray` is what stands outside of it: that it lacks here is no second mistake.
    fn policy(&mut self, table: &DeTable<'_>, place: Range<usize>, stray: &[&str]) -> SmolStr {
        let mut name = stray.contains(&"name").then(SmolStr::default);
        let mut edition = stray.contains(&"edition");
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
                _ => match self.unknown(key, &POLICY) {
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

    fn dependencies(&mut self, table: &DeTable<'_>) -> BTreeMap<SmolStr, Dependency> {
        let mut dependencies = BTreeMap::new();
        for (key, value) in table {
            let (name, name_at) = (key.get_ref().as_ref(), self.place(key.span()));
            let path = match value.get_ref() {
                DeValue::Table(table) => self.path(table, name, value.span()),
                DeValue::String(path) => {
                    let place = self.place(value.span());
                    self.problems.push(dependency_unusable::bare_path(place, name, path));
                    None
                }
                _ => {
                    self.problems.push(dependency_unusable::no_path(self.place(value.span()), name));
                    None
                }
            };
            if let Some(problem) = dependency_unusable::check_name(name_at, name) {
                self.problems.push(problem);
                continue;
            }
            if let Some((path, path_at)) = path {
                dependencies.insert(SmolStr::new(name), Dependency { path, name_at, path_at });
            }
        }
        dependencies
    }

    /// What `{ path = "…" }` says.
    fn path(&mut self, table: &DeTable<'_>, name: &str, span: Range<usize>) -> Option<(String, Location)> {
        let mut path = None;
        let mut misspelt = false;
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref().as_str()) {
                ("path", Some(text)) if !text.trim().is_empty() => {
                    path = Some((text.to_owned(), self.place(value.span())));
                }
                ("path", _) => break,
                _ => misspelt |= self.unknown(key, &["path"]).is_some(),
            }
        }
        if path.is_none() && !misspelt {
            self.problems.push(dependency_unusable::no_path(self.place(span), name));
        }
        path
    }
}
