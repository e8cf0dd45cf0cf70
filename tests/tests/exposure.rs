//! Exposure to experiments (reference §11): whether and when a customer is exposed doesn't follow from the arm.

use comity_runtime::effect::{Effect, EffectKind, Outcome};
use comity_runtime::policy::Policy;
use comity_runtime::profile::Profile;
use comity_runtime::state::Carry;
use comity_runtime::step::{Detail, Stepper};
use comity_tests::generate::{Random, events, policy, profiles};
use comity_tests::{decide_and_ask, plan, policies, repack};
use std::sync::Arc;

/// Logs tried with each policy.
const LOGS: u64 = 20;

/// How many pairs of a policy and a log are tried: 240, or what `COMITY_CASES` says.
fn cases() -> u64 {
    std::env::var("COMITY_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(240)
}

/// Who was exposed to what, and when.
fn exposures(records: &[u8]) -> Vec<String> {
    let lines = std::str::from_utf8(records).expect("records are UTF-8").lines();
    let records =
        lines.map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a record is JSON"));
    let exposed = records.filter(|record| record["kind"] == "exposed");
    let mut said: Vec<String> =
        exposed.map(|r| format!("{} {} {}", r["time"], r["subject"], r["experiment"])).collect();
    said.sort();
    said
}

/// The policy with everybody in one arm of its experiment, on both engines.
fn in_arm(text: &str, shares: &str) -> [Arc<Policy>; 2] {
    let text = text.replace("arms a 50%, b 50%", shares);
    policies(&plan(&text))
}

#[test]
fn random_policies_expose_alike_in_each_arm() {
    let policies = cases().div_ceil(LOGS);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let exposed = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let exposed = &exposed;
            scope.spawn(move || {
                for seed in (thread..policies).step_by(threads as usize) {
                    exposed.fetch_add(alike(seed), std::sync::atomic::Ordering::Relaxed);
                }
            });
        }
    });
    // Where nobody is exposed, agreement means nothing.
    assert!(exposed.into_inner() as u64 > cases() / 4);
}

/// Compares the exposures of a policy over some logs; returns how many there were.
fn alike(seed: u64) -> usize {
    let mut random = Random::new(seed);
    let text = policy(&mut random);
    let [a, a_jit] = in_arm(&text, "arms a 100%, b 0%");
    let [b, b_jit] = in_arm(&text, "arms a 0%, b 100%");
    let mut count = 0;
    for log in 0..LOGS {
        let customers = 1 + random.below(3);
        let profiles = profiles(&mut random, customers);
        let count_of = 5 + random.below(25);
        let events = events(&mut random, customers, count_of);
        let log_of = (&profiles[..], &events[..], customers);
        let [of_a, of_b] = [&a, &b].map(|policy| decide_and_ask(policy, false, log % 2 == 1, log_of).0);
        let [exposed_a, exposed_b] = [&of_a, &of_b].map(|records| exposures(records));
        assert!(
            exposed_a == exposed_b,
            "seed {seed}, log {log}\n{text}\n{profiles}\n{events}\nin a: {exposed_a:#?}\nin b: {exposed_b:#?}"
        );
        if log % 4 == 0 {
            for (policy, records) in [(&a_jit, of_a), (&b_jit, of_b)] {
                assert!(
                    decide_and_ask(policy, false, false, log_of).0 == records,
                    "seed {seed}, log {log}\n{text}"
                );
            }
        }
        count += exposed_a.len();
    }
    count
}

/// What the small policies here share.
const SHOP: &str = r#"
profile { email: email? push_token: text? timezone: timezone = "Europe/Berlin" vip: bool = false tickets: int = 0 }
event ping { n: int }
event buy {}
channel email { to profile.email QUIET }
channel push { to device profile.push_token }
channel web { inbound }
placement hero { on web show 1 }
class service { ignores quiet }
class promotional
experiment trial { ARMS salt "t" goal buy within 7d }
experiment other { arms p 50%, q 50% salt "o" }
"#;

/// A small policy, most messages of which ask for an arm, and compete.
fn small(random: &mut Random) -> String {
    let quiet = random.pick(&[
        "quiet 21:00..08:00",
        "quiet 21:00..08:00 spread 30m",
        "quiet 00:00..24:00 on monday",
        "quiet 21:00..08:00 when arm(trial) == b",
        "quiet 21:00..08:00 quiet 20:00..10:00 when arm(trial) == c",
    ]);
    let mut text = SHOP.replace("QUIET", quiet);
    for cap in 0..random.below(3) {
        let (limit, span) = (1 + random.below(2), random.pick(&["3h", "1d", "7d"]));
        let per = random.pick(&["", " per channel", " per message"]);
        text += &format!("cap c{cap} at most {limit} per {span} for any{per}\n");
    }
    if random.once_in(3) {
        text += "holdout control 40% of promotional salt \"h\"\n";
    }
    if random.once_in(4) {
        text += "suppress promotional when arm(trial) == c and profile.tickets == 0\n";
    }
    text += random.pick(&[
        "purpose servicing { always on email, push, web }\n",
        "purpose servicing { always on email, push, web }\n",
        "purpose servicing { never on push when arm(trial) == a always on email, push, web }\n",
    ]);
    let pick = random.pick(&["", "pick 1", "pick 1 per channel", "pick 2"]);
    text += &format!("arbitrate {{ rank service, promotional score value {pick} }}\n");
    for message in 0..2 + random.below(4) {
        let class = random.pick(&["service", "promotional", "promotional"]);
        let on = random.pick(&[
            "on ping",
            "on ping",
            "on ping where n > 2",
            "on buy",
            "on every day at 22:00",
            "at hero",
        ]);
        let guard = guard(random);
        let value = match random.below(4) {
            value if random.once_in(5) => format!("(if arm(trial) == b then 3.5 else {value}.0)"),
            value => format!("{value}.0"),
        };
        text += &format!("message m{message} {{ class {class} purpose servicing {on} {guard} value {value}");
        if random.once_in(5) {
            text += " expires 5h";
        }
        text += &match (on, random.pick(&["email", "email", "push", "email, push"])) {
            ("at hero", _) => " content hero { title \"t\" } }\n".to_owned(),
            (_, via) => format!(" via {via} {} }}\n", contents(via)),
        };
    }
    for journey in 0..random.below(3) {
        let guard_of = [guard(random), guard(random)];
        for (at, guard) in guard_of.iter().enumerate() {
            let via = random.pick(&["email", "push", "email, push"]);
            text += &format!(
                "message s{journey}_{at} {{ class promotional purpose servicing {guard} value 1.5 via {via} {} }}\n",
                contents(via)
            );
        }
        let on = random.pick(&["ping", "buy"]);
        let when = random.pick(&[
            "",
            "",
            "when profile.vip",
            "when arm(trial) == b",
            "when consent(servicing, push)",
            "when arm(trial) != a and arm(other) == p",
        ]);
        let wait = random.pick(&[
            "wait 1h",
            "wait 9h",
            "wait until 09:00",
            "if arm(trial) == c { wait 1h }",
            "if consent(servicing, push) { wait 1h }",
        ]);
        let stop = random.pick(&["", "stop on buy"]);
        text += &format!(
            "journey j{journey} {{ on {on} {when} {stop} send s{journey}_0 else {{ {wait} send s{journey}_1 }} wait 2h send s{journey}_1 }}\n"
        );
    }
    text
}

fn contents(via: &str) -> String {
    let content = |channel: &str| match channel {
        "email" => "content email { subject \"s\" body \"b\" } ",
        _ => "content push { text \"t\" } ",
    };
    via.split(", ").map(content).collect()
}

fn guard(random: &mut Random) -> String {
    let arm = random.pick(&[
        "arm(trial) == a",
        "arm(trial) == b",
        "arm(trial) == c",
        "arm(trial) != c",
        "arm(other) == p",
        "arm(other) == p and arm(trial) == a",
        "arm(trial) == b or arm(other) == q",
        "(arm(trial) == a and profile.vip or arm(trial) == b and not profile.vip)",
        "(arm(trial) == a or profile.vip)",
        "consent(servicing, push)",
        "(consent(servicing, push) and arm(trial) != b)",
        "profile.vip",
    ]);
    let also = random.pick(&[
        "",
        "",
        "",
        " and profile.tickets == 0",
        " and local.hour < 23",
        " and no buy within 1d",
    ]);
    if random.once_in(5) { String::new() } else { format!("when {arm}{also}") }
}

/// Days of a few customers: some are awake at night, move, come to have tickets, and come late.
fn days(random: &mut Random, customers: u64) -> (String, String) {
    let (mut profiles, mut events) = (String::new(), String::new());
    for customer in 0..customers {
        let push = random.pick(&["", r#","push_token":"t""#]);
        profiles += &format!(
            "{{\"subject\":\"c{customer}\",\"attributes\":{{\"email\":\"c@shop.example\",\"vip\":{}{push}}},\"consents\":[]}}\n",
            random.once_in(3)
        );
    }
    let mut minutes = 10 * 60;
    for event in 0..customers * (3 + random.below(6)) {
        minutes += random.below(5 * 60);
        let at = minutes - if random.once_in(6) { random.below(90) } else { 0 };
        let time = format!("2026-11-{:02}T{:02}:{:02}:00Z", 2 + at / 1440, at % 1440 / 60, at % 60);
        let (kind, data) = match random.below(8) {
            0 => ("buy", "{}".to_owned()),
            1 => ("identify", format!("{{\"tickets\":{},\"vip\":{}}}", random.below(2), random.once_in(2))),
            2 => (
                "identify",
                format!(
                    "{{\"timezone\":\"{}\"}}",
                    random.pick(&["Europe/Berlin", "Asia/Tokyo", "America/New_York"])
                ),
            ),
            _ => ("ping", format!("{{\"n\":{}}}", random.below(5))),
        };
        let subject = random.below(customers);
        if customers > 1 && random.once_in(40) {
            let from = (subject + 1) % customers;
            events += &format!(
                "{{\"id\":\"m{event}\",\"type\":\"merge\",\"subject\":\"c{subject}\",\"time\":\"{time}\",\"data\":{{\"from\":\"c{from}\"}}}}\n"
            );
        }
        events += &format!(
            "{{\"id\":\"e{event}\",\"type\":\"{kind}\",\"subject\":\"c{subject}\",\"time\":\"{time}\",\"data\":{data}}}\n"
        );
    }
    (profiles, events)
}

#[test]
fn messages_that_compete_expose_alike_in_each_arm() {
    let mut exposed = 0;
    for seed in 0..cases() / 4 {
        let mut random = Random::new(seed);
        let text = small(&mut random);
        let arms = ["a 100%, b 0%, c 0%", "a 0%, b 100%, c 0%", "a 0%, b 0%, c 100%"];
        let arms = arms.map(|arms| policies(&plan(&text.replace("ARMS", &format!("arms {arms}")))));
        for log in 0..6 {
            let customers = 1 + random.below(3);
            let (profiles, events) = days(&mut random, customers);
            let log_of = (&profiles[..], &events[..], customers);
            let mut first: Option<Vec<String>> = None;
            for [interpreter, jit] in &arms {
                let records = decide_and_ask(interpreter, false, log % 2 == 1, log_of).0;
                let told = decide_and_ask(interpreter, true, false, log_of).0;
                let mut found = exposures(&records);
                assert_eq!(found, exposures(&told), "seed {seed}, log {log}\n{text}\n{profiles}\n{events}");
                if log == 0 {
                    assert!(
                        decide_and_ask(jit, true, true, log_of).0 == told,
                        "seed {seed}\n{text}\n{profiles}\n{events}"
                    );
                }
                // The arm of the one experiment may well decide who is exposed to the other.
                found.retain(|exposure| exposure.contains("trial"));
                exposed += found.len() as u64;
                let first = first.get_or_insert_with(|| found.clone());
                assert!(
                    *first == found,
                    "seed {seed}, log {log}\n{text}\n{profiles}\n{events}\nin a: {first:#?}\nin another: {found:#?}"
                );
            }
        }
    }
    // Where nobody is exposed, agreement means nothing.
    assert!(exposed > cases(), "{exposed}");
}

/// What the cases by hand share: mails are quiet at night.
const HAND: &str = r#"
profile { email: email? push_token: text? timezone: timezone = "Europe/Berlin" }
event ping {}
event buy {}
channel email { to profile.email quiet 21:00..08:00 }
channel push { to device profile.push_token }
channel web { inbound }
class service { ignores quiet }
class promotional
purpose servicing { always on email, push, web }
"#;

const RANK: &str = "arbitrate { rank service, promotional }\n";

/// A message by mail or push.
fn message(name: &str, rest: &str, via: &str) -> String {
    format!("message {name} {{ class promotional purpose servicing {rest} via {via} {} }}\n", contents(via))
}

/// What comes of a log for one customer in each arm of the experiment `trial`, one after the other.
fn each<const N: usize>(arms: [&str; N], rest: &str, log: &[(&str, &str)]) -> [String; N] {
    let profile =
        r#"{"subject":"c0","attributes":{"email":"c@shop.example","push_token":"t"},"consents":[]}"#;
    let mut events = String::new();
    for (at, (time, kind)) in log.iter().enumerate() {
        let (kind, data) = kind.split_once(' ').unwrap_or((kind, "{}"));
        events += &format!(
            "{{\"id\":\"e{at}\",\"type\":\"{kind}\",\"subject\":\"c0\",\"time\":\"2026-11-{time}:00Z\",\"data\":{data}}}\n"
        );
    }
    arms.map(|mine| {
        let shares: Vec<String> =
            arms.iter().map(|arm| format!("{arm} {}%", if *arm == mine { 100 } else { 0 })).collect();
        let rank = if rest.contains("arbitrate") { "" } else { RANK };
        let text = format!("{HAND}{rank}experiment trial {{ arms {} }}\n{rest}", shares.join(", "));
        let [interpreter, jit] = policies(&plan(&text));
        let log_of = (profile, &events[..], 1);
        let records = decide_and_ask(&interpreter, false, false, log_of).0;
        assert!(records == decide_and_ask(&jit, false, true, log_of).0, "the engines differ\n{text}");
        words(&records)
    })
}

/// What the records say, in a few words each.
fn words(records: &[u8]) -> String {
    let lines = std::str::from_utf8(records).expect("records are UTF-8").lines();
    let told = lines.map(|line| {
        let record: serde_json::Value = serde_json::from_str(line).expect("a record is JSON");
        let text = |key: &str| record[key].as_str().unwrap_or_default();
        let of = ["message", "experiment", "state"].map(text).concat();
        format!("{} {} {of}", &text("time")[8..16], text("kind"))
    });
    told.collect::<Vec<_>>().join(", ")
}

const ARMS: [&str; 2] = ["warm", "plain"];
const MORNING: &[(&str, &str)] = &[("02T10:00", "ping")];
const EVENING: &[(&str, &str)] = &[("02T22:00", "ping")];

#[test]
fn what_another_message_outranks_exposes_nobody() {
    let warm = message("warm_one", "on ping when arm(trial) == warm", "push");
    let thanks =
        "message thanks { class service purpose servicing on ping via push content push { text \"t\" } }\n";
    let rules = "arbitrate { rank service, promotional pick 1 }\n";
    assert_eq!(
        each(ARMS, &format!("{rules}{warm}{thanks}"), MORNING),
        ["02T10:00 sent thanks", "02T10:00 sent thanks"]
    );
    // Where it comes first, or alone, both are.
    let other = message("zeal", "on ping", "push");
    assert_eq!(
        each(ARMS, &format!("{rules}{warm}{other}"), MORNING),
        ["02T10:00 sent warm_one, 02T10:00 exposed trial", "02T10:00 exposed trial, 02T10:00 sent zeal"]
    );
}

#[test]
fn a_cap_that_fills_in_the_same_step_exposes_nobody() {
    let rules = "cap one at most 1 per 1d for any\narbitrate { rank service, promotional score value }\n";
    let mine = message("mine", "on ping when arm(trial) == warm value 1.0", "push");
    let first = message("early", "on ping value 2.0", "push");
    let last = message("tail", "on ping value 0.5", "push");
    assert_eq!(
        each(ARMS, &format!("{rules}{mine}{first}"), MORNING),
        ["02T10:00 sent early", "02T10:00 sent early"]
    );
    assert_eq!(
        each(ARMS, &format!("{rules}{mine}{last}"), MORNING),
        ["02T10:00 sent mine, 02T10:00 exposed trial", "02T10:00 exposed trial, 02T10:00 sent tail"]
    );
}

#[test]
fn a_placement_exposes_whom_it_would_show_the_message() {
    let placed = |name: &str, rest: &str| {
        format!(
            "message {name} {{ class promotional purpose servicing at hero {rest} content hero {{ title \"t\" }} }}\n"
        )
    };
    let rules = "placement hero { on web show 1 }\narbitrate { rank service, promotional score value }\n";
    let mine = placed("mine", "when arm(trial) == warm value 1.0");
    let first = placed("early", "value 2.0");
    let last = placed("tail", "value 0.5");
    assert_eq!(
        each(ARMS, &format!("{rules}{mine}{first}"), MORNING),
        ["02T10:01 shown early", "02T10:01 shown early"]
    );
    assert_eq!(
        each(ARMS, &format!("{rules}{mine}{last}"), MORNING),
        ["02T10:01 shown mine, 02T10:01 exposed trial", "02T10:01 exposed trial, 02T10:01 shown tail"]
    );
}

#[test]
fn what_waits_for_the_morning_exposes_in_the_morning() {
    let warm = message("warm_one", "on ping when arm(trial) == warm", "email");
    assert_eq!(
        each(ARMS, &warm, EVENING),
        [
            "02T22:00 deferred warm_one, 03T07:00 sent warm_one, 03T07:00 exposed trial",
            "03T07:00 exposed trial"
        ]
    );
    // Proposed again it begins anew; who has moved to where it is day has it at once.
    let log =
        [("02T22:00", "ping"), ("02T23:00", "ping"), ("02T23:30", r#"identify {"timezone":"Asia/Tokyo"}"#)];
    assert_eq!(
        each(ARMS, &warm, &log),
        [
            "02T22:00 deferred warm_one, 02T23:00 deferred warm_one, 02T23:30 sent warm_one, 02T23:30 exposed trial",
            "02T23:30 exposed trial"
        ]
    );
    // What doesn't hold any more in the morning is forgotten.
    let warm = message("warm_one", "on ping when arm(trial) == warm and no buy within 1d", "email");
    let log = [("02T22:00", "ping"), ("03T01:00", "buy")];
    assert_eq!(each(ARMS, &warm, &log), ["02T22:00 deferred warm_one", ""]);
}

#[test]
fn in_the_morning_all_that_is_due_competes() {
    let rules = "arbitrate { rank service, promotional score value pick 1 }\n";
    let mine = message("mine", "on ping when arm(trial) == warm value 1.0", "email");
    let first = message("early", "on ping value 2.0", "email");
    assert_eq!(
        each(ARMS, &format!("{rules}{mine}{first}"), EVENING),
        [
            "02T22:00 deferred early, 02T22:00 deferred mine, 03T07:00 sent early",
            "02T22:00 deferred early, 03T07:00 sent early"
        ]
    );
}

#[test]
fn a_message_that_was_never_proposed_is_never_sent() {
    // In the morning, what asks for the arm holds in any.
    let mine = message("mine", "on ping when arm(trial) == warm or local.hour < 9", "email");
    assert_eq!(
        each(ARMS, &mine, EVENING),
        ["02T22:00 deferred mine, 03T07:00 sent mine, 03T07:00 exposed trial", "03T07:00 exposed trial"]
    );
}

#[test]
fn a_journey_parts_where_its_message_has_to_wait() {
    let first = message("early", "when arm(trial) == warm", "email");
    let second = message("later", "", "push");
    let journey = "journey j { on ping stop on buy send early else { send later } }\n";
    let policy = format!("{first}{second}{journey}");
    assert_eq!(
        each(ARMS, &policy, EVENING),
        [
            "02T22:00 journey entered, 02T22:00 deferred early, 02T22:00 exposed trial, 03T07:00 sent early, 03T07:00 journey finished",
            "02T22:00 journey entered, 02T22:00 exposed trial, 02T22:00 sent later, 02T22:00 journey finished"
        ]
    );
    assert_eq!(
        each(ARMS, &policy, &[("02T22:00", "ping"), ("02T23:00", "buy")]),
        [
            "02T22:00 journey entered, 02T22:00 deferred early, 02T22:00 exposed trial, 02T23:00 journey stopped",
            "02T22:00 journey entered, 02T22:00 exposed trial, 02T22:00 sent later, 02T22:00 journey finished"
        ]
    );
}

#[test]
fn the_when_of_a_journey_exposes_whom_it_keeps_out() {
    let first = message("early", "", "push");
    let journey = "journey j { on ping when arm(trial) == warm send early }\n";
    assert_eq!(
        each(ARMS, &format!("{first}{journey}"), MORNING),
        [
            "02T10:00 journey entered, 02T10:00 exposed trial, 02T10:00 sent early, 02T10:00 journey finished",
            "02T10:00 exposed trial"
        ]
    );
}

#[test]
fn the_held_out_are_exposed_by_what_would_be_a_ghost() {
    let rules =
        "holdout control 100% of promotional\narbitrate { rank service, promotional score value pick 1 }\n";
    let mine = message("mine", "on ping when arm(trial) == warm value 1.0", "push");
    let first = message("early", "on ping value 2.0", "push");
    let last = message("tail", "on ping value 0.5", "push");
    assert_eq!(
        each(ARMS, &format!("{rules}{mine}{last}"), MORNING),
        ["02T10:00 held_out mine, 02T10:00 exposed trial", "02T10:00 exposed trial, 02T10:00 held_out tail"]
    );
    // Another ghost takes the place of a ghost.
    assert_eq!(
        each(ARMS, &format!("{rules}{mine}{first}"), MORNING),
        ["02T10:00 held_out early", "02T10:00 held_out early"]
    );
}

#[test]
fn of_three_arms_all_are_exposed_by_what_one_has() {
    let rules = "arbitrate { rank service, promotional score value pick 1 }\n";
    let loud = message("loud", "on ping when arm(trial) == loud value 3.0", "push");
    let soft = message("soft", "on ping when arm(trial) == soft value 1.0", "push");
    let rival = message("rival", "on ping value 2.0", "push");
    let arms = ["loud", "soft", "none"];
    assert_eq!(
        each(arms, &format!("{rules}{loud}{soft}{rival}"), MORNING),
        [
            "02T10:00 sent loud, 02T10:00 exposed trial",
            "02T10:00 exposed trial, 02T10:00 sent rival",
            "02T10:00 exposed trial, 02T10:00 sent rival"
        ]
    );
    // The louder one's alone is outranked by nothing.
    assert_eq!(
        each(arms, &format!("{rules}{soft}{rival}"), MORNING),
        ["02T10:00 sent rival", "02T10:00 sent rival", "02T10:00 sent rival"]
    );
}

#[test]
fn an_experiment_exposes_whatever_the_others_do() {
    let other = "experiment other { arms p 0%, q 100% }\n";
    let rules = "arbitrate { rank service, promotional score value pick 1 }\n";
    let both = message("both", "on ping when arm(trial) == warm and arm(other) == q value 2.0", "push");
    let theirs = message("theirs", "on ping when arm(other) == p value 1.0", "push");
    // What is only tried takes nobody's place: in `plain`, the other experiment is exposed behind it.
    assert_eq!(
        each(ARMS, &format!("{other}{rules}{both}{theirs}"), MORNING),
        [
            "02T10:00 sent both, 02T10:00 exposed other, 02T10:00 exposed trial",
            "02T10:00 exposed trial, 02T10:00 exposed other"
        ]
    );
}

#[test]
fn where_the_score_asks_for_the_arm_it_is_tried_with_the_score_of_that_arm() {
    let rules = "arbitrate { rank service, promotional score value pick 1 }\n";
    let mine = message(
        "mine",
        "on ping when arm(trial) == warm value (if arm(trial) == warm then 3.0 else 1.0)",
        "push",
    );
    let rival = message("rival", "on ping value 2.0", "push");
    assert_eq!(
        each(ARMS, &format!("{rules}{mine}{rival}"), MORNING),
        ["02T10:00 sent mine, 02T10:00 exposed trial", "02T10:00 exposed trial, 02T10:00 sent rival"]
    );
}

#[test]
fn an_arm_that_decides_by_a_score_or_a_suppression_exposes_in_each_arm() {
    let rules = "arbitrate { rank service, promotional score value pick 1 }\n";
    let loud = message("loud", "on ping value (if arm(trial) == warm then 3.0 else 1.0)", "push");
    let rival = message("rival", "on ping value 2.0", "push");
    // Who has been exposed is decided on by the index again.
    let log = [MORNING[0], ("03T10:00", "ping")];
    assert_eq!(
        each(ARMS, &format!("{rules}{loud}{rival}"), &log),
        [
            "02T10:00 sent loud, 02T10:00 exposed trial, 03T10:00 sent loud",
            "02T10:00 exposed trial, 02T10:00 sent rival, 03T10:00 sent rival"
        ]
    );
    let rules = "suppress promotional when arm(trial) == plain and any buy within 1d\n";
    let mine = message("mine", "on ping", "email");
    let log = [("02T21:00", "buy"), ("02T22:00", "ping")];
    assert_eq!(
        each(ARMS, &format!("{rules}{mine}"), &log),
        ["02T22:00 deferred mine, 03T07:00 sent mine, 03T07:00 exposed trial", "03T07:00 exposed trial"]
    );
}

/// A customer to whom things happen one by one.
struct Customer {
    stepper: Stepper,
    profile: Profile,
    order: u64,
    effects: Vec<Effect>,
}

impl Customer {
    fn new(policy: &Arc<Policy>, subject: &str) -> Customer {
        let stepper = Stepper::new(Arc::clone(policy), Detail { blocked: true, redact: false });
        let profile = Profile::new(policy, subject.into());
        Customer { stepper, profile, order: 0, effects: Vec::new() }
    }

    fn event(&mut self, line: &str, merged: Option<Profile>) {
        let mut event = self.stepper.policy().schema.event(line.as_bytes()).expect("an event");
        self.order += 1;
        self.stepper.event(&mut self.profile, &mut event, self.order, merged, &mut self.effects);
        repack(&Arc::clone(self.stepper.policy()), &mut self.profile);
    }

    fn to(&mut self, until: i64) {
        while self.profile.due() < until {
            self.order += 1;
            let due = self.profile.due();
            self.stepper.timers(&mut self.profile, due, self.order, &mut self.effects);
        }
    }

    fn under(&mut self, policy: &Arc<Policy>) {
        let carry = Carry::between(Arc::clone(self.stepper.policy()), Arc::clone(policy));
        let mut stepper = Stepper::new(Arc::clone(policy), Detail { blocked: true, redact: false });
        let (profile, effects) = (&self.profile, &mut self.effects);
        self.profile = stepper.carry_over(&carry, profile, profile.now, effects);
        self.stepper = stepper;
    }

    fn is_waiting(&self) -> bool {
        !self.profile.deferred.is_empty()
    }

    /// What came of it, blocked messages included.
    fn told(&self) -> Vec<&'static str> {
        let word = |effect: &Effect| match &effect.kind {
            EffectKind::Exposed(_) => "exposed",
            EffectKind::Message(decided) => match decided.outcome {
                Outcome::Sent => "sent",
                Outcome::Deferred(_) => "deferred",
                Outcome::Blocked(_) => "blocked",
                _ => "other",
            },
            _ => "other",
        };
        self.effects.iter().map(word).collect()
    }
}

const DAY: i64 = 86_400_000_000;

fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().expect("an instant").as_microsecond()
}

fn trial_of(shares: &str, guard: &str) -> Arc<Policy> {
    let mine = message("mine", &format!("on ping {guard}"), "email");
    let [policy, _] = policies(&plan(&format!("{HAND}{RANK}experiment trial {{ arms {shares} }}\n{mine}")));
    policy
}

const KNOWN: &str = r#"{"id":"e0","type":"identify","subject":"c0","time":"2026-11-02T12:00:00Z","data":{"email":"c@shop.example"}}"#;
const PING: &str = r#"{"id":"e1","type":"ping","subject":"c0","time":"2026-11-02T22:00:00Z","data":{}}"#;

#[test]
fn another_version_sends_nothing_that_was_only_tried() {
    let guard = "when arm(trial) == warm";
    let night = |shares: &str| {
        let mut customer = Customer::new(&trial_of(shares, guard), "c0");
        customer.event(KNOWN, None);
        customer.event(PING, None);
        assert!(customer.is_waiting());
        customer
    };
    let morning = at("2026-11-03T12:00:00Z");
    // All are in the arm now that has the message, so it may be sent: but not this one.
    let mut customer = night("warm 0%, plain 100%");
    customer.under(&trial_of("warm 100%, plain 0%", guard));
    assert!(customer.is_waiting());
    customer.to(morning);
    assert_eq!(customer.told(), ["blocked", "exposed"]);
    assert!(!customer.is_waiting());
    // No arm is asked for any more, or there is no such experiment: nothing is left of it.
    let mut customer = night("warm 0%, plain 100%");
    customer.under(&trial_of("warm 0%, plain 100%", ""));
    customer.to(morning);
    assert_eq!(customer.told(), ["blocked"]);
    let mut customer = night("warm 0%, plain 100%");
    let [without, _] = policies(&plan(&format!("{HAND}{RANK}{}", message("mine", "on ping", "email"))));
    customer.under(&without);
    assert!(!customer.is_waiting());
    // One that was proposed, and may not be sent now, exposes as well.
    let mut customer = night("warm 100%, plain 0%");
    customer.under(&trial_of("warm 0%, plain 100%", guard));
    customer.to(morning);
    assert_eq!(customer.told(), ["deferred", "blocked", "exposed"]);
}

#[test]
fn merged_customers_wait_with_what_they_were_proposed() {
    let policy = trial_of("warm 50%, plain 50% salt \"spring\"", "when arm(trial) == warm");
    let night = |subject: &str| {
        let mut customer = Customer::new(&policy, subject);
        for line in [KNOWN, PING] {
            customer.event(&line.replace("c0", subject), None);
        }
        customer
    };
    let merge = |into: &str, from: &str| {
        let (mut into, from) = (night(into), night(from));
        let line = format!(
            r#"{{"id":"m","type":"merge","subject":"{}","time":"2026-11-02T23:00:00Z","data":{{"from":"{}"}}}}"#,
            into.profile.subject, from.profile.subject
        );
        into.event(&line, Some(from.profile));
        into.to(at("2026-11-02T23:00:00Z") + DAY);
        assert!(!into.is_waiting());
        into.told().join(" ")
    };
    // `c42` is in the arm without the message (tests/spec/11-experiments.md), `ada` in that with it.
    assert_eq!(night("ada").told(), ["deferred"]);
    assert_eq!(night("c42").told(), ["blocked"]);
    assert_eq!(merge("ada", "c42"), "deferred sent exposed");
    assert_eq!(merge("c42", "ada"), "blocked blocked exposed");
}

#[test]
fn an_instant_at_which_something_could_have_come_of_it_counts_in_each_arm() {
    let policy = |shares: &str| {
        let rules = "cap one at most 1 per 7d for any on push\n";
        let first = message("early", "on ping", "push");
        let nightly = message("nightly", "on every day at 20:00 when arm(trial) == warm", "push");
        let mine = message("mine", "on buy when arm(trial) == warm", "email");
        let text = format!("{HAND}{RANK}experiment trial {{ arms {shares} }}\n{rules}{first}{nightly}{mine}");
        policies(&plan(&text))[0].clone()
    };
    // At 20:00 in Berlin the cap is full, or there is no way out at all. What comes two hours late then, or is in time.
    let told = |shares: &str, attributes: &str| {
        let mut customer = Customer::new(&policy(shares), "c0");
        customer.event(&KNOWN.replace(r#""email""#, &format!(r#"{attributes}"email""#)), None);
        customer.event(&PING.replace("22:00", "13:00"), None);
        customer.to(at("2026-11-02T19:30:00Z"));
        let late = PING.replace("e1", "e2").replace("ping", "buy").replace("22:00", "17:30");
        customer.event(&late, None);
        customer.told().iter().filter(|word| **word != "blocked").copied().collect::<Vec<_>>().join(" ")
    };
    let shares = ["warm 100%, plain 0%", "warm 0%, plain 100%"];
    assert_eq!(shares.map(|shares| told(shares, r#""push_token":"t","#)), ["sent", "sent"]);
    assert_eq!(shares.map(|shares| told(shares, "")), ["sent exposed", "exposed"]);
}
