//! `docs/benchmarks.md`

use super::{digits, time};
use crate::json::BORROWS;
use crate::measure::{Results, Size};
use crate::race::Timing;
use std::fmt::Write as _;

/// The page.
pub fn page(results: &Results) -> String {
    let mut page = INTRODUCTION.to_owned();
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
        what.pairs,
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
    page.push_str(goals(results).as_str());
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
reads does; and structs that borrow them from the line, which can't read a text with an escape in it. *Everything on* asks for consent, caps, suppression, quiet hours, a
window over the history and active dates too.

";

const COMPILING: &str = "\
## Compiling

CPU time of all threads. What is indented is a part of the line above.

";

const MEMORY: &str = "\
## Memory

Of a policy with everything on. Allocations are those of one decision with the values at hand, and of one whole step.

";

const GOALS: &str = "\
## Goals

*Everything on* is the row with explanation bits, where there is one. From JSON the goal is about the profile and the event
together; an event alone is so little text that to decide takes more than to read it. The goal doesn't say whether the structs
own their texts; both are given.

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

fn ratio(ratio: f64) -> String {
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

/// What is wanted, and what there is.
fn goals(results: &Results) -> String {
    let mut rows = vec![["goal", "wanted", "measured", ""].map(str::to_owned).to_vec()];
    let comity = |timings: &[Timing]| timings.iter().rfind(|one| one.name.starts_with("Comity")).cloned();
    let mut add = |goal: String, wanted: String, measured: String, reached: bool| {
        rows.push(vec![
            goal,
            wanted,
            measured,
            if reached { "reached" } else { "**not reached**" }.to_owned(),
        ]);
    };
    for size in &results.sizes {
        let messages = grouped(size.shape.messages as f64);
        let most = match size.shape.messages {
            0..=10 => 1.5,
            11..=100 => 1.0 / 3.0,
            101..=1000 => 1.0 / 20.0,
            _ => 1.0 / 200.0,
        };
        let has_native = size.best.first().is_some_and(|first| first.name.contains("Rust"));
        if let Some(timing) = comity(&size.best).filter(|_| has_native) {
            add(
                format!("the best of {messages}, everything on, to straight-line Rust"),
                ratio(most),
                ratio(timing.ratio),
                timing.ratio <= most,
            );
        }
        let sorted = size.best.iter().find(|one| one.name.contains("sorted"));
        if let (Some(timing), Some(sorted), true) =
            (comity(&size.best), sorted, size.shape.messages >= 1000 && has_native)
        {
            let relative = timing.ratio / sorted.ratio;
            let goal = format!("the best of {messages}, everything on, to sorted Rust");
            add(goal, ratio(1.0), ratio(relative), relative <= 1.0);
        }
        if let (Some(timing), true) = (comity(&size.eligible), size.shape.messages >= 1000 && has_native) {
            let goal = format!("all eligible of {messages}, everything on, to straight-line Rust");
            add(goal, ratio(0.2), ratio(timing.ratio), timing.ratio <= 0.2);
        }
    }
    let of = |messages: usize| results.sizes.iter().find(|size| size.shape.messages == messages);
    let best = |messages: usize| of(messages).and_then(|size| comity(&size.best)).map(|timing| timing.ns);
    if let (Some(thousand), Some(ten_thousand)) = (best(1000), best(10_000)) {
        let (growth, goal) = (ten_thousand / thousand, "the best of 10,000, everything on, to that of 1,000");
        add(goal.to_owned(), ratio(2.0), ratio(growth), growth <= 2.0);
        let goal = "the best of 10,000, everything on".to_owned();
        add(goal, time(500.0), time(ten_thousand), ten_thousand <= 500.0);
    }
    for size in &results.sizes {
        let messages = grouped(size.shape.messages as f64);
        for (suffix, what) in
            [("decision", "JSON to the decision"), ("effects", "JSON to effects, a whole step,")]
        {
            let suffix = format!("{suffix}, everything on");
            if let Some(timing) = size.profile_and_event.iter().find(|one| one.name.ends_with(&suffix)) {
                let goal = format!("{what} of {messages}, everything on, to serde_json");
                add(goal, ratio(1.0), ratio(timing.ratio), timing.ratio <= 1.0);
            }
        }
        let of = |is: &dyn Fn(&str) -> bool| size.profile_and_event.iter().find(|one| is(&one.name));
        let decision = of(&|name| name.ends_with("decision, everything on"));
        if let Some((timing, borrowing)) = decision.zip(of(&|name| name.contains(BORROWS))) {
            let relative = timing.ratio / borrowing.ratio;
            let goal = format!("the same decision of {messages}, to serde_json borrowing texts");
            add(goal, ratio(1.0), ratio(relative), relative <= 1.0);
        }
        let seconds =
            |what: &str| size.compiled.iter().find(|one| one.what == what).map(|one| one.seconds * 1e9);
        let ready = match size.shape.messages {
            1000 => Some(50e6),
            10_000 => Some(500e6),
            _ => None,
        };
        if let (Some(most), Some(took)) = (ready, seconds("Comity, text to ready")) {
            add(format!("text to ready, {messages}"), time(most), time(took), took <= most);
        }
        for what in ["one message changed", "one message changed, with a text and a window of its own"] {
            if let (true, Some(took)) = (size.shape.messages == 10_000, seconds(what)) {
                add(format!("{what}, of {messages}"), time(5e6), time(took), took <= 5e6);
            }
        }
        if size.shape.messages >= 1000 {
            let each = (size.memory.bytes + size.memory.code) as f64 / size.shape.messages as f64 * 1000.0;
            let (mib, most) = (each / 1024.0 / 1024.0, 5.0);
            add(
                format!("memory of 1,000 messages, of {messages}"),
                "5.0 MiB".to_owned(),
                format!("{} MiB", digits(mib)),
                mib <= most,
            );
        }
        // To what was measured in the same rounds, for the processor doesn't always run at one speed.
        let of_best = |name: &str| size.best.iter().find(|one| one.name.ends_with(name)).map(|one| one.ratio);
        if let (Some(without), Some(with)) = (of_best("everything on"), of_best("explanation bits")) {
            let goal = format!("explanation bits, deciding of {messages}, to none");
            add(goal, ratio(1.05), ratio(with / without), with / without <= 1.05);
        }
        let allocations = size.memory.allocations_deciding;
        add(
            format!("allocations, deciding of {messages}"),
            "0".to_owned(),
            digits(allocations),
            allocations == 0.0,
        );
    }
    let mut page = GOALS.to_owned();
    table(&mut page, &rows);
    for (goal, why) in WHY {
        if rows.iter().any(|row| format!("{} |", row[0]).contains(goal) && row[3] != "reached") {
            page.push_str(why);
        }
    }
    page
}

/// What is said where a goal isn't reached: a part of the goal's name, why it isn't and what was tried.
const WHY: [(&str, &str); 8] = [
    (
        "everything on, to straight-line Rust |",
        "**The best of few.** The whole record of the Rust is two cache lines, that of Comity five: each value has eight \
         bytes, whatever its type. Beside the conditions it looks at the consents, caps and dates, which the Rust doesn't \
         have. Tried, and kept: three conditions before a branch instead of one, no copy of the record, and one call for a \
         decision; and not kept: four rows combined at a time, and words without anybody left passed over at once, which took as \
         long. The intervals of some thirty values and as many rows cost the same for a hundred messages as for a \
         thousand; with a hundred the Rust is only a few times slower than that.\n\n",
    ),
    (
        "the best of 10,000, everything on |",
        "**Half a microsecond** for ten thousand was set on a machine that takes 84 µs for the straight-line Rust. The table \
         above says what it takes on this one.\n\n",
    ),
    (
        "to that of 1,000 |",
        "**Ten thousand to one thousand.** The rows are ten times as long: up to twenty blocks of 512 messages instead of two, \
         which no longer lie in the nearest cache. That blocks with nobody left are passed over, and that the search ends \
         where nobody left can win, keeps it about twice.\n\n",
    ),
    (
        "explanation bits",
        "**Explanation bits.** Some forty numbers of two bytes are copied for each decision, which itself takes a few \
         hundred nanoseconds. Tried, and kept: to copy them in batches, as records are written, and two bytes for each instead \
         of four.\n\n",
    ),
    (
        "decision",
        "**From JSON to the decision.** To read the lines takes Comity less than `serde_json`, although each text is looked \
         up among those of the policy and each value checked against its type; what it takes more is to fill the frame and \
         to decide. Tried, and kept: keys expected in the order in which they came before, numbers and names read eight bytes \
         at once, values of which most are written alike read first, a profile read straight into the flat record that its \
         customer keeps, records copied into the frame as a whole.\n\n",
    ),
    (
        "JSON to effects",
        "**A whole step from JSON.** The Rust only reads the text. Comity's step also makes a profile of what was read, enters the \
         event into its history, asks the ledger of consents and the sends that caps count, renders the content and makes an \
         effect whose id is a hash of its cause. Tried, and kept: a scanner that the schema drives, attributes as a flat \
         record that is copied into the frame at once, ids and contents without detours over the heap.\n\n",
    ),
    (
        "text to ready",
        "**Text to ready.** Its parts are in the table above; none is most of it. For each message it is proved which consents, \
         conditions and types hold, and a hundred kinds of mistakes are looked for, that `rustc` doesn't know. Tried, and kept: \
         syntax trees of a quarter of their size, texts without mistakes read straight ahead, names found by hash, what each \
         condition can be found once for all lints, proofs in one pass along their chains, tokens only as long as their file is \
         read, several threads for large projects.\n\n",
    ),
    (
        "one message changed",
        "**One message changed.** It is compiled alone and put onto the plan of the rest, whose rows and machine code stay. What \
         is left is mostly to copy the tables of expressions, so that the policy before goes on deciding meanwhile.\n\n",
    ),
];

fn header(results: &Results) -> Vec<String> {
    let numbers = results.sizes.iter().map(|size| grouped(size.shape.messages as f64));
    std::iter::once("messages".to_owned()).chain(numbers).collect()
}

/// The first row is the header; all columns but the first stand to the right.
fn table(page: &mut String, rows: &[Vec<String>]) {
    for (index, row) in rows.iter().enumerate() {
        let _ = writeln!(page, "| {} |", row.join(" | "));
        if index == 0 {
            let _ = writeln!(page, "| ---{} |", " | ---:".repeat(row.len() - 1));
        }
    }
    page.push('\n');
}

/// 12345.6 as `12,346`.
fn grouped(value: f64) -> String {
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
