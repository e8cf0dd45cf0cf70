//! What was wanted, and what there is.

use super::page::{ratio, table};
use super::{digits, grouped, time};
use crate::json::BORROWS;
use crate::measure::{Compiled, Results};
use crate::race::{Timing, median};

/// A figure that shall not be greater than another.
pub struct Goal {
    name: String,
    wanted: f64,
    measured: f64,
    /// The same in single rounds, of which it is the median; one where it is counted, not timed.
    rounds: Vec<f64>,
    show: fn(f64) -> String,
}

impl Goal {
    /// Whether it is reached.
    pub fn is_reached(&self) -> bool {
        self.measured <= self.wanted
    }

    /// The least and the greatest of single rounds.
    fn spread(&self) -> Option<(f64, f64)> {
        let least = self.rounds.iter().copied().min_by(f64::total_cmp)?;
        let greatest = self.rounds.iter().copied().max_by(f64::total_cmp)?;
        (self.rounds.len() > 1).then_some((least, greatest))
    }

    fn verdict(&self) -> String {
        let verdict = if self.is_reached() { "reached" } else { "**not reached**" };
        match self.spread() {
            Some((low, high)) if low <= self.wanted && self.wanted < high => {
                format!("{verdict}, within the noise")
            }
            _ => verdict.to_owned(),
        }
    }

    fn row(&self) -> Vec<String> {
        let show = self.show;
        let spread = self.spread().map(|(low, high)| format!("{} to {}", show(low), show(high)));
        let spread = spread.unwrap_or_else(|| "–".to_owned());
        vec![self.name.clone(), show(self.wanted), show(self.measured), spread, self.verdict()]
    }
}

const GOALS: &str = "\
## Goals

*Everything on* is the row with explanation bits, where there is one. From JSON the goal is about the profile and the event
together; an event alone is so little text that to decide takes more than to read it. The goal doesn't say whether the structs
own their texts; both are given.

*Single rounds* are the least and the greatest figure of one round, of which *measured* is the median. Where what is wanted
lies between them, another run on the same machine may well say the opposite: that is within the noise.

";

/// The section of the page.
pub fn section(goals: &[Goal]) -> String {
    let header = ["goal", "wanted", "measured", "single rounds", ""].map(str::to_owned).to_vec();
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(goals.iter().map(Goal::row)).collect();
    let mut page = GOALS.to_owned();
    table(&mut page, &rows);
    for (goal, why) in WHY {
        if goals.iter().any(|one| format!("{} |", one.name).contains(goal) && !one.is_reached()) {
            page.push_str(why);
        }
    }
    page
}

/// Comity with everything on; with explanation bits, where they were measured.
pub fn comity(timings: &[Timing]) -> Option<&Timing> {
    timings.iter().rfind(|one| one.name.starts_with("Comity"))
}

/// The Rust that goes through all rules, where there is one.
pub fn straight_line(timings: &[Timing]) -> Option<&Timing> {
    timings.first().filter(|first| first.name.contains("Rust"))
}

/// All that can be told from what was measured.
pub fn goals(results: &Results) -> Vec<Goal> {
    let mut goals = Vec::new();
    let mut add = |name: String, wanted: f64, rounds: Vec<f64>, show: fn(f64) -> String| {
        let measured = median(rounds.iter().copied());
        goals.push(Goal { name, wanted, measured, rounds, show });
    };
    for size in &results.sizes {
        let messages = grouped(size.shape.messages as f64);
        let most = match size.shape.messages {
            0..=10 => 1.5,
            11..=100 => 1.0 / 3.0,
            101..=1000 => 1.0 / 20.0,
            _ => 1.0 / 200.0,
        };
        let is_large = size.shape.messages >= 1000;
        if let Some((timing, straight)) = comity(&size.best).zip(straight_line(&size.best)) {
            let goal = format!("the best of {messages}, everything on, to straight-line Rust");
            add(goal, most, timing.ratios_to(straight), ratio);
        }
        let sorted = size.best.iter().find(|one| one.name.contains("sorted")).filter(|_| is_large);
        if let Some((timing, sorted)) = comity(&size.best).zip(sorted) {
            let goal = format!("the best of {messages}, everything on, to sorted Rust");
            add(goal, 1.0, timing.ratios_to(sorted), ratio);
        }
        let straight = straight_line(&size.eligible).filter(|_| is_large);
        if let Some((timing, straight)) = comity(&size.eligible).zip(straight) {
            let goal = format!("all eligible of {messages}, everything on, to straight-line Rust");
            add(goal, 0.2, timing.ratios_to(straight), ratio);
        }
    }
    let of = |messages: usize| results.sizes.iter().find(|size| size.shape.messages == messages);
    let best = |messages: usize| of(messages).and_then(|size| comity(&size.best));
    if let (Some(thousand), Some(ten_thousand)) = (best(1000), best(10_000)) {
        let goal = "the best of 10,000, everything on, to that of 1,000";
        add(goal.to_owned(), 2.0, ten_thousand.ratios_to(thousand), ratio);
        add("the best of 10,000, everything on".to_owned(), 500.0, ten_thousand.rounds.clone(), time);
    }
    for size in &results.sizes {
        let messages = grouped(size.shape.messages as f64);
        let of = |is: &dyn Fn(&str) -> bool| size.profile_and_event.iter().find(|one| is(&one.name));
        let serde = size.profile_and_event.first();
        let decision = of(&|name| name.ends_with("to the decision, everything on"));
        let effects = of(&|name| name.ends_with("to effects, everything on"));
        for (timing, what) in
            [(decision, "JSON to the decision"), (effects, "JSON to effects, a whole step,")]
        {
            if let Some((timing, serde)) = timing.zip(serde) {
                let goal = format!("{what} of {messages}, everything on, to serde_json");
                add(goal, 1.0, timing.ratios_to(serde), ratio);
            }
        }
        if let Some((timing, borrowing)) = decision.zip(of(&|name| name.contains(BORROWS))) {
            let goal = format!("the same decision of {messages}, to serde_json borrowing texts");
            add(goal, 1.0, timing.ratios_to(borrowing), ratio);
        }
        let took = |what: &str| size.compiled.iter().find(|one| one.what == what).map(Compiled::ns);
        let ready = match size.shape.messages {
            1000 => Some(50e6),
            10_000 => Some(500e6),
            _ => None,
        };
        if let (Some(most), Some(took)) = (ready, took("Comity, text to ready")) {
            add(format!("text to ready, {messages}"), most, took, time);
        }
        for what in ["one message changed", "one message changed, with a text and a window of its own"] {
            if let (true, Some(took)) = (size.shape.messages == 10_000, took(what)) {
                add(format!("{what}, of {messages}"), 5e6, took, time);
            }
        }
        if size.shape.messages >= 1000 {
            let each = (size.memory.bytes + size.memory.code) as f64 / size.shape.messages as f64 * 1000.0;
            let mib = |mib: f64| format!("{} MiB", digits(mib));
            add(format!("memory of 1,000 messages, of {messages}"), 5.0, vec![each / 1024.0 / 1024.0], mib);
        }
        // To what was measured in the same rounds, for the processor doesn't always run at one speed.
        let of_best = |name: &str| size.best.iter().find(|one| one.name.ends_with(name));
        if let (Some(without), Some(with)) = (of_best("everything on"), of_best("explanation bits")) {
            let goal = format!("explanation bits, deciding of {messages}, to none");
            add(goal, 1.05, with.ratios_to(without), ratio);
        }
        let allocations = vec![size.memory.allocations_deciding];
        add(format!("allocations, deciding of {messages}"), 0.0, allocations, digits);
    }
    goals
}

/// What is said where a goal isn't reached: a part of the goal's name, why it isn't and what was tried.
const WHY: [(&str, &str); 8] = [
    (
        "everything on, to straight-line Rust |",
        "**The best of few.** The whole record of the Rust is two cache lines, that of Comity five: each value has eight \
         bytes, whatever its type. Beside the conditions it looks at the consents, caps and dates, which the Rust doesn't \
         have. Tried, and kept: three conditions before a branch instead of one, no copy of the record, one call for a decision, \
         and, of up to 128 messages, rows that are combined by the machine code that finds them, clauses across slots among \
         them; not kept, for it took as long: four rows combined at a time, words without anybody left passed over at once, \
         and the next message fetched ahead. The intervals of some thirty values cost the same for a hundred messages as for \
         a thousand; with a hundred the Rust is only a few times slower than that.\n\n",
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
        "**From JSON to the decision.** What it takes Comity to read the lines alone is a row of its own: each text is looked \
         up among those of the policy, and each value checked against its type. What it takes more is to fill the frame and \
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rounds_contradict_is_noise() {
        let row = |rounds: &[f64]| {
            let measured = median(rounds.iter().copied());
            let goal =
                Goal { name: String::new(), wanted: 1.0, measured, rounds: rounds.to_vec(), show: ratio };
            goal.row()[3..].join(" ")
        };
        assert_eq!(row(&[0.8, 0.9, 0.7]), "0.70 to 0.90 reached");
        assert_eq!(row(&[0.8, 0.9, 1.1]), "0.80 to 1.10 reached, within the noise");
        assert_eq!(row(&[1.05, 0.9, 1.1]), "0.90 to 1.10 **not reached**, within the noise");
        assert_eq!(row(&[1.3, 1.2, 1.1]), "1.10 to 1.30 **not reached**");
        assert_eq!(row(&[0.0]), "– reached");
    }
}
