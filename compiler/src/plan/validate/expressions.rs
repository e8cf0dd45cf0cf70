//! Expressions: operands come first and have the types that their operation takes.

use super::{Checked, DAY, ensure, wrong};
use crate::engine::{Need, Walk, extend_with_message};
use crate::ids::*;
use crate::plan::{Comparison, Message, Op, Plan, Slot, Source, Wake, Window};
use crate::types::Type;
use std::fmt;

/// Machine code reaches a slot's cell by an offset of 31 bits.
const MAX_SLOTS: usize = 1 << 24;

/// What all roots are made of, counted for each root by itself: engines keep a list of it. Ten thousand messages
/// come to a tenth of this.
const MAX_NEEDED: usize = 1 << 24;

/// A thing without a name, as errors call it: there are very many, and a text for each would take longer than to look at it.
#[derive(Clone, Copy)]
struct Numbered(&'static str, usize);

impl fmt::Display for Numbered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.1)
    }
}

/// Whether values of two types are told apart by nobody.
pub(super) fn alike(a: Type, b: Type) -> bool {
    a == b || (a.is_float() && b.is_float()) || (a.is_text() && b.is_text())
}

/// What can be added: no position in a table, no text, no set.
fn is_amount(ty: Type) -> bool {
    matches!(ty, Type::Int | Type::Money(_) | Type::Duration | Type::Time | Type::Date | Type::Instant)
}

fn is_set(ty: Type) -> bool {
    matches!(ty, Type::Set(_))
}

impl Plan {
    pub(super) fn check_expressions(&self) -> Checked {
        ensure(self.slots.len() <= MAX_SLOTS, "slots", "there are too many")?;
        for (index, slot) in self.slots.iter().enumerate() {
            self.check_slot(index, &slot.source, slot.ty)?;
        }
        (0..self.exprs.len()).try_for_each(|index| self.check_node(index))?;
        (0..self.atoms.len()).try_for_each(|index| self.check_atom(index))
    }

    fn check_atom(&self, index: usize) -> Checked {
        let (place, atom) = (Numbered("atom", index), &self.atoms[index]);
        self.check_condition(place, atom.expr)?;
        for wake in &atom.wakes {
            ensure(self.can_wake(wake), place, "it wakes at something that doesn't exist")?;
        }
        Ok(())
    }

    /// Whether everything that messages are made of is well formed. The expressions of each are gone through, whether they
    /// are new or not, for machine code is made of them.
    pub(super) fn check_made_of(&self, messages: &[&Message]) -> Checked {
        let mut exprs = Vec::new();
        for message in messages {
            extend_with_message(&mut exprs, message);
            for literal in message.guard.literals() {
                let exists = literal.atom.index() < self.atoms.len();
                ensure(
                    exists,
                    format_args!("message {}", message.name),
                    "an atom of its guard doesn't exist",
                )?;
                exprs.push(self.atoms[literal.atom.index()].expr);
                self.check_atom(literal.atom.index())?;
            }
        }
        Need::of(self, exprs).nodes.iter().try_for_each(|expr| self.check_node(expr.index()))
    }

    fn can_wake(&self, wake: &Wake) -> bool {
        let window = |id: WindowId| self.windows.get(id.index());
        match *wake {
            Wake::Window(id) => window(id).is_some(),
            Wake::Crosses(id, ..) => window(id).is_some_and(Window::is_foreseen),
            Wake::Since(id, _) => window(id).is_some_and(|window| window.ty == Type::Instant),
            Wake::LocalTime(time) => (0..=DAY).contains(&time),
            Wake::OnDate(Some(id), _) => self.slots.get(id.index()).is_some_and(Slot::is_kept_date),
            Wake::OnDate(None, _) | Wake::LocalDate | Wake::At(_) => true,
        }
    }

    /// Roots share what they are made of, so that a small file could ask for more than any memory holds.
    pub(super) fn check_size(&self) -> Checked {
        let mut needed = 0;
        let mut walk = Walk::new(self);
        for root in crate::engine::roots(self) {
            needed += walk.nodes(self, root).len();
            self.check_needed(needed)?;
        }
        Ok(())
    }

    pub(super) fn check_needed(&self, needed: usize) -> Checked {
        ensure(needed <= MAX_NEEDED, "expressions", "there is too much to evaluate")
    }

    fn check_slot(&self, index: usize, source: &Source, ty: Type) -> Checked {
        let place = format_args!("slot {index}").to_string();
        self.check_type(&place, ty)?;
        let has = |exists: bool| ensure(exists, &place, "its source doesn't exist");
        let expected = match *source {
            Source::Attribute(id) => match self.attributes.get(id.index()) {
                Some(attribute) => attribute.ty,
                None => return has(false),
            },
            Source::Event(name) => {
                has(name.index() < self.texts.len())?;
                ty
            }
            Source::Field(_) => ty,
            Source::Window(id) => match self.windows.get(id.index()) {
                Some(window) => window.ty,
                None => return has(false),
            },
            Source::Nothing => ty,
            Source::Now => Type::Instant,
            Source::LocalDate => Type::Date,
            Source::LocalTime => Type::Time,
            Source::LocalHour | Source::LocalMonth | Source::LocalDay => Type::Int,
            Source::LocalWeekday => Type::Weekday,
            Source::Consent(purpose, channel) => {
                has(purpose.index() < self.purposes.len() && channel.index() < self.channels.len())?;
                Type::Bool
            }
            Source::Reachable(channel) => {
                has(channel.index() < self.channels.len())?;
                Type::Bool
            }
            Source::Bucket(salt) => {
                has(salt.index() < self.texts.len())?;
                Type::Percent
            }
            Source::Arm(id) => Type::Arm(id),
            Source::InJourney(id) => {
                has(id.index() < self.journeys.len())?;
                Type::Bool
            }
            Source::Predict(id) => {
                has(id.index() < self.models.len())?;
                Type::Percent
            }
        };
        ensure(alike(ty, expected), &place, "its type isn't that of its source")
    }

    fn check_node(&self, index: usize) -> Checked {
        let node = &self.exprs[index];
        let place = Numbered("expression", index);
        self.check_type(place, node.ty)?;
        for operand in node.op.operands() {
            ensure(operand.index() < index, place, "an operand doesn't come before it")?;
        }
        let of = |id: ExprId| self.exprs[id.index()].ty;
        let bools = |a, b| of(a) == Type::Bool && of(b) == Type::Bool;
        let texts = |a, b| of(a).is_text() && of(b).is_text();
        let double = |a: ExprId| of(a).is_float();
        let amount = |a: ExprId| is_amount(of(a));
        // The result is a bool, a double, an amount, a text, or like an operand.
        let is_bool = node.ty == Type::Bool;
        let is_double = node.ty.is_float();
        let is_result_amount = is_amount(node.ty);
        let same = |a: ExprId| alike(node.ty, of(a));
        let fits = match node.op {
            Op::Constant(cell) => return self.check_cell(place, node.ty, cell),
            Op::Unknown => node.optional,
            Op::Slot(slot) => match self.slots.get(slot.index()) {
                Some(slot) => alike(slot.ty, node.ty),
                None => return wrong(place, "its slot doesn't exist"),
            },
            Op::Not(a) => is_bool && of(a) == Type::Bool,
            Op::And(a, b) | Op::Or(a, b) => is_bool && bools(a, b),
            Op::IsKnown(_) => is_bool,
            Op::Otherwise(a, b) => same(a) && same(b),
            Op::If(condition, a, b) => of(condition) == Type::Bool && same(a) && same(b),
            Op::Compare(comparison, a, b) => {
                let only_equality = of(a).is_text() || is_set(of(a));
                let is_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
                is_bool && alike(of(a), of(b)) && (is_equality || !only_equality)
            }
            Op::In(a, ref members) => {
                ensure(
                    members.is_sorted_by(|a, b| a < b),
                    place,
                    "the members of its list are not ascending",
                )?;
                for member in members {
                    self.check_cell(place, of(a), *member)?;
                }
                is_bool && !double(a) && !is_set(of(a))
            }
            Op::Add(a, b) | Op::Subtract(a, b) | Op::Multiply(a, b) => {
                (is_double && double(a) && double(b)) || (is_result_amount && amount(a) && amount(b))
            }
            Op::Divide(a, b) => is_double && double(a) && double(b),
            Op::Scale(a, b) | Op::Unscale(a, b) => is_result_amount && amount(a) && double(b),
            Op::Negate(a) | Op::Abs(a) => (is_double && double(a)) || (is_result_amount && amount(a)),
            Op::Min(a, b) | Op::Max(a, b) => {
                same(a) && same(b) && !node.ty.is_text() && !is_set(node.ty) && !is_bool
            }
            // All integer-like types as a double.
            Op::ToNumber(a) => {
                is_double && !double(a) && !of(a).is_text() && !is_set(of(a)) && of(a) != Type::Bool
            }
            Op::ToMajor(a, units) => {
                ensure(units > 0, place, "a major unit has no minor units")?;
                is_double && amount(a)
            }
            Op::Round(a) | Op::Floor(a) | Op::Ceil(a) => is_result_amount && double(a),
            Op::Lower(a) | Op::Upper(a) => same(a) && node.ty.is_text(),
            Op::Length(a) => node.ty == Type::Int && of(a).is_text(),
            Op::StartsWith(a, b) | Op::EndsWith(a, b) | Op::TextContains(a, b) => is_bool && texts(a, b),
            Op::Matches(a, regex) => {
                ensure(regex.index() < self.regexes.len(), place, "its regular expression doesn't exist")?;
                is_bool && of(a).is_text()
            }
            Op::SetContains(a, b) => match of(a) {
                Type::Set(element) => is_bool && alike(element.ty(), of(b)),
                _ => false,
            },
            Op::SetContainsAll(a, b) | Op::SetOverlaps(a, b) => is_bool && is_set(of(a)) && of(a) == of(b),
            Op::SetLength(a) => node.ty == Type::Int && is_set(of(a)),
            Op::YearsBetween(a, b) => node.ty == Type::Int && of(a) == Type::Date && of(b) == Type::Date,
        };
        ensure(fits, place, "its operation and the types don't fit")
    }
}
