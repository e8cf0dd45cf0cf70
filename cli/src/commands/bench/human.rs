//! Measurements as tables.

use super::measure::{Measured, Run};
use crate::commands::decider::Engine;
use crate::table::{grouped, right, table};
use comfy_table::Cell;
use std::fmt::Write as _;

pub(super) fn render(measured: &Measured) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", engines(measured));
    let _ = writeln!(out, "{}", compiling(measured));
    let _ = writeln!(out, "{}", totals(measured));
    out
}

/// Each engine's run: by event and by decision.
fn engines(measured: &Measured) -> comfy_table::Table {
    let names = measured.runs.iter().map(|(engine, _)| match engine {
        Engine::Jit => "machine code",
        Engine::Interpreter => "interpreter",
    });
    let mut table = table(&std::iter::once("").chain(names).collect::<Vec<_>>());
    let (events, decisions) = (measured.events as f64, measured.decisions as f64);
    let mut row = |what: &str, of: &dyn Fn(&Run) -> String| {
        let cells = measured.runs.iter().map(|(_, run)| right(of(run)));
        table.add_row(std::iter::once(Cell::new(what)).chain(cells));
    };
    row("time of an event", &|run| time(per(run.time, events)));
    row("time of a decision", &|run| time(per(run.time, decisions)));
    row("allocations of an event", &|run| format!("{:.1}", per(run.allocations, events)));
    row("allocations of a decision", &|run| format!("{:.1}", per(run.allocations, decisions)));
    row("events per second", &|run| grouped(per(events, run.time / 1e9) as u64));
    table
}

fn compiling(measured: &Measured) -> comfy_table::Table {
    let mut table = table(&["from text to ready", "time"]);
    let stages = &measured.stages;
    for (what, ns) in [
        ("check", stages.check),
        ("  parsing alone, measured by itself", stages.parse),
        ("lower", stages.lower),
        ("index and machine code", stages.code),
        ("make ready", stages.ready),
        ("all", stages.total),
    ] {
        table.add_row([Cell::new(what), right(time(ns))]);
    }
    table
}

fn totals(measured: &Measured) -> comfy_table::Table {
    let mut table = table(&["", ""]);
    let (mean, most) = measured.state;
    for (what, value) in [
        ("messages", grouped(measured.messages as u64)),
        ("events", grouped(measured.events)),
        ("decisions", grouped(measured.decisions)),
        ("customers", grouped(measured.customers as u64)),
        (
            "kept of a customer",
            format!("{} B, {} B at most", grouped(mean.round() as u64), grouped(most as u64)),
        ),
        ("machine code", format!("{:.1} KiB", measured.code as f64 / 1024.0)),
        ("rounds", grouped(u64::from(measured.rounds))),
    ] {
        table.add_row([Cell::new(what), right(value)]);
    }
    table
}

/// So much of each; 0 where there are none.
pub(super) fn per(sum: f64, count: f64) -> f64 {
    if count > 0.0 { sum / count } else { 0.0 }
}

/// ns, in the unit in which it reads well.
fn time(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        ns if ns < 1e9 => format!("{:.2} ms", ns / 1e6),
        ns => format!("{:.2} s", ns / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_have_a_unit_that_fits() {
        let times = [12.0, 1234.0, 5_600_000.0, 2.5e9].map(time);
        assert_eq!(times, ["12 ns", "1.23 µs", "5.60 ms", "2.50 s"]);
    }
}
