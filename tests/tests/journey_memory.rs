//! A million customers may wait in a journey: what is kept of each is a few words.

use comity_runtime::profile::Profile;
use comity_runtime::state;
use comity_runtime::step::{Detail, Stepper, Taken};
use comity_tests::{plan, policies, replay};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Instant;

/// As in the command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const POLICY: &str = r#"
profile { push_token: text? timezone: timezone = "Europe/Berlin" }
event cart_abandoned { cart: text, value: money EUR, items: int }
event product_viewed { product: text }
event purchase { order: text }
channel push { to device profile.push_token }
class lifecycle
purpose marketing { opt_in on push }
message nudge { class lifecycle purpose marketing via push content push { text "{event.value}" } }
journey onboarding {
  class lifecycle
  on cart_abandoned
  key trigger.cart
  reenter never
  stop on purchase
  goal purchase within 30d
  wait 1d restart on product_viewed up to 3d
  send nudge
  wait for opened(nudge) up to 2d then { exit }
  wait until 10:00 on monday
  if local.weekday == monday { send nudge }
  wait 5d
  send nudge
  wait 10d
  send nudge
}
"#;

#[test]
fn a_customer_who_waits_in_a_journey_takes_four_hundred_bytes_at_most() {
    let plan = plan(POLICY);
    let [policy, _] = policies(&plan);
    let event = r#"{"id":"3f2a77c1-9d52-4b0e-8a55-0c9d7c1e2f00","type":"cart_abandoned","subject":"c42","time":"2026-11-02T10:00:00Z","data":{"cart":"cart-1234567","value":"80.00 EUR","items":2}}"#;
    let mut out = Vec::new();
    let mut replay = replay(&policy, Detail::default(), "", event, &mut out);
    replay.finish(None, &mut out);
    let profile = replay.profile("c42").expect("a customer");
    assert_eq!(profile.journeys.running(), 1);
    let bytes = profile.journeys.memory();
    println!("{bytes} bytes for the journey, {} for a profile", size_of_val(profile));
    assert!(bytes <= 400, "{bytes} bytes");
}

/// A month of a million customers in the journey, each kept as bytes between its steps: steps per second, and what
/// a customer takes who waits, all in all.
///
/// `cargo xtask million-customers`; with `COMITY_CUSTOMERS` for another number of them.
#[test]
#[ignore = "a measurement"]
fn a_million_customers() {
    let customers: u32 =
        std::env::var("COMITY_CUSTOMERS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let plan = plan(POLICY);
    let [_, policy] = policies(&plan);
    let mut stepper = Stepper::new(Arc::clone(&policy), Detail::default());
    let (mut effects, mut timers, mut bytes) = (Vec::new(), BinaryHeap::new(), Vec::new());
    let before = resident();
    let mut waiting: Vec<Box<[u8]>> = Vec::with_capacity(customers as usize);
    let start = Instant::now();
    for customer in 0..customers {
        let line = format!(
            r#"{{"id":"3f2a77c1-9d52-4b0e-8a55-{customer:012x}","type":"cart_abandoned","subject":"c{customer}","time":"2026-11-02T10:{:02}:00Z","data":{{"cart":"k{customer}","value":"80.00 EUR","items":2}}}}"#,
            u64::from(customer) * 60 / u64::from(customers)
        );
        let mut event = policy.schema.event(line.as_bytes()).expect("an event");
        let mut profile = Profile::new(&policy, event.subject.clone());
        effects.clear();
        assert_eq!(
            stepper.event(&mut profile, &mut event, u64::from(customer), None, &mut effects),
            Taken::Accepted
        );
        timers.push(Reverse((profile.due(), customer)));
        state::pack_into(&policy, &profile, &mut bytes);
        waiting.push(bytes.as_slice().into());
    }
    let entered = start.elapsed();
    let each = || resident().saturating_sub(before) / u64::from(customers);
    let (mut steps, mut most, kept, mut longest) = (u64::from(customers), 0, each(), 0);
    while let Some(Reverse((due, customer))) = timers.pop() {
        let state = &mut waiting[customer as usize];
        let mut profile = state::unpack(&policy, state).expect("what was packed can be unpacked");
        effects.clear();
        stepper.timers(&mut profile, due, steps, &mut effects);
        if profile.due() < i64::MAX {
            timers.push(Reverse((profile.due(), customer)));
            longest = longest.max(state.len());
        }
        state::pack_into(&policy, &profile, &mut bytes);
        *state = bytes.as_slice().into();
        steps += 1;
        if steps.is_multiple_of(100_000) {
            most = most.max(each());
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    most = most.max(kept);
    let done = |state: &[u8]| state::unpack(&policy, state).is_ok_and(|p| p.journeys.running() == 0);
    assert!(waiting.iter().all(|state| done(state)));
    println!(
        "{steps} steps in {seconds:.2} s, {:.0} a second; entries in {:.2} s\n{kept} bytes for a customer after the \
         entry, at most {most} later, all in all; the state itself is {longest} bytes long at most",
        steps as f64 / seconds,
        entered.as_secs_f64(),
    );
    assert!(customers < 100_000 || most <= 400, "{most} bytes");
}

/// Bytes of memory that the process has.
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = pages.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages * 4096
}
