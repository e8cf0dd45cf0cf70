//! The gates of the decision pipeline (reference §9), each with its reason, and what quiet hours, caps and
//! arbitration make of what passes.

use comity_tests::decide;
use insta::assert_snapshot;

/// Vocabulary that the policies here share.
const SHOP: &str = r#"
enum Tier ordered { bronze, silver, gold }
profile {
  email:        email?   personal
  phone:        phone?   personal
  push_token:   text?
  country:      country  = "DE"
  timezone:     timezone = "Europe/Berlin"
  tier:         Tier     = bronze
  open_tickets: int      = 0
}
event purchase { order: text, category: text, amount: money EUR }
event cart_abandoned { cart: text, value: money EUR }
event ping {}
channel email { to profile.email  quiet 21:00..08:00 }
channel sms   { to profile.phone }
channel push  { to device profile.push_token }
channel web   { inbound }
class service { ignores quiet, caps, suppression, holdout }
class promotional
purpose marketing {
  double_opt_in on email when profile.country in ["AT"]
  opt_out       on sms   when profile.country in ["US"]
  opt_in        on email, sms, push
  always        on web
}
purpose servicing { always on email, sms, push, web }
arbitrate {
  rank service, promotional
  score propensity * value * lever
  pick 1 per channel
}
"#;

const ADA: &str = r#"{"subject":"ada","attributes":{"email":"ada@shop.example","phone":"+4915112345678","push_token":"t"},"consents":[{"purpose":"marketing","confirmed":true,"source":"form"}]}"#;

fn policy(rest: &str) -> String {
    format!("{SHOP}\n{rest}")
}

/// One event per line: `time type data`.
fn events(lines: &[(&str, &str, &str)]) -> String {
    let mut text = String::new();
    for (index, (time, kind, data)) in lines.iter().enumerate() {
        text.push_str(&format!(
            "{{\"id\":\"e{index}\",\"type\":\"{kind}\",\"subject\":\"ada\",\"time\":\"{time}\",\"data\":{data}}}\n"
        ));
    }
    text
}

const CART: &str = r#"{"cart":"k","value":"80.00 EUR"}"#;

const REMINDER: &str = r#"
message reminder {
  class promotional  purpose marketing
  on cart_abandoned
  via email, push
  content email { subject "s" body "Your cart of {event.value}" }
  content push { text "p" }
}
"#;

#[test]
fn a_message_is_sent_on_its_first_channel() {
    let log = events(&[("2026-11-02T10:00:00Z", "cart_abandoned", CART)]);
    assert_snapshot!(decide(&policy(REMINDER), ADA, &log, None), @"2026-11-02T10:00:00Z ada sent message=reminder channel=email");
}

#[test]
fn without_an_address_the_next_channel_is_used_and_without_any_it_is_unreachable() {
    let log = events(&[("2026-11-02T10:00:00Z", "cart_abandoned", CART)]);
    let push = r#"{"subject":"ada","attributes":{"push_token":"t"},"consents":[{"purpose":"marketing"}]}"#;
    assert_snapshot!(decide(&policy(REMINDER), push, &log, None), @"2026-11-02T10:00:00Z ada sent message=reminder channel=push");
    let none = r#"{"subject":"ada","attributes":{},"consents":[{"purpose":"marketing"}]}"#;
    assert_snapshot!(decide(&policy(REMINDER), none, &log, None), @"2026-11-02T10:00:00Z ada blocked message=reminder channel=email reason=unreachable");
}

#[test]
fn consent_is_asked_at_the_moment_of_sending() {
    let log = events(&[
        ("2026-11-02T10:00:00Z", "cart_abandoned", CART),
        (
            "2026-11-02T11:00:00Z",
            "consent_withdrawn",
            r#"{"purpose":"marketing","channel":"email","source":"link"}"#,
        ),
        ("2026-11-02T12:00:00Z", "cart_abandoned", CART),
        ("2026-11-02T13:00:00Z", "consent_withdrawn", r#"{"source":"call"}"#),
        ("2026-11-02T14:00:00Z", "cart_abandoned", CART),
        (
            "2026-11-02T15:00:00Z",
            "consent_granted",
            r#"{"purpose":"marketing","channel":"push","source":"app"}"#,
        ),
        ("2026-11-02T15:00:00Z", "cart_abandoned", CART),
    ]);
    assert_snapshot!(decide(&policy(REMINDER), ADA, &log, None), @r"
    2026-11-02T10:00:00Z ada sent message=reminder channel=email
    2026-11-02T12:00:00Z ada sent message=reminder channel=push
    2026-11-02T14:00:00Z ada blocked message=reminder channel=email reason=consent:marketing
    2026-11-02T15:00:00Z ada sent message=reminder channel=push
    ");
}

#[test]
fn double_opt_in_waits_for_the_confirmation() {
    let profile = r#"{"subject":"ada","attributes":{"email":"a@shop.example","country":"AT"}}"#;
    let grant = |confirmed| {
        format!(r#"{{"purpose":"marketing","channel":"email","source":"f","confirmed":{confirmed}}}"#)
    };
    let log = events(&[
        ("2026-11-02T10:00:00Z", "consent_granted", &grant(false)),
        ("2026-11-02T10:01:00Z", "cart_abandoned", CART),
        ("2026-11-02T10:02:00Z", "consent_granted", &grant(true)),
        ("2026-11-02T10:03:00Z", "cart_abandoned", CART),
    ]);
    assert_snapshot!(decide(&policy(REMINDER), profile, &log, None), @r"
    2026-11-02T10:01:00Z ada blocked message=reminder channel=email reason=consent:marketing
    2026-11-02T10:03:00Z ada sent message=reminder channel=email
    ");
}

const EMAIL_ONLY: &str = r#"
message reminder {
  class promotional  purpose marketing
  on cart_abandoned
  unless any purchase within 1d
  expires 10h
  via email
  content email { subject "s" body "b" }
}
"#;

#[test]
fn quiet_hours_defer_and_all_gates_are_passed_again() {
    // 22:00 in Berlin: held back until 08:00, which is 07:00 UTC.
    let night = ("2026-11-02T21:00:00Z", "cart_abandoned", CART);
    let sent = events(&[night]);
    let until = Some("2026-11-04T00:00:00Z");
    assert_snapshot!(decide(&policy(EMAIL_ONLY), ADA, &sent, until), @r"
    2026-11-02T21:00:00Z ada deferred message=reminder channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-03T07:00:00Z ada sent message=reminder channel=email
    ");
    let bought = events(&[
        night,
        ("2026-11-03T06:00:00Z", "purchase", r#"{"order":"o","category":"shoes","amount":"1.00 EUR"}"#),
    ]);
    assert_snapshot!(decide(&policy(EMAIL_ONLY), ADA, &bought, until), @r"
    2026-11-02T21:00:00Z ada deferred message=reminder channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-03T07:00:00Z ada blocked message=reminder channel=email reason=ineligible
    ");
    let withdrawn = events(&[night, ("2026-11-03T06:00:00Z", "consent_withdrawn", r#"{"source":"link"}"#)]);
    assert_snapshot!(decide(&policy(EMAIL_ONLY), ADA, &withdrawn, until), @r"
    2026-11-02T21:00:00Z ada deferred message=reminder channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-03T07:00:00Z ada blocked message=reminder channel=email reason=consent:marketing
    ");
    // Proposed at 21:30 local time, it may leave until 07:30.
    let early = events(&[("2026-11-02T20:30:00Z", "cart_abandoned", CART)]);
    assert_snapshot!(decide(&policy(EMAIL_ONLY), ADA, &early, until), @r"
    2026-11-02T20:30:00Z ada deferred message=reminder channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-03T07:00:00Z ada blocked message=reminder channel=email reason=expired
    ");
    // Proposed again by the same trigger, the newer replaces the older.
    let again = events(&[night, ("2026-11-02T22:00:00Z", "cart_abandoned", CART)]);
    assert_snapshot!(decide(&policy(EMAIL_ONLY), ADA, &again, until), @r"
    2026-11-02T21:00:00Z ada deferred message=reminder channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-02T22:00:00Z ada blocked message=reminder channel=email reason=superseded
    2026-11-02T22:00:00Z ada deferred message=reminder channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-03T07:00:00Z ada sent message=reminder channel=email
    ");
}

#[test]
fn a_change_of_time_zone_computes_the_deferral_anew() {
    let log = events(&[
        ("2026-11-02T21:00:00Z", "cart_abandoned", CART),
        // 17:00 in New York: nothing is quiet there.
        ("2026-11-02T22:00:00Z", "identify", r#"{"timezone":"America/New_York"}"#),
    ]);
    assert_snapshot!(decide(&policy(EMAIL_ONLY), ADA, &log, None), @r"
    2026-11-02T21:00:00Z ada deferred message=reminder channel=email reason=quiet until=2026-11-03T07:00:00Z
    2026-11-02T22:00:00Z ada sent message=reminder channel=email
    ");
}

#[test]
fn caps_are_exact_and_a_failed_send_counts_no_longer() {
    let rest = r#"
    cap daily at most 2 per 24h for promotional
    message hello { class promotional  purpose marketing  on ping  via push  content push { text "p" } }
    "#;
    let log = events(&[
        ("2026-11-02T10:00:00Z", "ping", "{}"),
        ("2026-11-02T11:00:00Z", "ping", "{}"),
        ("2026-11-02T12:00:00Z", "ping", "{}"),
        ("2026-11-02T13:00:00Z", "failed", r#"{"message":"hello","channel":"push"}"#),
        ("2026-11-02T14:00:00Z", "ping", "{}"),
        ("2026-11-03T09:59:59.999999Z", "ping", "{}"),
        ("2026-11-03T10:00:00Z", "ping", "{}"),
    ]);
    assert_snapshot!(decide(&policy(rest), ADA, &log, None), @r"
    2026-11-02T10:00:00Z ada sent message=hello channel=push
    2026-11-02T11:00:00Z ada sent message=hello channel=push
    2026-11-02T12:00:00Z ada blocked message=hello channel=push reason=capped:daily frees=2026-11-03T10:00:00Z
    2026-11-02T14:00:00Z ada sent message=hello channel=push
    2026-11-03T09:59:59.999999Z ada blocked message=hello channel=push reason=capped:daily frees=2026-11-03T10:00:00Z
    2026-11-03T10:00:00Z ada sent message=hello channel=push
    ");
}

#[test]
fn calendar_caps_follow_the_local_date_and_a_move_frees_nothing_early() {
    let rest = r#"
    cap one at most 1 per day for any
    message hello { class promotional  purpose marketing  on ping  via push  content push { text "p" } }
    "#;
    let log = events(&[
        ("2026-11-02T22:30:00Z", "ping", "{}"),
        // Midnight in Berlin is 23:00 UTC.
        ("2026-11-02T22:59:59Z", "ping", "{}"),
        ("2026-11-02T23:00:00Z", "ping", "{}"),
        // In Tokyo it is the 3rd too; in Berlin, where it was sent, the 3rd has not ended.
        ("2026-11-03T16:00:00Z", "identify", r#"{"timezone":"Asia/Tokyo"}"#),
        ("2026-11-03T16:00:01Z", "ping", "{}"),
        ("2026-11-03T23:00:00Z", "ping", "{}"),
    ]);
    assert_snapshot!(decide(&policy(rest), ADA, &log, None), @r"
    2026-11-02T22:30:00Z ada sent message=hello channel=push
    2026-11-02T22:59:59Z ada blocked message=hello channel=push reason=capped:one frees=2026-11-02T23:00:00Z
    2026-11-02T23:00:00Z ada sent message=hello channel=push
    2026-11-03T16:00:01Z ada blocked message=hello channel=push reason=capped:one frees=2026-11-03T23:00:00Z
    2026-11-03T23:00:00Z ada sent message=hello channel=push
    ");
}

#[test]
fn caps_per_message_tag_and_channel() {
    let rest = r#"
    cap same at most 1 per 30d for promotional per message
    cap sale at most 1 per 7d  for any tagged sale, news per tag
    message a { class promotional  purpose marketing  tags sale        on ping  via push  content push { text "p" } }
    message b { class promotional  purpose marketing  tags sale, news  on ping  via sms   content sms { text "p" } }
    message c { class promotional  purpose marketing  tags news        on ping  via email content email { subject "s" body "b" } }
    "#;
    let log = events(&[("2026-11-02T10:00:00Z", "ping", "{}"), ("2026-11-12T10:00:00Z", "ping", "{}")]);
    assert_snapshot!(decide(&policy(rest), ADA, &log, None), @r"
    2026-11-02T10:00:00Z ada sent message=a channel=push
    2026-11-02T10:00:00Z ada blocked message=b channel=sms reason=capped:sale frees=2026-11-09T10:00:00Z
    2026-11-02T10:00:00Z ada sent message=c channel=email
    2026-11-12T10:00:00Z ada blocked message=a channel=push reason=capped:same frees=2026-12-02T10:00:00Z
    2026-11-12T10:00:00Z ada blocked message=c channel=email reason=capped:same frees=2026-12-02T10:00:00Z
    2026-11-12T10:00:00Z ada sent message=b channel=sms
    ");
}

#[test]
fn suppression_looks_at_the_message_and_names_its_rule() {
    let rest = r#"
    every message has { category: text = "none" }
    suppress promotional when any (purchase where category == message.category) within 14d
    message shoes { class promotional  purpose marketing  category = "shoes"  on ping  via push  content push { text "p" } }
    message notice { class service  purpose servicing  category = "shoes"  on ping  via sms  content sms { text "p" } }
    "#;
    let log = events(&[
        ("2026-11-02T10:00:00Z", "purchase", r#"{"order":"o","category":"hats","amount":"1.00 EUR"}"#),
        ("2026-11-02T10:01:00Z", "ping", "{}"),
        ("2026-11-02T10:02:00Z", "purchase", r#"{"order":"o","category":"shoes","amount":"1.00 EUR"}"#),
        ("2026-11-02T10:03:00Z", "ping", "{}"),
    ]);
    assert_snapshot!(decide(&policy(rest), ADA, &log, None), @r"
    2026-11-02T10:01:00Z ada sent message=notice channel=sms
    2026-11-02T10:01:00Z ada sent message=shoes channel=push
    2026-11-02T10:03:00Z ada blocked message=shoes channel=push reason=suppressed:policy.comity:36
    2026-11-02T10:03:00Z ada sent message=notice channel=sms
    ");
}

#[test]
fn the_best_by_class_then_score_then_name_takes_the_place() {
    let rest = r#"
    message low  { class promotional  purpose marketing  value 1  on ping  via push  content push { text "p" } }
    message high { class promotional  purpose marketing  value 2  on ping  via push, sms  content push { text "p" } content sms { text "p" } }
    message also { class promotional  purpose marketing  value 2  on ping  via push  content push { text "p" } }
    message bad  { class promotional  purpose marketing  value 1e0 / 0.0 otherwise 3  on ping  via sms  content sms { text "p" } }
    "#;
    let rest = rest.replace("1e0 / 0.0 otherwise 3", "9");
    let log = events(&[("2026-11-02T10:00:00Z", "ping", "{}")]);
    assert_snapshot!(decide(&policy(&rest), ADA, &log, None), @r"
    2026-11-02T10:00:00Z ada sent message=bad channel=sms
    2026-11-02T10:00:00Z ada sent message=also channel=push
    2026-11-02T10:00:00Z ada blocked message=high channel=push reason=outranked:also
    2026-11-02T10:00:00Z ada blocked message=low channel=push reason=outranked:also
    ");
}

#[test]
fn a_score_that_is_not_finite_is_refused() {
    let rest = r#"
    message huge { class promotional  purpose marketing  value 99999999999999999999.0 * 99999999999999999999.0  propensity 100%  lever huge_lever  on ping  via push  content push { text "p" } }
    let big = 999999999999999999999999999999999999999999999999999999999999.0
    let huge_lever = big * big * big * big * big * big
    "#;
    let log = events(&[("2026-11-02T10:00:00Z", "ping", "{}")]);
    assert_snapshot!(decide(&policy(rest), ADA, &log, None), @"2026-11-02T10:00:00Z ada blocked message=huge channel=push reason=bad_score");
}

#[test]
fn active_dates_are_local() {
    let rest = r#"
    message spring { class promotional  purpose marketing  active 2026-03-01..2026-03-02  on ping  via push  content push { text "p" } }
    "#;
    let log = events(&[
        ("2026-02-28T22:59:59Z", "ping", "{}"),
        ("2026-02-28T23:00:00Z", "ping", "{}"),
        ("2026-03-02T22:59:59Z", "ping", "{}"),
        ("2026-03-02T23:00:00Z", "ping", "{}"),
    ]);
    assert_snapshot!(decide(&policy(rest), ADA, &log, None), @r"
    2026-02-28T22:59:59Z ada blocked message=spring channel=push reason=inactive
    2026-02-28T23:00:00Z ada sent message=spring channel=push
    2026-03-02T22:59:59Z ada sent message=spring channel=push
    2026-03-02T23:00:00Z ada blocked message=spring channel=push reason=inactive
    ");
}

#[test]
fn an_event_that_is_more_than_an_hour_late_proposes_nothing() {
    let rest = r#"
    message hello { class promotional  purpose marketing  on purchase  via push  content push { text "p" } }
    "#;
    let purchase = r#"{"order":"o","category":"hats","amount":"1.00 EUR"}"#;
    let log = events(&[
        ("2026-11-02T10:00:00Z", "ping", "{}"),
        ("2026-11-02T09:00:00Z", "purchase", purchase),
        ("2026-11-02T08:59:59Z", "purchase", purchase),
    ]);
    assert_snapshot!(decide(&policy(rest), ADA, &log, None), @"2026-11-02T10:00:00Z ada sent message=hello channel=push");
}

#[test]
fn segments_are_left_when_only_time_passes_and_their_changes_propose() {
    let rest = r#"
    segment fresh = any purchase within 24h
    message thanks { class promotional  purpose marketing  on enter fresh  via push  content push { text "p" } }
    message again  { class promotional  purpose marketing  on leave fresh  via push  content push { text "p" } }
    "#;
    let purchase = r#"{"order":"o","category":"hats","amount":"1.00 EUR"}"#;
    let log = events(&[
        ("2026-11-02T10:00:00Z", "purchase", purchase),
        ("2026-11-02T12:00:00Z", "purchase", purchase),
    ]);
    assert_snapshot!(decide(&policy(rest), ADA, &log, Some("2026-11-04T00:00:00Z")), @r"
    2026-11-02T10:00:00Z ada segment segment=fresh state=entered
    2026-11-02T10:00:00Z ada sent message=thanks channel=push
    2026-11-03T12:00:00Z ada segment segment=fresh state=left
    2026-11-03T12:00:00Z ada sent message=again channel=push
    ");
}

#[test]
fn schedules_fire_at_local_time_for_each_known_customer() {
    let rest = r#"
    message news { class promotional  purpose marketing  on every monday at 10:00  via push  content push { text "p" } }
    "#;
    // Clocks in Berlin go back on Sunday 2026-10-25.
    let log = events(&[("2026-10-18T00:00:00Z", "ping", "{}")]);
    assert_snapshot!(decide(&policy(rest), ADA, &log, Some("2026-11-01T00:00:00Z")), @r"
    2026-10-19T08:00:00Z ada sent message=news channel=push
    2026-10-26T09:00:00Z ada sent message=news channel=push
    ");
}

#[test]
fn unsubscribing_withdraws_the_purposes_on_that_channel() {
    let log = events(&[
        ("2026-11-02T10:00:00Z", "cart_abandoned", CART),
        ("2026-11-02T11:00:00Z", "unsubscribed", r#"{"message":"reminder","channel":"email"}"#),
        ("2026-11-02T12:00:00Z", "cart_abandoned", CART),
    ]);
    assert_snapshot!(decide(&policy(REMINDER), ADA, &log, None), @r"
    2026-11-02T10:00:00Z ada sent message=reminder channel=email
    2026-11-02T12:00:00Z ada sent message=reminder channel=push
    ");
}

#[test]
fn withdrawals_come_first_among_events_given_together() {
    let log = events(&[
        ("2026-11-02T10:00:00Z", "cart_abandoned", CART),
        ("2026-11-02T10:00:00Z", "consent_withdrawn", r#"{"source":"link"}"#),
    ]);
    assert_snapshot!(decide(&policy(REMINDER), ADA, &log, None), @"2026-11-02T10:00:00Z ada blocked message=reminder channel=email reason=consent:marketing");
}

#[test]
fn a_held_out_customer_gets_nothing_but_a_ghost_with_all_its_gates() {
    let rest = r#"
    holdout control 100% of promotional
    cap one at most 1 per 7d for promotional
    message hello { class promotional  purpose marketing  on ping  via push  content push { text "p" } }
    "#;
    let log = events(&[("2026-11-02T10:00:00Z", "ping", "{}"), ("2026-11-02T11:00:00Z", "ping", "{}")]);
    assert_snapshot!(decide(&policy(rest), ADA, &log, None), @r"
    2026-11-02T10:00:00Z ada held_out message=hello channel=push reason=held_out:control
    2026-11-02T11:00:00Z ada blocked message=hello channel=push reason=capped:one frees=2026-11-09T10:00:00Z
    ");
}

#[test]
fn merged_customers_are_one() {
    let rest = r#"
    cap one at most 1 per 7d for promotional
    message hello { class promotional  purpose marketing  on ping  via push  content push { text "p" } }
    "#;
    let line = |id: &str, subject: &str, time: &str, kind: &str, data: &str| {
        format!(r#"{{"id":"{id}","type":"{kind}","subject":"{subject}","time":"{time}","data":{data}}}"#)
            + "\n"
    };
    let profiles = format!("{ADA}\n{}", ADA.replace("\"ada\"", "\"eve\""));
    let log = [
        line("1", "eve", "2026-11-02T10:00:00Z", "ping", "{}"),
        line("2", "ada", "2026-11-02T11:00:00Z", "merge", r#"{"from":"eve"}"#),
        line("3", "ada", "2026-11-02T12:00:00Z", "ping", "{}"),
        line("4", "eve", "2026-11-02T13:00:00Z", "ping", "{}"),
        line("5", "eve", "2026-11-02T14:00:00Z", "merge", r#"{"from":"ada"}"#),
        line("1", "ada", "2026-11-02T15:00:00Z", "ping", "{}"),
    ]
    .concat();
    assert_snapshot!(decide(&policy(rest), &profiles, &log, None), @r#"
    2026-11-02T10:00:00Z eve sent message=hello channel=push
    2026-11-02T12:00:00Z ada blocked message=hello channel=push reason=capped:one frees=2026-11-09T10:00:00Z
    2026-11-02T13:00:00Z ada blocked message=hello channel=push reason=capped:one frees=2026-11-09T10:00:00Z
    2026-11-02T14:00:00Z eve rejected reason=`merge`: "ada" is this customer already
    "#);
}
