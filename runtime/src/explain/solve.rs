//! Values at which conditions come out differently: what a slot is compared with, and what lies beside that, followed
//! through arithmetic. Whether such a value does it is for the evaluation to say; one too many does no harm.

use super::change::{ANOTHER, another};
use crate::policy::Policy;
use crate::profile::Profile;
use crate::step::Step;
use crate::zone::civil::Civil;
use comity_compiler::ids::*;
use comity_compiler::plan::{Op, Source};
use comity_compiler::types::Type;
use comity_compiler::value::Value;
use std::collections::BTreeMap;

/// By slot: what it may be asked for; `None` is unknown.
pub(super) type Values = BTreeMap<SlotId, Vec<Option<Value>>>;

/// Deeper conditions than any author reads are looked at no further.
const DEEPEST: usize = 100;
/// Of one slot no more values are tried.
const MOST: usize = 64;

/// Adds the values at which a condition can come out differently.
pub(super) fn gather(step: &mut Step<'_>, profile: &mut Profile, condition: ExprId, values: &mut Values) {
    Gather { step, profile, values, depth: 0 }.condition(condition);
}

struct Gather<'g, 's> {
    step: &'g mut Step<'s>,
    profile: &'g mut Profile,
    values: &'g mut Values,
    depth: usize,
}

impl Gather<'_, '_> {
    fn policy(&self) -> &Policy {
        self.step.policy
    }

    fn op(&self, id: ExprId) -> Op {
        self.policy().plan.expr(id).op.clone()
    }

    fn ty(&self, id: ExprId) -> Type {
        self.policy().plan.expr(id).ty
    }

    /// What an expression gives now.
    fn now(&mut self, id: ExprId) -> Option<u64> {
        self.step.moment.evaluate_part(self.step.policy, self.profile, id).get()
    }

    fn condition(&mut self, id: ExprId) {
        if self.depth > DEEPEST {
            return;
        }
        self.depth += 1;
        match self.op(id) {
            Op::Not(a) => self.condition(a),
            Op::And(a, b) | Op::Or(a, b) => [a, b].into_iter().for_each(|each| self.condition(each)),
            Op::If(a, b, c) => [a, b, c].into_iter().for_each(|each| self.condition(each)),
            Op::Otherwise(a, b) => [a, b].into_iter().for_each(|each| self.condition(each)),
            Op::IsKnown(a) => self.known(a),
            Op::Compare(_, a, b) => {
                for (one, other) in [(a, b), (b, a)] {
                    if let Some(cell) = self.now(other) {
                        let ty = self.ty(one);
                        self.aim(one, &beside(ty, cell));
                        if ty.is_text() {
                            self.aim_text(one, &[]);
                        }
                    }
                }
            }
            Op::In(a, cells) => {
                let ty = self.ty(a);
                let cells = self.policy().plan.in_order(ty, &cells);
                let cells: Vec<u64> = cells.iter().flat_map(|cell| beside(ty, *cell)).collect();
                self.aim(a, &cells);
                if ty.is_text() {
                    self.aim_text(a, &[]);
                }
            }
            Op::StartsWith(a, b) | Op::EndsWith(a, b) | Op::TextContains(a, b) => {
                let part: Vec<u64> = self.now(b).into_iter().collect();
                self.aim_text(a, &part);
            }
            Op::Matches(a, _) => self.aim_text(a, &[]),
            Op::SetContains(a, b) => self.member(a, b),
            Op::SetOverlaps(a, b) | Op::SetContainsAll(a, b) => self.sets(a, b),
            Op::Slot(slot) => {
                for cell in [0, 1] {
                    self.add(slot, Some(Value::Cell(cell)));
                }
            }
            _ => {}
        }
        self.depth -= 1;
    }

    /// It is asked whether something is known.
    fn known(&mut self, id: ExprId) {
        let plan = &self.step.policy.plan;
        for slot in comity_compiler::engine::slots_of(plan, id) {
            let ty = plan.slots[slot.index()].ty;
            if !plan.slots[slot.index()].optional {
                continue;
            }
            let now = self.profile.now;
            let sample = another(self.step.policy, ty, self.profile.zone.date(now), now);
            self.add(slot, None);
            self.add(slot, sample);
        }
    }

    /// Values that make an expression come to one of these cells.
    fn aim(&mut self, id: ExprId, cells: &[u64]) {
        if self.depth > DEEPEST {
            return;
        }
        self.depth += 1;
        self.aim_inside(id, cells);
        self.depth -= 1;
    }

    fn aim_inside(&mut self, id: ExprId, cells: &[u64]) {
        let is_float = self.ty(id).is_float();
        let double = |cell: &u64| f64::from_bits(*cell);
        match self.op(id) {
            Op::Slot(slot) => cells.iter().for_each(|cell| self.add(slot, Some(Value::Cell(*cell)))),
            Op::Otherwise(a, b) => {
                self.aim(a, cells);
                self.aim(b, cells);
                self.known(a);
            }
            Op::If(condition, a, b) => {
                self.condition(condition);
                self.aim(a, cells);
                self.aim(b, cells);
            }
            Op::Min(a, b) | Op::Max(a, b) => {
                self.aim(a, cells);
                self.aim(b, cells);
            }
            Op::ToNumber(a) => {
                let whole =
                    cells.iter().map(double).flat_map(|value| [value.floor() as i64, value.ceil() as i64]);
                let whole: Vec<u64> = whole.map(|value| value as u64).collect();
                self.aim(a, &whole);
            }
            Op::ToMajor(a, units) => self.aim(a, &minor(cells, units as f64)),
            Op::Round(a) | Op::Floor(a) | Op::Ceil(a) => {
                let doubles: Vec<u64> = cells.iter().map(|cell| (*cell as i64 as f64).to_bits()).collect();
                self.aim(a, &doubles);
            }
            Op::Negate(a) | Op::Abs(a) => {
                let turned = |cell: &u64| {
                    if is_float {
                        (-f64::from_bits(*cell)).to_bits()
                    } else {
                        (*cell as i64).wrapping_neg() as u64
                    }
                };
                let both: Vec<u64> = cells.iter().flat_map(|cell| [*cell, turned(cell)]).collect();
                self.aim(a, &both);
            }
            Op::Lower(a) | Op::Upper(a) => self.aim_text(a, cells),
            Op::Add(a, b)
            | Op::Subtract(a, b)
            | Op::Multiply(a, b)
            | Op::Divide(a, b)
            | Op::Scale(a, b)
            | Op::Unscale(a, b) => self.operands(id, a, b, cells),
            Op::YearsBetween(a, _) => {
                let today = self.profile.zone.date(self.profile.now);
                let ago = |cell: &u64| {
                    let civil = Civil::of(today);
                    let year = civil.year.saturating_sub(*cell as i64);
                    Civil { year, ..civil }.date()
                };
                let dates: Vec<u64> = cells
                    .iter()
                    .map(ago)
                    .flat_map(|date| [date, date + 1, date - 1])
                    .map(|date| date as u64)
                    .collect();
                self.aim(a, &dates);
            }
            _ => {}
        }
    }

    /// What one operand would have to be, the other as it is.
    fn operands(&mut self, id: ExprId, a: ExprId, b: ExprId, cells: &[u64]) {
        let op = self.op(id);
        let is_float = self.ty(id).is_float();
        for (operand, other, first) in [(a, b, true), (b, a, false)] {
            let Some(other) = self.now(other) else { continue };
            let found: Vec<u64> = cells
                .iter()
                .flat_map(|&cell| {
                    let (t, o) = (f64::from_bits(cell), f64::from_bits(other));
                    let (ti, oi) = (cell as i64, other as i64);
                    let float = |value: f64| vec![value.to_bits()];
                    let whole = |value: i64| vec![value as u64];
                    let near = |value: f64| {
                        let value = value.round() as i64;
                        [value.saturating_sub(1), value, value.saturating_add(1)]
                            .map(|value| value as u64)
                            .to_vec()
                    };
                    match (&op, first) {
                        (Op::Add(..), _) if is_float => float(t - o),
                        (Op::Add(..), _) => whole(ti.saturating_sub(oi)),
                        (Op::Subtract(..), true) if is_float => float(t + o),
                        (Op::Subtract(..), true) => whole(ti.saturating_add(oi)),
                        (Op::Subtract(..), false) if is_float => float(o - t),
                        (Op::Subtract(..), false) => whole(oi.saturating_sub(ti)),
                        (Op::Multiply(..), _) if is_float => float(t / o),
                        (Op::Multiply(..), _) => near(ti as f64 / oi as f64),
                        (Op::Divide(..), true) => float(t * o),
                        (Op::Divide(..), false) => float(o / t),
                        (Op::Scale(..), true) => near(ti as f64 / o),
                        (Op::Scale(..), false) => float(ti as f64 / oi as f64),
                        (Op::Unscale(..), true) => near(ti as f64 * o),
                        (Op::Unscale(..), false) => float(oi as f64 / ti as f64),
                        _ => Vec::new(),
                    }
                })
                .filter(|cell| !self.ty(operand).is_float() || f64::from_bits(*cell).is_finite())
                .collect();
            self.aim(operand, &found);
        }
    }

    /// These texts, and another one.
    fn aim_text(&mut self, id: ExprId, cells: &[u64]) {
        match self.op(id) {
            Op::Slot(slot) => {
                for cell in cells {
                    let text = self.step.moment.frame().text(&self.step.policy.plan, *cell);
                    let value = self.step.policy.text(text);
                    self.add(slot, Some(value));
                }
                let other = self.step.policy.text(ANOTHER);
                self.add(slot, Some(other));
            }
            Op::Lower(a) | Op::Upper(a) => self.aim_text(a, cells),
            Op::Otherwise(a, b) | Op::If(_, a, b) if self.depth <= DEEPEST => {
                self.depth += 1;
                self.aim_text(a, cells);
                self.aim_text(b, cells);
                self.depth -= 1;
            }
            _ => {}
        }
    }

    /// A set with a member, and without it.
    fn member(&mut self, set: ExprId, member: ExprId) {
        let Op::Slot(slot) = self.op(set) else { return };
        let ty = self.ty(member);
        let Some(cell) = self.now(member) else { return };
        let member = self.step.moment.frame().value(&self.step.policy.plan, ty, cell);
        let mut members = self.members(set);
        let without: Vec<Value> = members.iter().filter(|one| **one != member).cloned().collect();
        members.push(member);
        members.sort();
        members.dedup();
        self.add(slot, Some(Value::Set(without.into())));
        self.add(slot, Some(Value::Set(members.into())));
    }

    /// Each set as the other, with the other's members, and empty.
    fn sets(&mut self, a: ExprId, b: ExprId) {
        for (one, other) in [(a, b), (b, a)] {
            let Op::Slot(slot) = self.op(one) else { continue };
            let (mine, others) = (self.members(one), self.members(other));
            let without: Vec<Value> =
                mine.iter().filter(|member| !others.contains(member)).cloned().collect();
            let mut all = [mine, others].concat();
            all.sort();
            all.dedup();
            for set in [all, without, Vec::new()] {
                self.add(slot, Some(Value::Set(set.into())));
            }
        }
    }

    fn members(&mut self, set: ExprId) -> Vec<Value> {
        let cell = self.now(set).unwrap_or_default();
        self.step.moment.frame().members(cell).to_vec()
    }

    fn add(&mut self, slot: SlotId, value: Option<Value>) {
        let policy = self.step.policy;
        let declared = &policy.plan.slots[slot.index()];
        if let (Type::Enum(id), Some(Value::Cell(cell))) = (declared.ty, &value)
            && *cell >= policy.plan.enums[id.index()].members.len() as u64
        {
            return;
        }
        if let (Type::Arm(id), Some(Value::Cell(cell))) = (declared.ty, &value)
            && *cell >= policy.plan.experiments[id.index()].arms.len() as u64
        {
            return;
        }
        // A text of the policy is a cell, any other is not.
        if declared.ty.is_text()
            && let Some(Value::Cell(cell)) = &value
            && *cell >= policy.plan.texts.len() as u64
        {
            return;
        }
        if matches!(declared.source, Source::Field(_)) {
            return;
        }
        let values = self.values.entry(slot).or_default();
        if values.len() < MOST && !values.contains(&value) {
            values.push(value);
        }
    }
}

/// A cell and those beside it, of a type.
fn beside(ty: Type, cell: u64) -> Vec<u64> {
    let int = cell as i64;
    match ty {
        Type::Number => {
            let value = f64::from_bits(cell);
            [value, value + 1.0, value - 1.0, value + 0.01, value - 0.01].map(f64::to_bits).to_vec()
        }
        Type::Percent => {
            let value = f64::from_bits(cell);
            [value, value + 0.01, value - 0.01].map(f64::to_bits).to_vec()
        }
        Type::Money(currency) => {
            let unit = currency.minor_units();
            [
                int,
                int.saturating_add(1),
                int.saturating_sub(1),
                int.saturating_add(unit),
                int.saturating_sub(unit),
            ]
            .map(|int| int as u64)
            .to_vec()
        }
        Type::Duration | Type::Instant => {
            const SECOND: i64 = 1_000_000;
            [
                int,
                int.saturating_add(1),
                int.saturating_sub(1),
                int.saturating_add(SECOND),
                int.saturating_sub(SECOND),
            ]
            .map(|int| int as u64)
            .to_vec()
        }
        Type::Bool => vec![0, 1],
        _ if ty.is_text() => vec![cell],
        _ => [int, int.saturating_add(1), int.saturating_sub(1)].map(|int| int as u64).to_vec(),
    }
}

/// Amounts in major units as minor ones, and those beside them.
fn minor(cells: &[u64], units: f64) -> Vec<u64> {
    let near = |cell: &u64| {
        let value = (f64::from_bits(*cell) * units).round() as i64;
        [value, value.saturating_add(1), value.saturating_sub(1)].map(|value| value as u64)
    };
    cells.iter().flat_map(near).collect()
}
