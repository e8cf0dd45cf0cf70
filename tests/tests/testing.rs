//! Tests of policies (reference §12): who the customer is, when things happen, and what can be expected of them.

use comity_tests::{project, tell_tests};
use insta::assert_snapshot;

const SHOP: &str = r#"
profile {
  email:      email?    personal
  push_token: text?
  timezone:   timezone  = "Europe/Berlin"
  points:     int       = 0
  tags:       set of text
}
event ping { note: text? }
event purchase { amount: money EUR }
channel email { to profile.email  quiet 21:00..08:00 }
channel push  { to device profile.push_token }
channel web   { inbound }
placement hero { on web  show 2 }
class lifecycle
class promotional
purpose marketing { opt_in on email, push  always on web }
purpose servicing { always on email, push, web }
arbitrate { rank lifecycle, promotional }
message mail { class lifecycle purpose marketing on ping via email, push content email { subject "s" body "b" } content push { text "p" } }
message a { class promotional purpose marketing at hero content hero { text "a" } }
message b { class promotional purpose marketing at hero content hero { text "b" } }
message c { class promotional purpose marketing at hero content hero { text "c" } }
"#;

fn told(tests: &str) -> String {
    tell_tests(&project(&format!("{SHOP}\n{tests}")))
}

/// All of these tests pass.
#[track_caller]
fn passes(tests: &str) {
    let told = told(tests);
    assert!(!told.is_empty() && !told.contains("failed:"), "{told}");
}

#[test]
fn the_clock_knows_days_of_23_and_25_hours() {
    passes(
        r#"
message morning { class lifecycle purpose servicing on every day at 02:30 via push content push { text "p" } }
journey later { class lifecycle on ping wait 24h send evening }
message evening { class lifecycle purpose servicing via push content push { text "p" } }
test "half past two doesn't exist: the first instant after the gap" {
  profile { push_token: "t" }
  at 2026-03-28 12:00
  at 2026-03-29 01:59
  expect not sent morning
  after 1m
  expect sent morning 1 times
  at 2026-03-29 03:00
  expect sent morning 1 times
}
test "half past two comes twice: the first" {
  profile { push_token: "t" }
  at 2026-10-24 12:00
  at 2026-10-25 02:30
  expect sent morning 1 times
  after 1h
  expect sent morning 1 times
}
test "a day of waiting is 24 hours" {
  profile { push_token: "t" }
  at 2026-03-28 12:00
  event ping
  at 2026-03-29 12:59
  expect not sent evening
  at 2026-03-29 13:00
  expect sent evening
}
test "the clock of another zone" {
  profile { push_token: "t", timezone: "America/New_York" }
  at 2026-11-02 10:00
  event ping
  at 2026-11-03 09:59
  expect not sent evening
  after 1m
  expect sent evening
}
"#,
    );
}

#[test]
fn arms_and_holdouts_are_as_the_test_says() {
    passes(
        r#"
experiment tone { arms calm 1%, loud 99% }
experiment size { arms small 50%, large 50% }
holdout control 99% of lifecycle
message loud_mail { class lifecycle purpose servicing on ping when arm(tone) == loud via push content push { text "p" } }
message large_mail { class lifecycle purpose servicing on ping when arm(size) == large via push content push { text "p" } }
test "the first arms, and no holdout" {
  profile { push_token: "t" }
  event ping
  expect not sent loud_mail
  expect not sent large_mail
}
test "one arm is another" {
  profile { push_token: "t" }
  event ping
  arm tone = loud
  expect only sent loud_mail
}
test "held out" {
  profile { push_token: "t" }
  arm size = large
  holdout control
  event ping
  expect not sent large_mail
  expect blocked large_mail because held_out
}
"#,
    );
}

#[test]
fn what_is_said_before_the_story_is_known_and_what_is_said_in_it_happens() {
    passes(
        r#"
segment rich = profile.points >= 100
message thanks { class lifecycle purpose servicing on enter rich via push content push { text "p" } }
message sorry { class lifecycle purpose servicing on consent_withdrawn via push content push { text "p" } }
test "known from the start" {
  profile { push_token: "t", points: 100, tags: ["b", "a", "b"] }
  withdraw marketing
  at 2026-11-02 10:00
  expect segment rich
  expect not sent thanks
  expect not sent sorry
  expect profile.tags == ["a", "b"]
}
test "it changes" {
  profile { push_token: "t" }
  at 2026-11-02 10:00
  expect not segment rich
  profile { points: 100 }
  withdraw marketing on email
  expect segment rich
  expect only sent thanks, sorry
}
test "of consents said before the story the last one counts" {
  profile { push_token: "t", email: "a@b.example" }
  withdraw marketing
  consent marketing on push
  event ping
  expect only sent mail
  expect sent mail via push
}
"#,
    );
}

#[test]
fn reports_are_about_the_latest_send() {
    passes(
        r#"
message again { class lifecycle purpose servicing on failed(mail) via push content push { text "p" } }
segment reader = count of opened(mail) >= 2
cap once at most 1 per 1d for lifecycle on email
test "a failed send no longer counts" {
  profile { email: "a@b.example", push_token: "t" }
  consent marketing on email
  at 2026-11-02 10:00
  event ping
  event ping
  expect sent mail 1 times
  expect blocked mail because capped
  event failed(mail)
  expect sent again
  event ping
  expect sent mail 2 times
}
test "what was never sent can be opened" {
  event ping
  expect not sent mail
  event opened(mail)
  event opened(mail) { channel: push }
  expect segment reader
}
test "who unsubscribes gets no more" {
  profile { email: "a@b.example" }
  consent marketing
  at 2026-11-02 10:00
  event ping
  event unsubscribed(mail)
  after 2d
  event ping
  expect sent mail 1 times
  expect blocked mail because consent
}
"#,
    );
}

#[test]
fn expectations_that_are_not_met_say_what_is_so() {
    assert_snapshot!(told(
        r#"
journey slow { class lifecycle on ping key trigger.note otherwise "" wait 1d }
test "nothing" {
  expect sent mail
  expect blocked mail because consent
  expect journey slow active
  expect journey slow finished
}
test "order" {
  decide hero
  expect shown b, a
  expect shown a, c
  expect shown a
  expect blocked c because ineligible
  expect blocked a because outranked
}
test "only" {
  profile { email: "a@b.example", tags: ["x"] }
  consent marketing
  at 2026-11-02 10:00
  event ping { note: "1" }
  after 12h
  event ping { note: "2" }
  expect only sent mail
  expect sent mail 2 times
  after 12h
  expect only sent mail
  expect not sent mail
  expect sent mail via push
  expect sent mail 1 times
  expect journey slow stopped
  expect journey slow active
  expect journey slow finished
  expect profile.tags == ["x", "y"]
  expect profile.push_token == "t"
}
"#
    ));
}
