//! When a segment can change although no event comes (reference §5.1 and §6): the instants at which some part of
//! its condition changes by time alone.
//!
//! In segments `now`, `local` and `time since` stand only in comparisons with constants, so these instants are
//! known beforehand. Where a comparison isn't of a form that is recognised here, more instants are named.

use crate::ids::*;
use crate::plan::*;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// µs
const HOUR: i64 = 3_600_000_000;
/// µs
const DAY: i64 = 24 * HOUR;

/// By expression: whether time may change it.
pub(super) fn timed(plan: &Plan) -> Vec<bool> {
    let mut timed: Vec<bool> = Vec::with_capacity(plan.exprs.len());
    for node in &plan.exprs {
        let mut any = match node.op {
            Op::Slot(slot) => match plan.slots[slot.index()].source {
                Source::Window(window) => {
                    let window = &plan.windows[window.index()];
                    window.span != WindowSpan::Ever || window.filter.is_some()
                }
                Source::Attribute(_) | Source::Event(_) | Source::Field(_) | Source::Reachable(_) => false,
                Source::Bucket(_) | Source::Arm(_) | Source::InJourney(_) | Source::Predict(_) => false,
                Source::Nothing => false,
                _ => true,
            },
            _ => false,
        };
        any |= node.op.operands().any(|operand| timed[operand.index()]);
        timed.push(any);
    }
    timed
}

/// The wakes of a condition, sorted; what isn't [`timed`] is passed over.
pub(super) fn wakes(plan: &Plan, timed: &[bool], condition: ExprId) -> Vec<Wake> {
    let seen = FxHashSet::default();
    let mut finder = Finder { plan, timed, wakes: BTreeSet::new(), pending: vec![condition], seen };
    while let Some(id) = finder.pending.pop() {
        if timed[id.index()] && finder.seen.insert(id) {
            finder.visit(id);
        }
    }
    finder.wakes.into_iter().collect()
}

struct Finder<'p> {
    plan: &'p Plan,
    timed: &'p [bool],
    wakes: BTreeSet<Wake>,
    pending: Vec<ExprId>,
    seen: FxHashSet<ExprId>,
}

impl Finder<'_> {
    fn visit(&mut self, id: ExprId) {
        match &self.plan.expr(id).op {
            Op::Compare(comparison, a, b) => match (self.constant(*a), self.constant(*b)) {
                (_, Some(cell)) => match self.crossing(*a, *comparison, cell) {
                    Some(wake) => _ = self.wakes.insert(wake),
                    None => self.compared(*a, &[cell]),
                },
                (Some(cell), _) => match self.crossing(*b, comparison.mirrored(), cell) {
                    Some(wake) => _ = self.wakes.insert(wake),
                    None => self.compared(*b, &[cell]),
                },
                _ => match self.date_beside(*a, *b) {
                    Some(slot) => _ = self.wakes.insert(Wake::OnDate(Some(slot), 0)),
                    None => self.pending.extend([*a, *b]),
                },
            },
            Op::In(a, cells) => self.compared(*a, cells),
            Op::Slot(slot) => self.slot(*slot),
            op => self.pending.extend(op.operands()),
        }
    }

    fn constant(&self, id: ExprId) -> Option<u64> {
        match self.plan.expr(id).op {
            Op::Constant(cell) => Some(cell),
            _ => None,
        }
    }

    fn source(&self, id: ExprId) -> Option<&Source> {
        match self.plan.expr(id).op {
            Op::Slot(slot) => Some(&self.plan.slots[slot.index()].source),
            _ => None,
        }
    }

    /// The wake of a rolling window's answer that is compared with a constant, where it matters only when the
    /// answer passes that.
    fn crossing(&self, value: ExprId, comparison: Comparison, cell: u64) -> Option<Wake> {
        let Some(&Source::Window(id)) = self.source(value) else { return None };
        let is_foreseen = self.plan.windows[id.index()].is_foreseen();
        is_foreseen.then_some(Wake::Crosses(id, comparison, cell as i64))
    }

    /// The value is compared with these cells: of a time it matters only when it passes one of them.
    fn compared(&mut self, value: ExprId, cells: &[u64]) {
        let mut values = vec![value];
        while let Some(value) = values.pop() {
            match &self.plan.expr(value).op {
                Op::If(condition, a, b) => {
                    self.pending.push(*condition);
                    values.extend([*a, *b]);
                }
                Op::Otherwise(a, b) => values.extend([*a, *b]),
                Op::Subtract(now, since) if self.source(*now) == Some(&Source::Now) => {
                    match self.source(*since) {
                        Some(&Source::Window(window)) if self.is_time(window) => {
                            self.wakes.extend(cells.iter().map(|&cell| Wake::Since(window, cell as i64)));
                            self.pending.push(*since);
                        }
                        _ => self.pending.extend([*now, *since]),
                    }
                }
                // Days since a date, or until one.
                Op::Subtract(a, b) if let Some(slot) = self.date_beside(*a, *b) => {
                    let until = self.source(*b) == Some(&Source::LocalDate);
                    let days =
                        |cell: u64| if until { (cell as i64).checked_neg() } else { Some(cell as i64) };
                    let days = cells.iter().filter_map(|&cell| days(cell));
                    self.wakes.extend(days.map(|days| Wake::OnDate(Some(slot), days)));
                }
                Op::Slot(slot) => match self.plan.slots[slot.index()].source {
                    Source::LocalDate => {
                        self.wakes.extend(cells.iter().map(|&cell| Wake::OnDate(None, cell as i64)));
                    }
                    Source::Now => self.wakes.extend(cells.iter().map(|&cell| Wake::At(cell as i64))),
                    Source::LocalTime => self.local_times(cells, 1, 1),
                    Source::LocalHour => self.local_times(cells, HOUR, HOUR),
                    _ => self.pending.push(value),
                },
                _ => self.pending.push(value),
            }
        }
    }

    /// Of the local date and a date that changes with events alone, the slot of the latter.
    fn date_beside(&self, a: ExprId, b: ExprId) -> Option<SlotId> {
        let other = match (self.source(a), self.source(b)) {
            (Some(Source::LocalDate), _) => b,
            (_, Some(Source::LocalDate)) => a,
            _ => return None,
        };
        let Op::Slot(slot) = self.plan.expr(other).op else { return None };
        let keeps = self.plan.slots[slot.index()].is_kept_date() && !self.timed[other.index()];
        keeps.then_some(slot)
    }

    /// A part of the local time that is compared with these cells: when it reaches one, when it has left it, and
    /// when it begins anew.
    fn local_times(&mut self, cells: &[u64], unit: i64, width: i64) {
        self.wakes.insert(Wake::LocalTime(0));
        for &cell in cells {
            let Some(reached) = (cell as i64).checked_mul(unit) else { continue };
            let times = [Some(reached), reached.checked_add(width)];
            let times = times.into_iter().flatten().filter(|time| (0..DAY).contains(time));
            self.wakes.extend(times.map(Wake::LocalTime));
        }
    }

    fn slot(&mut self, slot: SlotId) {
        match self.plan.slots[slot.index()].source {
            Source::Window(id) => {
                let window = &self.plan.windows[id.index()];
                if window.span != WindowSpan::Ever {
                    self.wakes.insert(Wake::Window(id));
                }
                self.pending.extend(window.filter);
            }
            Source::Consent(purpose, channel) => {
                let purpose = self.plan.purposes.get(purpose.index());
                let rules = purpose.and_then(|purpose| purpose.channels.get(channel.index()));
                self.pending.extend(rules.into_iter().flatten().filter_map(|rule| rule.when));
            }
            Source::LocalDate | Source::LocalWeekday | Source::LocalMonth | Source::LocalDay => {
                self.wakes.insert(Wake::LocalDate);
            }
            // Hours change at full hours. Of `now` and the time of day nothing better can be said where they
            // aren't compared with a constant, which the checker doesn't let pass.
            Source::LocalHour | Source::LocalTime | Source::Now => {
                self.wakes.extend((0..24).map(|hour| Wake::LocalTime(hour * HOUR)));
            }
            Source::Attribute(_)
            | Source::Event(_)
            | Source::Field(_)
            | Source::Reachable(_)
            | Source::Bucket(_)
            | Source::Arm(_)
            | Source::InJourney(_)
            | Source::Predict(_)
            | Source::Nothing => {}
        }
    }

    /// Whether the window answers with an instant at which something happened.
    fn is_time(&self, window: WindowId) -> bool {
        matches!(self.plan.windows[window.index()].fold, Fold::LastTime | Fold::FirstTime)
    }
}
