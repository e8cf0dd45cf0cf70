//! What messages look at, and the rules that govern them.

use super::expression::{Reader, zone};
use super::graph::Graph;
use super::{How, Node};
use crate::checked::{ChannelKind, Message, OccurrenceKind, Piece, StatementKind};
use crate::ids::*;
use crate::plan::CapSpan;

impl Graph<'_> {
    /// Addresses, quiet hours and the rules of purposes.
    pub(super) fn ways_out(&mut self) {
        let checked = self.checked;
        let plain = Reader::default();
        for (position, channel) in checked.channels.iter().enumerate() {
            let id = ChannelId::at(position);
            if let ChannelKind::Address(address) | ChannelKind::Device(address) = channel.kind {
                self.step(Node::Address(id), Node::Attribute(address), channel.at, How::Is);
            }
            for quiet in &channel.quiet {
                if let Some(zone) = zone(checked) {
                    self.step(Node::Quiet(id), zone, channel.at, How::UsesTimeZone);
                }
                if let Some(when) = &quiet.when {
                    self.reads(Node::Quiet(id), when, How::LooksAt, &plain);
                }
            }
        }
        for (position, purpose) in checked.purposes.iter().enumerate() {
            for rule in &purpose.rules {
                let Some(when) = &rule.when else { continue };
                for channel in &rule.channels {
                    let from = Node::Consent(PurposeId::at(position), *channel);
                    self.reads(from, when, How::LooksAt, &plain);
                }
            }
        }
    }

    /// Suppression and the score.
    pub(super) fn rules(&mut self) {
        let checked = self.checked;
        for (position, rule) in checked.suppressions.iter().enumerate() {
            let from = Node::Suppress(SuppressId::at(position));
            self.reads(
                from,
                &rule.condition,
                How::LooksAt,
                &Reader { channels: &rule.selector.channels, ..Reader::default() },
            );
        }
        if let Some(score) = checked.arbitrate.as_ref().and_then(|arbitrate| arbitrate.score.as_ref()) {
            self.reads(Node::Score, score, How::LooksAt, &Reader::default());
        }
    }

    pub(super) fn messages(&mut self) {
        let senders = self.senders();
        for (position, message) in self.checked.messages.iter().enumerate() {
            let id = MessageId::at(position);
            self.message(id, message, senders.get(position).map_or(&[], Vec::as_slice));
        }
    }

    fn message(&mut self, id: MessageId, message: &Message, senders: &[JourneyId]) {
        let checked = self.checked;
        let (this, gates) = (Node::Message(id), Node::Gates(id));
        self.follows(this, gates);
        let journeys = senders.iter().flat_map(|journey| &checked.journeys[journey.index()].triggers);
        let sources: Vec<EventId> = message
            .triggers
            .iter()
            .chain(journeys)
            .filter_map(|occurrence| match &occurrence.kind {
                OccurrenceKind::Event(pattern) => Some(pattern.event),
                _ => None,
            })
            .collect();
        let mut channels = message.via.clone();
        channels.extend(message.placements.iter().map(|one| checked.placements[one.index()].channel));
        channels.sort_unstable();
        channels.dedup();
        let reader = Reader { sources: &sources, channels: &channels, ..Reader::default() };

        for trigger in &message.triggers {
            for (node, at) in Reader::default().occurrence(checked, trigger) {
                self.step(this, node, at, How::IsProposedBy);
            }
        }
        let conditions = message.when.iter().chain(&message.unless);
        for expr in conditions.chain(&message.value).chain(&message.propensity).chain(&message.lever) {
            self.reads(gates, expr, How::LooksAt, &reader);
        }
        for content in &message.content {
            for (_, pieces) in &content.fields {
                for piece in pieces {
                    if let Piece::Value(value) = piece {
                        self.reads(this, value, How::Prints, &reader);
                    }
                }
            }
            if let (Some(_), Some(language)) = (&content.language, checked.language) {
                self.step(this, Node::Attribute(language), content.at, How::LooksAt);
            }
        }
        if let (Some(_), Some(zone)) = (message.active, zone(checked)) {
            self.step(gates, zone, message.at, How::UsesTimeZone);
        }
        self.governed(gates, message, &channels);
    }

    /// What the rules of the policy add.
    fn governed(&mut self, gates: Node, message: &Message, channels: &[ChannelId]) {
        let checked = self.checked;
        for channel in channels {
            self.step(gates, Node::Address(*channel), message.at, How::GoesTo);
            for purpose in &message.purposes {
                self.step(gates, Node::Consent(*purpose, *channel), message.at, How::NeedsConsent);
            }
        }
        let Some(class) = checked.classes.get(message.class.index()) else { return };
        if !class.ignores_quiet {
            for channel in &message.via {
                self.step(gates, Node::Quiet(*channel), message.at, How::IsHeldBackBy);
            }
        }
        let matches = |selector: &crate::plan::Selector| {
            channels.iter().any(|channel| selector.matches(message.class, &message.tags, *channel))
        };
        if !class.ignores_suppression {
            for (position, rule) in checked.suppressions.iter().enumerate() {
                if matches(&rule.selector) {
                    self.step(gates, Node::Suppress(SuppressId::at(position)), rule.at, How::IsBlockedBy);
                }
            }
        }
        if !class.ignores_caps
            && let Some(zone) = zone(checked)
        {
            let calendar = |span: &CapSpan| !matches!(span, CapSpan::Rolling(_));
            for cap in checked.caps.iter().filter(|cap| calendar(&cap.span) && matches(&cap.selector)) {
                self.step(gates, zone, cap.at, How::UsesTimeZone);
            }
        }
        if let Some(arbitrate) = &checked.arbitrate
            && let Some(score) = &arbitrate.score
        {
            self.step(gates, Node::Score, score.at, How::IsScoredBy);
        }
    }

    /// The journeys that send each message.
    fn senders(&self) -> Vec<Vec<JourneyId>> {
        let mut senders = vec![Vec::new(); self.checked.messages.len()];
        for (position, journey) in self.checked.journeys.iter().enumerate() {
            let mut open: Vec<&[_]> = vec![&journey.body];
            while let Some(statements) = open.pop() {
                for statement in statements {
                    open.extend(statement.branches());
                    if let StatementKind::Send(send) = &statement.kind {
                        senders[send.message.index()].push(JourneyId::at(position));
                    }
                }
            }
        }
        senders
    }
}
