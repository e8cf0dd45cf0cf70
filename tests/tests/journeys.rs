//! Journeys (reference §10): what starts them, what ends them, and every statement.

use comity_tests::decide;
use insta::assert_snapshot;

/// Vocabulary that the policies here share.
const SHOP: &str = r#"
profile {
  email:          email?    personal
  phone:          phone?    personal
  push_token:     text?
  timezone:       timezone  = "Europe/Berlin"
  lifetime_value: money EUR = 0 EUR
  stage:          text      = "new"
  tickets:        int       = 0
}
event product_viewed { product: text }
event cart_abandoned { cart: text, value: money EUR }
event purchase { order: text, amount: money EUR }
event ping {}
channel email { to profile.email  quiet 21:00..08:00 }
channel sms   { to profile.phone }
channel push  { to device profile.push_token }
class lifecycle
class promotional
purpose marketing { opt_in on email, sms, push }
arbitrate { rank lifecycle, promotional }
message mail { class lifecycle purpose marketing via email content email { subject "s" body "b" } }
message note {
  class lifecycle  purpose marketing
  via push, sms, email
  content push { text "p" }
  content sms { text "s" }
  content email { subject "s" body "b" }
}
message offer { class promotional purpose marketing via push content push { text "o" } }
"#;

const ADA: &str = r#"{"subject":"ada","attributes":{"email":"ada@shop.example","phone":"+4915112345678","push_token":"t","lifetime_value":"300.00 EUR"},"consents":[{"purpose":"marketing","source":"form"}]}"#;

fn policy(rest: &str) -> String {
    format!("{SHOP}\n{rest}")
}

/// One event per line: `time type data`; times are of 2026-11 unless they begin with a year.
fn events(lines: &[(&str, &str, &str)]) -> String {
    let mut text = String::new();
    for (index, (time, kind, data)) in lines.iter().enumerate() {
        let time = if time.len() > 12 { (*time).to_owned() } else { format!("2026-11-{time}:00Z") };
        text.push_str(&format!(
            "{{\"id\":\"e{index}\",\"type\":\"{kind}\",\"subject\":\"ada\",\"time\":\"{time}\",\"data\":{data}}}\n"
        ));
    }
    text
}

/// The records of a journey over some events.
fn run(rest: &str, lines: &[(&str, &str, &str)], until: &str) -> String {
    decide(&policy(rest), ADA, &events(lines), Some(until))
}

const CART: &str = r#"{"cart":"k","value":"80.00 EUR"}"#;
const OTHER_CART: &str = r#"{"cart":"l","value":"80.00 EUR"}"#;
const BUY: &str = r#"{"order":"o","amount":"50.00 EUR"}"#;
const VIEW: &str = r#"{"product":"p"}"#;

const RECOVERY: &str = r#"
message cart_email { class lifecycle purpose marketing via email content email { subject "s" body "{event.value}" } }
message cart_push { class lifecycle purpose marketing via push content push { text "p" } }
message cart_sms { class lifecycle purpose marketing via sms content sms { text "p" } }
journey cart_recovery {
  class   lifecycle
  on      cart_abandoned where value >= 20 EUR
  key     trigger.cart
  when    reachable(email)
  reenter after 7d
  touches 3
  stop on purchase
  goal    purchase within 7d

  wait 30m restart on product_viewed up to 4h
  send cart_email
  wait for opened(cart_email) up to 24h
    then { exit }
    else { send cart_push via push }
  if profile.lifetime_value > 200 EUR {
    wait until 10:00
    send cart_sms via sms else { emit call_list { reason: "no channel left" } }
  }
}
stop lifecycle, promotional journeys on purchase
"#;

#[test]
fn a_cart_is_recovered_step_by_step() {
    let log = [("02T10:00", "cart_abandoned", CART), ("02T10:20", "product_viewed", VIEW)];
    assert_snapshot!(run(RECOVERY, &log, "2026-11-12T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=cart_recovery state=entered
    2026-11-02T10:50:00Z ada sent message=cart_email channel=email
    2026-11-03T10:50:00Z ada sent message=cart_push channel=push
    2026-11-04T09:00:00Z ada sent message=cart_sms channel=sms
    2026-11-04T09:00:00Z ada journey journey=cart_recovery state=finished
    ");
}

#[test]
fn an_opened_message_is_the_end() {
    let log = [
        ("02T10:00", "cart_abandoned", CART),
        ("02T11:00", "opened", r#"{"message":"cart_email","channel":"email"}"#),
    ];
    assert_snapshot!(run(RECOVERY, &log, "2026-11-12T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=cart_recovery state=entered
    2026-11-02T10:30:00Z ada sent message=cart_email channel=email
    2026-11-02T11:00:00Z ada journey journey=cart_recovery state=finished reason=exit
    ");
}

#[test]
fn a_purchase_stops_what_waits_and_meets_the_goal() {
    let log = [("02T10:00", "cart_abandoned", CART), ("02T10:10", "purchase", BUY)];
    assert_snapshot!(run(RECOVERY, &log, "2026-11-12T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=cart_recovery state=entered
    2026-11-02T10:10:00Z ada journey journey=cart_recovery state=stopped reason=on:purchase
    2026-11-02T10:10:00Z ada goal journey=cart_recovery value=50.00 EUR event=e1
    ");
    // The goal is measured for seven days after the entry, whatever became of the instance; once.
    let log = [
        ("02T10:00", "cart_abandoned", CART),
        ("02T11:00", "opened", r#"{"message":"cart_email","channel":"email"}"#),
        ("09T10:00", "purchase", BUY),
        ("09T10:00", "purchase", BUY),
    ];
    assert_snapshot!(run(RECOVERY, &log, "2026-11-12T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=cart_recovery state=entered
    2026-11-02T10:30:00Z ada sent message=cart_email channel=email
    2026-11-02T11:00:00Z ada journey journey=cart_recovery state=finished reason=exit
    2026-11-09T10:00:00Z ada goal journey=cart_recovery value=50.00 EUR event=e2
    ");
    let log = [("02T10:00", "cart_abandoned", CART), ("09T10:01", "purchase", BUY)];
    assert_snapshot!(run(RECOVERY, &log, "2026-11-12T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=cart_recovery state=entered
    2026-11-02T10:30:00Z ada sent message=cart_email channel=email
    2026-11-03T10:30:00Z ada sent message=cart_push channel=push
    2026-11-04T09:00:00Z ada sent message=cart_sms channel=sms
    2026-11-04T09:00:00Z ada journey journey=cart_recovery state=finished
    ");
}

#[test]
fn there_is_one_instance_per_key_and_seven_days_until_the_next() {
    let log = [
        ("02T10:00", "cart_abandoned", CART),
        ("02T10:10", "cart_abandoned", OTHER_CART),
        ("02T10:20", "cart_abandoned", CART),
        ("02T10:25", "purchase", BUY),
        ("09T10:24", "cart_abandoned", CART),
        ("09T10:25", "cart_abandoned", CART),
        ("09T10:30", "cart_abandoned", r#"{"cart":"m","value":"19.99 EUR"}"#),
    ];
    assert_snapshot!(run(RECOVERY, &log, "2026-11-09T10:40:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=cart_recovery state=entered
    2026-11-02T10:10:00Z ada journey journey=cart_recovery state=entered
    2026-11-02T10:25:00Z ada journey journey=cart_recovery state=stopped reason=on:purchase
    2026-11-02T10:25:00Z ada journey journey=cart_recovery state=stopped reason=on:purchase
    2026-11-02T10:25:00Z ada goal journey=cart_recovery value=50.00 EUR event=e3
    2026-11-02T10:25:00Z ada goal journey=cart_recovery value=50.00 EUR event=e3
    2026-11-09T10:25:00Z ada journey journey=cart_recovery state=entered
    ");
}

#[test]
fn reenter_says_when_one_may_come_again() {
    let journey = |reenter: &str| format!("journey j {{ on ping {reenter} wait 1h }}");
    let log = [
        ("02T10:00", "ping", "{}"),
        ("02T10:30", "ping", "{}"),
        ("02T11:30", "ping", "{}"),
        ("02T13:00", "ping", "{}"),
    ];
    let until = "2026-11-02T20:00:00Z";
    assert_snapshot!(run(&journey("reenter never"), &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada journey journey=j state=finished
    ");
    assert_snapshot!(run(&journey("reenter after 2h"), &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada journey journey=j state=finished
    2026-11-02T13:00:00Z ada journey journey=j state=entered
    2026-11-02T14:00:00Z ada journey journey=j state=finished
    ");
    assert_snapshot!(run(&journey("reenter when finished"), &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada journey journey=j state=finished
    2026-11-02T11:30:00Z ada journey journey=j state=entered
    2026-11-02T12:30:00Z ada journey journey=j state=finished
    2026-11-02T13:00:00Z ada journey journey=j state=entered
    2026-11-02T14:00:00Z ada journey journey=j state=finished
    ");
    assert_snapshot!(run(&journey(""), &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada journey journey=j state=finished
    2026-11-02T11:30:00Z ada journey journey=j state=entered
    2026-11-02T12:30:00Z ada journey journey=j state=finished
    2026-11-02T13:00:00Z ada journey journey=j state=entered
    2026-11-02T14:00:00Z ada journey journey=j state=finished
    ");
    assert_snapshot!(run(&journey("reenter always"), &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:30:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada journey journey=j state=finished
    2026-11-02T11:30:00Z ada journey journey=j state=entered
    2026-11-02T11:30:00Z ada journey journey=j state=finished
    2026-11-02T12:30:00Z ada journey journey=j state=finished
    2026-11-02T13:00:00Z ada journey journey=j state=entered
    2026-11-02T14:00:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn when_is_asked_at_entry() {
    let journey = "journey j { on purchase when trigger.amount > 60 EUR and profile.tickets == 0 wait 1h }";
    let log =
        [("02T10:00", "purchase", BUY), ("02T10:01", "purchase", r#"{"order":"o","amount":"61.00 EUR"}"#)];
    assert_snapshot!(run(journey, &log, "2026-11-02T20:00:00Z"), @r"
    2026-11-02T10:01:00Z ada journey journey=j state=entered
    2026-11-02T11:01:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn touches_count_every_message_of_the_instance() {
    let journey =
        "journey j { on ping touches 2 send note send note send note via sms else { emit enough {} } }";
    let log = [("02T10:00", "ping", "{}")];
    assert_snapshot!(run(journey, &log, "2026-11-02T20:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-02T10:00:00Z ada blocked message=note channel=sms reason=capped:touches
    2026-11-02T10:00:00Z ada emit event=enough data={}
    2026-11-02T10:00:00Z ada journey journey=j state=finished
    ");
    // Branches that propose at the same moment share them.
    let journey = "journey j { on ping touches 1 together { { send note } { send note via sms } } }";
    assert_snapshot!(run(journey, &log, "2026-11-02T20:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-02T10:00:00Z ada blocked message=note channel=sms reason=capped:touches
    2026-11-02T10:00:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn a_wait_starts_again_but_not_for_ever() {
    let journey = "journey j { on ping wait 1h restart on product_viewed up to 2h send note }";
    let log = [
        ("02T10:00", "ping", "{}"),
        ("02T10:50", "product_viewed", VIEW),
        // Late: it would end the wait earlier than the one before.
        ("02T10:30", "product_viewed", VIEW),
        ("02T11:40", "product_viewed", VIEW),
    ];
    assert_snapshot!(run(journey, &log[..3], "2026-11-02T20:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T11:50:00Z ada sent message=note channel=push
    2026-11-02T11:50:00Z ada journey journey=j state=finished
    ");
    assert_snapshot!(run(journey, &log, "2026-11-02T20:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T12:00:00Z ada sent message=note channel=push
    2026-11-02T12:00:00Z ada journey journey=j state=finished
    ");
    let journey = "journey j { on ping wait 1h restart on product_viewed send note }";
    assert_snapshot!(run(journey, &log, "2026-11-02T20:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T12:40:00Z ada sent message=note channel=push
    2026-11-02T12:40:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn a_wait_for_a_local_time() {
    let journey = "journey j { on ping wait until 10:00 send note }";
    // The present instant counts: it is ten o'clock in Berlin.
    assert_snapshot!(run(journey, &[("02T09:00", "ping", "{}")], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T09:00:00Z ada journey journey=j state=entered
    2026-11-02T09:00:00Z ada sent message=note channel=push
    2026-11-02T09:00:00Z ada journey journey=j state=finished
    ");
    assert_snapshot!(run(journey, &[("02T09:01", "ping", "{}")], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T09:01:00Z ada journey journey=j state=entered
    2026-11-03T09:00:00Z ada sent message=note channel=push
    2026-11-03T09:00:00Z ada journey journey=j state=finished
    ");
    let monday = "journey j { on ping wait until 10:00 on monday send note }";
    // 2026-11-02 is a monday.
    assert_snapshot!(run(monday, &[("02T08:00", "ping", "{}")], "2026-11-12T00:00:00Z"), @r"
    2026-11-02T08:00:00Z ada journey journey=j state=entered
    2026-11-02T09:00:00Z ada sent message=note channel=push
    2026-11-02T09:00:00Z ada journey journey=j state=finished
    ");
    assert_snapshot!(run(monday, &[("02T10:00", "ping", "{}")], "2026-11-12T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-09T09:00:00Z ada sent message=note channel=push
    2026-11-09T09:00:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn local_times_that_are_missing_or_come_twice() {
    let journey = "journey j { on ping wait until 02:30 send note }";
    // Clocks go from 02:00 to 03:00 on 2026-03-29: the first instant after the gap.
    let gap = [("2026-03-28T12:00:00Z", "ping", "{}")];
    assert_snapshot!(run(journey, &gap, "2026-03-30T00:00:00Z"), @r"
    2026-03-28T12:00:00Z ada journey journey=j state=entered
    2026-03-29T01:00:00Z ada sent message=note channel=push
    2026-03-29T01:00:00Z ada journey journey=j state=finished
    ");
    // And from 03:00 to 02:00 on 2026-10-25: the first of the two.
    let fold = [("2026-10-24T12:00:00Z", "ping", "{}")];
    assert_snapshot!(run(journey, &fold, "2026-10-27T00:00:00Z"), @r"
    2026-10-24T12:00:00Z ada journey journey=j state=entered
    2026-10-25T00:30:00Z ada sent message=note channel=push
    2026-10-25T00:30:00Z ada journey journey=j state=finished
    ");
    // Between the two it is the next day's.
    let between = [("2026-10-25T00:45:00Z", "ping", "{}")];
    assert_snapshot!(run(journey, &between, "2026-10-27T00:00:00Z"), @r"
    2026-10-25T00:45:00Z ada journey journey=j state=entered
    2026-10-26T01:30:00Z ada sent message=note channel=push
    2026-10-26T01:30:00Z ada journey journey=j state=finished
    ");
    // A wait of a day is 24 hours, not a date.
    let day = [("2026-10-24T12:00:00Z", "ping", "{}")];
    assert_snapshot!(run("journey j { on ping wait 1 day send note }", &day, "2026-10-27T00:00:00Z"), @r"
    2026-10-24T12:00:00Z ada journey journey=j state=entered
    2026-10-25T12:00:00Z ada sent message=note channel=push
    2026-10-25T12:00:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn a_change_of_zone_moves_what_waits_for_a_local_time() {
    let journey = "journey j { on ping wait until 10:00 send note }";
    let log = [("02T12:00", "ping", "{}"), ("02T13:00", "identify", r#"{"timezone":"America/New_York"}"#)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T12:00:00Z ada journey journey=j state=entered
    2026-11-02T15:00:00Z ada sent message=note channel=push
    2026-11-02T15:00:00Z ada journey journey=j state=finished
    ");
    // Where it is ten o'clock already, at once.
    let log = [("02T12:00", "ping", "{}"), ("02T15:00", "identify", r#"{"timezone":"America/New_York"}"#)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T12:00:00Z ada journey journey=j state=entered
    2026-11-02T15:00:00Z ada sent message=note channel=push
    2026-11-02T15:00:00Z ada journey journey=j state=finished
    ");
}

const WAIT_FOR: &str = r#"
journey j {
  on ping
  wait for purchase or (product_viewed where product == "x") up to 2h
    then { emit came {} }
    else { emit timed_out {} }
}
"#;

#[test]
fn a_wait_for_events() {
    let until = "2026-11-05T00:00:00Z";
    let log = [("02T10:00", "ping", "{}"), ("02T10:10", "product_viewed", VIEW)];
    assert_snapshot!(run(WAIT_FOR, &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T12:00:00Z ada emit event=timed_out data={}
    2026-11-02T12:00:00Z ada journey journey=j state=finished
    ");
    let log = [("02T10:00", "ping", "{}"), ("02T10:10", "product_viewed", r#"{"product":"x"}"#)];
    assert_snapshot!(run(WAIT_FOR, &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:10:00Z ada emit event=came data={}
    2026-11-02T10:10:00Z ada journey journey=j state=finished
    ");
    // Up to the deadline, and including it: events come before timers.
    let log = [("02T10:00", "ping", "{}"), ("02T12:00", "purchase", BUY)];
    assert_snapshot!(run(WAIT_FOR, &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T12:00:00Z ada emit event=came data={}
    2026-11-02T12:00:00Z ada journey journey=j state=finished
    ");
    let log = [("02T10:00", "ping", "{}"), ("02T12:01", "purchase", BUY)];
    assert_snapshot!(run(WAIT_FOR, &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T12:00:00Z ada emit event=timed_out data={}
    2026-11-02T12:00:00Z ada journey journey=j state=finished
    ");
    // Not what was before the entry.
    let log = [("02T09:59", "purchase", BUY), ("02T10:00", "ping", "{}")];
    assert_snapshot!(run(WAIT_FOR, &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T12:00:00Z ada emit event=timed_out data={}
    2026-11-02T12:00:00Z ada journey journey=j state=finished
    ");
    // Late, but of a time at which it was waited for.
    let log =
        [("02T10:00", "ping", "{}"), ("02T10:40", "cart_abandoned", CART), ("02T10:20", "purchase", BUY)];
    assert_snapshot!(run(WAIT_FOR, &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:40:00Z ada emit event=came data={}
    2026-11-02T10:40:00Z ada journey journey=j state=finished
    ");
    // Late, and from before the entry.
    let log = [("02T10:00", "ping", "{}"), ("02T09:30", "purchase", BUY)];
    assert_snapshot!(run(WAIT_FOR, &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T12:00:00Z ada emit event=timed_out data={}
    2026-11-02T12:00:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn a_wait_looks_back_to_the_statement_before() {
    let journey = r#"
    journey j {
      on ping
      wait 5m
      send mail
      wait 2h
      wait for clicked(mail) up to 1d then { emit clicked {} } else { emit nothing {} }
    }"#;
    let click = r#"{"message":"mail","channel":"email"}"#;
    let log = [("02T10:00", "ping", "{}"), ("02T10:30", "clicked", click)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:05:00Z ada sent message=mail channel=email
    2026-11-02T12:05:00Z ada emit event=clicked data={}
    2026-11-02T12:05:00Z ada journey journey=j state=finished
    ");
    // Two waits for the same are for two of them.
    let twice = r#"
    journey j {
      on ping
      wait for product_viewed up to 1d
      wait for product_viewed up to 1d then { emit twice {} } else { emit once {} }
    }"#;
    let log = [("02T10:00", "ping", "{}"), ("02T10:30", "product_viewed", VIEW)];
    assert_snapshot!(run(twice, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-03T10:30:00Z ada emit event=once data={}
    2026-11-03T10:30:00Z ada journey journey=j state=finished
    ");
    let log = [
        ("02T10:00", "ping", "{}"),
        ("02T10:30", "product_viewed", VIEW),
        ("02T10:40", "product_viewed", VIEW),
    ];
    assert_snapshot!(run(twice, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:40:00Z ada emit event=twice data={}
    2026-11-02T10:40:00Z ada journey journey=j state=finished
    ");
    // The event that starts the journey is no event that it waits for.
    let own = "journey j { on ping wait for ping up to 1h then { emit again {} } else { emit once {} } }";
    assert_snapshot!(run(own, &[("02T10:00", "ping", "{}")], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada emit event=once data={}
    2026-11-02T11:00:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn delivery_patterns_match_the_instance_s_own_sends() {
    let journey = r#"
    message other { class lifecycle purpose marketing on purchase via email content email { subject "s" body "b" } }
    journey j {
      on ping
      send mail
      wait for opened up to 1d then { emit opened {} } else { emit nothing {} }
    }"#;
    let open = |message: &str| format!(r#"{{"message":"{message}","channel":"email"}}"#);
    let log = [
        ("02T10:00", "ping", "{}"),
        ("02T10:10", "purchase", BUY),
        ("02T10:20", "opened", &open("other")),
        ("02T10:30", "opened", &open("mail")),
    ];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=mail channel=email
    2026-11-02T10:10:00Z ada sent message=other channel=email
    2026-11-02T10:30:00Z ada emit event=opened data={}
    2026-11-02T10:30:00Z ada journey journey=j state=finished
    ");
    assert_snapshot!(run(journey, &log[..3], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=mail channel=email
    2026-11-02T10:10:00Z ada sent message=other channel=email
    2026-11-03T10:00:00Z ada emit event=nothing data={}
    2026-11-03T10:00:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn a_send_that_is_deferred_holds_the_journey() {
    let journey = "journey j { on ping stop on purchase send mail else { emit blocked {} } emit after {} }";
    // 22:00 in Berlin.
    let night = ("02T21:00", "ping", "{}");
    assert_snapshot!(run(journey, &[night], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T21:00:00Z ada journey journey=j state=entered
    2026-11-02T21:00:00Z ada deferred message=mail channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-03T07:00:00Z ada sent message=mail channel=email
    2026-11-03T07:00:00Z ada emit event=after data={}
    2026-11-03T07:00:00Z ada journey journey=j state=finished
    ");
    // Blocked after quiet hours.
    let log = [night, ("03T06:00", "consent_withdrawn", r#"{"source":"link"}"#)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T21:00:00Z ada journey journey=j state=entered
    2026-11-02T21:00:00Z ada deferred message=mail channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-03T07:00:00Z ada blocked message=mail channel=email reason=consent:marketing
    2026-11-03T07:00:00Z ada emit event=blocked data={}
    2026-11-03T07:00:00Z ada emit event=after data={}
    2026-11-03T07:00:00Z ada journey journey=j state=finished
    ");
    // Stopped meanwhile.
    let log = [night, ("03T06:00", "purchase", BUY)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T21:00:00Z ada journey journey=j state=entered
    2026-11-02T21:00:00Z ada deferred message=mail channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-03T06:00:00Z ada blocked message=mail channel=email reason=stopped
    2026-11-03T06:00:00Z ada journey journey=j state=stopped reason=on:purchase
    ");
}

#[test]
fn proposed_again_by_the_same_instance_the_newer_replaces_the_older() {
    let journey = r#"
    journey j {
      on ping
      together {
        { send mail else { emit replaced {} } }
        { wait 1h send mail }
      }
    }"#;
    assert_snapshot!(run(journey, &[("02T21:00", "ping", "{}")], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T21:00:00Z ada journey journey=j state=entered
    2026-11-02T21:00:00Z ada deferred message=mail channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-02T22:00:00Z ada blocked message=mail channel=email reason=superseded
    2026-11-02T22:00:00Z ada deferred message=mail channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-02T22:00:00Z ada emit event=replaced data={}
    2026-11-03T07:00:00Z ada sent message=mail channel=email
    2026-11-03T07:00:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn a_send_that_is_blocked_goes_on_with_else() {
    let journey = "journey j { on ping send mail else { send note via sms } emit after {} }";
    let log = [
        ("02T10:00", "consent_withdrawn", r#"{"purpose":"marketing","channel":"email","source":"link"}"#),
        ("02T10:01", "ping", "{}"),
    ];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:01:00Z ada journey journey=j state=entered
    2026-11-02T10:01:00Z ada blocked message=mail channel=email reason=consent:marketing
    2026-11-02T10:01:00Z ada sent message=note channel=sms
    2026-11-02T10:01:00Z ada emit event=after data={}
    2026-11-02T10:01:00Z ada journey journey=j state=finished
    ");
    // Without else it goes on as well.
    let journey = "journey j { on ping send mail emit after {} }";
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:01:00Z ada journey journey=j state=entered
    2026-11-02T10:01:00Z ada blocked message=mail channel=email reason=consent:marketing
    2026-11-02T10:01:00Z ada emit event=after data={}
    2026-11-02T10:01:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn via_narrows_the_channels_in_the_order_of_the_statement() {
    let log = [("02T10:00", "ping", "{}")];
    let until = "2026-11-05T00:00:00Z";
    assert_snapshot!(run("journey j { on ping send note }", &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-02T10:00:00Z ada journey journey=j state=finished
    ");
    assert_snapshot!(run("journey j { on ping send note via email, sms }", &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=email
    2026-11-02T10:00:00Z ada journey journey=j state=finished
    ");
}

const CHAIN: &str = r#"
journey j {
  on ping
  send note via push then sms then email within 1h else { emit none {} }
  emit after {}
}
"#;

#[test]
fn a_chain_tries_the_next_channel_where_one_does_not_deliver() {
    let until = "2026-11-05T00:00:00Z";
    let ping = ("02T10:00", "ping", "{}");
    let report = |channel: &str| format!(r#"{{"message":"note","channel":"{channel}"}}"#);
    let (push, sms) = (report("push"), report("sms"));
    // Delivered: it has finished.
    assert_snapshot!(run(CHAIN, &[ping, ("02T10:05", "delivered", &push)], until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-02T10:00:00Z ada emit event=after data={}
    2026-11-02T10:05:00Z ada journey journey=j state=finished
    ");
    // Failed: at once.
    let log = [ping, ("02T10:05", "failed", &push), ("02T10:06", "delivered", &sms)];
    assert_snapshot!(run(CHAIN, &log, until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-02T10:00:00Z ada emit event=after data={}
    2026-11-02T10:05:00Z ada sent message=note channel=sms
    2026-11-02T10:06:00Z ada journey journey=j state=finished
    ");
    // Nothing heard of: an hour each; after the last nothing is left to try.
    assert_snapshot!(run(CHAIN, &[ping], until), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-02T10:00:00Z ada emit event=after data={}
    2026-11-02T11:00:00Z ada sent message=note channel=sms
    2026-11-02T12:00:00Z ada sent message=note channel=email
    2026-11-02T13:00:00Z ada journey journey=j state=finished
    ");
    // Without `within`, seven days.
    let plain = "journey j { on ping send note via push then sms }";
    assert_snapshot!(run(plain, &[ping], "2026-11-20T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-09T10:00:00Z ada sent message=note channel=sms
    2026-11-16T10:00:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn a_chain_that_cannot_send_at_all() {
    let withdrawn = ("02T09:00", "consent_withdrawn", r#"{"source":"link"}"#);
    let log = [withdrawn, ("02T10:00", "ping", "{}")];
    assert_snapshot!(run(CHAIN, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada blocked message=note channel=push reason=consent:marketing
    2026-11-02T10:00:00Z ada emit event=none data={}
    2026-11-02T10:00:00Z ada emit event=after data={}
    2026-11-02T10:00:00Z ada journey journey=j state=finished
    ");
    // The first that can be sent is; the others are not tried again.
    let log = [
        ("02T09:00", "consent_withdrawn", r#"{"purpose":"marketing","channel":"push","source":"link"}"#),
        ("02T10:00", "ping", "{}"),
        ("02T10:05", "failed", r#"{"message":"note","channel":"sms"}"#),
        ("02T10:06", "failed", r#"{"message":"note","channel":"email"}"#),
    ];
    assert_snapshot!(run(CHAIN, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=sms
    2026-11-02T10:00:00Z ada emit event=after data={}
    2026-11-02T10:05:00Z ada sent message=note channel=email
    2026-11-02T10:06:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn exit_and_stops_cancel_a_chain() {
    let exits = "journey j { on ping send note via push then sms within 1h exit }";
    assert_snapshot!(run(exits, &[("02T10:00", "ping", "{}")], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-02T10:00:00Z ada journey journey=j state=finished reason=exit
    ");
    let stops = "journey j { on ping stop on purchase send note via push then sms within 1h }";
    let log = [("02T10:00", "ping", "{}"), ("02T10:30", "purchase", BUY)];
    assert_snapshot!(run(stops, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-02T10:30:00Z ada journey journey=j state=stopped reason=on:purchase
    ");
}

#[test]
fn conditions_and_repeats() {
    let journey = r#"
    journey j {
      on purchase
      if trigger.amount > 100 EUR { emit big {} }
      else if trigger.amount > 40 EUR { emit middle { amount: trigger.amount, vip: profile.lifetime_value > 1 EUR, mail: profile.email otherwise "none@shop.example" } }
      else { emit small {} }
      repeat 2 times { wait 1h  repeat 2 times { emit beat {} } }
      emit end {}
    }"#;
    assert_snapshot!(run(journey, &[("02T10:00", "purchase", BUY)], "2026-11-05T00:00:00Z"), @r#"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada emit event=middle data={"amount":"50.00 EUR","mail":"a4c14f1b068bf2c6","vip":true}
    2026-11-02T11:00:00Z ada emit event=beat data={}
    2026-11-02T11:00:00Z ada emit event=beat data={}
    2026-11-02T12:00:00Z ada emit event=beat data={}
    2026-11-02T12:00:00Z ada emit event=beat data={}
    2026-11-02T12:00:00Z ada emit event=end data={}
    2026-11-02T12:00:00Z ada journey journey=j state=finished
    "#);
    let leaves =
        "journey j { on ping repeat 5 times { wait 1h if profile.tickets > 0 { exit } emit beat {} } }";
    let log = [("02T10:00", "ping", "{}"), ("02T12:30", "identify", r#"{"tickets":1}"#)];
    assert_snapshot!(run(leaves, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada emit event=beat data={}
    2026-11-02T12:00:00Z ada emit event=beat data={}
    2026-11-02T13:00:00Z ada journey journey=j state=finished reason=exit
    ");
}

#[test]
fn branches_run_side_by_side() {
    let journey = r#"
    journey j {
      on ping
      together {
        { wait 2h emit slow {} }
        { emit begun {} wait for purchase up to 1h then { emit bought {} } else { emit nothing {} } }
        {}
      }
      emit end {}
    }"#;
    assert_snapshot!(run(journey, &[("02T10:00", "ping", "{}")], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada emit event=begun data={}
    2026-11-02T11:00:00Z ada emit event=nothing data={}
    2026-11-02T12:00:00Z ada emit event=slow data={}
    2026-11-02T12:00:00Z ada emit event=end data={}
    2026-11-02T12:00:00Z ada journey journey=j state=finished
    ");
    let exits = "journey j { on ping together { { wait 2h emit slow {} } { wait 1h exit } } emit end {} }";
    assert_snapshot!(run(exits, &[("02T10:00", "ping", "{}")], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada journey journey=j state=finished reason=exit
    ");
}

#[test]
fn set_is_seen_by_what_comes_later_and_changes_segments_at_the_same_instant() {
    let journey = r#"
    segment staged = profile.stage == "cart"
    journey a { on ping set profile.stage = "cart" if staged { emit seen {} } wait 1h set profile.stage = "done" }
    journey b { on enter staged emit b_entered {} wait for leave staged up to 1d then { emit b_left {} } }
    "#;
    assert_snapshot!(run(journey, &[("02T10:00", "ping", "{}")], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=a state=entered
    2026-11-02T10:00:00Z ada set attribute=stage value=cart
    2026-11-02T10:00:00Z ada emit event=seen data={}
    2026-11-02T10:00:00Z ada segment segment=staged state=entered
    2026-11-02T10:00:00Z ada journey journey=b state=entered
    2026-11-02T10:00:00Z ada emit event=b_entered data={}
    2026-11-02T11:00:00Z ada set attribute=stage value=done
    2026-11-02T11:00:00Z ada journey journey=a state=finished
    2026-11-02T11:00:00Z ada segment segment=staged state=left
    2026-11-02T11:00:00Z ada emit event=b_left data={}
    2026-11-02T11:00:00Z ada journey journey=b state=finished
    ");
}

#[test]
fn personal_values_are_not_in_records() {
    let journey = r#"journey j { on ping set profile.phone = "+4930123456" emit card { mail: profile.email otherwise "none@shop.example", n: profile.tickets } }"#;
    let records = run(journey, &[("02T10:00", "ping", "{}")], "2026-11-05T00:00:00Z");
    assert!(!records.contains("ada@") && !records.contains("+49301"), "{records}");
    assert_snapshot!(records, @r#"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada set attribute=phone value=a909469fabf3f43d
    2026-11-02T10:00:00Z ada emit event=card data={"mail":"a4c14f1b068bf2c6","n":0}
    2026-11-02T10:00:00Z ada journey journey=j state=finished
    "#);
}

#[test]
fn a_journey_hands_on_its_trigger() {
    let journeys = r#"
    journey a { on purchase wait 1h enter b emit after {} }
    journey b { on purchase where amount > 1000 EUR  emit b { order: trigger.order } }
    "#;
    assert_snapshot!(run(journeys, &[("02T10:00", "purchase", BUY)], "2026-11-05T00:00:00Z"), @r#"
    2026-11-02T10:00:00Z ada journey journey=a state=entered
    2026-11-02T11:00:00Z ada journey journey=b state=entered
    2026-11-02T11:00:00Z ada emit event=after data={}
    2026-11-02T11:00:00Z ada journey journey=a state=finished
    2026-11-02T11:00:00Z ada emit event=b data={"order":"o"}
    2026-11-02T11:00:00Z ada journey journey=b state=finished
    "#);
}

#[test]
fn stops_can_compare_with_the_trigger() {
    let journey = r#"
    journey j {
      on cart_abandoned
      key trigger.cart
      stop on cart_abandoned where cart == trigger.cart and value > trigger.value
      wait 1h emit end { cart: trigger.cart }
    }"#;
    let log = [
        ("02T10:00", "cart_abandoned", CART),
        ("02T10:01", "cart_abandoned", OTHER_CART),
        ("02T10:02", "cart_abandoned", r#"{"cart":"k","value":"81.00 EUR"}"#),
    ];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r#"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:01:00Z ada journey journey=j state=entered
    2026-11-02T10:02:00Z ada journey journey=j state=stopped reason=on:cart_abandoned
    2026-11-02T10:02:00Z ada journey journey=j state=entered
    2026-11-02T11:01:00Z ada emit event=end data={"cart":"l"}
    2026-11-02T11:01:00Z ada journey journey=j state=finished
    2026-11-02T11:02:00Z ada emit event=end data={"cart":"k"}
    2026-11-02T11:02:00Z ada journey journey=j state=finished
    "#);
}

#[test]
fn stop_when_is_tested_at_entry_in_every_step_and_in_time() {
    let journey = "journey j { on ping stop when profile.tickets > 0 wait 1d emit end {} }";
    let log = [
        ("02T10:00", "identify", r#"{"tickets":1}"#),
        ("02T10:01", "ping", "{}"),
        ("02T10:02", "identify", r#"{"tickets":0}"#),
        ("02T10:03", "ping", "{}"),
        ("02T10:04", "identify", r#"{"tickets":1}"#),
    ];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:03:00Z ada journey journey=j state=entered
    2026-11-02T10:04:00Z ada journey journey=j state=stopped reason=when
    ");
    let by_time = "journey j { on ping stop when no product_viewed within 1h wait 1d }";
    let log = [("02T10:00", "product_viewed", VIEW), ("02T10:30", "ping", "{}")];
    assert_snapshot!(run(by_time, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:30:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada journey journey=j state=stopped reason=when
    ");
}

#[test]
fn stops_of_classes_end_every_journey_of_them() {
    let journeys = r#"
    stop promotional journeys on purchase where amount > 10 EUR
    journey a { class promotional on ping wait 1d }
    journey b { class lifecycle on ping wait 1d }
    journey c { on ping wait 1d }
    "#;
    let log = [("02T10:00", "ping", "{}"), ("02T11:00", "purchase", BUY)];
    assert_snapshot!(run(journeys, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=a state=entered
    2026-11-02T10:00:00Z ada journey journey=b state=entered
    2026-11-02T10:00:00Z ada journey journey=c state=entered
    2026-11-02T11:00:00Z ada journey journey=a state=stopped reason=class:purchase
    2026-11-03T10:00:00Z ada journey journey=b state=finished
    2026-11-03T10:00:00Z ada journey journey=c state=finished
    ");
}

#[test]
fn entry_is_refused_after_a_stop_that_is_known() {
    let journey = "journey j { on cart_abandoned stop on purchase wait 1h }";
    // The cart was abandoned before the purchase, but is heard of after it.
    let log = [("02T10:30", "purchase", BUY), ("02T10:00", "cart_abandoned", CART)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @"");
    let log = [("02T09:30", "purchase", BUY), ("02T10:00", "cart_abandoned", CART)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada journey journey=j state=finished
    ");
    // The trigger itself never stops its own instance.
    let own = "journey j { on purchase reenter always stop on purchase wait 1h }";
    let log = [("02T10:00", "purchase", BUY), ("02T10:30", "purchase", BUY)];
    assert_snapshot!(run(own, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:30:00Z ada journey journey=j state=stopped reason=on:purchase
    2026-11-02T10:30:00Z ada journey journey=j state=entered
    2026-11-02T11:30:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn late_events_start_and_move_within_an_hour_and_stop_what_is_not_younger() {
    let journey = "journey j { on cart_abandoned stop on purchase wait 1h restart on product_viewed }";
    let log = [("02T12:00", "ping", "{}"), ("02T11:00", "cart_abandoned", CART)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T12:00:00Z ada journey journey=j state=entered
    2026-11-02T13:00:00Z ada journey journey=j state=finished
    ");
    let log = [("02T12:01", "ping", "{}"), ("02T11:00", "cart_abandoned", CART)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @"");
    let days = "journey j { on cart_abandoned key trigger.cart stop on purchase wait 9d }";
    let log = [
        ("02T10:00", "cart_abandoned", CART),
        ("04T10:00", "cart_abandoned", OTHER_CART),
        ("03T10:00", "purchase", BUY),
    ];
    assert_snapshot!(run(days, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-04T10:00:00Z ada journey journey=j state=entered
    2026-11-04T10:00:00Z ada journey journey=j state=stopped reason=on:purchase
    ");
}

#[test]
fn events_come_before_timers_and_withdrawals_before_other_events() {
    let journey = "journey j { on ping stop on purchase wait 1h send note }";
    let log = [("02T10:00", "ping", "{}"), ("02T11:00", "purchase", BUY)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada journey journey=j state=stopped reason=on:purchase
    ");
    let journey = "journey j { on ping send note else { emit refused {} } }";
    let log = [("02T10:00", "ping", "{}"), ("02T10:00", "consent_withdrawn", r#"{"source":"link"}"#)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada blocked message=note channel=push reason=consent:marketing
    2026-11-02T10:00:00Z ada emit event=refused data={}
    2026-11-02T10:00:00Z ada journey journey=j state=finished
    ");
    // Of events given together, those that stop come before those that start.
    let journey = "journey j { on ping reenter always stop on purchase wait 1h }";
    let log = [("02T10:00", "ping", "{}"), ("02T10:30", "ping", "{}"), ("02T10:30", "purchase", BUY)];
    assert_snapshot!(run(journey, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:30:00Z ada journey journey=j state=stopped reason=on:purchase
    ");
}

#[test]
fn journeys_and_triggers_are_arbitrated_together() {
    let policy = r#"
    message ping_offer { class promotional purpose marketing on ping via push content push { text "o" } }
    journey j { on ping send note via push }
    "#;
    let text = SHOP.replace(
        "arbitrate { rank lifecycle, promotional }",
        "arbitrate { rank lifecycle, promotional pick 1 per channel }",
    ) + policy;
    assert_snapshot!(decide(&text, ADA, &events(&[("02T10:00", "ping", "{}")]), None), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-02T10:00:00Z ada blocked message=ping_offer channel=push reason=outranked:note
    2026-11-02T10:00:00Z ada journey journey=j state=finished
    ");
    // Waits that end together are one decision, too.
    let waits = r#"
    journey a { on ping wait 1h send offer else { emit outranked {} } }
    journey b { on ping wait 1h send note via push }
    "#;
    let text = SHOP.replace(
        "arbitrate { rank lifecycle, promotional }",
        "arbitrate { rank lifecycle, promotional pick 1 per channel }",
    ) + waits;
    assert_snapshot!(decide(&text, ADA, &events(&[("02T10:00", "ping", "{}")]), Some("2026-11-05T00:00:00Z")), @r"
    2026-11-02T10:00:00Z ada journey journey=a state=entered
    2026-11-02T10:00:00Z ada journey journey=b state=entered
    2026-11-02T11:00:00Z ada sent message=note channel=push
    2026-11-02T11:00:00Z ada blocked message=offer channel=push reason=outranked:note
    2026-11-02T11:00:00Z ada journey journey=b state=finished
    2026-11-02T11:00:00Z ada emit event=outranked data={}
    2026-11-02T11:00:00Z ada journey journey=a state=finished
    ");
}

#[test]
fn segments_can_ask_whether_one_is_in_a_journey() {
    let policy = r#"
    segment busy = in_journey(j)
    message free { class promotional purpose marketing on leave busy via push content push { text "o" } }
    journey j { on ping wait 1h }
    "#;
    assert_snapshot!(run(policy, &[("02T10:00", "ping", "{}")], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada segment segment=busy state=entered
    2026-11-02T11:00:00Z ada journey journey=j state=finished
    2026-11-02T11:00:00Z ada segment segment=busy state=left
    2026-11-02T11:00:00Z ada sent message=free channel=push
    ");
}

#[test]
fn changes_of_segments_and_times_of_the_week_start_journeys() {
    let policy = r#"
    segment looker = count of product_viewed within 1h >= 2
    journey a { on enter looker wait 30m emit still {} }
    journey b { on leave looker emit gone {} }
    journey c { on every monday at 10:00 reenter never emit monday {} }
    "#;
    let log = [("02T08:00", "product_viewed", VIEW), ("02T08:30", "product_viewed", VIEW)];
    assert_snapshot!(run(policy, &log, "2026-11-12T00:00:00Z"), @r"
    2026-11-02T08:30:00Z ada segment segment=looker state=entered
    2026-11-02T08:30:00Z ada journey journey=a state=entered
    2026-11-02T09:00:00Z ada segment segment=looker state=left
    2026-11-02T09:00:00Z ada journey journey=b state=entered
    2026-11-02T09:00:00Z ada emit event=still data={}
    2026-11-02T09:00:00Z ada journey journey=a state=finished
    2026-11-02T09:00:00Z ada emit event=gone data={}
    2026-11-02T09:00:00Z ada journey journey=b state=finished
    2026-11-02T09:00:00Z ada journey journey=c state=entered
    2026-11-02T09:00:00Z ada emit event=monday data={}
    2026-11-02T09:00:00Z ada journey journey=c state=finished
    ");
}

#[test]
fn what_is_sent_moves_journeys() {
    let policy = r#"
    journey a { on ping send note }
    journey b { on sent(note) reenter always wait 1m send offer }
    journey c { on sent(offer) reenter always send mail }
    "#;
    assert_snapshot!(run(policy, &[("02T10:00", "ping", "{}")], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=a state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-11-02T10:00:00Z ada journey journey=a state=finished
    2026-11-02T10:00:00Z ada journey journey=b state=entered
    2026-11-02T10:01:00Z ada sent message=offer channel=push
    2026-11-02T10:01:00Z ada journey journey=b state=finished
    2026-11-02T10:01:00Z ada journey journey=c state=entered
    2026-11-02T10:01:00Z ada sent message=mail channel=email
    2026-11-02T10:01:00Z ada journey journey=c state=finished
    ");
}

#[test]
fn of_two_instances_the_older_stays_when_customers_are_merged() {
    let policy = policy("journey j { on cart_abandoned key trigger.cart wait 5h send note }");
    let profiles = format!("{ADA}\n{}", ADA.replace("\"ada\"", "\"bea\""));
    let event = |id: &str, subject: &str, time: &str, kind: &str, data: &str| {
        format!(
            r#"{{"id":"{id}","type":"{kind}","subject":"{subject}","time":"2026-11-02T{time}:00Z","data":{data}}}"#
        )
    };
    let log = [
        event("e1", "bea", "10:00", "cart_abandoned", CART),
        event("e2", "bea", "10:10", "cart_abandoned", OTHER_CART),
        event("e3", "ada", "10:30", "cart_abandoned", CART),
        event("e4", "ada", "11:00", "merge", r#"{"from":"bea"}"#),
    ];
    assert_snapshot!(decide(&policy, &profiles, &log.join("\n"), Some("2026-11-05T00:00:00Z")), @r"
    2026-11-02T10:00:00Z bea journey journey=j state=entered
    2026-11-02T10:10:00Z bea journey journey=j state=entered
    2026-11-02T10:30:00Z ada journey journey=j state=entered
    2026-11-02T11:00:00Z ada journey journey=j state=stopped reason=merged
    2026-11-02T15:00:00Z ada sent message=note channel=push
    2026-11-02T15:00:00Z ada journey journey=j state=finished
    2026-11-02T15:10:00Z ada sent message=note channel=push
    2026-11-02T15:10:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn the_held_out_go_the_same_way_as_ghosts() {
    let policy = r#"
    holdout control 100% of lifecycle
    journey j {
      on ping  touches 2  goal purchase within 7d
      send note via push then sms within 1h
      wait for opened(note) up to 1d then { emit opened {} } else { emit nothing {} }
      send mail
      send note else { emit enough {} }
    }
    "#;
    let log = [("02T10:00", "ping", "{}"), ("04T10:00", "purchase", BUY)];
    assert_snapshot!(run(policy, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada held_out message=note channel=push reason=held_out:control
    2026-11-03T10:00:00Z ada emit event=nothing data={}
    2026-11-03T10:00:00Z ada held_out message=mail channel=email reason=held_out:control
    2026-11-03T10:00:00Z ada blocked message=note channel=push reason=capped:touches
    2026-11-03T10:00:00Z ada emit event=enough data={}
    2026-11-03T10:00:00Z ada journey journey=j state=finished
    2026-11-04T10:00:00Z ada goal journey=j value=50.00 EUR event=e1
    ");
}

#[test]
fn a_split_exposes_and_its_arms_stick() {
    let policy = r#"
    experiment first_touch { arms email_first 50%, push_first 50% salt "spring" goal purchase within 7d }
    journey j {
      on ping
      split first_touch { push_first { send note via push } email_first { send mail } }
      wait 1h
    }
    "#;
    let log = [
        ("02T10:00", "ping", "{}"),
        ("03T10:00", "ping", "{}"),
        ("04T10:00", "purchase", BUY),
        ("04T11:00", "purchase", BUY),
    ];
    assert_snapshot!(run(policy, &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada exposed experiment=first_touch arm=email_first
    2026-11-02T10:00:00Z ada sent message=mail channel=email
    2026-11-02T11:00:00Z ada journey journey=j state=finished
    2026-11-03T10:00:00Z ada journey journey=j state=entered
    2026-11-03T10:00:00Z ada sent message=mail channel=email
    2026-11-03T11:00:00Z ada journey journey=j state=finished
    2026-11-04T10:00:00Z ada goal experiment=first_touch arm=email_first value=50.00 EUR event=e2
    ");
}

#[test]
fn an_arm_that_decides_a_message_exposes_in_both_arms() {
    let policy = |arm: &str| {
        format!(
            r#"
    experiment trial {{ arms a 50%, b 50% salt "spring" }}
    message m {{ class lifecycle purpose marketing on purchase when arm(trial) == {arm} and profile.tickets == 0 via push content push {{ text "m" }} }}
    "#
        )
    };
    let log = [
        ("02T09:00", "identify", r#"{"tickets":1}"#),
        ("02T09:10", "purchase", BUY),
        ("02T09:20", "identify", r#"{"tickets":0}"#),
        ("02T10:00", "purchase", BUY),
        ("03T10:00", "purchase", BUY),
    ];
    assert_snapshot!(run(&policy("a"), &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T09:10:00Z ada blocked message=m channel=push reason=ineligible
    2026-11-02T10:00:00Z ada sent message=m channel=push
    2026-11-02T10:00:00Z ada exposed experiment=trial arm=a
    2026-11-03T10:00:00Z ada sent message=m channel=push
    ");
    assert_snapshot!(run(&policy("b"), &log, "2026-11-05T00:00:00Z"), @r"
    2026-11-02T09:10:00Z ada blocked message=m channel=push reason=ineligible
    2026-11-02T10:00:00Z ada blocked message=m channel=push reason=ineligible
    2026-11-02T10:00:00Z ada exposed experiment=trial arm=a
    2026-11-03T10:00:00Z ada blocked message=m channel=push reason=ineligible
    ");
}

#[test]
fn ghosts_are_tried_against_all_and_what_is_real_against_the_real_only() {
    let policy = r#"
    holdout control 100% of lifecycle
    cap one at most 1 per 1d for any
    journey j { on ping send note send offer wait 1h send note wait 1d send note }
    "#;
    assert_snapshot!(run(policy, &[("02T10:00", "ping", "{}")], "2026-11-05T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada held_out message=note channel=push reason=held_out:control
    2026-11-02T10:00:00Z ada sent message=offer channel=push
    2026-11-02T11:00:00Z ada blocked message=note channel=push reason=capped:one frees=2026-11-03T10:00:00Z
    2026-11-03T11:00:00Z ada held_out message=note channel=push reason=held_out:control
    2026-11-03T11:00:00Z ada journey journey=j state=finished
    ");
}

#[test]
fn reports_are_matched_for_as_long_as_a_journey_waits() {
    let journey = "journey j { on ping send note wait for clicked(note) up to 50d then { emit clicked {} } }";
    let log = [
        ("2026-11-02T10:00:00Z", "ping", "{}"),
        ("2026-12-20T10:00:00Z", "clicked", r#"{"message":"note","channel":"push"}"#),
    ];
    assert_snapshot!(run(journey, &log, "2026-12-24T00:00:00Z"), @r"
    2026-11-02T10:00:00Z ada journey journey=j state=entered
    2026-11-02T10:00:00Z ada sent message=note channel=push
    2026-12-20T10:00:00Z ada emit event=clicked data={}
    2026-12-20T10:00:00Z ada journey journey=j state=finished
    ");
}
