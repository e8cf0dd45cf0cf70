//! A run in figures, for people.

use crate::commands::strangers::Strangers;
use crate::table::{grouped, number, right, table};
use comfy_table::{Cell, Table};
use comity_runtime::replay::Summary;
use comity_runtime::report::decimal;
use std::fmt::Write as _;
use std::time::Duration;

/// How long a run took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Took {
    /// From the first event to the last record.
    pub(super) deciding: Duration,
    /// With reading the policy and the profiles.
    pub(super) all: Duration,
}

pub(super) fn render(summary: &Summary, strangers: &Strangers, took: Took) -> String {
    let mut out = String::new();
    if !summary.counts.is_empty() {
        let _ = writeln!(out, "{}", messages(summary));
    }
    if !summary.journeys.is_empty() {
        let _ = writeln!(out, "{}", journeys(summary));
    }
    if !summary.segments.is_empty() {
        let _ = writeln!(out, "{}", segments(summary));
    }
    let _ = writeln!(out, "{}", totals(summary, took));
    for (what, names) in [("types", strangers.types()), ("fields", strangers.fields())] {
        if !names.is_empty() {
            let _ = writeln!(out, "{what} that the policy doesn't know: {names}");
        }
    }
    out
}

/// What became of each message on each channel or placement. What stands in the line above isn't repeated.
fn messages(summary: &Summary) -> Table {
    let mut table = table(&["message", "channel", "outcome", "count"]);
    let (mut message, mut channel) = ("", "");
    for (count, times) in &summary.counts {
        let same_message = count.message == message;
        let same_channel = same_message && count.channel == channel;
        (message, channel) = (&count.message, &count.channel);
        table.add_row([
            Cell::new(if same_message { "" } else { message }),
            Cell::new(if same_channel { "" } else { channel }),
            Cell::new(&count.outcome),
            number(*times),
        ]);
    }
    table
}

fn journeys(summary: &Summary) -> Table {
    let states = ["entered", "finished", "stopped", "migrated"];
    let mut table = table(&["journey", states[0], states[1], states[2], states[3]]);
    for (name, counts) in &summary.journeys {
        let counts = states.map(|state| number(counts.get(state).copied().unwrap_or_default()));
        table.add_row(std::iter::once(Cell::new(name)).chain(counts));
    }
    table
}

fn segments(summary: &Summary) -> Table {
    let mut table = table(&["segment", "entered", "left"]);
    for (name, (entered, left)) in &summary.segments {
        table.add_row([Cell::new(name), number(*entered), number(*left)]);
    }
    table
}

fn totals(summary: &Summary, took: Took) -> Table {
    let mut table = table(&["", ""]);
    let mut row = |name: &str, value: String| {
        table.add_row([Cell::new(name), right(value)]);
    };
    row("events", grouped(summary.events));
    for (name, count) in [
        ("with a known id, ignored", summary.duplicate),
        ("rejected", summary.rejected),
        ("late, behind a later one of their customer", summary.late),
        ("of these more than 1 h, which start nothing", summary.too_late),
        ("of types that the policy doesn't know", summary.unknown),
        ("fields that it doesn't know", summary.unknown_fields),
        ("steps by time alone", summary.timers),
    ] {
        if count > 0 {
            row(name, grouped(count));
        }
    }
    for (currency, nanos) in &summary.cost_nanos {
        row("cost", format!("{} {currency}", decimal(*nanos)));
    }
    let seconds = took.deciding.as_secs_f64();
    row("seconds", format!("{:.2}, {:.2} in all", seconds, took.all.as_secs_f64()));
    if seconds > 0.0 {
        row("events per second", grouped((summary.events as f64 / seconds) as u64));
    }
    if let Some(kib) = peak_memory() {
        row("peak memory", format!("{:.0} MiB", kib as f64 / 1024.0));
    }
    table
}

/// In KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
