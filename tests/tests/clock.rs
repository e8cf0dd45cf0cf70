//! The virtual clock of a log (docs/decisions/0002, 0011).

use comity_runtime::step::Detail;
use comity_tests::{decide, plan, policies, replay, short};

const DAILY: &str = r#"
profile { push_token: text?  timezone: timezone = "UTC" }
event ping {}
channel push { to device profile.push_token }
class news
purpose news_letter { always on push }
message daily {
  class news
  purpose news_letter
  on every day at 10:00
  via push
  content push { text "Good morning" }
}
"#;

const ADA: &str = r#"{"subject":"ada","attributes":{"push_token":"t"}}"#;

/// A ping of each of these times.
fn pings(times: &[&str]) -> String {
    let line = |(index, time): (usize, &&str)| {
        format!("{{\"id\":\"e{index}\",\"type\":\"ping\",\"subject\":\"ada\",\"time\":\"{time}\"}}\n")
    };
    times.iter().enumerate().map(line).collect()
}

#[test]
fn an_event_of_the_year_9999_is_rejected_and_the_run_goes_on() {
    let log = pings(&[
        "2026-11-02T09:00:00Z",
        "2026-11-02T09:30:00Z",
        "9999-12-31T00:00:00Z",
        "2026-11-02T10:30:00Z",
        "2036-11-03T10:30:00Z",
    ]);
    insta::assert_snapshot!(decide(DAILY, ADA, &log, None), @r"
    9999-12-31T00:00:00Z ada rejected reason=`time`: 9999-12-31T00:00:00Z is more than ten years after all events before it, the latest at 2026-11-02T09:30:00Z
    2026-11-02T10:00:00Z ada sent message=daily channel=push
    2036-11-03T10:30:00Z ada rejected reason=`time`: 2036-11-03T10:30:00Z is more than ten years after all events before it, the latest at 2026-11-02T10:30:00Z
    ");
}

#[test]
fn a_long_pause_is_believed() {
    let log = pings(&["2026-11-02T09:00:00Z", "2026-11-02T09:30:00Z", "2036-11-01T00:00:00Z"]);
    let records = decide(DAILY, ADA, &log, None);
    assert!(!records.contains("rejected"), "{records}");
    assert_eq!(records.matches("sent").count(), 3652);
}

#[test]
fn a_first_event_of_1970_does_not_make_the_others_unbelievable() {
    let log = pings(&["1970-01-01T00:00:00Z", "2026-11-02T09:00:00Z", "2026-11-02T11:00:00Z"]);
    let [policy, _] = policies(&plan(DAILY));
    let mut out = Vec::new();
    let detail = Detail { blocked: true, redact: false };
    let mut replay = replay(&policy, detail, "", &log, &mut out);
    replay.finish(None, &mut out);
    assert_eq!((replay.summary().accepted, replay.summary().rejected), (3, 0));
}

/// A schedule that can't send sleeps unless blocked messages are told. It comes to the same.
#[test]
fn a_date_that_a_schedule_slept_through_does_not_come_again_in_another_zone() {
    let policy = DAILY
        .replace("profile {", "profile { wants: bool = false ")
        .replace("at 10:00", "at 02:30")
        .replace("via push", "when profile.wants\n  via push");
    // In Tonga it is half past two on the 4th thirteen hours earlier than in Greenwich, in Havana five hours later.
    let profile = r#"{"subject":"ada","attributes":{"push_token":"t","timezone":"Pacific/Tongatapu"}}"#;
    let log = r#"
        {"id":"e1","type":"ping","subject":"ada","time":"2026-11-01T00:00:00Z"}
        {"id":"e2","type":"identify","subject":"ada","time":"2026-11-03T23:00:00Z","data":{"wants":true,"timezone":"America/Havana"}}
        {"id":"e3","type":"ping","subject":"ada","time":"2026-11-05T12:00:00Z"}
    "#;
    let [policy, _] = policies(&plan(&policy));
    for blocked in [false, true] {
        let mut out = Vec::new();
        replay(&policy, Detail { blocked, redact: false }, profile, log, &mut out).finish(None, &mut out);
        let records = short(&out);
        let sent: Vec<&str> = records.lines().filter(|line| line.contains(" sent ")).collect();
        assert_eq!(sent, ["2026-11-05T07:30:00Z ada sent message=daily channel=push"], "blocked: {blocked}");
    }
}
