//! Expressions, slots and types in an outline.

use super::Print;
use crate::ids::*;
use crate::lower::words::{constant, quoted};
use crate::plan::{Op, Source};
use crate::types::Type;

impl Print<'_> {
    pub(super) fn ty(&self, ty: Type) -> String {
        match ty {
            Type::Money(currency) => format!("money {}", currency.code()),
            Type::Enum(id) => self.plan.enums[id.index()].name.to_string(),
            Type::Arm(id) => format!("arm of {}", self.plan.experiments[id.index()].name),
            Type::Set(element) => format!("set of {}", self.ty(element.ty())),
            _ => format!("{ty:?}").to_lowercase(),
        }
    }

    pub(super) fn slot(&self, slot: SlotId) -> String {
        let plan = self.plan;
        match plan.slots[slot.index()].source {
            Source::Attribute(id) => format!("profile.{}", plan.attributes[id.index()].name),
            Source::Event(name) => format!("event.{}", plan.texts[name.index()]),
            Source::Field(position) => {
                let event = self.event.and_then(|event| plan.events.get(event.index()));
                match event.and_then(|event| event.fields.get(position as usize)) {
                    Some(field) => field.name.to_string(),
                    None => format!("field {position}"),
                }
            }
            Source::Window(id) => format!("w{}", id.0),
            Source::Now => "now".to_owned(),
            Source::LocalDate => "local.date".to_owned(),
            Source::LocalTime => "local.time".to_owned(),
            Source::LocalHour => "local.hour".to_owned(),
            Source::LocalWeekday => "local.weekday".to_owned(),
            Source::LocalMonth => "local.month".to_owned(),
            Source::LocalDay => "local.day".to_owned(),
            Source::Consent(purpose, channel) => format!(
                "consent({}, {})",
                plan.purposes[purpose.index()].name,
                plan.channels[channel.index()].name
            ),
            Source::Reachable(channel) => format!("reachable({})", plan.channels[channel.index()].name),
            Source::Bucket(salt) => format!("bucket({})", quoted(&plan.texts[salt.index()])),
            Source::Arm(id) => format!("arm({})", plan.experiments[id.index()].name),
            Source::InJourney(id) => format!("in_journey({})", plan.journeys[id.index()].name),
            Source::Predict(id) => format!("predict({})", plan.models[id.index()].name),
            Source::Nothing => "nothing".to_owned(),
        }
    }

    fn is_shared(&self, id: ExprId) -> bool {
        self.shared.get(id.index()) == Some(&true)
    }

    /// An expression as it stands in another line.
    pub(super) fn expr(&self, id: ExprId) -> String {
        if self.is_shared(id) { format!("e{}", id.0) } else { self.operation(id) }
    }

    /// An operand: in parentheses where it is an operation with words or signs between.
    pub(super) fn operand(&self, id: ExprId) -> String {
        let op = &self.plan.expr(id).op;
        let alone = matches!(op, Op::Constant(_) | Op::Unknown | Op::Slot(_));
        let text = self.expr(id);
        if self.is_shared(id) || alone || text.ends_with(')') && !text.contains(' ') {
            text
        } else {
            format!("({text})")
        }
    }

    pub(super) fn operation(&self, id: ExprId) -> String {
        let node = self.plan.expr(id);
        let infix = |a, word: &str, b| format!("{} {word} {}", self.operand(a), self.operand(b));
        let call = |name: &str, a| format!("{name}({})", self.expr(a));
        let call_two = |name: &str, a, b| format!("{name}({}, {})", self.expr(a), self.expr(b));
        match node.op {
            Op::Constant(cell) => constant(self.plan, cell, node.ty),
            Op::Unknown => "unknown".to_owned(),
            Op::Slot(slot) => self.slot(slot),
            Op::Not(a) => format!("not {}", self.operand(a)),
            Op::And(a, b) => infix(a, "and", b),
            Op::Or(a, b) => infix(a, "or", b),
            Op::IsKnown(a) => format!("{} is known", self.operand(a)),
            Op::Otherwise(a, b) => infix(a, "otherwise", b),
            Op::If(a, b, c) => {
                format!("if {} then {} else {}", self.operand(a), self.operand(b), self.operand(c))
            }
            Op::Compare(comparison, a, b) => infix(a, comparison.sign(), b),
            Op::In(a, ref members) => {
                let ty = self.plan.expr(a).ty;
                let members = self.plan.in_order(ty, members).into_iter();
                let members: Vec<String> = members.map(|cell| constant(self.plan, cell, ty)).collect();
                format!("{} in [{}]", self.operand(a), members.join(", "))
            }
            Op::Add(a, b) => infix(a, "+", b),
            Op::Subtract(a, b) => infix(a, "-", b),
            Op::Multiply(a, b) | Op::Scale(a, b) => infix(a, "*", b),
            Op::Divide(a, b) | Op::Unscale(a, b) => infix(a, "/", b),
            Op::Negate(a) => format!("-{}", self.operand(a)),
            Op::Abs(a) => call("abs", a),
            Op::Min(a, b) => call_two("min", a, b),
            Op::Max(a, b) => call_two("max", a, b),
            Op::ToNumber(a) => call("number", a),
            Op::ToMajor(a, _) => call("major", a),
            Op::Round(a) => call("round", a),
            Op::Floor(a) => call("floor", a),
            Op::Ceil(a) => call("ceil", a),
            Op::Lower(a) => call("lower", a),
            Op::Upper(a) => call("upper", a),
            Op::Length(a) | Op::SetLength(a) => call("length", a),
            Op::StartsWith(a, b) => infix(a, "starts with", b),
            Op::EndsWith(a, b) => infix(a, "ends with", b),
            Op::TextContains(a, b) | Op::SetContains(a, b) => infix(a, "contains", b),
            Op::Matches(a, regex) => {
                format!("{} matches {}", self.operand(a), quoted(&self.plan.regexes[regex.index()]))
            }
            Op::SetContainsAll(a, b) => infix(a, "contains all", b),
            Op::SetOverlaps(a, b) => infix(a, "overlaps", b),
            Op::YearsBetween(a, b) => call_two("years", a, b),
        }
    }
}
