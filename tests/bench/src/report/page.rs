//! `docs/benchmarks.md`

use super::goals::{goals, section};
use super::summary::summary;
use super::{digits, time};
use crate::measure::{Results, Size};
use crate::race::Timing;
use std::fmt::Write as _;

/// The page.
pub fn page(results: &Results) -> String {
    let mut page = INTRODUCTION.to_owned();
    let goals = goals(results);
    page.push_str(&summary(results, &goals));
    let (what, machine) = (&results.what, &results.machine);
    let _ = writeln!(
        page,
        "Measured {} on {} ({} cores), {}, with {}; rows by {}. {} pairs, {} rounds, seed {}.\n",
        machine.date,
        machine.processor,
        machine.cores,
        machine.system,
        machine.rustc,
        machine.instructions,
        grouped(what.pairs as f64),
        what.rounds,
        what.seed
    );
    workload(&mut page, results);
    page.push_str(BEST);
    if !results.peers.is_empty() {
        page.push_str(OTHERS);
    }
    race(&mut page, results, |size| &size.best);
    page.push_str(ELIGIBLE);
    race(&mut page, results, |size| &size.eligible);
    page.push_str(JSON);
    race(&mut page, results, |size| &size.event);
    if let Some(size) = results.sizes.first() {
        let [event, both] = size.line_bytes;
        let _ = writeln!(
            page,
            "Lines are {event:.0} bytes long. With the customer's {both:.0}, of whom nothing was known:\n"
        );
    }
    race(&mut page, results, |size| &size.profile_and_event);
    page.push_str(COMPILING);
    compiling(&mut page, results);
    page.push_str(MEMORY);
    memory(&mut page, results);
    page.push_str(&section(&goals));
    page.push_str(HOW);
    page.push_str(&others(results));
    page.push_str(AGAIN);
    page.push_str("\n<!-- ANCHOR_END: measured -->\n");
    page
}

const INTRODUCTION: &str = "\
# Benchmarks

How long it takes to find the best message for a customer, by Comity and by others. `tests/bench` measures and writes this
page and its chart; nothing in it is written by hand.

![Time of a decision by the number of messages](src/images/benchmarks.svg)

<!-- ANCHOR: measured -->

";

const BEST: &str = "\
## The best message

With the customer's and the event's values at hand: the message with the highest class, then score, of those whose
conditions hold. In brackets the ratio to straight-line Rust in the same rounds. *With explanation bits* it is kept of each
decision what it takes to say later why a message was ruled out; of a few messages nothing is kept, each can be looked at anew.

";

const OTHERS: &str = "\
The other engines say which messages' conditions hold, and nothing else: the best of these is found in Rust, for all of them
alike, which flatters them a little. *Refused* is what an engine doesn't take.

";

const ELIGIBLE: &str = "\
## All that may be sent

The whole set of messages whose conditions hold, as audits ask for it.

";

const JSON: &str = "\
## From JSON to the decision

*To the decision*: the lines are read and the best message is found, of a customer who has done nothing yet; nothing is kept
of it. *To effects* is a whole step: besides, the event enters the customer's history, all gates are passed again for what is
sent, which caps count from now on, and the effect is made with its content and an id. Beside them `serde_json` reads the
same lines into structs, and does nothing with them: structs that own their texts, to which the ratios are, as what Comity
reads does; and structs that borrow them from the line, which can't read a text with an escape in it. *Reading alone* is what
Comity does with the lines before it decides. *Everything on* asks for consent, caps, suppression, quiet hours, a window over
the history and active dates too.

";

const COMPILING: &str = "\
## Compiling

CPU time of all threads. What is indented is a part of the line above.

";

const MEMORY: &str = "\
## Memory

Of a policy with everything on. Allocations are those of one decision with the values at hand, and of one whole step.

";

const HOW: &str = "\
## How it is measured

- The workload follows from a seed: customers with 25 attributes, events with 5 fields, messages with 4 to 8 conditions of
  which some are alternatives, drawn from a pool that all share; each message is for 0.5% to 9% of the customers.
- All engines get the same rules in their own language. Their decisions are compared with a plain evaluation first; a
  single difference ends the measurement.
- Then rounds: each engine in turn goes through the rows. Time is the CPU time of the thread; the table has medians, and
  ratios are medians of the ratios of each round, for a processor doesn't run at one speed from one round to the next: they
  can differ from what the times beside them would give. Engines so slow that a round would take longer than half a second are
  asked for the first rows only, twenty at least.
- Twenty thousand rows, for with few of them the processor learns all branches by heart, which flatters straight-line code.
- The Rust is what somebody would write who had only these rules to serve: a struct of numbers, bytes and bools, and an
  `if` for each message, compiled by `rustc -C opt-level=3`; sorted by class it stops where a class has a message.
";

const AGAIN: &str = "
To measure anew (the features are the other engines; without them they are left out):

```sh
cd tests/bench
cargo build --release --features a-tree,cedar,cel,mlua,regorus,rhai,roto,zen
cargo run --release --features a-tree,cedar,cel,mlua,regorus,rhai,roto,zen -- --out ../../docs
```

The section of the audiences is measured by itself, with the command and a Python that has DuckDB, and stays as it is
meanwhile:

```sh
python3 -m venv /tmp/duckdb
/tmp/duckdb/bin/pip install duckdb
cargo build --release --manifest-path ../../Cargo.toml -p comity
cargo run --release -- --audience /tmp/audience --messages 1000 --pairs 1000000 --rounds 3 \\
  --comity ../../target/release/comity --python /tmp/duckdb/bin/python --out ../../docs
```
";

/// How the other engines are given their rules and values.
fn others(results: &Results) -> String {
    let Some(_) = results.peers.first() else { return String::new() };
    let mut page = "- The other engines get their rules compiled once, and the values of each row in their own form before \
                    anything is timed:\n"
        .to_owned();
    for (name, how) in &results.peers {
        let _ = writeln!(page, "  - {name}: {how}.");
    }
    page
}

fn workload(page: &mut String, results: &Results) {
    let mut rows = vec![
        vec!["messages".to_owned()],
        vec!["different conditions".to_owned()],
        vec!["clauses of a message".to_owned()],
        vec!["may be sent".to_owned()],
        vec!["no message for".to_owned()],
    ];
    for Size { shape, .. } in &results.sizes {
        let cells = [
            grouped(shape.messages as f64),
            shape.atoms.to_string(),
            format!("{:.1}", shape.clauses),
            format!("{:.1}%", shape.eligible * 100.0),
            format!("{:.1}%", shape.undecided * 100.0),
        ];
        rows.iter_mut().zip(cells).for_each(|(row, cell)| row.push(cell));
    }
    table(page, &rows);
}

/// A row for each engine, a column for each number of messages.
fn race(page: &mut String, results: &Results, of: fn(&Size) -> &Vec<Timing>) {
    let mut rows = vec![header(results)];
    let mut names: Vec<&str> = Vec::new();
    for timing in results.sizes.iter().flat_map(of) {
        if !names.contains(&timing.name.as_str()) {
            names.push(&timing.name);
        }
    }
    for name in names {
        let mut row = vec![name.to_owned()];
        for size in &results.sizes {
            let timing = of(size).iter().find(|timing| timing.name == name);
            row.push(match timing {
                Some(timing) => cell(timing, of(size)),
                None if size.refused.iter().any(|refused| refused == name) => "refused".to_owned(),
                None => "–".to_owned(),
            });
        }
        rows.push(row);
    }
    table(page, &rows);
}

fn cell(timing: &Timing, all: &[Timing]) -> String {
    let is_first = all.first().is_some_and(|first| first.name == timing.name);
    if is_first { time(timing.ns) } else { format!("{} ({})", time(timing.ns), ratio(timing.ratio)) }
}

pub(super) fn ratio(ratio: f64) -> String {
    match ratio {
        ratio if ratio < 0.1 => format!("{ratio:.3}"),
        ratio if ratio < 9.95 => format!("{ratio:.2}"),
        ratio => format!("{ratio:.0}"),
    }
}

fn compiling(page: &mut String, results: &Results) {
    let mut rows = vec![header(results)];
    let mut names: Vec<&str> = Vec::new();
    for one in results.sizes.iter().flat_map(|size| &size.compiled) {
        if !names.contains(&one.what.as_str()) {
            names.push(&one.what);
        }
    }
    for name in names {
        let is_part = !name.starts_with("Comity") && !name.contains(' ')
            || name.contains("with parsing")
            || name.contains("index");
        let shown =
            if is_part && !name.contains("rustc") { format!("&emsp;{name}") } else { name.to_owned() };
        let mut row = vec![shown];
        for size in &results.sizes {
            let one = size.compiled.iter().find(|one| one.what == name);
            row.push(one.map_or_else(|| "–".to_owned(), |one| time(one.seconds * 1e9)));
        }
        rows.push(row);
    }
    table(page, &rows);
}

fn memory(page: &mut String, results: &Results) {
    let mut rows = vec![
        header(results),
        vec!["policy".to_owned()],
        vec!["its machine code".to_owned()],
        vec!["allocations, deciding".to_owned()],
        vec!["allocations, whole step".to_owned()],
    ];
    for Size { memory, .. } in &results.sizes {
        let cells = [
            format!("{} KiB", grouped(memory.bytes as f64 / 1024.0)),
            format!("{} KiB", grouped(memory.code as f64 / 1024.0)),
            digits(memory.allocations_deciding),
            digits(memory.allocations_stepping),
        ];
        rows[1..].iter_mut().zip(cells).for_each(|(row, cell)| row.push(cell));
    }
    table(page, &rows);
}

fn header(results: &Results) -> Vec<String> {
    let numbers = results.sizes.iter().map(|size| grouped(size.shape.messages as f64));
    std::iter::once("messages".to_owned()).chain(numbers).collect()
}

/// The first row is the header; all columns but the first stand to the right.
pub(super) fn table(page: &mut String, rows: &[Vec<String>]) {
    for (index, row) in rows.iter().enumerate() {
        let _ = writeln!(page, "| {} |", row.join(" | "));
        if index == 0 {
            let _ = writeln!(page, "| ---{} |", " | ---:".repeat(row.len() - 1));
        }
    }
    page.push('\n');
}

/// 12345.6 as `12,346`.
pub(crate) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
