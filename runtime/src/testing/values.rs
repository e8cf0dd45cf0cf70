//! What a test states, as values of the runtime.

use crate::format;
use crate::policy::Policy;
use crate::zone::Zone;
use comity_compiler::checked::{Constant, Given};
use comity_compiler::frame::Frame;
use comity_compiler::types::Type;
use comity_compiler::value::Value;

/// A stated value, as an attribute or a field of this type holds it.
pub(super) fn value(policy: &Policy, given: &Given, ty: Type) -> Value {
    match (given, ty) {
        (Given::One(constant), _) => one(policy, constant, ty),
        (Given::Set(members), Type::Set(element)) => {
            let mut members: Vec<Value> =
                members.iter().map(|member| one(policy, member, element.ty())).collect();
            members.sort();
            members.dedup();
            Value::Set(members.into())
        }
        // The check refuses it.
        (Given::Set(_), _) => Value::Set([].into()),
    }
}

fn one(policy: &Policy, constant: &Constant, ty: Type) -> Value {
    Value::Cell(match *constant {
        Constant::Text(ref text) => return policy.text(text),
        Constant::EmptySet => return Value::Set([].into()),
        Constant::Bool(value) => value.into(),
        // Minus zero and zero are one value.
        Constant::Number(value) => (value + 0.0).to_bits(),
        Constant::Int(value) if ty.is_float() => (value as f64).to_bits(),
        Constant::Int(value)
        | Constant::Money(value)
        | Constant::Duration(value)
        | Constant::Time(value)
        | Constant::Date(value)
        | Constant::Instant(value) => value.cast_unsigned(),
        Constant::Member(position) => position.into(),
        Constant::Channel(id) => id.0.into(),
        Constant::Class(id) => id.0.into(),
        Constant::Message(id) => id.0.into(),
        Constant::Purpose(id) => id.0.into(),
        Constant::Weekday(day) => day.into(),
    })
}

/// A value as the policy would write it; texts with their quotes.
pub(super) fn show(policy: &Policy, value: Option<&Value>, ty: Type) -> String {
    let Some(value) = value else { return "unknown".to_owned() };
    match (value, ty) {
        (Value::Set(members), Type::Set(element)) => {
            let members: Vec<String> =
                members.iter().map(|member| show(policy, Some(member), element.ty())).collect();
            format!("[{}]", members.join(", "))
        }
        (Value::Set(_), _) => "[]".to_owned(),
        (Value::Text(text), _) => format!("{text:?}"),
        (Value::Cell(cell), _) => {
            let mut text = String::new();
            let frame = Frame::new(&policy.plan);
            format::print(&mut text, *cell, ty, &policy.plan, &frame, None, Zone::utc());
            if ty.is_text() { format!("{text:?}") } else { text }
        }
    }
}
