//! A million customers may wait in a journey: what is kept of each is a few words.

use comity_runtime::step::Detail;
use comity_tests::{plan, policies, replay};

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
