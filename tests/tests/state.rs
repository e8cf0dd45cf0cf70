//! The state of a customer as bytes: who is packed and unpacked after every step is decided on as if nothing had
//! been, and bytes that aren't a whole state are refused.

use comity_compiler::engine::Engine;
use comity_runtime::policy::Policy;
use comity_runtime::profile::Profile;
use comity_runtime::publish::Publisher;
use comity_runtime::state::{self, Carry, StateError};
use comity_runtime::step::{Detail, Stepper};
use comity_tests::generate::{Random, events, policy, profiles};
use comity_tests::{decide_and_ask, plan, repack};
use std::collections::BTreeMap;
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
        let (plain, _) = decide_and_ask(&policy, blocked, false, input);
        let (packed, replay) = decide_and_ask(&policy, blocked, true, input);
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

/// Declarations that come before all others by name, so that nothing keeps its place in the plan.
const SHIFT: &str = r#"
enum Aaa { one, two }
profile { aaa: Aaa? }
event aaa { note: text, number: int }
channel aab { inbound }
segment aac = count of (aaa where note == "aaa") within 2d > 5 and profile.aaa is known and profile.aaa == one
purpose aad { always on aab }
experiment aae { arms one 50%, two 50% salt "aaa" }
"#;

/// Customers who are decided on without a log around them.
struct Shop {
    stepper: Stepper,
    publisher: Publisher,
    customers: BTreeMap<String, Profile>,
    order: u64,
    records: Vec<u8>,
}

impl Shop {
    fn new(policy: &Arc<Policy>, customers: BTreeMap<String, Profile>, order: u64) -> Shop {
        let stepper = Stepper::new(Arc::clone(policy), Detail { blocked: true, redact: false });
        Shop { stepper, publisher: Publisher::new(Arc::clone(policy)), customers, order, records: Vec::new() }
    }

    fn step(&mut self, subject: &str, to: Option<i64>, line: Option<&str>) {
        let policy = Arc::clone(self.stepper.policy());
        let profile =
            self.customers.entry(subject.to_owned()).or_insert_with(|| Profile::new(&policy, subject.into()));
        let mut event = line.and_then(|line| policy.schema.event(line.as_bytes()).ok());
        let until = event.as_ref().map(|event| event.time).or(to).unwrap_or(i64::MIN);
        let mut effects = Vec::new();
        while profile.now > i64::MIN && profile.due() < until {
            self.order += 1;
            self.stepper.timers(profile, profile.due(), self.order, &mut effects);
        }
        if let Some(event) = &mut event {
            self.order += 1;
            self.stepper.event(profile, event, self.order, None, &mut effects);
        }
        for effect in &effects {
            self.publisher.effect(profile, effect, &mut self.records);
        }
    }

    /// The same customers under another version of the policy.
    fn under(mut self, policy: &Arc<Policy>) -> Shop {
        let carry = Carry::between(Arc::clone(self.stepper.policy()), Arc::clone(policy));
        let customers = std::mem::take(&mut self.customers);
        let mut shop = Shop::new(policy, BTreeMap::new(), self.order);
        for (subject, profile) in customers {
            let mut effects = Vec::new();
            let mut profile = shop.stepper.carry_over(&carry, &profile, profile.now.max(0), &mut effects);
            repack(policy, &mut profile);
            for effect in &effects {
                shop.publisher.effect(&mut profile, effect, &mut self.records);
            }
            shop.customers.insert(subject, profile);
        }
        shop.records = self.records;
        shop
    }

    /// The records but for what depends on the version.
    fn records(&self) -> Vec<serde_json::Value> {
        let lines = self.records.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let record = |line| {
            let mut record: serde_json::Value = serde_json::from_slice(line).expect("a record is JSON");
            record["policy"].take();
            record["prev"].take();
            record
        };
        lines.map(record).collect()
    }
}

/// The subject of an event, and what was known of customers before the log as events of their own.
fn lines(profiles: &str, events: &str) -> Vec<(String, String)> {
    let json = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok();
    let mut lines = Vec::new();
    let mut add = |event: serde_json::Value| {
        let subject = event["subject"].as_str().unwrap_or_default().to_owned();
        lines.push((subject, event.to_string()));
    };
    for profile in profiles.lines().filter_map(json) {
        let about = |id: String, kind: &str, data: &serde_json::Value| {
            serde_json::json!({
                "id": id, "type": kind, "subject": profile["subject"], "time": "2026-10-01T00:00:00Z", "data": data
            })
        };
        add(about("known".to_owned(), "identify", &profile["attributes"]));
        for (at, consent) in profile["consents"].as_array().into_iter().flatten().enumerate() {
            let mut data = consent.clone();
            data["source"] = "import".into();
            add(about(format!("consent{at}"), "consent_granted", &data));
        }
    }
    events.lines().filter_map(json).filter(|event| event["type"] != "merge").for_each(add);
    lines
}

#[test]
fn a_version_that_means_the_same_goes_on_as_the_one_before() {
    let mut compared = 0;
    for seed in 0..cases().div_ceil(20) {
        let mut random = Random::new(seed);
        let text = policy(&mut random);
        let (old, new) = (ready(&text), ready(&format!("{text}\n{SHIFT}")));
        for log in 0..10 {
            let customers = 1 + random.below(3);
            let profiles = profiles(&mut random, customers);
            let count = 5 + random.below(25);
            let events = events(&mut random, customers, count);
            let lines = lines(&profiles, &events);
            let change = random.below(lines.len() as u64 + 1) as usize;
            let run = |change: Option<usize>| {
                let mut shop = Shop::new(&old, BTreeMap::new(), 0);
                for (at, (subject, line)) in lines.iter().enumerate() {
                    if change == Some(at) {
                        shop = shop.under(&new);
                    }
                    shop.step(subject, None, Some(line));
                }
                let month = 1_796_000_000_000_000;
                for customer in 0..customers {
                    shop.step(&format!("c{customer}"), Some(month), None);
                }
                shop.records()
            };
            let (plain, carried) = (run(None), run(Some(change)));
            compared += plain.len();
            if plain != carried {
                let first = plain.iter().zip(&carried).find(|(plain, carried)| plain != carried);
                panic!(
                    "seed {seed}, log {log}, changed before event {change}: another version decides otherwise\n{text}\n                     {profiles}\n{events}\n{} records against {}, {first:#?}",
                    plain.len(),
                    carried.len(),
                );
            }
        }
    }
    assert!(compared > 1_000, "{compared} records say little");
}

#[test]
fn what_a_version_has_no_name_for_comes_back_with_it() {
    let with = SHOP.replace("purpose marketing {", "purpose partners { opt_out on email }\npurpose marketing {").replace(
        "message offer",
        "message letter { class news purpose partners via email on purchase content email { subject \"l\" body \"y\" } }\nmessage offer",
    );
    let (with, without) = (ready(&with), ready(SHOP));
    let event = |id: &str, kind: &str, time: &str, data: &str| {
        format!(
            r#"{{"id":"{id}","type":"{kind}","subject":"ada","time":"2026-11-{time}:00:00Z","data":{data}}}"#
        )
    };
    let purchase = r#"{"order":"o","amount":"20.00 EUR"}"#;
    let mut shop = Shop::new(&with, BTreeMap::new(), 0);
    let take = |shop: &mut Shop, id: &str, kind: &str, time: &str, data: &str| {
        let before = shop.records().len();
        shop.step("ada", None, Some(&event(id, kind, time, data)));
        let records = shop.records().split_off(before);
        let messages = records.into_iter().filter(|record| record["message"] == "letter");
        messages.map(|record| record["kind"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    take(&mut shop, "e0", "identify", "03T10", r#"{"email":"a@b.example"}"#);
    assert_eq!(take(&mut shop, "e1", "purchase", "03T11", purchase), ["sent"]);
    let send = shop.customers["ada"].sends.iter().next().map(|send| send.id.to_string()).expect("a send");
    let unsubscribed = format!(r#"{{"send":"{send}"}}"#);
    take(&mut shop, "e2", "consent_withdrawn", "03T12", r#"{"purpose":"partners","source":"s"}"#);
    assert_eq!(take(&mut shop, "e3", "purchase", "03T13", purchase), ["blocked"]);
    let mut shop = shop.under(&without);
    assert!(shop.customers["ada"].ledger.withdrawals().is_empty());
    // An unsubscription from a message that is gone is one from all.
    take(&mut shop, "e4", "unsubscribed", "03T14", &unsubscribed);
    assert_eq!(shop.customers["ada"].ledger.withdrawals()[0].purpose, None);
    let mut shop = shop.under(&with);
    assert_eq!(shop.customers["ada"].ledger.withdrawals().len(), 2);
    assert_eq!(take(&mut shop, "e5", "purchase", "03T15", purchase), ["blocked"]);
    assert_eq!(shop.customers["ada"].sends.iter().count(), 1);
}
