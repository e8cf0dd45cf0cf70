//! What starts, stops or ends something: events, changes of segments, times of the week.

use super::Checker;
use super::scope::{Scope, Source};
use crate::checked::{Occurrence, OccurrenceKind};
use crate::diagnostic::at;
use comity_grammar::tree::{self, LiteralKind};

impl Checker<'_> {
    /// `None` after a diagnostic.
    pub(super) fn occurrence(&mut self, scope: &Scope, occurrence: &tree::Occurrence) -> Option<Occurrence> {
        let here = at(scope.file, occurrence.span);
        let kind = match &occurrence.kind {
            tree::OccurrenceKind::Error => return None,
            tree::OccurrenceKind::Event(pattern) => OccurrenceKind::Event(self.pattern(scope, pattern)?),
            tree::OccurrenceKind::Enter(path) => OccurrenceKind::Enter(self.segment_id(scope.file, path)?),
            tree::OccurrenceKind::Leave(path) => OccurrenceKind::Leave(self.segment_id(scope.file, path)?),
            tree::OccurrenceKind::Every { weekday, time } => {
                self.uses_local_time(here, "`every` means a local time");
                let weekday = match weekday {
                    Some(name) => Some(self.weekday(scope.file, name)?),
                    None => None,
                };
                OccurrenceKind::Every { weekday, time: self.time_literal(scope, time)? }
            }
        };
        Some(Occurrence { kind, at: here })
    }

    /// A time of the day, µs.
    pub(super) fn time_literal(&mut self, scope: &Scope, literal: &tree::Literal) -> Option<i64> {
        let here = at(scope.file, literal.span);
        match &literal.kind {
            LiteralKind::Time(text) => self.time(text, false, here),
            _ => {
                self.literal_of(scope.file, literal, crate::types::Type::Time, "the time of day")?;
                None
            }
        }
    }

    /// Where `event` or `trigger` comes from, for an occurrence; without looking at its condition.
    pub(super) fn source(&self, file: crate::ids::FileId, occurrence: &tree::Occurrence) -> Source {
        let here = at(file, occurrence.span);
        match &occurrence.kind {
            tree::OccurrenceKind::Error => Source::Unknown,
            tree::OccurrenceKind::Event(pattern) => {
                match pattern.event.as_ref().and_then(|event| self.names.find(file, event)) {
                    Some((crate::resolve::Symbol::Event(id), _)) => Source::Event(id, here),
                    _ => Source::Unknown,
                }
            }
            tree::OccurrenceKind::Enter(_) => Source::Other("`enter`", here),
            tree::OccurrenceKind::Leave(_) => Source::Other("`leave`", here),
            tree::OccurrenceKind::Every { .. } => Source::Other("`every`", here),
        }
    }
}
