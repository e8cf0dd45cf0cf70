//! What a compiled policy takes, and what deciding allocates: in a process of its own, whose allocator counts.
//!
//! `comity-bench-memory SEED N…` prints a line of JSON for each N.

use comity_bench::comity::{self, AtHand, Input, Steps};
use comity_bench::project::Features;
use comity_bench::race::Contender;
use comity_bench::workload::Workload;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROWS: usize = 1000;

fn main() {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse().expect("a number"));
    let seed: u64 = numbers.next().expect("a seed");
    // What all policies share, such as time zones, is there before the first is measured.
    comity::compile(&Workload::new(seed, 1, 1).rules, Features::All);
    for messages in numbers {
        let workload = Workload::new(seed, messages as usize, ROWS);
        let region = Region::new(ALLOCATOR);
        let (policy, _) = comity::compile(&workload.rules, Features::All);
        let change = region.change();
        let bytes = change.bytes_allocated as isize - change.bytes_deallocated as isize;
        let code = policy.engine.code_size();
        let (plain, _) = comity::compile(&workload.rules, Features::Plain);
        let deciding = allocations(&mut AtHand::new(&plain, &workload, Features::Plain));
        let stepping = allocations(&mut Steps::new(&policy, &workload, Features::All, Input::Event));
        println!(
            "{}",
            serde_json::json!({
                "messages": messages, "bytes": bytes, "code": code,
                "allocations_deciding": deciding, "allocations_stepping": stepping,
            })
        );
    }
}

/// Of a row, once all is warm.
fn allocations(contender: &mut dyn Contender<Option<u32>>) -> f64 {
    let mut answers = vec![None; ROWS];
    for round in 0..2 {
        contender.prepare(round, 0..ROWS);
        contender.run(0..ROWS, &mut answers);
    }
    contender.prepare(2, 0..ROWS);
    let region = Region::new(ALLOCATOR);
    contender.run(0..ROWS, &mut answers);
    let change = region.change();
    (change.allocations + change.reallocations) as f64 / ROWS as f64
}
