//! What an expression looks at.

use super::Node;
use crate::builtin::is_delivery;
use crate::checked::{
    Aggregate, Checked, Constant, Definition, Expr, ExprKind, Location, Occurrence, OccurrenceKind, Pattern,
    Within,
};
use crate::ids::*;

/// What the names in an expression stand for, where that isn't clear from the expression itself.
#[derive(Default)]
pub(super) struct Reader<'e> {
    /// What `event` or `trigger` can be.
    pub(super) sources: &'e [EventId],
    /// What `channel` can be; empty: any.
    pub(super) channels: &'e [ChannelId],
    /// The event that a `where` looks at.
    pub(super) of: Option<EventId>,
}

impl<'e> Reader<'e> {
    pub(super) fn of_sources(sources: &'e [EventId]) -> Reader<'e> {
        Reader { sources, ..Reader::default() }
    }

    /// What the expression looks at, each with its place.
    pub(super) fn nodes(&self, checked: &Checked, expr: &Expr) -> Vec<(Node, Location)> {
        let mut found = Vec::new();
        self.expr(checked, expr, &mut found);
        found
    }

    fn expr(&self, checked: &Checked, expr: &Expr, found: &mut Vec<(Node, Location)>) {
        let here = expr.at;
        match &expr.kind {
            ExprKind::Attribute(id) => found.push((Node::Attribute(*id), here)),
            ExprKind::EventField(name) | ExprKind::TriggerField(name) => {
                for source in self.sources {
                    let fields = &checked.events[source.index()].fields;
                    if let Some(position) = fields.iter().position(|field| field.name == *name) {
                        found.push((Node::Field(*source, position as u32), here));
                    }
                }
            }
            ExprKind::Field(position) => {
                found.extend(self.of.map(|event| (Node::Field(event, *position), here)))
            }
            ExprKind::Local(_) => found.extend(zone(checked).map(|zone| (zone, here))),
            ExprKind::Aggregate(aggregate) => {
                self.aggregate(checked, aggregate, here, found);
                // The filter has been looked at with its event.
                return;
            }
            ExprKind::Predict(id) => found.push((Node::Model(*id), here)),
            ExprKind::Consent(purpose, channel) => {
                let asked = self.possible(checked, channel);
                found.extend(asked.into_iter().map(|channel| (Node::Consent(*purpose, channel), here)));
            }
            ExprKind::Reachable(channel) => {
                let asked = self.possible(checked, channel);
                found.extend(asked.into_iter().map(|channel| (Node::Address(channel), here)));
            }
            ExprKind::InJourney(id) => found.push((Node::Journey(*id), here)),
            kind => found
                .extend(Definition::named_by(kind).map(|definition| (Node::Definition(definition), here))),
        }
        for child in expr.children() {
            self.expr(checked, child, found);
        }
    }

    fn aggregate(
        &self,
        checked: &Checked,
        aggregate: &Aggregate,
        here: Location,
        found: &mut Vec<(Node, Location)>,
    ) {
        let event = aggregate.pattern.event;
        self.pattern(checked, &aggregate.pattern, here, found);
        found.extend(aggregate.field.map(|field| (Node::Field(event, field), here)));
        if let Within::Calendar(_) = aggregate.within {
            found.extend(zone(checked).map(|zone| (zone, here)));
        }
    }

    fn pattern(
        &self,
        checked: &Checked,
        pattern: &Pattern,
        here: Location,
        found: &mut Vec<(Node, Location)>,
    ) {
        found.push((Node::Event(pattern.event), here));
        found.extend(pattern.message.map(|message| (Node::Message(message), here)));
        let Some(filter) = &pattern.filter else { return };
        let inside = Reader { of: Some(pattern.event), ..*self };
        inside.expr(checked, filter, found);
        if is_delivery(pattern.event) {
            // `where message == m` asks for a message as `opened(m)` does.
            let mut named = Vec::new();
            filter.find(&mut |expr| {
                match &expr.kind {
                    ExprKind::Constant(Constant::Message(id)) => named.push(*id),
                    ExprKind::InList(_, members) => {
                        named.extend(members.iter().filter_map(|member| match member {
                            Constant::Message(id) => Some(*id),
                            _ => None,
                        }));
                    }
                    _ => {}
                }
                None::<()>
            });
            found.extend(named.into_iter().map(|message| (Node::Message(message), filter.at)));
        }
    }

    /// What an occurrence depends on.
    pub(super) fn occurrence(&self, checked: &Checked, occurrence: &Occurrence) -> Vec<(Node, Location)> {
        let mut found = Vec::new();
        match &occurrence.kind {
            OccurrenceKind::Event(pattern) => self.pattern(checked, pattern, occurrence.at, &mut found),
            OccurrenceKind::Enter(segment) | OccurrenceKind::Leave(segment) => {
                found.push((Node::Definition(Definition::Segment(*segment)), occurrence.at));
            }
            OccurrenceKind::Every { .. } => found.extend(zone(checked).map(|zone| (zone, occurrence.at))),
        }
        found
    }

    fn possible(&self, checked: &Checked, channel: &Expr) -> Vec<ChannelId> {
        match &channel.kind {
            ExprKind::Constant(Constant::Channel(id)) => vec![*id],
            ExprKind::Channel if !self.channels.is_empty() => self.channels.to_vec(),
            _ => (0..checked.channels.len()).map(ChannelId::at).collect(),
        }
    }
}

/// The attribute that local time goes by.
pub(super) fn zone(checked: &Checked) -> Option<Node> {
    checked.timezone.map(Node::Attribute)
}
