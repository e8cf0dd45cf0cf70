//! How expressions depend on the passing of time, and what segments may do of it (language reference §6: "`now`,
//! `local` and `time since` stand only in comparisons with constants, and `predict` isn't allowed").
//!
//! A segment changes at the very moment when its condition does, so that moment must be known in advance.

use super::Checker;
use crate::checked::Definition;
use crate::checked::{Expr, ExprKind, Location};
use crate::mistakes;
use comity_grammar::tree::Fold;
use std::collections::BTreeSet;

/// How an expression depends on the passing of time.
#[derive(Clone, Debug, Default)]
pub(super) struct TimeUse {
    /// It is a moment or a span that runs with time: `now`, `local.…`, `time since …`, also with a default.
    running: Option<(Location, &'static str)>,
    /// Somewhere in it such a thing stands outside a comparison with a constant.
    free: Option<(Location, &'static str)>,
    /// Parameters that such a thing is compared with.
    compared: BTreeSet<u32>,
    /// Where it asks a model.
    predicts: Option<Location>,
}

impl TimeUse {
    /// Both stand in one definition.
    pub(super) fn merge(&mut self, other: TimeUse) {
        self.running = self.running.or(other.running);
        self.free = self.free.or(other.free);
        self.compared.extend(other.compared);
        self.predicts = self.predicts.or(other.predicts);
    }

    /// What runs in it is used for something else than a comparison.
    fn loosen(mut self) -> TimeUse {
        self.free = self.free.or(self.running);
        self.running = None;
        self
    }

    /// What runs in it is compared with something.
    fn compare(mut self, with: &[&Expr]) -> TimeUse {
        if self.running.is_none() {
            return self;
        }
        for other in with {
            match parameters_of_constant(other) {
                Some(parameters) => self.compared.extend(parameters),
                None => return self.loosen(),
            }
        }
        self.running = None;
        self
    }
}

/// The parameters of which an expression is made, if it is made of them and constants only.
fn parameters_of_constant(expr: &Expr) -> Option<BTreeSet<u32>> {
    match &expr.kind {
        ExprKind::Constant(_) => Some(BTreeSet::new()),
        ExprKind::Parameter(position) => Some(BTreeSet::from([*position])),
        ExprKind::ToNumber(inner) | ExprKind::Negate(inner) => parameters_of_constant(inner),
        _ => None,
    }
}

impl Checker<'_> {
    pub(super) fn time_use(&self, expr: &Expr) -> TimeUse {
        let here = expr.at;
        let runs = |what| TimeUse { running: Some((here, what)), ..TimeUse::default() };
        match &expr.kind {
            ExprKind::Now => runs("`now`"),
            ExprKind::Local(_) => runs("`local`"),
            ExprKind::Aggregate(aggregate) => {
                let mut used = match aggregate.fold {
                    Fold::TimeSinceLast | Fold::TimeSinceFirst => runs("`time since`"),
                    _ => TimeUse::default(),
                };
                if let Some(filter) = &aggregate.pattern.filter {
                    used.merge(self.time_use(filter).loosen());
                }
                used
            }
            ExprKind::Predict(_) => TimeUse { predicts: Some(here), ..TimeUse::default() },
            ExprKind::Compare(_, a, b) => {
                let mut used = self.time_use(a).compare(&[b]);
                used.merge(self.time_use(b).compare(&[a]));
                used
            }
            ExprKind::InList(a, _)
            | ExprKind::InRange(a, _)
            | ExprKind::IsKnown(a)
            | ExprKind::IsUnknown(a) => self.time_use(a).compare(&[]),
            ExprKind::Otherwise(a, b) => {
                let mut used = self.time_use(a);
                used.merge(self.time_use(b));
                match parameters_of_constant(b) {
                    Some(parameters) => {
                        used.compared.extend(parameters);
                        used
                    }
                    None => used.loosen(),
                }
            }
            ExprKind::Let(..) | ExprKind::Table(..) => self.time_use_of_call(expr),
            _ => {
                let mut used = TimeUse::default();
                for child in expr.children() {
                    used.merge(self.time_use(child).loosen());
                }
                used
            }
        }
    }

    fn time_use_of_call(&self, expr: &Expr) -> TimeUse {
        let Some(definition) = Definition::named_by(&expr.kind) else { return TimeUse::default() };
        let inside = self.summary(definition).time;
        let mut used = TimeUse {
            running: inside.running.map(|(_, what)| (expr.at, what)),
            free: inside.free.map(|(_, what)| (expr.at, what)),
            compared: BTreeSet::new(),
            predicts: inside.predicts.map(|_| expr.at),
        };
        for (position, argument) in expr.children().into_iter().enumerate() {
            used.merge(self.time_use(argument).loosen());
            if inside.compared.contains(&(position as u32)) {
                match parameters_of_constant(argument) {
                    Some(parameters) => used.compared.extend(parameters),
                    None => used.free = used.free.or(Some((argument.at, "what time is compared with"))),
                }
            }
        }
        used
    }

    /// What a segment, or `stop when`, may not do.
    pub(super) fn segment_time(&mut self, used: &TimeUse) {
        if let Some((place, what)) = used.free.or(used.running) {
            self.report(mistakes::time_in_segment::free(what, place));
        }
        if let Some(place) = used.predicts {
            self.report(mistakes::segment_predicts::model(place));
        }
    }
}
