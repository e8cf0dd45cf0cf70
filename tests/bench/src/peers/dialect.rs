//! How languages write conditions, and their values.
#![allow(dead_code)] // What is needed depends on the features.

use crate::workload::Workload;
use crate::workload::rules::{Atom, Message, Test};
use crate::workload::slots::{Kind, Row, SLOTS, Slot};

/// How a language writes conditions.
pub(super) struct Dialect {
    pub and: &'static str,
    pub or: &'static str,
    pub not: &'static str,
    pub equal: &'static str,
    pub unequal: &'static str,
    /// That something is one of some members, so that `not` can stand before it.
    pub is_in: fn(name: &str, members: &[String]) -> String,
    pub name: fn(&Slot) -> String,
    pub constant: fn(&Slot, f64) -> String,
}

/// What most languages have in common.
pub(super) const COMMON: Dialect = Dialect {
    and: " && ",
    or: " || ",
    not: "!",
    equal: "==",
    unequal: "!=",
    is_in: |name, members| format!("({name} in [{}])", members.join(", ")),
    name: |slot| slot.name.to_owned(),
    constant: Slot::json,
};

impl Dialect {
    /// The conditions of all messages.
    pub(super) fn conditions(&self, workload: &Workload) -> Vec<String> {
        workload.rules.messages.iter().map(|message| self.condition(workload, message)).collect()
    }

    fn condition(&self, workload: &Workload, message: &Message) -> String {
        workload.rules.condition(message, [self.and, self.or], |atom, negated| self.atom(atom, negated))
    }

    /// One atom, or its negation.
    pub(super) fn atom(&self, atom: &Atom, negated: bool) -> String {
        let slot = &SLOTS[atom.slot];
        let (name, not) = ((self.name)(slot), if negated { self.not } else { "" });
        let constant = |value: &f64| (self.constant)(slot, *value);
        match &atom.test {
            Test::Compare(how, limit) => format!("{name} {} {}", how.sign(), constant(limit)),
            Test::Is(member) => {
                format!("{name} {} {}", if negated { self.unequal } else { self.equal }, constant(member))
            }
            Test::In(members) => {
                let members: Vec<String> = members.iter().map(constant).collect();
                let is_in = (self.is_in)(&name, &members);
                format!("{not}{is_in}")
            }
            Test::Holds => format!("{not}{name}"),
        }
    }
}

/// The messages for whose conditions something holds.
pub(super) fn each<C>(conditions: &[C], found: &mut Vec<u32>, mut holds: impl FnMut(&C) -> bool) {
    for (index, condition) in (0..).zip(conditions) {
        if holds(condition) {
            found.push(index);
        }
    }
}

/// Compiles texts, up to the first that is refused.
pub(super) fn compiled<C, E: std::fmt::Display>(
    texts: &[String],
    mut compile: impl FnMut(&str) -> Result<C, E>,
) -> Result<Vec<C>, String> {
    texts.iter().map(|text| compile(text).map_err(|error| format!("{text}: {error}"))).collect()
}

/// A value as dynamic languages have it.
pub(super) enum Dynamic {
    Text(&'static str),
    Int(i64),
    Number(f64),
    Bool(bool),
}

/// The values of a row by their slots.
pub(super) fn values(row: &Row) -> impl Iterator<Item = (&'static Slot, Dynamic)> {
    SLOTS.iter().zip(*row).map(|(slot, value)| {
        let value = match slot.kind {
            Kind::Member { .. } => Dynamic::Text(slot.member(value)),
            Kind::Int => Dynamic::Int(value as i64),
            Kind::Number(_) => Dynamic::Number(value),
            Kind::Bool => Dynamic::Bool(value == 1.0),
        };
        (slot, value)
    })
}

/// The values of a row as one JSON object.
pub(super) fn object(row: &Row) -> serde_json::Value {
    let members = values(row).map(|(slot, value)| {
        let value = match value {
            Dynamic::Text(text) => text.into(),
            Dynamic::Int(int) => int.into(),
            Dynamic::Number(number) => number.into(),
            Dynamic::Bool(bool) => bool.into(),
        };
        (slot.name.to_owned(), value)
    });
    serde_json::Value::Object(members.collect())
}
