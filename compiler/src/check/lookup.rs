//! Finding declarations by name.

use super::Checker;
use crate::diagnostic::at;
use crate::ids::*;
use crate::mistakes;
use crate::resolve::Symbol;
use comity_grammar::Span;
use comity_grammar::tree::{Name, Path};
use std::collections::BTreeMap;

impl Checker<'_> {
    /// Whether a name is one of a project that this one doesn't depend on: then a diagnostic has been given.
    pub(super) fn foreign(&mut self, file: FileId, path: &Path) -> bool {
        match &path.package {
            Some(package) if self.names.dependency(file, &package.text).is_none() => {
                self.no_package(file, package);
                true
            }
            _ => false,
        }
    }

    pub(super) fn no_package(&mut self, file: FileId, package: &Name) {
        let known = self.names.dependencies(file);
        self.report(mistakes::foreign_name::package(&package.text, at(file, package.span), known));
    }

    /// The declaration of a kind that a name stands for; `what` is the kind with its article. `None` after a
    /// diagnostic.
    pub(super) fn lookup<T>(
        &mut self,
        file: FileId,
        path: &Path,
        what: &'static str,
        pick: impl Fn(Symbol) -> Option<T>,
    ) -> Option<T> {
        if self.foreign(file, path) {
            return None;
        }
        let here = at(file, path.span());
        match self.names.find(file, path) {
            Some((symbol, declared)) => {
                let found = pick(symbol);
                if found.is_none() {
                    self.report(mistakes::wrong_kind::wanted(
                        what,
                        &path.to_string(),
                        symbol,
                        here,
                        declared,
                    ));
                }
                found
            }
            None => {
                let known = self.names.known(file);
                let known = known.iter().filter(|(_, symbol)| pick(*symbol).is_some());
                let known = known.map(|(name, _)| name.as_str());
                self.report(mistakes::unknown_name::of_kind(what, &path.to_string(), here, known));
                None
            }
        }
    }

    pub(super) fn message_id(&mut self, file: FileId, path: &Path) -> Option<MessageId> {
        self.lookup(file, path, "a message", |symbol| match symbol {
            Symbol::Message(id) => Some(id),
            _ => None,
        })
    }

    pub(super) fn channel_id(&mut self, file: FileId, path: &Path) -> Option<ChannelId> {
        self.lookup(file, path, "a channel", |symbol| match symbol {
            Symbol::Channel(id) => Some(id),
            _ => None,
        })
    }

    pub(super) fn class_id(&mut self, file: FileId, path: &Path) -> Option<ClassId> {
        self.lookup(file, path, "a class", |symbol| match symbol {
            Symbol::Class(id) => Some(id),
            _ => None,
        })
    }

    pub(super) fn purpose_id(&mut self, file: FileId, path: &Path) -> Option<PurposeId> {
        self.lookup(file, path, "a purpose", |symbol| match symbol {
            Symbol::Purpose(id) => Some(id),
            _ => None,
        })
    }

    pub(super) fn segment_id(&mut self, file: FileId, path: &Path) -> Option<SegmentId> {
        self.lookup(file, path, "a segment", |symbol| match symbol {
            Symbol::Segment(id) => Some(id),
            _ => None,
        })
    }

    pub(super) fn experiment_id(&mut self, file: FileId, path: &Path) -> Option<ExperimentId> {
        self.lookup(file, path, "an experiment", |symbol| match symbol {
            Symbol::Experiment(id) => Some(id),
            _ => None,
        })
    }

    pub(super) fn journey_id(&mut self, file: FileId, path: &Path) -> Option<JourneyId> {
        self.lookup(file, path, "a journey", |symbol| match symbol {
            Symbol::Journey(id) => Some(id),
            _ => None,
        })
    }

    /// Names of a list, each once; those that are unknown are left out.
    pub(super) fn each_once<T: PartialEq + Copy>(
        &mut self,
        file: FileId,
        paths: &[Path],
        find: impl Fn(&mut Self, FileId, &Path) -> Option<T>,
    ) -> Vec<T> {
        let mut found: Vec<(T, Span)> = Vec::new();
        for (position, path) in paths.iter().enumerate() {
            let Some(id) = find(self, file, path) else { continue };
            match found.iter().find(|(other, _)| *other == id) {
                Some((_, first)) => {
                    let before = position.checked_sub(1).map(|before| paths[before].span().end as usize);
                    let with_comma = before.map(|before| Span::new(before, path.span().end as usize));
                    self.report(mistakes::said_twice::name(
                        &path.to_string(),
                        at(file, path.span()),
                        at(file, *first),
                        with_comma.map(|span| at(file, span)),
                    ));
                }
                None => found.push((id, path.span())),
            }
        }
        found.into_iter().map(|(id, _)| id).collect()
    }

    /// Names of a list that aren't of declarations, each once.
    pub(super) fn named_once<'n>(&mut self, file: FileId, names: impl IntoIterator<Item = &'n Name>) {
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        for name in names {
            match first.get(name.text.as_str()) {
                Some(span) => {
                    let (again, first) = (at(file, name.span), at(file, *span));
                    self.report(mistakes::said_twice::name(&name.text, again, first, None));
                }
                None => drop(first.insert(&name.text, name.span)),
            }
        }
    }

    /// The day of the week, 0 for monday; `None` after a diagnostic.
    pub(super) fn weekday(&mut self, file: FileId, name: &Name) -> Option<u8> {
        use crate::checked::print_expression::WEEKDAYS;
        let found = WEEKDAYS.iter().position(|day| *day == name.text);
        if found.is_none() {
            let here = at(file, name.span);
            self.report(mistakes::unknown_name::weekday(&name.text, here, WEEKDAYS));
        }
        found.map(|day| day as u8)
    }
}
