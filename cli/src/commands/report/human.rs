//! A report for people at a terminal.

use crate::table::{grouped, number, right, table};
use crate::terminal::{Style, paint};
use comfy_table::{Cell, Table};
use comity_runtime::report::{
    Comparison, Estimate, JourneyActivity, MessageActivity, Money, OutcomeTable, Report, Reports,
};
use std::fmt::Write as _;

pub(super) fn render(report: &Report, color: bool) -> String {
    let mut out = String::new();
    let comparisons = report.experiments.iter().map(|one| ("experiment", one));
    for (kind, comparison) in comparisons.chain(report.holdouts.iter().map(|one| ("holdout", one))) {
        compare(&mut out, kind, comparison, color);
    }
    if !report.journeys.is_empty() {
        _ = writeln!(out, "{}", journeys(&report.journeys));
    }
    if !report.messages.is_empty() {
        _ = writeln!(out, "{}", messages(&report.messages));
    }
    if report.experiments.iter().chain(&report.holdouts).any(|one| !one.outcomes.is_empty()) {
        let note = "Ranges hold with 95% confidence; where 0 lies within one, it can be chance.";
        _ = writeln!(out, "{}", paint(color, Style::Dim, note));
    }
    out
}

fn compare(out: &mut String, kind: &str, comparison: &Comparison, color: bool) {
    let customers = grouped(comparison.arms.iter().map(|side| side.exposed).sum());
    let title = paint(color, Style::Bold, format_args!("{kind} {}", comparison.name));
    _ = writeln!(out, "{title}: {customers} customers, compared with `{}`", comparison.control);
    let (alarming, ratio) = sample_ratio(comparison);
    let ratio = if alarming { paint(color, Style::Error, ratio) } else { ratio };
    _ = writeln!(out, "{ratio}");
    for outcome in &comparison.outcomes {
        _ = writeln!(out, "{}", rates(outcome));
        if let Some(worth) = worth(outcome) {
            _ = writeln!(out, "{worth}");
        }
    }
    out.push('\n');
}

/// Whether the arms are as large as they should be, in a sentence.
pub(super) fn sample_ratio(comparison: &Comparison) -> (bool, String) {
    let ratio = &comparison.sample_ratio;
    let sizes: Vec<String> = comparison
        .arms
        .iter()
        .map(|side| match side.expected {
            Some(expected) if expected < 1_000.0 => {
                format!("{} {} of {expected:.1}", side.arm, grouped(side.exposed))
            }
            Some(expected) => format!("{} {} of {expected:.0}", side.arm, grouped(side.exposed)),
            None => format!("{} {}", side.arm, grouped(side.exposed)),
        })
        .collect();
    let sizes = sizes.join(", ");
    let verdict = match (&ratio.unknown, ratio.p) {
        (Some(why), _) if !ratio.alarm => format!("not checked, for {why}"),
        (_, Some(p)) if ratio.alarm => format!("ALARM, p = {p:.2e}: something adds or loses customers"),
        (_, Some(p)) => format!("as it should be, p = {p:.3}"),
        (_, None) if ratio.alarm => "ALARM: customers in an arm that has no share".to_owned(),
        (_, None) => "nothing to compare".to_owned(),
    };
    let assumed = match ratio.assumed_equal {
        true => " (equal arms assumed, for the records don't say the shares)",
        false => "",
    };
    (ratio.alarm, format!("sample ratio: {sizes}: {verdict}{assumed}"))
}

fn rates(outcome: &OutcomeTable) -> Table {
    let mut table = table(&[&outcome.outcome, "exposed", "converted", "rate", "difference", "lift"]);
    for arm in &outcome.arms {
        table.add_row([
            Cell::new(&arm.arm),
            number(arm.exposed),
            number(arm.converted),
            right(range(arm.rate, percent)),
            right(range(arm.difference, points)),
            right(range(arm.lift, signed_percent)),
        ]);
    }
    table
}

/// What the arms were worth, where they were worth anything.
fn worth(outcome: &OutcomeTable) -> Option<Table> {
    let mut table = table(&[&outcome.outcome, "", "in all", "per customer", "difference", "lift"]);
    for arm in &outcome.arms {
        for worth in &arm.value {
            table.add_row([
                Cell::new(&arm.arm),
                Cell::new(&worth.currency),
                right(&worth.sum),
                right(range(worth.mean, |value| format!("{value:.4}"))),
                right(range(worth.difference, |value| signed(value, 4))),
                right(range(worth.lift, signed_percent)),
            ]);
        }
    }
    outcome.arms.iter().any(|arm| !arm.value.is_empty()).then_some(table)
}

/// A column of counts: its name, and the count of each row.
type Column<T> = (&'static str, fn(&T) -> u64);

/// Those columns in which something is counted; the first stays in any case.
fn counting<T>(rows: &[T], columns: &[Column<T>]) -> Vec<Column<T>> {
    let counts = |column: &Column<T>| rows.iter().any(|row| column.1(row) > 0);
    let kept = columns.iter().enumerate().filter(|(at, column)| *at == 0 || counts(column));
    kept.map(|(_, column)| *column).collect()
}

fn reported(reports: &Option<Reports>, count: fn(&Reports) -> u64) -> u64 {
    reports.as_ref().map_or(0, count)
}

fn journeys(journeys: &[JourneyActivity]) -> Table {
    let columns = counting(
        journeys,
        &[
            ("entered", |journey: &JourneyActivity| journey.entered),
            ("finished", |journey| journey.finished),
            ("stopped", |journey| journey.stopped),
            ("migrated", |journey| journey.migrated),
            ("running", |journey| journey.running),
            ("sent", |journey| journey.sent),
            ("held out", |journey| journey.held_out),
            ("opened", |journey| reported(&journey.reports, |reports| reports.opened)),
            ("clicked", |journey| reported(&journey.reports, |reports| reports.clicked)),
        ],
    );
    let mut header = vec!["journey"];
    header.extend(columns.iter().map(|(name, _)| *name));
    header.extend(["goals", "of entered", "value", "cost"]);
    let mut table = table(&header);
    for journey in journeys {
        let mut row = vec![Cell::new(&journey.journey)];
        row.extend(columns.iter().map(|(_, count)| number(count(journey))));
        row.extend([number(journey.goals), right(part(journey.goals, journey.entered))]);
        row.extend([right(sums(&journey.value)), right(sums(&journey.cost))]);
        table.add_row(row);
    }
    table
}

fn messages(messages: &[MessageActivity]) -> Table {
    let columns = counting(
        messages,
        &[
            ("sent", |message: &MessageActivity| message.sent),
            ("shown", |message| message.shown),
            ("held out", |message| message.held_out),
            ("deferred", |message| message.deferred),
            ("blocked", |message| message.blocked),
            ("delivered", |message| reported(&message.reports, |reports| reports.delivered)),
            ("failed", |message| reported(&message.reports, |reports| reports.failed)),
            ("opened", |message| reported(&message.reports, |reports| reports.opened)),
            ("clicked", |message| reported(&message.reports, |reports| reports.clicked)),
            ("dismissed", |message| reported(&message.reports, |reports| reports.dismissed)),
            ("unsubscribed", |message| reported(&message.reports, |reports| reports.unsubscribed)),
        ],
    );
    let mut header = vec!["message", "channel"];
    header.extend(columns.iter().map(|(name, _)| *name));
    header.extend(["goals", "cost"]);
    let mut table = table(&header);
    let mut before = "";
    for message in messages {
        let name = if message.message == before { "" } else { &message.message };
        before = &message.message;
        let mut row = vec![Cell::new(name), Cell::new(&message.channel)];
        row.extend(columns.iter().map(|(_, count)| number(count(message))));
        row.push(message.goals.map_or_else(|| right("–"), number));
        row.push(right(sums(&message.cost)));
        table.add_row(row);
    }
    table
}

pub(super) fn sums(money: &[Money]) -> String {
    let sums: Vec<String> = money.iter().map(|money| format!("{} {}", money.sum, money.currency)).collect();
    if sums.is_empty() { "–".to_owned() } else { sums.join(", ") }
}

pub(super) fn part(of: u64, all: u64) -> String {
    if all == 0 { "–".to_owned() } else { percent(of as f64 / all as f64) }
}

/// An estimate with its interval.
pub(super) fn range(estimate: Option<Estimate>, print: impl Fn(f64) -> String) -> String {
    match estimate {
        Some(Estimate { estimate, low, high }) => {
            format!("{} ({} to {})", print(estimate), print(low), print(high))
        }
        None => "–".to_owned(),
    }
}

pub(super) fn percent(value: f64) -> String {
    format!("{:.3}%", value * 100.0)
}

pub(super) fn signed_percent(value: f64) -> String {
    format!("{}%", signed(value * 100.0, 1))
}

/// Percentage points.
pub(super) fn points(value: f64) -> String {
    signed(value * 100.0, 3)
}

/// With its sign, but for what rounds to nothing.
pub(super) fn signed(value: f64, decimals: usize) -> String {
    let text = format!("{value:+.decimals$}");
    let nothing = text.bytes().all(|byte| !byte.is_ascii_digit() || byte == b'0');
    if nothing { text[1..].to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_has_no_sign() {
        let shown = [-0.0, 0.0, -0.00004, 0.25, -0.25].map(|value| super::signed(value, 3));
        assert_eq!(shown, ["0.000", "0.000", "0.000", "+0.250", "-0.250"]);
    }
}
