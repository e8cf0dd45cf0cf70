//! W0102: a declaration that nothing uses.

use super::prelude::*;
use crate::checked::{Definition, Expr, ExprKind, Occurrence, OccurrenceKind, Pattern, StatementKind};
use crate::ids::*;
use crate::resolve::{Names, Symbol};
use comity_grammar::tree::{Expectation, TestStatementKind as Statement};
use rustc_hash::FxHashSet;

pub(super) const CODE: Code =
    Code::new("W0102", include_str!("../../../docs/diagnostics/W0102.md")).lint("unused");

/// Segments, lets, tables, events and attributes that nothing looks at: no rule, no journey, no test.
pub(crate) fn find(names: &Names<'_>, checked: &Checked) -> Vec<Diagnostic> {
    let mut used = Used::new(checked);
    used.rules();
    used.tests(names);
    let mut problems = Vec::new();
    let mut say = |what: &str, name: &str, at: Location, help: &str| {
        problems.push(CODE.at(at, format!("nothing uses the {what} `{name}`"), "unused").help(help));
    };
    for (position, one) in checked.attributes.iter().enumerate() {
        let by_itself = ["timezone", "language"].contains(&one.name.as_str());
        if !used.attributes.contains(&AttributeId::at(position)) && !by_itself {
            say(
                "attribute",
                &one.name,
                one.at,
                "remove it: what no rule needs needn't be known of customers",
            );
        }
    }
    for (position, one) in checked.events.iter().enumerate() {
        if let (Some(at), false) = (one.at, used.events.contains(&EventId::at(position))) {
            say("event", &one.name, at, "remove it: events that the policy doesn't know are ignored");
        }
    }
    let lets = (0..checked.lets.len()).map(|i| Definition::Let(LetId::at(i)));
    let tables = (0..checked.tables.len()).map(|i| Definition::Table(TableId::at(i)));
    let segments = (0..checked.segments.len()).map(|i| Definition::Segment(SegmentId::at(i)));
    for definition in lets.chain(tables).chain(segments) {
        if !used.definitions.contains(&definition) {
            let what = match definition {
                Definition::Let(_) => "let",
                Definition::Table(_) => "table",
                Definition::Segment(_) => "segment",
            };
            say(
                what,
                definition.name(checked),
                definition.at(checked),
                "remove it, or use it where it was meant",
            );
        }
    }
    problems
}

/// What is used.
struct Used<'c> {
    checked: &'c Checked,
    attributes: FxHashSet<AttributeId>,
    events: FxHashSet<EventId>,
    definitions: FxHashSet<Definition>,
}

impl<'c> Used<'c> {
    fn new(checked: &'c Checked) -> Used<'c> {
        let (attributes, events, definitions) = Default::default();
        Used { checked, attributes, events, definitions }
    }

    fn rules(&mut self) {
        let checked = self.checked;
        for definition in (0..checked.lets.len())
            .map(|i| Definition::Let(LetId::at(i)))
            .chain((0..checked.tables.len()).map(|i| Definition::Table(TableId::at(i))))
            .chain((0..checked.segments.len()).map(|i| Definition::Segment(SegmentId::at(i))))
        {
            for body in definition.bodies(checked) {
                self.expr(body);
            }
        }
        for channel in &checked.channels {
            use crate::checked::ChannelKind::{Address, Device};
            if let Address(id) | Device(id) = channel.kind {
                self.attributes.insert(id);
            }
            for quiet in &channel.quiet {
                quiet.when.iter().for_each(|when| self.expr(when));
            }
        }
        let consents =
            checked.purposes.iter().flat_map(|one| &one.rules).filter_map(|rule| rule.when.as_ref());
        let scores = checked.arbitrate.iter().filter_map(|one| one.score.as_ref());
        let suppressions = checked.suppressions.iter().map(|one| &one.condition);
        let features = checked.models.iter().flat_map(|one| &one.features).map(|(_, value)| value);
        let invariants = checked.invariants.iter().map(|one| &one.condition);
        for expr in consents.chain(scores).chain(suppressions).chain(features).chain(invariants) {
            self.expr(expr);
        }
        for message in &checked.messages {
            message.expressions().into_iter().for_each(|expr| self.expr(expr));
            message.triggers.iter().for_each(|trigger| self.occurrence(trigger));
        }
        for journey in &checked.journeys {
            journey.expressions().into_iter().for_each(|expr| self.expr(expr));
            journey.triggers.iter().for_each(|trigger| self.occurrence(trigger));
            journey.occurrences().into_iter().for_each(|one| self.occurrence(one));
            for statement in journey.statements() {
                match &statement.kind {
                    StatementKind::Set { attribute, .. } => drop(self.attributes.insert(*attribute)),
                    StatementKind::Emit { event, .. } => {
                        let declared = checked.events.iter().position(|one| one.name == *event);
                        self.events.extend(declared.map(EventId::at));
                    }
                    _ => {}
                }
            }
        }
        let goals = checked.experiments.iter().filter_map(|one| one.goal.as_ref()).map(|goal| &goal.on);
        for one in goals.chain(checked.stops.iter().map(|stop| &stop.on)) {
            self.occurrence(one);
        }
    }

    fn occurrence(&mut self, occurrence: &Occurrence) {
        match &occurrence.kind {
            OccurrenceKind::Event(pattern) => self.pattern(pattern),
            OccurrenceKind::Enter(id) | OccurrenceKind::Leave(id) => {
                self.definitions.insert(Definition::Segment(*id));
            }
            OccurrenceKind::Every { .. } => {}
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        self.events.insert(pattern.event);
        if let Some(filter) = &pattern.filter {
            self.expr(filter);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        expr.find(&mut |one| {
            match &one.kind {
                ExprKind::Attribute(id) => drop(self.attributes.insert(*id)),
                ExprKind::Aggregate(aggregate) => drop(self.events.insert(aggregate.pattern.event)),
                kind => self.definitions.extend(Definition::named_by(kind)),
            }
            None::<()>
        });
    }

    /// Whatever a test names is used by it.
    fn tests(&mut self, names: &Names<'_>) {
        let checked = self.checked;
        let attribute = |name: &str, used: &mut FxHashSet<AttributeId>| {
            let found = checked.attributes.iter().position(|one| one.name == name);
            used.extend(found.map(AttributeId::at));
        };
        let tests = names.tests.iter();
        for (file, statement) in
            tests.flat_map(|test| test.node.statements.iter().map(|one| (test.file, one)))
        {
            match &statement.kind {
                Statement::Profile(values) => {
                    for value in values {
                        attribute(&value.name.text, &mut self.attributes);
                    }
                }
                Statement::Event { event, fields, .. } => {
                    if let Some((Symbol::Event(id), _)) = names.find(file, event) {
                        self.events.insert(id);
                    }
                    for value in fields.iter().flatten() {
                        attribute(&value.name.text, &mut self.attributes);
                    }
                }
                Statement::Expect(Expectation::Profile { attribute: name, .. }) => {
                    attribute(&name.text, &mut self.attributes);
                }
                Statement::Expect(Expectation::Segment { segment, .. }) => {
                    if let Some((Symbol::Segment(id), _)) = names.find(file, segment) {
                        self.definitions.insert(Definition::Segment(id));
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_nothing_uses() {
        fixture(
            r#"profile { email: email?  shoe: int?  country: country = "DE"  hat: int?  timezone: timezone = "UTC" }
//                       ^ W0102
event visit { page: text }
event click { page: text }
//    ^^^^^ W0102
event sale {}
channel mail { to profile.email }
let twice(x: int) = x * 2
let four = twice(2)
//  ^^^^ W0102
let three = 3
segment often = count of visit > three
segment seldom = count of visit < 3 and any sale
//      ^^^^^^ W0102
table t(x: bool): int { _ => 1 }
//    ^ W0102
event told {}
journey j { on visit emit told { page: trigger.page } }
test "t" { profile { hat: 3, country: "DE" } expect segment often }
"#,
        );
    }
}
