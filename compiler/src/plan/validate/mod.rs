//! Reading a plan from outside: whatever the bytes are, what comes out is a plan that engines and runtime can
//! rely on, or an error that says what is wrong.

mod expressions;
mod journeys;
mod tables;

use super::{FORMAT, Message, Plan};
use crate::engine::Walk;
use crate::ids::*;
use crate::types::{Element, Type};
use crate::units::DAY;
use std::fmt;

/// Why something is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError(String);

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is not a valid plan: {}", self.0)
    }
}

impl std::error::Error for PlanError {}

type Checked = Result<(), PlanError>;

fn wrong<T>(place: impl fmt::Display, problem: impl fmt::Display) -> Result<T, PlanError> {
    Err(PlanError(format!("{place}: {problem}")))
}

/// An error unless the condition holds.
fn ensure(condition: bool, place: impl fmt::Display, problem: impl fmt::Display) -> Checked {
    if condition { Ok(()) } else { wrong(place, problem) }
}

impl Plan {
    /// The plan that was written as JSON.
    pub fn decode(bytes: &[u8]) -> Result<Plan, PlanError> {
        let plan: Plan = match serde_json::from_slice(bytes) {
            Ok(plan) => plan,
            // A plan of another version may fail at any place: say what matters.
            Err(error) => match serde_json::from_slice(bytes) {
                Ok(Head { format }) if format != FORMAT => return Err(other_format(format)),
                _ => return Err(PlanError(error.to_string())),
            },
        };
        plan.validate()?;
        Ok(plan)
    }

    /// Whether everything that engines and runtime rely on holds: positions are inside their tables, operands
    /// come before what uses them, operations have operands of their types, constants mean something.
    pub fn validate(&self) -> Result<(), PlanError> {
        if self.format != FORMAT {
            return Err(other_format(self.format));
        }
        self.check_vocabulary()?;
        self.check_expressions()?;
        self.check_history()?;
        self.check_rules()?;
        self.check_messages(self.messages.iter().map(|message| &**message))?;
        self.check_journeys()?;
        self.check_models()?;
        self.check_cycles()?;
        self.check_size()
    }

    /// The same of a plan that differs from a valid one in what these messages say and what is kept for them, and has more
    /// expressions and atoms, all of which come to `needed` when each root is counted by itself.
    pub(crate) fn validate_amended(
        &self,
        before: &Plan,
        messages: &[MessageId],
        needed: usize,
    ) -> Result<(), PlanError> {
        let messages: Vec<&Message> = messages.iter().map(|id| &*self.messages[id.index()]).collect();
        if self.streams != before.streams || self.windows != before.windows {
            self.check_history()?;
        }
        self.check_made_of(&messages)?;
        self.check_messages(messages)?;
        self.check_needed(needed)
    }

    fn check_messages<'p>(&self, messages: impl IntoIterator<Item = &'p Message>) -> Checked {
        let mut walk = Walk::new(self);
        messages.into_iter().try_for_each(|message| self.check_message(message, &mut walk))
    }

    /// Whether a type's own ids exist.
    fn check_type(&self, place: impl fmt::Display, ty: Type) -> Checked {
        match ty {
            Type::Enum(id) | Type::Set(Element::Enum(id)) => {
                ensure(id.index() < self.enums.len(), place, "its enum doesn't exist")
            }
            Type::Arm(id) => {
                ensure(id.index() < self.experiments.len(), place, "its experiment doesn't exist")
            }
            _ => Ok(()),
        }
    }

    /// Whether a cell means a value of the type.
    fn is_cell(&self, ty: Type, cell: u64) -> bool {
        let below = |len: usize| cell < len as u64;
        match ty {
            Type::Bool => cell <= 1,
            Type::Number | Type::Percent => !f64::from_bits(cell).is_nan(),
            Type::Set(_) => cell == 0,
            Type::Enum(id) => self.enums.get(id.index()).is_some_and(|it| below(it.members.len())),
            Type::Arm(id) => self.experiments.get(id.index()).is_some_and(|it| below(it.arms.len())),
            Type::Channel => below(self.channels.len()),
            Type::Class => below(self.classes.len()),
            Type::Message => below(self.messages.len()),
            Type::Purpose => below(self.purposes.len()),
            Type::Weekday => cell < 7,
            _ if ty.is_text() => below(self.texts.len()),
            _ => true,
        }
    }

    fn check_cell(&self, place: impl fmt::Display, ty: Type, cell: u64) -> Checked {
        ensure(self.is_cell(ty, cell), place, format_args!("{cell} is no constant of its type"))
    }

    /// Whether an expression exists and is a condition.
    fn check_condition(&self, place: impl fmt::Display, expr: ExprId) -> Checked {
        match self.exprs.get(expr.index()) {
            Some(node) => ensure(node.ty == Type::Bool, place, "it is not a condition"),
            None => wrong(place, "its expression doesn't exist"),
        }
    }
}

/// What can be read of any version.
#[derive(serde::Deserialize)]
struct Head {
    format: u32,
}

fn other_format(format: u32) -> PlanError {
    PlanError(format!("its format is {format}, this version reads {FORMAT}"))
}

#[cfg(test)]
mod tests;
