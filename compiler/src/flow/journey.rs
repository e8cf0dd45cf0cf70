//! What leads to a place in a journey: how it starts and stops, the branches and waits before the place.
//!
//! That a message before it was sent, or held back for a while, doesn't count: of that, nothing but a delay is to be
//! seen. What a wait or an `exit` in a branch makes of the statements after it counts.

use super::expression::{Reader, zone};
use super::graph::Graph;
use super::{How, Node};
use crate::checked::{Journey, Occurrence, OccurrenceKind, Statement, StatementKind};
use crate::ids::*;

impl Graph<'_> {
    pub(super) fn journeys(&mut self) {
        let checked = self.checked;
        for (position, journey) in checked.journeys.iter().enumerate() {
            let id = JourneyId::at(position);
            let sources: Vec<EventId> = journey
                .triggers
                .iter()
                .filter_map(|occurrence| match &occurrence.kind {
                    OccurrenceKind::Event(pattern) => Some(pattern.event),
                    _ => None,
                })
                .collect();
            let mut body = Body { graph: self, id, places: 1, reader: Reader::of_sources(&sources) };
            body.start(journey);
            let end = body.statements(&journey.body, Node::Place(id, 0));
            let places = body.places;
            for place in 0..places {
                self.follows(Node::Journey(id), Node::Place(id, place));
            }
            self.follows(Node::Journey(id), end);
        }
        for stop in &checked.stops {
            for (position, journey) in checked.journeys.iter().enumerate() {
                if journey.class.is_some_and(|class| stop.classes.contains(&class)) {
                    for (node, at) in Reader::default().occurrence(checked, &stop.on) {
                        self.step(Node::Place(JourneyId::at(position), 0), node, at, How::IsStoppedBy);
                    }
                }
            }
        }
    }
}

/// The text of one journey.
struct Body<'g, 'c> {
    graph: &'g mut Graph<'c>,
    id: JourneyId,
    /// How many places there are so far; the first is the start.
    places: u32,
    reader: Reader<'g>,
}

impl Body<'_, '_> {
    fn start(&mut self, journey: &Journey) {
        let start = Node::Place(self.id, 0);
        for trigger in &journey.triggers {
            self.occurrence(start, trigger, How::StartsOn);
        }
        for expr in journey.key.iter().chain(&journey.when) {
            self.graph.reads(start, expr, How::LooksAt, &self.reader);
        }
        for stop in &journey.stop_on {
            self.occurrence(start, stop, How::IsStoppedBy);
        }
        for stop in &journey.stop_when {
            self.graph.reads(start, stop, How::IsStoppedBy, &self.reader);
        }
    }

    fn occurrence(&mut self, from: Node, occurrence: &Occurrence, how: How) {
        for (node, at) in self.reader.occurrence(self.graph.checked, occurrence) {
            self.graph.step(from, node, at, how);
        }
    }

    /// A further place, to which these lead.
    fn place(&mut self, before: &[Node]) -> Node {
        let place = Node::Place(self.id, self.places);
        self.places += 1;
        for node in before {
            self.graph.follows(place, *node);
        }
        place
    }

    /// Where the statements end, from where they begin.
    fn statements(&mut self, statements: &[Statement], before: Node) -> Node {
        statements.iter().fold(before, |place, statement| self.statement(statement, place))
    }

    fn statement(&mut self, statement: &Statement, before: Node) -> Node {
        let here = statement.at;
        match &statement.kind {
            StatementKind::Wait { restart, .. } => match restart {
                Some(restart) => {
                    let after = self.place(&[before]);
                    self.occurrence(after, &restart.on, How::WaitsFor);
                    after
                }
                None => before,
            },
            StatementKind::WaitUntil { .. } => {
                let after = self.place(&[before]);
                if let Some(zone) = zone(self.graph.checked) {
                    self.graph.step(after, zone, here, How::UsesTimeZone);
                }
                after
            }
            StatementKind::WaitFor { occurrences, then, otherwise, .. } => {
                let ended = self.place(&[before]);
                for occurrence in occurrences {
                    self.occurrence(ended, occurrence, How::WaitsFor);
                }
                let ends = [self.statements(then, ended), self.statements(otherwise, ended)];
                self.place(&ends)
            }
            StatementKind::If { condition, then, otherwise } => {
                let chosen = self.place(&[before]);
                self.graph.reads(chosen, condition, How::GoesBy, &self.reader);
                let ends = [self.statements(then, chosen), self.statements(otherwise, chosen)];
                self.after(before, &ends, [then, otherwise])
            }
            StatementKind::Split { arms, .. } => {
                let ends: Vec<Node> = arms.iter().map(|arm| self.statements(arm, before)).collect();
                self.after(before, &ends, arms)
            }
            StatementKind::Repeat { body, .. } => {
                let begin = self.place(&[before]);
                let end = self.statements(body, begin);
                self.graph.follows(begin, end);
                end
            }
            StatementKind::Together(branches) => {
                let begin = self.place(&[before]);
                let ends: Vec<Node> = branches.iter().map(|branch| self.statements(branch, begin)).collect();
                for (branch, end) in branches.iter().zip(&ends) {
                    if any(branch, &|kind| matches!(kind, StatementKind::Exit)) {
                        // It ends the others as well.
                        self.graph.follows(begin, *end);
                    }
                }
                self.place(&ends)
            }
            StatementKind::Send(send) => {
                self.graph.step(Node::Message(send.message), before, here, How::IsSentBy);
                if send.otherwise.is_empty() {
                    return before;
                }
                let blocked = self.place(&[before]);
                self.graph.step(blocked, Node::Gates(send.message), here, How::GoesOnWithout);
                let end = self.statements(&send.otherwise, blocked);
                self.after(before, &[end], [&send.otherwise])
            }
            StatementKind::Set { attribute, value } => {
                let attribute = Node::Attribute(*attribute);
                self.graph.step(attribute, before, here, How::IsSetIn);
                self.graph.reads(attribute, value, How::IsSetTo, &self.reader);
                before
            }
            StatementKind::Enter(journey) => {
                self.graph.step(Node::Place(*journey, 0), before, here, How::IsEnteredFrom);
                before
            }
            StatementKind::Emit { .. } | StatementKind::Exit => before,
        }
    }

    /// What comes after branches: whether they are left, and when, matters only where they wait or exit.
    fn after<'s>(
        &mut self,
        before: Node,
        ends: &[Node],
        branches: impl IntoIterator<Item = &'s Vec<Statement>>,
    ) -> Node {
        let leaves = |kind: &StatementKind| {
            matches!(
                kind,
                StatementKind::Exit
                    | StatementKind::Wait { .. }
                    | StatementKind::WaitUntil { .. }
                    | StatementKind::WaitFor { .. }
            )
        };
        if branches.into_iter().any(|branch| any(branch, &leaves)) { self.place(ends) } else { before }
    }
}

/// Whether one of the statements, or one within them, is of a kind.
fn any(statements: &[Statement], is: &dyn Fn(&StatementKind) -> bool) -> bool {
    statements
        .iter()
        .any(|statement| is(&statement.kind) || statement.branches().iter().any(|branch| any(branch, is)))
}
