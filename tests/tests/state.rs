//! The state of a customer as bytes: who is packed and unpacked after every step is decided on as if nothing had
//! been, and bytes that aren't a whole state are refused.

use comity_compiler::engine::Engine;
use comity_compiler::ids::PlacementId;
use comity_runtime::policy::Policy;
use comity_runtime::profile::Profile;
use comity_runtime::replay::Replay;
use comity_runtime::state::{self, StateError};
use comity_runtime::step::{Detail, Stepper};
use comity_tests::generate::{Random, events, policy, profiles};
use comity_tests::{feed, plan};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Logs tried with each policy.
const LOGS: u64 = 20;

/// How many pairs of a policy and a log are tried: 300, or what `COMITY_CASES` says.
fn cases() -> u64 {
    std::env::var("COMITY_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
}

fn ready(text: &str) -> Arc<Policy> {
    Arc::new(Policy::new(Engine::interpreter(plan(text))))
}

/// The customer as its bytes say.
fn repack(policy: &Policy, profile: &mut Profile) {
    let bytes = state::pack(policy, profile);
    *profile = state::unpack(policy, &bytes).unwrap_or_else(|error| panic!("{error}: {profile:?}"));
    assert!(bytes == state::pack(policy, profile), "packed again it is another: {profile:?}");
}

/// A run over a log and what placements show after it, with the customers' state packed after each step or not.
fn decide(
    policy: &Arc<Policy>,
    blocked: bool,
    packed: bool,
    (profiles, events, customers): (&str, &str, u64),
) -> (Vec<u8>, Replay) {
    let mut out = Vec::new();
    let mut replay = Replay::new(Arc::clone(policy), Detail { blocked, redact: false });
    if packed {
        replay = replay.after_each_step(repack);
    }
    let mut replay = feed(replay, profiles, events, &mut out);
    replay.finish(None, &mut out);
    for customer in 0..customers {
        for placement in (0..policy.plan.placements.len()).map(PlacementId::at) {
            let at = replay.clock().unwrap_or_default() + 60_000_000;
            replay.decide(&format!("c{customer}"), placement, at, &mut out);
        }
    }
    let month = replay.clock().unwrap_or_default() + 30 * 24 * 3_600_000_000;
    replay.finish(Some(month), &mut out);
    (out, replay)
}

#[test]
fn who_is_packed_after_every_step_is_decided_alike() {
    let policies = cases().div_ceil(LOGS);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || (thread..policies).step_by(threads as usize).for_each(alike));
        }
    });
}

fn alike(seed: u64) {
    let mut random = Random::new(seed);
    let text = policy(&mut random);
    let policy = ready(&text);
    for log in 0..LOGS {
        let customers = 1 + random.below(3);
        let profiles = profiles(&mut random, customers);
        let count = 5 + random.below(25);
        let events = events(&mut random, customers, count);
        let blocked = log % 2 == 0;
        let input = (profiles.as_str(), events.as_str(), customers);
        let (plain, _) = decide(&policy, blocked, false, input);
        let (packed, replay) = decide(&policy, blocked, true, input);
        if plain != packed {
            let [left, right] = [&plain, &packed].map(|records| String::from_utf8_lossy(records));
            let (left, right) = (left.lines(), right.lines());
            let first = left.zip(right).find(|(left, right)| left != right);
            panic!(
                "seed {seed}, log {log}: packing changes something\n{text}\n{profiles}\n{events}\n{} bytes against \
                 {}, plain and packed: {first:#?}",
                plain.len(),
                packed.len(),
            );
        }
        for customer in 0..customers {
            if let Some(profile) = replay.profile(&format!("c{customer}")) {
                spoil(&mut random, &policy, profile, log == 0 && seed.is_multiple_of(4));
            }
        }
    }
}

/// Whatever happens to the bytes of a state, they are refused, or read as a state that there is.
fn spoil(random: &mut Random, policy: &Policy, profile: &Profile, thoroughly: bool) {
    let bytes = state::pack(policy, profile);
    let step = if thoroughly { 1 } else { 1 + bytes.len() / 4 };
    for length in (0..bytes.len()).step_by(step) {
        let cut = state::unpack(policy, &bytes[..length]).map(|_| ());
        assert!(matches!(cut, Err(StateError::CutShort { .. })), "{length} of {}: {cut:?}", bytes.len());
    }
    let mut spoiled = bytes.to_vec();
    for at in (0..bytes.len()).step_by(step) {
        let bit = 1 << random.below(8);
        spoiled[at] ^= bit;
        assert!(state::unpack(policy, &spoiled).is_err(), "bit {bit} of byte {at} is flipped unseen");
        // Somebody who makes a checksum for it comes further.
        with_checksum(&mut spoiled, |spoiled| readable(policy, spoiled));
        spoiled[at] ^= bit;
    }
    for _ in 0..step.min(4) {
        let from = 23 + random.below(bytes.len() as u64 - 23) as usize;
        spoiled[from..].iter_mut().take(8).for_each(|byte| *byte = random.below(256) as u8);
        with_checksum(&mut spoiled, |spoiled| readable(policy, spoiled));
        spoiled.copy_from_slice(&bytes);
    }
}

/// As if the bytes had been written so.
fn with_checksum(bytes: &mut [u8], look: impl FnOnce(&[u8])) {
    let before: [u8; 8] = bytes[5..13].try_into().expect("eight bytes");
    let checksum = xxh3_64(&bytes[13..]);
    bytes[5..13].copy_from_slice(&checksum.to_le_bytes());
    look(bytes);
    bytes[5..13].copy_from_slice(&before);
}

/// What can be read can be written, and is then read as the same.
fn readable(policy: &Policy, bytes: &[u8]) {
    if let Ok(profile) = state::unpack(policy, bytes) {
        let written = state::pack(policy, &profile);
        let again = state::unpack(policy, &written).expect("what was written can be read");
        assert!(state::pack(policy, &again) == written);
    }
}

const SHOP: &str = r#"
enum Tier ordered { bronze, silver, gold }
profile { email: email? tier: Tier = bronze interests: set of text timezone: timezone = "Europe/Berlin" }
event purchase { order: text, amount: money EUR }
channel email { to profile.email }
class news
purpose marketing { opt_in on email }
segment buyer = count of purchase within 30d >= 1
message offer {
  class news purpose marketing via email on every monday at 10:00
  when buyer and sum of purchase.amount >= 10 EUR
  content email { subject "x" body "y" }
}
"#;

#[test]
fn an_imported_profile_stays_untouched() {
    let policy = ready(SHOP);
    let line = r#"{"subject":"ada","attributes":{"email":"a@b.example","tier":"gold","interests":["golf"],"timezone":"Asia/Tokyo"}}"#;
    let line = policy.schema.profile(line.as_bytes()).expect("a profile");
    let mut profile = Profile::new(&policy, line.subject);
    for (attribute, value) in line.attributes {
        profile.set_attribute(&policy, attribute, value, i64::MIN);
    }
    repack(&policy, &mut profile);
    assert_eq!(profile.due(), i64::MAX);
    let mut stepper = Stepper::new(Arc::clone(&policy), Detail::default());
    let mut plain = profile.clone();
    for profile in [&mut profile, &mut plain] {
        stepper.import(profile, 1_793_613_600_000_000);
    }
    repack(&policy, &mut profile);
    assert_eq!(profile.zone.name(), "Asia/Tokyo");
    assert_eq!(profile.due(), plain.due());
    assert_eq!(state::pack(&policy, &profile), state::pack(&policy, &plain));
    assert_eq!(format!("{profile:?}"), format!("{plain:?}"));
}

#[test]
fn other_bytes_are_refused_in_words() {
    let (policy, other) = (ready(SHOP), ready(&SHOP.replace("30d", "31d")));
    let bytes = state::pack(&policy, &Profile::new(&policy, "ada".into()));
    let say = |policy: &Policy, bytes: &[u8]| state::unpack(policy, bytes).expect_err("no state").to_string();
    assert_eq!(say(&policy, b"{\"subject\":\"ada\"}"), "these bytes are not the state of a customer");
    let (whole, half) = (bytes.len(), bytes.len() / 2);
    assert_eq!(
        say(&policy, &bytes[..whole - 2]),
        format!("the state of the customer is cut short: it has {} of {whole} bytes", whole - 2)
    );
    assert_eq!(say(&policy, b""), "the state of the customer is cut short: it has 0 of 22 bytes");
    let mut damaged = bytes.to_vec();
    damaged[half] ^= 4;
    assert_eq!(say(&policy, &damaged), "the state of the customer is damaged: its checksum is another");
    damaged[4] = 7;
    assert_eq!(
        say(&policy, &damaged),
        "the state of the customer has format 7, which is not the one that this version of Comity reads and writes, 1"
    );
    let longer = [&bytes[..], b"x"].concat();
    assert_eq!(say(&policy, &longer), "the state of the customer is damaged: something follows its end");
    let version =
        |policy: &Policy| policy.version.split_once('@').map_or("", |(_, hash)| &hash[..16]).to_owned();
    assert_eq!(
        say(&other, &bytes),
        format!(
            "the state of the customer belongs to the policy version {}…, not to {}…: it must be carried over, for \
             which both versions are needed",
            version(&policy),
            version(&other),
        )
    );
    assert_eq!(state::version(&bytes), Ok(version(&policy)));
}
