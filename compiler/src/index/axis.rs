//! Axes: the values of one slot, cut into intervals in which no condition of the policy changes.
//!
//! Whatever a slot holds, it is ordered as an integer, its *key*: doubles by their bits (of a sign and a magnitude),
//! texts by their position among those that the policy names, all others after them. A condition on the slot alone is
//! then a set of ranges of keys, and the ends of all such ranges are the axis's cuts.

use crate::ids::{ExprId, SlotId};
use crate::plan::{Comparison, Op, Plan};
use crate::types::Type;

/// Where a condition holds on an axis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Truth {
    /// Where nothing is known.
    pub(super) unknown: bool,
    /// Keys, both ends included, ascending and apart.
    pub(super) ranges: Vec<(i64, i64)>,
}

impl Truth {
    /// Of the opposite.
    fn opposite(self) -> Truth {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut from = Some(i64::MIN);
        for (low, high) in self.ranges {
            if let Some(start) = from
                && start < low
            {
                ranges.push((start, low - 1));
            }
            from = high.checked_add(1);
        }
        ranges.extend(from.map(|start| (start, i64::MAX)));
        Truth { unknown: !self.unknown, ranges }
    }

    /// Whether it holds for all keys of an interval, and whether for some.
    pub(super) fn within(&self, low: i64, high: i64) -> (bool, bool) {
        // The first range that ends at or after the interval's beginning.
        let at = self.ranges.partition_point(|range| range.1 < low);
        match self.ranges.get(at) {
            Some(&(from, to)) => (from <= low && high <= to, from <= high),
            None => (false, false),
        }
    }

    fn holds_at(&self, key: i64) -> bool {
        self.within(key, key).0
    }
}

/// The slot that a condition looks at, if it is a condition on one slot whose truth can be foretold, and where it holds.
pub(super) fn truth_of(plan: &Plan, condition: ExprId, negated: bool) -> Option<(SlotId, Truth)> {
    let (slot, truth) = positive_truth(plan, condition)?;
    Some((slot, if negated { truth.opposite() } else { truth }))
}

fn positive_truth(plan: &Plan, condition: ExprId) -> Option<(SlotId, Truth)> {
    match plan.expr(condition).op {
        Op::Compare(comparison, a, b) => match (&plan.expr(a).op, &plan.expr(b).op) {
            (_, Op::Constant(cell)) => compared(plan, a, comparison, *cell),
            (Op::Constant(cell), _) => compared(plan, b, comparison.mirrored(), *cell),
            _ => None,
        },
        Op::In(a, ref members) => {
            let looked = looked_at(plan, a)?;
            // Doubles are never asked for by their bits.
            if looked.ty.is_float() {
                return None;
            }
            let points = members.iter().map(|cell| (*cell as i64, *cell as i64)).collect();
            Some(looked.truth(ordered(points)))
        }
        Op::IsKnown(a) => match plan.expr(a).op {
            Op::Slot(slot) => Some((slot, Truth { unknown: false, ranges: vec![(i64::MIN, i64::MAX)] })),
            _ => None,
        },
        Op::Slot(_) | Op::Otherwise(..) if plan.expr(condition).ty == Type::Bool => {
            Some(looked_at(plan, condition)?.truth(vec![(1, 1)]))
        }
        _ => None,
    }
}

/// A value that is that of a slot.
struct Looked {
    slot: SlotId,
    ty: Type,
    /// What stands where it is unknown; an unknown value's cell is 0.
    otherwise: u64,
    /// It is an integer, compared as a double.
    as_double: bool,
}

impl Looked {
    /// The truth of a condition that holds for these keys.
    fn truth(self, ranges: Vec<(i64, i64)>) -> (SlotId, Truth) {
        let mut truth = Truth { unknown: false, ranges };
        truth.unknown = truth.holds_at(key(self.ty, self.otherwise));
        (self.slot, truth)
    }
}

fn looked_at(plan: &Plan, value: ExprId) -> Option<Looked> {
    let node = plan.expr(value);
    let is_set = matches!(node.ty, Type::Set(_));
    match node.op {
        Op::Slot(slot) if !is_set => Some(Looked { slot, ty: node.ty, otherwise: 0, as_double: false }),
        Op::Otherwise(a, b) if !is_set => match (&plan.expr(a).op, &plan.expr(b).op) {
            (Op::Slot(slot), Op::Constant(cell)) => {
                Some(Looked { slot: *slot, ty: node.ty, otherwise: *cell, as_double: false })
            }
            _ => None,
        },
        Op::ToNumber(a) => {
            let looked = looked_at(plan, a)?;
            (!looked.as_double && !looked.ty.is_float()).then_some(Looked { as_double: true, ..looked })
        }
        _ => None,
    }
}

fn compared(plan: &Plan, value: ExprId, comparison: Comparison, cell: u64) -> Option<(SlotId, Truth)> {
    let looked = looked_at(plan, value)?;
    // The keys of what is equal.
    let (low, high) = if looked.as_double {
        equal_integers(f64::from_bits(cell))
    } else if looked.ty.is_float() && f64::from_bits(cell) == 0.0 {
        // Both zeros are.
        (i128::from(key(looked.ty, (-0.0_f64).to_bits())), 0)
    } else if looked.ty.is_float() && f64::from_bits(cell).is_nan() {
        return None;
    } else {
        let key = i128::from(key(looked.ty, cell));
        (key, key)
    };
    let (least, greatest) = (i128::from(i64::MIN), i128::from(i64::MAX));
    let ranges = match comparison {
        Comparison::Equal => vec![(low, high)],
        Comparison::NotEqual if low > high => vec![(least, greatest)],
        Comparison::NotEqual => vec![(least, low - 1), (high + 1, greatest)],
        Comparison::Less => vec![(least, low - 1)],
        Comparison::LessEqual => vec![(least, high)],
        Comparison::Greater => vec![(high + 1, greatest)],
        Comparison::GreaterEqual => vec![(low, greatest)],
    };
    let inside = |(from, to): (i128, i128)| {
        let (from, to) = (from.max(least), to.min(greatest));
        (from <= to).then_some((from as i64, to as i64))
    };
    Some(looked.truth(ranges.into_iter().filter_map(inside).collect()))
}

/// The first integer that as a double isn't less than this one, and the last that isn't greater, which comes before it
/// where no integer is equal; one of them can lie beyond all 64-bit integers.
fn equal_integers(value: f64) -> (i128, i128) {
    // Conversion keeps the order.
    let first = |is_beyond: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (i128::from(i64::MIN), i128::from(i64::MAX) + 1);
        while low < high {
            let middle = (low + high).div_euclid(2);
            if is_beyond(middle as i64 as f64) { high = middle } else { low = middle + 1 }
        }
        low
    };
    (first(&|x| x >= value), first(&|x| x > value) - 1)
}

fn ordered(mut ranges: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    ranges.sort_unstable();
    ranges.dedup();
    ranges
}

/// Where a cell of a type lies among the others.
pub(crate) fn key(ty: Type, cell: u64) -> i64 {
    match ty {
        Type::Bool => i64::from(cell != 0),
        _ if ty.is_float() => {
            let bits = cell as i64;
            bits ^ (((bits >> 63) as u64) >> 1) as i64
        }
        _ => cell as i64,
    }
}

/// The values of one slot in intervals.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    /// The slot.
    pub(crate) slot: SlotId,
    /// Its type.
    pub(crate) ty: Type,
    /// The keys at which intervals begin, ascending. Interval 0 is where nothing is known; interval `n + 1` is where `n`
    /// cuts are at or below the key.
    pub(crate) cuts: Vec<i64>,
    /// Whether some condition tells what is unknown from a value whose cell is 0, as that of an unknown value is: else
    /// interval 0 may be left to nobody.
    pub(crate) asks_known: bool,
}

impl Axis {
    /// An axis on which all these conditions can be told apart, with no more cuts than that.
    pub(super) fn new<'t>(
        slot: SlotId,
        ty: Type,
        truths: impl Iterator<Item = &'t Truth>,
        most_cuts: usize,
    ) -> Axis {
        let mut cuts: Vec<i64> = Vec::new();
        let mut asks_known = false;
        for truth in truths {
            asks_known |= truth.unknown != truth.holds_at(0);
            for (low, high) in &truth.ranges {
                cuts.extend((*low > i64::MIN).then_some(*low));
                cuts.extend(high.checked_add(1));
            }
        }
        if ty == Type::Bool {
            // From 0 to 1 is the only step.
            cuts.retain(|cut| *cut == 1);
        }
        cuts.sort_unstable();
        cuts.dedup();
        if cuts.len() > most_cuts {
            let step = cuts.len().div_ceil(most_cuts.max(1));
            cuts = cuts.into_iter().step_by(step).collect();
        }
        Axis { slot, ty, cuts, asks_known }
    }

    /// How many intervals it has.
    pub(crate) fn intervals(&self) -> usize {
        self.cuts.len() + 2
    }

    /// The first and the last key of an interval from 1 on.
    pub(super) fn keys(&self, interval: usize) -> (i64, i64) {
        // Of a bool there are no others.
        let (least, greatest) = if self.ty == Type::Bool { (0, 1) } else { (i64::MIN, i64::MAX) };
        let low = interval.checked_sub(2).map_or(least, |before| self.cuts[before]);
        (low, self.cuts.get(interval - 1).map_or(greatest, |next| next - 1))
    }

    /// For each interval whether a condition holds in some of it; and whether in every interval it holds everywhere or
    /// nowhere.
    pub(super) fn project(&self, truth: &Truth) -> (Vec<bool>, bool) {
        let mut exact = true;
        let mut some = Vec::with_capacity(self.intervals());
        some.push(truth.unknown);
        for interval in 1..self.intervals() {
            let (low, high) = self.keys(interval);
            let (everywhere, somewhere) = truth.within(low, high);
            exact &= everywhere == somewhere;
            some.push(somewhere);
        }
        (some, exact)
    }

    /// The interval of a value. The machine code does the same.
    #[cfg(test)]
    pub(super) fn interval(&self, cell: u64, known: bool) -> usize {
        if known || !self.asks_known {
            1 + self.cuts.partition_point(|cut| *cut <= key(self.ty, cell))
        } else {
            0
        }
    }
}
