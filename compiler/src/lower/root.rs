//! What expressions begin with: the customer, the event, the message, the moment.

use super::Lowerer;
use super::scope::Scope;
use crate::checked::{Constant, Expr, ExprKind, LocalPart, OccurrenceKind};
use crate::ids::*;
use crate::plan::Source;
use crate::types::Type;

impl Lowerer<'_> {
    pub(super) fn root(&mut self, expr: &Expr, scope: &Scope<'_>) -> ExprId {
        let ty = expr.ty;
        match &expr.kind {
            ExprKind::Attribute(id) => match self.checked.attributes.get(id.index()) {
                Some(attribute) => self.b.slot(Source::Attribute(*id), attribute.ty, attribute.optional),
                None => self.missing(ty),
            },
            ExprKind::Field(position) => {
                let event = scope.event.and_then(|event| self.checked.events.get(event.index()));
                match event.and_then(|event| event.fields.get(*position as usize)) {
                    Some(field) => self.b.slot(Source::Field(*position), field.ty, field.optional),
                    None => self.missing(ty),
                }
            }
            ExprKind::EventField(name) => {
                self.uses.message = true;
                let optional = self.event_field_is_optional(name, scope).unwrap_or(expr.optional);
                let name = self.b.text(name);
                self.b.slot(Source::Event(name), ty, optional)
            }
            // Inside a journey there is no other event.
            ExprKind::TriggerField(name) => {
                let name = self.b.text(name);
                self.b.slot(Source::Event(name), ty, expr.optional)
            }
            ExprKind::MessageAttribute(_) | ExprKind::MessageName | ExprKind::MessageClass => {
                self.uses.message = true;
                let constant = self.of_message(expr, scope);
                constant.unwrap_or_else(|| self.missing(ty))
            }
            ExprKind::Channel => {
                self.uses.channel = true;
                match scope.channel {
                    Some(channel) => self.b.constant(channel.0.into(), Type::Channel),
                    None => self.missing(ty),
                }
            }
            ExprKind::Parameter(position) => match scope.arguments.get(*position as usize) {
                Some(argument) => *argument,
                None => self.missing(ty),
            },
            ExprKind::Propensity | ExprKind::Value | ExprKind::Lever => match (scope.score, &expr.kind) {
                (Some(score), ExprKind::Propensity) => score.propensity,
                (Some(score), ExprKind::Value) => score.value,
                (Some(score), _) => score.lever,
                (None, _) => self.missing(ty),
            },
            ExprKind::Now => self.b.slot(Source::Now, Type::Instant, false),
            ExprKind::Local(part) => {
                let (source, ty) = match part {
                    LocalPart::Date => (Source::LocalDate, Type::Date),
                    LocalPart::Time => (Source::LocalTime, Type::Time),
                    LocalPart::Hour => (Source::LocalHour, Type::Int),
                    LocalPart::Weekday => (Source::LocalWeekday, Type::Weekday),
                    LocalPart::Month => (Source::LocalMonth, Type::Int),
                    LocalPart::Day => (Source::LocalDay, Type::Int),
                };
                self.b.slot(source, ty, false)
            }
            ExprKind::Bucket(salt) => {
                let salt = self.b.text(salt);
                self.b.slot(Source::Bucket(salt), Type::Percent, false)
            }
            ExprKind::Predict(model) => self.b.slot(Source::Predict(*model), Type::Percent, false),
            ExprKind::Arm(experiment) => self.b.slot(Source::Arm(*experiment), Type::Arm(*experiment), false),
            ExprKind::InJourney(journey) => self.b.slot(Source::InJourney(*journey), Type::Bool, false),
            _ => self.missing(ty),
        }
    }

    /// Whether some event that proposes the message can lack the field; of one that none proposes, whether some
    /// event can.
    fn event_field_is_optional(&self, name: &str, scope: &Scope<'_>) -> Option<bool> {
        let message = self.checked.messages.get(scope.message?.index())?;
        if message.triggers.is_empty() {
            let mut fields = self.checked.events.iter().flat_map(|event| &event.fields);
            return Some(fields.any(|field| field.name == name && field.optional));
        }
        let fields = message.triggers.iter().filter_map(|trigger| match &trigger.kind {
            OccurrenceKind::Event(pattern) => {
                let event = self.checked.events.get(pattern.event.index())?;
                event.fields.iter().find(|field| field.name == name)
            }
            _ => None,
        });
        fields.map(|field| field.optional).reduce(|a, b| a || b)
    }

    fn of_message(&mut self, expr: &Expr, scope: &Scope<'_>) -> Option<ExprId> {
        let id = scope.message?;
        let message = self.checked.messages.get(id.index())?;
        Some(match &expr.kind {
            ExprKind::MessageName => self.b.constant(id.0.into(), Type::Message),
            ExprKind::MessageClass => self.b.constant(message.class.0.into(), Type::Class),
            ExprKind::MessageAttribute(name) => {
                let attribute = message.attributes.iter().find(|attribute| attribute.name == *name)?;
                let cell = self.cell(&attribute.value, attribute.ty);
                let constant = self.b.constant(cell, attribute.ty);
                // In a score, money is its amount in major units.
                self.as_type(constant, expr.ty, false)
            }
            _ => return None,
        })
    }

    /// A cell of a type.
    pub(super) fn cell(&mut self, constant: &Constant, ty: Type) -> u64 {
        match *constant {
            Constant::Int(value) if ty.is_float() => (value as f64).to_bits(),
            Constant::Bool(value) => value.into(),
            Constant::Number(value) => value.to_bits(),
            Constant::Int(value)
            | Constant::Money(value)
            | Constant::Duration(value)
            | Constant::Time(value)
            | Constant::Date(value)
            | Constant::Instant(value) => value as u64,
            Constant::Text(ref text) => self.b.text(text).0.into(),
            Constant::Member(position) => position.into(),
            Constant::Channel(id) => id.0.into(),
            Constant::Class(id) => id.0.into(),
            Constant::Message(id) => id.0.into(),
            Constant::Purpose(id) => id.0.into(),
            Constant::Weekday(day) => day.into(),
            Constant::EmptySet => 0,
        }
    }
}
