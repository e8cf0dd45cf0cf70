//! Why a message was ruled out, from nothing but the rows that a customer was in.
//!
//! Whoever keeps these rows of a decision ([`Scan::rows`]), four bytes for each attribute, consent, cap and date that the
//! slate asks for, can be told later of any message what stood in its way, without the customer's values.

use super::axis::truth_of;
use super::build::asked;
use super::clause::Loose;
use super::{Gate, Row, Rows, Scan, Slate};
use crate::engine::Tables;
use crate::ids::*;
use crate::plan::Plan;

/// What stood in the way of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// None of these conditions held (or, where there is a `true`, none of their opposites), of which one must: a clause
    /// of `when` or `unless`, of the filter of what proposes the message, or the opposite of a suppression.
    Clause(Vec<(ExprId, bool)>),
    /// No consent, no address, or a full cap.
    Gate(Gate),
    /// The date isn't one of those on which it is active.
    Inactive,
}

impl Scan {
    /// The row that the customer was in, of each thing that the slate asks for. Empty where a slate has only a few
    /// messages, which are looked at one by one.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

impl Slate {
    /// Of each way of a message what stood in its way for certain; none where the slate has no rows, or not these.
    pub(crate) fn explain(
        &self,
        tables: &Tables,
        rows: &[Row],
        message: MessageId,
    ) -> Option<Vec<Vec<Reason>>> {
        let built = self.rows().filter(|built| rows.len() == built.first_rows.len())?;
        let plan = &*tables.plan;
        let coded = built.axes.len() + built.conditions.len();
        let reasons = asked(plan, self.occasion, message).into_iter().map(|way| {
            let fails = |choice: &Vec<Loose>| choice.iter().all(|loose| built.fails(plan, rows, *loose));
            let clauses = way.choices.into_iter().filter(fails).map(Reason::Clause);
            let closed = |gate: &Gate| {
                let at = built.gates.binary_search(gate).map(|at| coded + at);
                at.is_ok_and(|at| rows[at] == built.first_rows[at])
            };
            let gates = way.gates.into_iter().filter(closed).map(Reason::Gate);
            let inactive = way.active.filter(|active| !built.may_be_active(rows, *active));
            clauses.chain(gates).chain(inactive.map(|_| Reason::Inactive)).collect()
        });
        Some(reasons.collect())
    }
}

impl Rows {
    /// Whether the rows say for certain that a condition didn't hold.
    fn fails(&self, plan: &Plan, rows: &[Row], (condition, negated): Loose) -> bool {
        let interval = |at: usize| (rows[at] - self.first_rows[at]) as usize;
        if let Ok(at) = self.conditions.binary_search(&condition) {
            return (interval(self.axes.len() + at) == 1) == negated;
        }
        let Some((slot, truth)) = truth_of(plan, condition, negated) else { return false };
        let Ok(at) = self.axes.binary_search_by_key(&slot, |axis| axis.slot) else { return false };
        if interval(at) == 0 {
            return !truth.unknown;
        }
        let (low, high) = self.axes[at].keys(interval(at));
        !truth.within(low, high).1
    }

    /// Whether one of the dates among which the customer's was is one of these.
    fn may_be_active(&self, rows: &[Row], (first, last): (i64, i64)) -> bool {
        if self.dates.is_empty() {
            return true;
        }
        let at = self.first_rows.len() - 1;
        let interval = (rows[at] - self.first_rows[at]) as usize;
        let begins = interval.checked_sub(1).map_or(i64::MIN, |before| self.dates[before]);
        let ends = self.dates.get(interval).map_or(i64::MAX, |next| next - 1);
        first <= ends && begins <= last
    }
}
