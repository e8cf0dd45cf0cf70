//! Messages: what proposes them, and what each of their ways out asks (reference §9).

use super::origins::{Declaration, DeclarationKind};
use super::scope::{Scope, Score, Shared};
use super::{Lowerer, guard};
use crate::checked::{self, OccurrenceKind, Place};
use crate::ids::*;
use crate::plan::{self, Op, Route, Trigger};
use crate::types::Type;

impl Lowerer<'_> {
    pub(super) fn message(&mut self, id: MessageId) -> plan::Message {
        let message = &self.checked.messages[id.index()];
        let owner = Declaration { kind: DeclarationKind::Message, name: message.name.clone() };
        let scope = Scope { message: Some(id), ..Scope::of(&owner) };

        let mut attributes = Vec::with_capacity(message.attributes.len());
        for checked::MessageAttribute { name, ty, value } in &message.attributes {
            let value = self.outside(value, *ty);
            attributes.push(plan::MessageAttribute { name: name.clone(), ty: *ty, value });
        }
        let guard = self.eligibility(message, &scope);
        let triggers = message.triggers.iter().map(|trigger| self.trigger(&trigger.kind, &scope)).collect();
        let routes = message.via.iter();
        let routes =
            routes.map(|&channel| self.route(message, Place::Channel(channel), channel, &scope)).collect();
        let mut displays = Vec::with_capacity(message.placements.len());
        for &placement in &message.placements {
            let Some(on) = self.checked.placements.get(placement.index()) else { continue };
            let route = self.route(message, Place::Placement(placement), on.channel, &scope);
            displays.push(plan::Display { placement, route });
        }
        plan::Message {
            name: message.name.clone(),
            class: message.class,
            purposes: message.purposes.clone(),
            tags: message.tags.clone(),
            owner: message.owner.clone(),
            attributes,
            active: message.active,
            expires: message.expires,
            guard,
            triggers,
            routes,
            displays,
        }
    }

    /// `when`, and not `unless`.
    fn eligibility(&mut self, message: &checked::Message, scope: &Scope<'_>) -> plan::Guard {
        let mut condition = self.b.bool(true);
        if let Some(when) = &message.when {
            condition = self.expr(when, scope);
        }
        if let Some(unless) = &message.unless {
            let unless = self.expr(unless, scope);
            let not = self.b.not(unless);
            condition = self.b.and(condition, not);
        }
        self.guard(condition)
    }

    /// A condition as clauses over atoms.
    pub(super) fn guard(&mut self, condition: ExprId) -> plan::Guard {
        let written_as = &mut self.notes.atoms;
        guard::guard(&mut self.b, &mut self.atoms, condition, |written, atom| {
            if written_as.len() <= atom.index() {
                written_as.resize(atom.index() + 1, Vec::new());
            }
            if !written_as[atom.index()].contains(&written) {
                written_as[atom.index()].push(written);
            }
        })
    }

    pub(super) fn trigger(&mut self, kind: &OccurrenceKind, scope: &Scope<'_>) -> Trigger {
        match kind {
            OccurrenceKind::Event(pattern) => {
                let filter = self.pattern(pattern, scope);
                let always = self.b.as_constant(filter) == Some(1);
                Trigger::Event { event: pattern.event, filter: (!always).then_some(filter) }
            }
            OccurrenceKind::Enter(segment) => Trigger::Enter(*segment),
            OccurrenceKind::Leave(segment) => Trigger::Leave(*segment),
            OccurrenceKind::Every { weekday, time } => Trigger::Every { weekday: *weekday, time: *time },
        }
    }

    fn route(
        &mut self,
        message: &checked::Message,
        place: Place,
        channel: ChannelId,
        scope: &Scope<'_>,
    ) -> Route {
        let scope = Scope { channel: Some(channel), ..*scope };
        let class = self.checked.classes.get(message.class.index());
        let mut suppressions = Vec::new();
        if !class.is_some_and(|class| class.ignores_suppression) {
            for (index, rule) in self.checked.suppressions.iter().enumerate() {
                if rule.selector.matches(message.class, &message.tags, channel) {
                    let id = SuppressId::at(index);
                    let condition = self.suppression(id, rule, &scope);
                    if self.b.as_constant(condition) != Some(0) {
                        suppressions.push((id, condition));
                    }
                }
            }
        }
        let mut caps = Vec::new();
        if !class.is_some_and(|class| class.ignores_caps) {
            let counting = self.checked.caps.iter().enumerate();
            let counting =
                counting.filter(|(_, cap)| cap.selector.matches(message.class, &message.tags, channel));
            caps.extend(counting.map(|(index, _)| CapId::at(index)));
        }
        Route {
            channel,
            suppressions,
            caps,
            score: self.score(message, &scope),
            content: self.content(message, place, &scope),
        }
    }

    fn suppression(&mut self, id: SuppressId, rule: &checked::Suppress, scope: &Scope<'_>) -> ExprId {
        let owner = Declaration { kind: DeclarationKind::Suppress, name: rule.name.clone() };
        let lowered = self.shared(Shared::Suppress(id), &[], scope, |lowerer| {
            let scope = Scope { message: scope.message, channel: scope.channel, ..Scope::of(&owner) };
            lowerer.expr(&rule.condition, &scope)
        });
        lowered.unwrap_or_else(|| self.b.bool(false))
    }

    /// What `arbitrate` says of it; without that, the product of what a score is made of.
    fn score(&mut self, message: &checked::Message, scope: &Scope<'_>) -> ExprId {
        let score = Score {
            propensity: self.factor(message.propensity.as_ref(), scope),
            value: self.factor(message.value.as_ref(), scope),
            lever: self.factor(message.lever.as_ref(), scope),
        };
        let rule = self.checked.arbitrate.as_ref().and_then(|arbitrate| arbitrate.score.as_ref());
        let Some(rule) = rule else {
            let expected = self.b.operation(Op::Multiply(score.propensity, score.value), Type::Number);
            return self.b.operation(Op::Multiply(expected, score.lever), Type::Number);
        };
        let owner = Declaration { kind: DeclarationKind::Arbitrate, name: Default::default() };
        let scope = Scope { score: Some(score), owner: &owner, ..*scope };
        let lowered = self.expr(rule, &scope);
        self.b.as_major(lowered)
    }

    /// A part of a score as a number, money in major units; 1 where the message doesn't say.
    fn factor(&mut self, factor: Option<&checked::Expr>, scope: &Scope<'_>) -> ExprId {
        match factor {
            Some(factor) => {
                let lowered = self.expr(factor, scope);
                self.b.as_major(lowered)
            }
            None => self.b.constant(1.0_f64.to_bits(), Type::Number),
        }
    }

    /// A placement's content may also be named for its channel, as far as it has none of its own.
    fn content(&mut self, message: &checked::Message, place: Place, scope: &Scope<'_>) -> Vec<plan::Variant> {
        let of = |place: Place| message.content.iter().filter(move |content| content.place == place);
        let mut contents: Vec<_> = of(place).collect();
        if let (Place::Placement(_), Some(channel)) = (place, scope.channel)
            && contents.iter().all(|content| content.language.is_some())
        {
            let own: Vec<_> = contents.iter().map(|content| content.language.clone()).collect();
            contents.extend(of(Place::Channel(channel)).filter(|content| !own.contains(&content.language)));
        }
        let mut variants = Vec::with_capacity(contents.len());
        for content in contents {
            let mut fields = Vec::with_capacity(content.fields.len());
            for (name, pieces) in &content.fields {
                let piece = |piece: &checked::Piece| match piece {
                    checked::Piece::Text(text) => plan::Piece::Text(text.clone()),
                    checked::Piece::Value(value) => plan::Piece::Value(self.expr(value, scope)),
                };
                fields.push((name.clone(), pieces.iter().map(piece).collect()));
            }
            variants.push(plan::Variant { language: content.language.clone(), fields });
        }
        variants.sort_by(|a, b| a.language.cmp(&b.language));
        variants
    }
}
