//! The interpreter is the meaning of the language; the machine code must agree with it to the bit: random
//! policies over random profiles and random logs, with equal, late and duplicate times, give the same records.

use comity_compiler::index::{Decided, costs};
use comity_runtime::policy::Policy;
use comity_runtime::record::verify_chain;
use comity_runtime::replay::Replay;
use comity_runtime::step::Detail;
use comity_tests::generate::{Random, crowd, events, policy, profiles};
use comity_tests::{ask_placements, feed, plan, policies};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Logs tried with each policy.
const LOGS: u64 = 40;

/// How many pairs of a policy and a log are tried: 20,000, or what `COMITY_CASES` says.
fn cases() -> u64 {
    std::env::var("COMITY_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(20_000)
}

#[test]
fn random_policies_decide_alike_on_both_engines() {
    let policies = cases().div_ceil(LOGS);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let kinds = std::sync::Mutex::new(std::collections::BTreeMap::<String, u64>::new());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let kinds = &kinds;
            scope.spawn(move || {
                for seed in (thread..policies).step_by(threads as usize) {
                    let seen = agree(seed);
                    let mut kinds = kinds.lock().expect("no other thread failed");
                    seen.into_iter().for_each(|kind| *kinds.entry(kind).or_default() += 1);
                }
            });
        }
    });
    let kinds = kinds.into_inner().expect("no thread failed");
    println!("records compared, by kind and reason: {kinds:#?}");
    // The policies must reach every gate, else agreement means little.
    for kind in [
        "sent",
        "deferred",
        "segment",
        "held_out",
        "ineligible",
        "inactive",
        "expired",
        "consent",
        "unreachable",
        "suppressed",
        "capped",
        "outranked",
        "superseded",
        "rejected",
        "journey",
        "goal",
        "exposed",
        "set",
        "emit",
        "stopped",
    ] {
        assert!(kinds.contains_key(kind), "no case of `{kind}` was tried");
    }
}

/// Policies of so many messages that an index decides about them, by rows.
#[test]
fn crowds_decide_alike_on_both_engines() {
    let mut sent = 0;
    let several = (0..16).map(|seed| (seed, 40 + seed * 53 % 400, 4, 20));
    for (seed, messages, logs, events) in several.chain([(16, 1_100, 2, 8), (17, 5_000, 1, 4)]) {
        let mut random = Random::new(seed);
        let text = crowd(&mut random, messages);
        let costs = costs(&plan(&text));
        let by_rows = costs.iter().filter(|cost| matches!(cost.decided, Some(Decided::Rows { .. }))).count();
        assert!(by_rows > 0 && (by_rows > 1 || messages < 200), "of {messages} messages rows decide");
        let kinds = compare(seed, &text, &mut random, logs, events);
        sent += usize::from(kinds.iter().any(|kind| kind == "sent"));
    }
    assert!(sent > 8, "something is sent by {sent}");
}

/// Compares the records of one policy over some logs; returns what they were.
fn agree(seed: u64) -> Vec<String> {
    let mut random = Random::new(seed);
    let text = policy(&mut random);
    compare(seed, &text, &mut random, LOGS, 25)
}

/// Compares the records of a policy over so many logs, of so many events more or less; returns what they were.
fn compare(seed: u64, text: &str, random: &mut Random, logs: u64, most: u64) -> Vec<String> {
    let [interpreter, jit] = policies(&plan(text));
    let mut kinds = Vec::new();
    for log in 0..logs {
        let customers = 1 + random.below(3);
        let profiles = profiles(random, customers);
        let count = most / 5 + random.below(most);
        let events = events(random, customers, count);
        // However many events are decided together, the records are the same.
        let together = 1 + random.below(8) as usize;
        let interpreted = decide(&interpreter, true, (1, &profiles, &events), customers);
        let compiled = decide(&jit, true, (together, &profiles, &events), customers);
        assert!(
            interpreted == compiled,
            "seed {seed}, log {log}: the engines differ\n{text}\n{profiles}\n{events}\ninterpreter:\n{}\njit:\n{}",
            String::from_utf8_lossy(&interpreted),
            String::from_utf8_lossy(&compiled),
        );
        // What may sleep while nobody asks for blocked messages decides as if it had been looked at each time.
        let sparing = decide(&jit, false, (usize::MAX, &profiles, &events), customers);
        let (left, right) = (unblocked(&interpreted), unblocked(&sparing));
        let count = left.len().max(right.len());
        if let Some(at) = (0..count).find(|&at| left.get(at) != right.get(at)) {
            panic!(
                "seed {seed}, log {log}: record {at} differs when blocked messages aren't told\n{text}\n{profiles}\n\
                 {events}\ntold: {:?}\nnot told: {:?}",
                left.get(at),
                right.get(at),
            );
        }
        let lines = interpreted.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        verify_chain(lines).unwrap_or_else(|error| panic!("seed {seed}, log {log}: {error}"));
        for line in String::from_utf8_lossy(&interpreted).lines() {
            let record: serde_json::Value = serde_json::from_str(line).expect("a record is JSON");
            let kind = record["kind"].as_str().unwrap_or_default();
            let reason = record["reason"].as_str().unwrap_or_default();
            let word = if kind == "blocked" { reason.split(':').next().unwrap_or_default() } else { kind };
            if !kinds.iter().any(|known| known == word) {
                kinds.push(word.to_owned());
            }
        }
    }
    kinds
}

/// The records but for what was blocked, each without the hash of the one before.
fn unblocked(records: &[u8]) -> Vec<serde_json::Value> {
    let lines = records.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let records =
        lines.map(|line| serde_json::from_slice::<serde_json::Value>(line).expect("a record is JSON"));
    let kept = records.filter(|record| record["kind"] != "blocked");
    kept.map(|mut record| {
        record["prev"].take();
        record
    })
    .collect()
}

/// The records of a log, and of what each placement shows each customer after it.
fn decide(
    policy: &Arc<Policy>,
    blocked: bool,
    (together, profiles, events): (usize, &str, &str),
    customers: u64,
) -> Vec<u8> {
    let mut out = Vec::new();
    let detail = Detail { blocked, redact: false };
    let threads = NonZeroUsize::MIN.saturating_add(together % 3);
    let replay = Replay::new(Arc::clone(policy), detail).together(together);
    let replay = replay.threads(threads).customers_for_a_thread(NonZeroUsize::MIN);
    let mut replay = feed(replay, profiles, events, &mut out);
    replay.finish(None, &mut out);
    for placement in &policy.plan.placements {
        assert!(["hero", "feed"].contains(&placement.name.as_str()));
    }
    ask_placements(&mut replay, customers, &mut out);
    replay.finish(None, &mut out);
    out
}
