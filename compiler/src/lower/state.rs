//! What the rules make the runtime remember of a customer, in words (`comity check --state`).

use super::origins::{Declaration, Origins};
use crate::checked::Location;
use crate::plan::{Calendar, Fold, Keep, Plan, Stream, Window, WindowSpan};
use smol_str::SmolStr;

/// A part of the history that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateRow {
    /// The event's name.
    pub event: SmolStr,
    /// Which of these events; of all, nothing. As it would be written after `where`.
    pub filter: Option<String>,
    /// The fields that are kept of each, by name.
    pub fields: Vec<SmolStr>,
    /// How long: `90 days`, `this month`, `whole history`, or what is kept of all of them together, as in
    /// `count only`.
    pub horizon: String,
    /// The places in the policy that ask.
    pub needed_by: Vec<(Location, Declaration)>,
}

/// All that is kept, in the order of the event's names.
pub fn state_report(plan: &Plan, origins: &Origins) -> Vec<StateRow> {
    let mut rows = Vec::with_capacity(plan.streams.len());
    for (index, stream) in plan.streams.iter().enumerate() {
        let windows = plan.windows.iter().filter(|window| window.stream.index() == index);
        let event = &plan.events[stream.event.index()];
        let mut needed_by: Vec<_> = origins.streams.get(index).into_iter().flatten().collect();
        needed_by.sort();
        let mut needed_by: Vec<_> =
            needed_by.into_iter().map(|need| (need.at, need.declaration.clone())).collect();
        needed_by.dedup();
        rows.push(StateRow {
            event: event.name.clone(),
            filter: stream.filter.map(|filter| super::words::condition(plan, stream.event, filter)),
            fields: stream.fields.iter().map(|&field| event.fields[field as usize].name.clone()).collect(),
            horizon: horizon(stream, &windows.collect::<Vec<_>>()),
            needed_by,
        });
    }
    rows.sort_by(|a, b| (&a.event, &a.filter).cmp(&(&b.event, &b.filter)));
    rows
}

/// How long a stream's entries are kept, and what is kept of all together.
fn horizon(stream: &Stream, windows: &[&Window]) -> String {
    let Keep { rolling, calendar, ever } = stream.keep;
    if ever {
        return "whole history".to_owned();
    }
    let mut spans = Vec::new();
    if rolling > 0 {
        spans.push(duration(rolling));
    }
    spans.extend(calendar.map(|calendar| {
        let span = match calendar {
            Calendar::Day => "today",
            Calendar::Week => "this week",
            Calendar::Month => "this month",
            Calendar::Quarter => "this quarter",
            Calendar::Year => "this year",
        };
        span.to_owned()
    }));
    let mut totals: Vec<&str> = Vec::new();
    for window in windows.iter().filter(|window| window.span == WindowSpan::Ever) {
        let total = match window.fold {
            Fold::Count | Fold::Any => "count",
            Fold::Sum => "sum",
            Fold::Average => "average",
            Fold::Min => "smallest",
            Fold::Max => "largest",
            Fold::Distinct => "distinct values",
            Fold::Last => "last value",
            Fold::First => "first value",
            Fold::LastTime => "last time",
            Fold::FirstTime => "first time",
        };
        if !totals.contains(&total) {
            totals.push(total);
        }
    }
    match (spans.is_empty(), totals.is_empty()) {
        (true, _) => format!("{} only", totals.join(" and ")),
        (false, true) => spans.join(" and "),
        (false, false) => format!("{}; of all {}", spans.join(" and "), totals.join(" and ")),
    }
}

/// A duration (µs) in its largest whole unit.
pub(crate) fn duration(length: i64) -> String {
    const UNITS: [(i64, &str); 5] = [
        (24 * 3_600_000_000, "day"),
        (3_600_000_000, "hour"),
        (60_000_000, "minute"),
        (1_000_000, "second"),
        (1, "microsecond"),
    ];
    let whole = UNITS.iter().find(|(unit, _)| length % unit == 0);
    let &(unit, name) = whole.unwrap_or(&UNITS[4]);
    let count = length / unit;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}
