//! Conditions over columns: one condition on one slot, for many customers at once.
//!
//! What holds for whom is a bit for each customer. The same intervals of keys ([`super::axis`]) that make the rows of an
//! index are compared with a whole column here, so that a policy's conditions are looked at once for a block of
//! customers, and the messages that share them are ANDs of bits.

use super::axis::{self, Truth, truth_of};
use super::clause;
use super::kernel;
use crate::ids::{ExprId, SlotId};
use crate::plan::{Guard, Plan};
use crate::types::Type;

/// A condition, and whether its opposite is meant.
pub type Literal = (ExprId, bool);

/// A condition whose truth depends on where a slot's key lies.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Test {
    /// Whether it holds where nothing is known.
    unknown: bool,
    /// Keys for which it holds, both ends included, ascending and apart.
    ranges: Box<[(i64, i64)]>,
}

impl Test {
    /// Of a condition on one slot, with the slot; `None` where it is none, or where its truth can't be foretold.
    pub fn of(plan: &Plan, (condition, negated): Literal) -> Option<(SlotId, Test)> {
        let (slot, Truth { unknown, ranges }) = truth_of(plan, condition, negated)?;
        Some((slot, Test { unknown, ranges: ranges.into() }))
    }

    /// Whether a key is known and lies between these, both included.
    pub fn between(low: i64, high: i64) -> Test {
        Test { unknown: false, ranges: [(low, high)].into() }
    }

    /// Whether it holds for everyone, or for nobody.
    pub fn always(&self) -> Option<bool> {
        match &*self.ranges {
            [] if !self.unknown => Some(false),
            [(i64::MIN, i64::MAX)] if self.unknown => Some(true),
            _ => None,
        }
    }

    /// Finds for whom it holds: a bit for each key, the lowest first. A key that isn't known (its bit in `known` is 0)
    /// can be anything. There are as many words of `known` and `found` as the keys have, begun ones included.
    pub fn mark(&self, keys: &[i64], known: &[u64], found: &mut [u64]) {
        found.fill(0);
        for (low, high) in &self.ranges {
            kernel::mark_between(keys, *low, *high, found);
        }
        for (found, known) in found.iter_mut().zip(known) {
            *found = if self.unknown { *found | !known } else { *found & known };
        }
        // Who isn't there isn't meant.
        if let (Some(last), rest @ 1..) = (found.last_mut(), keys.len() % 64) {
            *last &= (1 << rest) - 1;
        }
    }
}

/// Where a cell of a type lies among the others.
pub fn key(ty: Type, cell: u64) -> i64 {
    axis::key(ty, cell)
}

/// The cell of a type that lies there.
pub fn cell(ty: Type, key: i64) -> u64 {
    // Of doubles the key's own key is the bits again.
    if ty.is_float() { axis::key(ty, key as u64) as u64 } else { key as u64 }
}

/// The clauses of a guard, of each of which one literal must hold.
pub fn of_guard(plan: &Plan, guard: &Guard) -> Vec<Vec<Literal>> {
    let mut clauses = Vec::new();
    clause::of_guard(plan, guard, &mut clauses);
    clauses
}

/// The clauses of a condition, or of its opposite.
pub fn of_condition(plan: &Plan, (condition, negated): Literal) -> Vec<Vec<Literal>> {
    let mut clauses = Vec::new();
    clause::of_condition(plan, condition, negated, &mut clauses);
    clauses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_marked() {
        let keys: Vec<i64> = (0..150).map(|at| (at * 37) % 101 - 50).collect();
        let known = [u64::MAX, !0 << 3, u64::MAX];
        for (unknown, ranges) in [
            (false, vec![]),
            (true, vec![]),
            (false, vec![(-10, 3)]),
            (true, vec![(i64::MIN, -40), (0, 0), (44, i64::MAX)]),
        ] {
            let test = Test { unknown, ranges: ranges.clone().into() };
            let mut found = [7; 3];
            test.mark(&keys, &known, &mut found);
            for (at, key) in keys.iter().enumerate() {
                let is_known = known[at / 64] >> (at % 64) & 1 == 1;
                let lies = ranges.iter().any(|(low, high)| (low..=high).contains(&key));
                let holds = if is_known { lies } else { unknown };
                assert_eq!(found[at / 64] >> (at % 64) & 1 == 1, holds, "{at} {test:?}");
            }
            assert_eq!(found[2] >> (150 - 128), 0);
        }
    }

    #[test]
    fn a_key_is_a_cell_again() {
        for number in [0.0, -0.0, 1.5, -1.5, f64::MAX, f64::MIN, f64::INFINITY, f64::MIN_POSITIVE] {
            let there = key(Type::Number, number.to_bits());
            assert_eq!(cell(Type::Number, there), number.to_bits());
        }
        assert_eq!(cell(Type::Int, key(Type::Int, (-7_i64) as u64)), (-7_i64) as u64);
    }
}
