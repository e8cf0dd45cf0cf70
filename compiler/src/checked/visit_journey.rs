//! Walking over journeys.

use super::{Expr, Journey, Message, Occurrence, OccurrenceKind, Pattern, Piece, Statement, StatementKind};

impl Journey {
    /// Every statement, nested ones included, in the order of the text.
    pub(crate) fn statements(&self) -> Vec<&Statement> {
        let mut all = Vec::new();
        let mut open: Vec<&Statement> = self.body.iter().rev().collect();
        while let Some(statement) = open.pop() {
            all.push(statement);
            let branches = statement.branches();
            open.extend(branches.into_iter().rev().flat_map(|branch| branch.iter().rev()));
        }
        all
    }

    /// Every occurrence but those that start it: stops, waits, the goal.
    pub(crate) fn occurrences(&self) -> Vec<&Occurrence> {
        let mut all: Vec<&Occurrence> = self.stop_on.iter().collect();
        all.extend(self.goal.iter().map(|goal| &goal.on));
        for statement in self.statements() {
            match &statement.kind {
                StatementKind::Wait { restart, .. } => all.extend(restart.iter().map(|restart| &restart.on)),
                StatementKind::WaitFor { occurrences, .. } => all.extend(occurrences),
                _ => {}
            }
        }
        all
    }

    /// Every expression in it, the filters of its occurrences included.
    pub(crate) fn expressions(&self) -> Vec<&Expr> {
        let mut all: Vec<&Expr> = self.key.iter().chain(&self.when).chain(&self.stop_when).collect();
        for statement in self.statements() {
            match &statement.kind {
                StatementKind::If { condition, .. } => all.push(condition),
                StatementKind::Set { value, .. } => all.push(value),
                StatementKind::Emit { fields, .. } => all.extend(fields.iter().map(|(_, value)| value)),
                _ => {}
            }
        }
        let occurrences = self.triggers.iter().chain(self.occurrences());
        all.extend(occurrences.filter_map(|one| one.pattern()?.filter.as_deref()));
        all
    }
}

impl Occurrence {
    /// The pattern, where it is one of events.
    pub(crate) fn pattern(&self) -> Option<&Pattern> {
        match &self.kind {
            OccurrenceKind::Event(pattern) => Some(pattern),
            OccurrenceKind::Enter(_) | OccurrenceKind::Leave(_) | OccurrenceKind::Every { .. } => None,
        }
    }
}

impl Message {
    /// Every expression in it, the filters of its triggers included.
    pub(crate) fn expressions(&self) -> Vec<&Expr> {
        let own = self.when.iter().chain(&self.unless);
        let mut all: Vec<&Expr> = own.chain(&self.value).chain(&self.propensity).chain(&self.lever).collect();
        for (_, pieces) in self.content.iter().flat_map(|content| &content.fields) {
            all.extend(pieces.iter().filter_map(|piece| match piece {
                Piece::Value(value) => Some(value),
                Piece::Text(_) => None,
            }));
        }
        all.extend(self.triggers.iter().filter_map(|one| one.pattern()?.filter.as_deref()));
        all
    }
}
