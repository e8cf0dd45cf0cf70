use crate::support::{Folder, Outcome};
use serde_json::Value;

const POLICY: &str = r#"
profile {
  email: email? personal
  nick: text? personal
  tier: int = 0
  tickets: int = 0
  timezone: timezone = "UTC"
}
event ping { score: int }
event buy {}
channel email { to profile.email  quiet 21:00..08:00 }
purpose marketing { opt_in on email }
class promotional
class extra
holdout everybody 100% of extra
cap daily at most 1 per 24h for promotional
suppress promotional when profile.tickets > 0
arbitrate { rank promotional, extra  score value  pick 1 }
message offer {
  class promotional  purpose marketing
  on ping where score > 1
  when profile.tier >= 2 and no buy within 2d
  via email  content email { subject "s" body "b" }
}
message richer {
  class promotional  purpose marketing
  on ping where score > 50
  value 9
  via email  content email { subject "s" body "b" }
}
message secret {
  class promotional  purpose marketing
  on buy
  when profile.nick is known and profile.nick == "boss"
  via email  content email { subject "s" body "b" }
}
message kept_back {
  class extra  purpose marketing
  on buy
  via email  content email { subject "s" body "b" }
}
message nudge {
  class extra  purpose marketing
  via email  content email { subject "s" body "b" }
}
journey follow_up { on buy  wait 3d  send nudge }
"#;

const ADA: &str = r#"{"subject":"ada","attributes":{"email":"ada@example.com","nick":"Countess","tier":2},"consents":[{"purpose":"marketing","id":"r1"}]}"#;

struct Case(Folder);

impl Case {
    fn new(profile: &str, events: &[&str]) -> Case {
        let folder = Folder::new();
        folder.write("p.comity", POLICY).write("profiles.ndjson", profile);
        folder.write("events.ndjson", events.join("\n"));
        Case(folder)
    }

    fn why(&self, message: &str, more: &[&str]) -> Outcome {
        let args = ["why", "p.comity", "--profile", "ada", "--message", message, "--events", "events.ndjson"];
        self.0.comity(&[&args[..], &["--profiles", "profiles.ndjson"], more].concat())
    }

    fn json(&self, message: &str, more: &[&str]) -> Value {
        let outcome = self.why(message, &[&["--format", "json"], more].concat());
        outcome.ends(0, &[]);
        serde_json::from_str(&outcome.out).expect("JSON")
    }
}

fn event(kind: &str, time: &str, data: &str) -> String {
    format!(
        r#"{{"id":"{kind}-{time}","type":"{kind}","subject":"ada","time":"2026-11-{time}:00Z","data":{data}}}"#
    )
}

fn gate<'j>(explanation: &'j Value, name: &str) -> &'j Value {
    let ways = explanation["ways"].as_array().expect("ways").iter();
    let gates = ways.flat_map(|way| way["gates"].as_array().expect("gates"));
    let mut all = explanation["gates"].as_array().expect("gates").iter().chain(gates);
    all.find(|gate| gate["name"] == name).unwrap_or_else(|| panic!("no gate {name}: {explanation:#}"))
}

#[test]
fn each_gate_has_its_conditions_values_and_places() {
    let ping = event("ping", "02T10:00", r#"{"score":5}"#);
    let case = Case::new(&ADA.replace(r#""tier":2"#, r#""tier":1,"tickets":3"#), &[&ping]);
    let why = case.json("offer", &[]);
    assert_eq!(why["decided"][0]["outcome"]["reason"], "ineligible", "{why:#}");
    let [explanation] = &why["explanations"].as_array().expect("a list")[..] else {
        panic!("the last decision is that of the instant: {why:#}")
    };
    assert_eq!(explanation["decided"], true);
    assert_eq!(explanation["cause"], "ping ping-02T10:00");
    let eligible = gate(explanation, "eligible");
    assert_eq!(eligible["result"], "fails");
    let condition = &eligible["clauses"][0]["conditions"][0];
    assert_eq!(condition["text"], "profile.tier >= 2");
    assert_eq!(condition["holds"], false);
    assert_eq!(condition["values"][0]["what"], "profile.tier");
    assert_eq!(condition["values"][0]["value"], "1");
    let place = &condition["at"][0];
    let text = POLICY.lines().nth(place["line"].as_u64().expect("a line") as usize - 1).expect("the line");
    assert_eq!(place["file"], "p.comity");
    assert_eq!(place["text"], "profile.tier >= 2");
    assert!(
        text[place["column"].as_u64().expect("a column") as usize - 1..].starts_with("profile.tier >= 2")
    );
    let unless = &eligible["clauses"][1];
    assert_eq!(unless["holds"], true);
    assert_eq!(unless["conditions"][0]["text"], "no buy within 2d");
    // What comes after the first gate that fails is looked at as well.
    let suppressed = gate(explanation, "suppressed");
    assert_eq!(suppressed["result"], "fails");
    assert_eq!(suppressed["clauses"][0]["conditions"][0]["values"][0]["value"], "3");
    assert_eq!(gate(explanation, "consent")["result"], "passes");
    // Both must change.
    let changes = explanation["flips"][0]["changes"].as_array().expect("changes");
    let words: Vec<_> =
        changes.iter().map(|change| (change["what"].as_str(), change["to"].as_str())).collect();
    assert_eq!(words, [(Some("profile.tickets"), Some("0")), (Some("profile.tier"), Some("2"))], "{why:#}");
    assert_eq!(explanation["flips"][0]["outcome"]["kind"], "sent");
}

#[test]
fn a_cap_says_when_it_frees() {
    let pings = ["02T10:00", "02T11:00"].map(|time| event("ping", time, r#"{"score":5}"#));
    let case = Case::new(ADA, &[&pings[0], &pings[1]]);
    case.why("offer", &[]).ends(0, &[]).prints(&[
        "2026-11-02T10:00:00Z sent by email",
        "blocked (capped:daily)",
        "daily: 1 of 1 per 1d, frees at 2026-11-03T10:00:00Z",
        "sent by email from 2026-11-03T10:00:00Z, if nothing happens before",
        "on ping where score > 1",
    ]);
}

#[test]
fn quiet_hours_consents_and_addresses_are_told() {
    let ping = event("ping", "02T22:00", r#"{"score":5}"#);
    let case = Case::new(ADA, &[&ping]);
    case.why("offer", &[]).prints(&[
        "was held back by the quiet hours of email until 2026-11-03T08:00:00Z",
        "sent by email from 2026-11-03T08:00:00Z",
    ]);
    let ping = event("ping", "02T10:00", r#"{"score":5}"#);
    let case = Case::new(r#"{"subject":"ada","attributes":{"tier":5}}"#, &[&ping]);
    case.why("offer", &[]).prints(&[
        "marketing: opt_in, never granted",
        "profile.email is unknown",
        "sent by email if profile.email were known and consent marketing on email were granted",
    ]);
    let withdrawn = event("consent_withdrawn", "01T10:00", r#"{"purpose":"marketing"}"#);
    let case = Case::new(ADA, &[&withdrawn, &ping]);
    case.why("offer", &[]).prints(&[
        "marketing: opt_in, withdrawn 2026-11-01T10:00:00Z",
        "sent by email if consent marketing on email were granted",
    ]);
}

#[test]
fn what_took_the_place_and_who_is_held_out_is_named() {
    let ping = event("ping", "02T10:00", r#"{"score":99}"#);
    let case = Case::new(&ADA.replace(r#""tier":2"#, r#""tier":3"#), &[&ping]);
    let outcome = case.why("offer", &[]);
    // The cap is full by what was admitted at the same instant.
    outcome.prints(&["blocked (capped:daily)", "sent by email if richer were not proposed at the same time"]);
    case.0.write("p.comity", POLICY.replace("at most 1 per 24h", "at most 5 per 24h"));
    case.why("offer", &[]).prints(&["outranked by richer with score 9", "richer were not proposed"]);
    let buy = event("buy", "02T10:00", "{}");
    let case = Case::new(ADA, &[&buy]);
    case.why("kept_back", &[]).prints(&[
        "everybody holds the customer out",
        "sent by email if everybody didn't hold the customer out",
    ]);
}

#[test]
fn journeys_and_their_statements_are_told() {
    let buy = event("buy", "02T10:00", "{}");
    let later = event("ping", "03T10:00", r#"{"score":0}"#);
    let case = Case::new(ADA, &[&buy, &later]);
    case.why("nudge", &[]).prints(&[
        "nothing was decided about nudge and ada",
        "journey follow_up",
        "entered on buy",
        "in it since 2026-11-02T10:00:00Z, at `wait 3d` until 2026-11-05T10:00:00Z",
    ]);
}

#[test]
fn an_event_that_proposes_nothing_says_why() {
    let ping = event("ping", "02T10:00", r#"{"score":1}"#);
    let case = Case::new(ADA, &[&ping]);
    case.why("offer", &[]).prints(&[
        "nothing was decided about offer and ada",
        "on ping where score > 1",
        "the last ping was ping-02T10:00 at 2026-11-02T10:00:00Z",
        "✗ score > 1  score = 1  [p.comity:",
    ]);
    let why = case.json("offer", &[]);
    let last = &why["proposals"]["triggers"][0]["last"];
    assert_eq!(last["clauses"][0]["holds"], false, "{why:#}");
}

#[test]
fn personal_values_are_not_shown() {
    let buy = event("buy", "02T10:00", "{}");
    let case = Case::new(ADA, &[&buy]);
    let outcome = case.why("secret", &[]);
    outcome.prints(&["profile.nick = (personal)", "sent by email if profile.nick were \"boss\""]);
    assert!(!outcome.out.contains("Countess") && !outcome.out.contains("ada@"), "{outcome:#?}");
    let json = case.json("secret", &[]).to_string();
    assert!(!json.contains("Countess") && !json.contains("ada@"), "{json}");
}

#[test]
fn only_what_was_known_at_the_instant_counts() {
    let first = event("ping", "02T10:00", r#"{"score":5}"#);
    let buy = event("buy", "03T10:00", "{}");
    let second = event("ping", "04T10:00", r#"{"score":5}"#);
    let case = Case::new(ADA, &[&first, &buy, &second]);
    let at = ["--at", "2026-11-02T12:00:00Z"];
    let why = case.json("offer", &at);
    assert_eq!(why["decided"].as_array().map(Vec::len), Some(1), "{why:#}");
    let [decided, supposed] = &why["explanations"].as_array().expect("a list")[..] else { panic!("{why:#}") };
    assert_eq!(decided["outcome"]["kind"], "sent");
    assert_eq!(decided["flips"][0]["outcome"]["kind"], "blocked", "{why:#}");
    assert_eq!(supposed["decided"], false);
    assert_eq!(supposed["at"], "2026-11-02T12:00:00Z");
    assert_eq!(supposed["outcome"]["reason"], "capped:daily");
    // At the instant of a decision there is only that one.
    let why = case.json("offer", &["--at", "2026-11-04T10:00:00Z"]);
    let [decided] = &why["explanations"].as_array().expect("a list")[..] else { panic!("{why:#}") };
    assert_eq!(decided["outcome"]["reason"], "ineligible");
    assert_eq!(decided["flips"][0]["changes"][0]["at"], "2026-11-05T10:00:00Z", "{why:#}");
    // Both engines say the same.
    assert_eq!(case.why("offer", &["--engine", "interpreter"]).out, case.why("offer", &[]).out);
}

#[test]
fn what_is_not_there_is_said() {
    let ping = event("ping", "02T10:00", r#"{"score":5}"#);
    let case = Case::new(ADA, &[&ping]);
    case.why("ofer", &[]).ends(2, &["no message `ofer`", "did you mean `offer`?"]);
    case.why("offer,other", &[]).ends(2, &["no message `offer,other`", "give one message"]);
    case.why("something_else", &[]).ends(2, &["it has `kept_back`, `nudge`"]);
    case.why("offer", &["--at", "soon"]).ends(2, &["an instant is written like"]);
    let ask = |more: &[&str]| case.0.comity(&[&["why", "p.comity", "--message", "offer"], more].concat());
    ask(&["--profile", "eve", "--events", "events.ndjson"])
        .ends(2, &["nothing is known of the customer `eve`", "there are `ada`"]);
    ask(&["--profile", "ada"]).ends(2, &["--events"]);
    ask(&["--profile", "ada", "--events", "nowhere.ndjson"]).ends(2, &["nowhere.ndjson"]);
    case.0.write("empty.ndjson", "");
    ask(&["--profile", "ada", "--events", "empty.ndjson"]).ends(2, &["has no events", "--at"]);
    case.0.write("broken.ndjson", format!("{{\n{ping}\n"));
    ask(&["--profile", "ada", "--events", "broken.ndjson"]).ends(0, &["1 line rejected"]);
    case.0.write("p.comity", "class");
    ask(&["--profile", "ada", "--events", "events.ndjson"]).ends(1, &["error"]);
}

/// A condition and its opposite are one to the engine; each stands at its own place.
#[test]
fn a_condition_stands_where_its_message_asks_for_it() {
    let folder = Folder::new();
    let message = |name: &str, when: &str| {
        format!(
            "message {name} {{\n  class promotional purpose marketing on buy\n  when {when}\n  via email\n}}\n"
        )
    };
    let policy = POLICY.split("message offer").next().expect("a beginning").to_owned();
    let first = policy.lines().count();
    let content = "via email content email { subject \"s\" body \"b\" }";
    let messages = message("one", "profile.tier > 5") + &message("two", "profile.tier <= 5");
    folder.write("shop.comity", policy + &messages.replace("via email", content));
    let event = r#"{"id":"e","type":"buy","subject":"c","time":"2026-01-05T11:00:00Z","data":{}}"#;
    folder.write("e.ndjson", event);
    folder.write("p.ndjson", "{\"subject\":\"c\",\"attributes\":{\"email\":\"a@b.example\",\"tier\":9}}\n");
    for (name, line, text) in
        [("one", first + 3, "profile.tier > 5"), ("two", first + 8, "profile.tier <= 5")]
    {
        let args = [
            "--profile",
            "c",
            "--message",
            name,
            "--profiles",
            "p.ndjson",
            "--events",
            "e.ndjson",
            "--at",
            "2026-01-05T12:00:00Z",
        ];
        let why = folder.comity(&[&["why", "shop.comity"][..], &args].concat());
        let place = format!("[shop.comity:{line}:8]");
        let told = why.out.lines().find(|line| line.contains(text)).unwrap_or_default();
        assert!(told.contains(&place), "{place}: {why:?}");
    }
}
