use crate::support::Folder;

const POLICY: &str = r#"
profile { email: email? }
event ping {}
event purchase { order: text, amount: money EUR }
channel email { to profile.email  cost 0.001 EUR }
class lifecycle
purpose servicing { always on email }
experiment trial { arms control 50%, mail 50%  salt "spring"  goal purchase within 7d }
message hello { class lifecycle  purpose servicing  via email  content email { subject "a" body "b" } }
journey welcome {
  on ping
  goal purchase within 7d
  split trial { control {} mail { send hello } }
}
"#;

/// `ada` is in the control, `c42` gets the mail, opens it and buys.
fn with_records() -> Folder {
    let folder = Folder::new();
    let profile = |subject: &str| {
        format!("{{\"subject\":\"{subject}\",\"attributes\":{{\"email\":\"{subject}@x.example\"}}}}\n")
    };
    let event = |id: u32, kind: &str, subject: &str, time: &str, data: &str| {
        format!(
            "{{\"id\":\"{id}\",\"type\":\"{kind}\",\"subject\":\"{subject}\",\"time\":\"2026-11-{time}:00Z\",\"data\":{data}}}\n"
        )
    };
    let about = r#"{"message":"hello","channel":"email"}"#;
    let events = [
        event(1, "ping", "ada", "02T10:00", "{}"),
        event(2, "ping", "c42", "02T10:00", "{}"),
        event(3, "opened", "c42", "02T11:00", about),
        event(4, "purchase", "c42", "03T10:00", r#"{"order":"o","amount":"80.00 EUR"}"#),
    ];
    folder.write("p.comity", POLICY).write("profiles.ndjson", ["ada", "c42"].map(profile).concat());
    folder.write("events.ndjson", events.concat());
    let run = [
        "run",
        "p.comity",
        "--profiles",
        "profiles.ndjson",
        "--events",
        "events.ndjson",
        "--records",
        "r.ndjson",
    ];
    folder.comity(&run).ends(0, &[]);
    folder
}

#[test]
fn records_carry_what_a_report_needs() {
    let records = with_records().read("r.ndjson");
    let lines: Vec<serde_json::Value> =
        records.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |kind: &str| lines.iter().find(|line| line["kind"] == kind).expect(kind);
    assert_eq!(
        of("exposed")["arms"].to_string(),
        r#"[{"arm":"control","share":0.5},{"arm":"mail","share":0.5}]"#
    );
    assert_eq!(of("sent")["cost"], "0.001 EUR");
    assert_eq!(of("goal")["value"], "80.00 EUR");
}

#[test]
fn the_arms_and_the_messages_are_counted() {
    let folder = with_records();
    let report = folder.comity(&["report", "r.ndjson", "--events", "events.ndjson", "--format", "json"]);
    report.ends(0, &[]);
    let report = &report.records()[0];
    let goal = &report["experiments"][0]["outcomes"][0]["arms"];
    assert_eq!((&goal[0]["arm"], &goal[0]["converted"]), (&"control".into(), &0.into()));
    assert_eq!((&goal[1]["arm"], &goal[1]["converted"]), (&"mail".into(), &1.into()));
    assert_eq!(goal[1]["value"][0]["sum"], "80.00");
    let message = &report["messages"][0];
    assert_eq!((&message["sent"], &message["opened"], &message["goals"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!(message["cost"][0]["sum"], "0.001");
    let people = folder.comity(&["report", "r.ndjson"]);
    people.ends(0, &[]).prints(&[
        "experiment trial: 2 customers, compared with `control`",
        "goal of welcome",
        "0.001 EUR",
    ]);
}

#[test]
fn the_page_loads_nothing_and_obeys_both_colour_schemes() {
    let folder = with_records();
    let page = folder.comity(&["report", "r.ndjson", "--format", "html"]);
    page.ends(0, &[]).prints(&["<!doctype html>", "<svg", "prefers-color-scheme: dark", "trial"]);
    for outside in ["http://", "https://", "<script", "<link", "@import", "url("] {
        assert!(!page.out.contains(outside), "{outside} is in the page");
    }
    let svgs = page.out.matches("<svg").count();
    assert_eq!(svgs, page.out.matches("</svg>").count());
}

#[test]
fn a_skewed_sample_is_said_aloud() {
    let folder = Folder::new();
    let line = |at: u32| {
        let arm = if at < 60 { "a" } else { "b" };
        format!(
            "{{\"arm\":\"{arm}\",\"experiment\":\"trial\",\"id\":\"{at}\",\"kind\":\"exposed\",\"subject\":\"c{at}\",\"time\":\"2026-11-02T10:00:00Z\"}}\n"
        )
    };
    folder.write("r.ndjson", (0..200).map(line).collect::<String>());
    let report = folder.comity(&["report", "r.ndjson"]);
    report
        .ends(0, &["`trial`: the arms aren't as large as their shares say"])
        .prints(&["ALARM", "equal arms assumed"]);
}

#[test]
fn an_outcome_that_is_a_slip_is_no_result() {
    let folder = with_records();
    let report = |outcome: &str| {
        folder.comity(&["report", "r.ndjson", "--events", "events.ndjson", "--outcome", outcome])
    };
    report("purchase.amount").ends(0, &[]).prints(&["80.00"]);
    report("purchas").ends(2, &["events.ndjson has no event `purchas`", "did you mean `purchase`?"]);
    report("purchase.amont").ends(2, &["has a field `amont`", "did you mean `amount`?"]);
    report("purchase.order").ends(2, &["no `order` of a `purchase` in events.ndjson is an amount"]);
    let unknown = report("store_visit");
    unknown.ends(2, &["has no event `store_visit`", "there are `opened`, `ping`, `purchase`"]);
    assert_eq!(unknown.out, "");
    // Of a log without events nothing can be said.
    folder.write("events.ndjson", "");
    report("store_visit").ends(0, &[]);
}

#[test]
fn nothing_is_shown_without_a_sign() {
    let folder = with_records();
    let people = folder.comity(&["report", "r.ndjson"]);
    people.ends(0, &[]);
    assert!(!people.out.contains("-0.0000"), "{}", people.out);
}

#[test]
fn kinds_of_records_that_are_none_are_told() {
    let folder = with_records();
    let records = folder.read("r.ndjson").replace("\"kind\":\"exposed\"", "\"kind\":\"shoved\"");
    let (many, lines) = (records.matches("\"kind\":\"shoved\"").count(), records.lines().count());
    folder.write("r.ndjson", records);
    let said =
        format!("warning: r.ndjson: {many} of {lines} lines have a `kind` that this version doesn't know");
    folder.comity(&["report", "r.ndjson"]).ends(0, &[&said]);
}

#[test]
fn what_is_missing_among_the_records_is_told() {
    let folder = with_records();
    let records = folder.read("r.ndjson");
    // Two runs, one after the other, have all of theirs.
    folder.write("twice.ndjson", records.repeat(2));
    for whole in ["r.ndjson", "twice.ndjson"] {
        assert!(!folder.comity(&["report", whole]).err.contains("warning"));
    }
    let follows = |line: &&str| line.contains("\"prev\":");
    let lost = records.lines().find(follows).expect("a customer with two records");
    let hole: String = records.lines().filter(|line| *line != lost).map(|line| format!("{line}\n")).collect();
    folder.write("hole.ndjson", hole);
    let said =
        ["warning: hole.ndjson:", "does not follow the record before it of", "one was changed or is missing"];
    folder.comity(&["report", "hole.ndjson"]).ends(0, &said);
}

#[test]
fn what_cannot_be_read_is_said_with_its_line() {
    let folder = with_records();
    folder.write("broken.ndjson", folder.read("r.ndjson") + "{\"kind\":\"sent\n");
    let lines = folder.read("broken.ndjson").lines().count();
    folder.comity(&["report", "broken.ndjson"]).ends(2, &[&format!("broken.ndjson:{lines}: not valid JSON")]);
    // A run rejects the bad lines of a log and goes on; so does the report.
    folder.write("events.ndjson", folder.read("events.ndjson") + "{\"id\":\n");
    let lenient = folder.comity(&["report", "r.ndjson", "--events", "events.ndjson"]);
    lenient.ends(0, &["events.ndjson: 1 line can't be read"]).prints(&["trial"]);
    folder.comity(&["report", "nothing.ndjson"]).ends(2, &["can't read `nothing.ndjson`"]);
    folder
        .comity(&["report", "-", "--events", "-"])
        .ends(2, &["only one of the inputs can be standard input"]);
    folder.comity(&["report", "r.ndjson", "--outcome", "purchase"]).ends(2, &["--events"]);
    let unknown = ["report", "r.ndjson", "--control", "trial=nix"];
    folder.comity(&unknown).ends(2, &["`trial` has no arm `nix`", "`control`, `mail`"]);
    folder.comity_with(&["report", "-"], b"").ends(0, &["<stdin> has no records"]);
    let piped = folder.comity_with(&["report", "-"], folder.read("r.ndjson").as_bytes());
    assert_eq!(piped.out, folder.comity(&["report", "r.ndjson"]).out);
}
