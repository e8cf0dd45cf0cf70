use crate::support::Folder;
use serde_json::Value;

const MANIFEST: &str = "[policy]\nname = \"p\"\nedition = \"2026\"\n";

#[test]
fn errors_show_the_place_and_end_with_1() {
    let folder = Folder::with_shop();
    let text = folder.read("shop/messages.comity").replace("purpose marketing", "purpose marketng");
    folder.write("shop/messages.comity", text);
    let check = folder.comity(&["check", "shop"]);
    check.ends(1, &["in 1 file"]).prints(&["marketng", "marketing", "shop/messages.comity:"]);
    assert!(!check.out.contains('\u{1b}'), "colour into a pipe");
    folder.comity(&["check", "shop", "--color", "always"]).ends(1, &[]).prints(&["\u{1b}["]);
}

#[test]
fn json_has_a_stable_shape() {
    let folder = Folder::with_shop();
    let text = folder.read("shop/messages.comity").replace("purpose marketing", "purpose marketng");
    folder.write("shop/messages.comity", &text);
    let check = folder.comity(&["check", "shop", "--format", "json", "--quiet"]);
    assert_eq!((check.status, check.err.as_str()), (1, ""));
    let first = &check.records()[0];
    assert_eq!(first["severity"], "error");
    assert_eq!(first["file"], "shop/messages.comity");
    assert!(first["code"].as_str().is_some_and(|code| code.starts_with('E')), "{first}");
    assert!(
        first["message"].is_string() && first["labels"].is_array() && first["help"].is_array(),
        "{first}"
    );
    let offset = text.find("marketng").expect("it is there");
    let start = &first["span"]["start"];
    assert_eq!(start["offset"], offset);
    assert_eq!(start["line"], text[..offset].lines().count());
    assert_eq!(first["span"]["end"]["offset"], offset + "marketng".len());
}

#[test]
fn deny_warnings_makes_errors_of_what_is_warned_of() {
    let folder = Folder::with_shop();
    let text = folder.read("shop/messages.comity") + "\nlet never_used = 5\n";
    folder.write("shop/messages.comity", text);
    folder.comity(&["check", "shop"]).ends(0, &["1 warning in 1 file"]).prints(&["W0102"]);
    folder.comity(&["check", "shop", "--deny", "warnings"]).ends(1, &["1 error in 1 file"]);
    let json = folder.comity(&["check", "shop", "--deny", "warnings", "--format", "json"]);
    assert_eq!(json.ends(1, &[]).records()[0]["severity"], "error");
    // What the project allows is no warning.
    let manifest = folder.read("shop/comity.toml");
    folder.write("shop/comity.toml", manifest + "\n[lints]\nunused = \"allow\"\n");
    folder.comity(&["check", "shop", "--deny", "warnings"]).ends(0, &["nothing is wrong"]);
}

#[test]
fn people_get_the_first_hundred_and_programs_get_all() {
    let folder = Folder::new();
    let lines: String = (0..130).map(|index| format!("segment s{index} = profile.a{index} > 3\n")).collect();
    folder.write("many.comity", lines);
    let check = folder.comity(&["check", "many.comity"]);
    check.ends(1, &["130 errors, 1 warning in 1 file"]);
    check.prints(&["… and 30 errors and 1 warning more; `comity check --format json` has all of them"]);
    assert_eq!(check.out.matches("many.comity:").count(), 100);
    let json = folder.comity(&["check", "many.comity", "--format", "json"]);
    assert_eq!(json.ends(1, &[]).records().len(), 131);
}

#[test]
fn sarif_and_github_name_the_same_place() {
    let folder = Folder::with_shop();
    let text = folder.read("shop/messages.comity").replace("purpose marketing", "purpose marketng");
    folder.write("shop/messages.comity", text);
    let sarif = folder.comity(&["check", "shop", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&sarif.out).expect("SARIF is JSON");
    assert_eq!(log["version"], "2.1.0");
    let result = &log["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "shop/messages.comity");
    let line = place["region"]["startLine"].as_u64().expect("a line");
    let github = folder.comity(&["check", "shop", "--format", "github"]);
    let expected = format!("::error file=shop/messages.comity,line={line},col=");
    assert!(github.out.starts_with(&expected), "{github:?}");
}

#[test]
fn sarif_of_a_good_policy_is_whole() {
    let folder = Folder::with_shop();
    let sarif = folder.comity(&["check", "shop", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&sarif.out).expect("SARIF is JSON");
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn mechanical_mends_are_applied() {
    let folder = Folder::with_shop();
    folder.write("shop/comity.toml", MANIFEST.replace("2026", "2025"));
    folder.comity(&["check", "shop"]).ends(1, &[]).prints(&["--fix"]);
    folder.comity(&["check", "shop", "--fix"]).ends(0, &["applied 1 mend in 1 file", "nothing is wrong"]);
    assert_eq!(folder.read("shop/comity.toml"), MANIFEST);
    folder.comity_with(&["check", "-", "--fix"], b"").ends(2, &["--fix"]);
}

/// Mends that uncover the next mistake, and several in one file.
#[test]
fn mends_are_applied_until_none_is_left() {
    let folder = Folder::new();
    let policy = |age: &str, spent: &str| {
        format!(
            "profile {{ age: int?  spent: money EUR = 0 EUR }}\n\
             segment a = profile.age is known {age} 18\n\
             segment b = profile.spent > {spent}\n"
        )
    };
    folder.write("a.comity", policy("&& Profile.ag >=", "20eur").replace("20eur", "20"));
    folder.comity(&["check", "a.comity", "--fix"]).ends(0, &["applied 4 mends in 1 file"]);
    assert_eq!(folder.read("a.comity"), policy("and profile.age >=", "20 EUR"));
    folder.comity(&["check", "a.comity", "--fix"]).ends(0, &["nothing that mends itself"]);
}

/// What is left is shown, as JSON with the mend of each.
#[test]
fn mends_stand_in_json() {
    let folder = Folder::new();
    folder.write(
        "a.comity",
        "profile { spent: money EUR = 0 EUR  age: int? }\nsegment b = profile.spent > 20\n",
    );
    let check = folder.comity(&["check", "a.comity", "--format", "json"]);
    let records = check.records();
    let first = records.iter().find(|record| record["code"] == "E0201").expect("E0201");
    assert_eq!(first["fix"]["title"], "write `20 EUR`", "{first}");
    assert_eq!(first["fix"]["edits"][0]["text"], "20 EUR");
    assert_eq!(first["fix"]["edits"][0]["span"]["start"]["line"], 2);
}

#[test]
fn one_file_and_standard_input_are_projects() {
    let folder = Folder::new();
    let policy = "class service\n";
    folder.write("first.comity", policy);
    let file = folder.comity(&["check", "first.comity", "--print", "plan"]);
    file.ends(0, &[]).prints(&["first"]);
    folder.comity_with(&["check", "-"], policy.as_bytes()).ends(0, &[]);
    folder.comity_with(&["check", "-"], b"clas service\n").ends(1, &[]).prints(&["<stdin>:1:1"]);
}

#[test]
fn all_forms_are_printed() {
    let folder = Folder::with_shop();
    for (form, part) in [
        ("ast", "cart_reminder"),
        ("checked", "cart_reminder"),
        ("plan", "cart_reminder"),
        ("clif", "function"),
    ] {
        folder.comity(&["check", "shop", "--print", form]).ends(0, &[]).prints(&[part]);
    }
    folder.write("shop/broken.comity", "class");
    let plan = folder.comity(&["check", "shop", "--print", "plan"]);
    plan.ends(1, &["broken.comity"]);
    assert_eq!(plan.out, "");
}

#[test]
fn what_events_cost_at_worst_is_listed() {
    let folder = Folder::with_shop();
    let cost = folder.comity(&["check", "shop", "--cost"]);
    cost.ends(0, &[]).prints(&["steps at most", "cart_abandoned", "A step is one", "For each 512 messages"]);
    let json = folder.comity(&["check", "shop", "--cost", "--format", "json"]);
    let rows = json.records();
    assert!(!rows.is_empty());
    for row in rows.iter().filter(|row| row.get("besides").is_none()) {
        assert!(row["steps"].as_u64().is_some_and(|steps| steps > 0), "{row}");
        assert!(row["messages"].as_u64().is_some_and(|messages| messages > 0), "{row}");
    }
    folder.write("shop/broken.comity", "class");
    assert_eq!(folder.comity(&["check", "shop", "--cost"]).ends(1, &["broken.comity"]).out, "");
    // What is wrong comes in the form that was asked for.
    let json = folder.comity(&["check", "shop", "--cost", "--format", "json"]);
    assert_eq!(json.ends(1, &[]).records()[0]["severity"], "error");
    folder.comity(&["check", "shop", "--cost", "--format", "sarif"]).ends(2, &["`--format json`"]);
}

#[test]
fn what_schedules_segments_and_journeys_propose_costs_something_too() {
    let folder = Folder::new();
    folder.write("a.comity", OTHERWISE);
    let cost = folder.comity(&["check", "a.comity", "--cost"]);
    cost.ends(0, &[]).prints(&[
        "no event and no placement",
        "schedules (`on every …`)",
        "segments (`on enter …`",
        "journeys (`send …`)",
        "Not counted",
    ]);
    let rows = folder.comity(&["check", "a.comity", "--cost", "--format", "json"]).records();
    let counts: Vec<_> = rows.iter().map(|row| (row["besides"].as_str(), row["messages"].as_u64())).collect();
    assert_eq!(
        counts,
        [(Some("schedules"), Some(2)), (Some("segments"), Some(1)), (Some("journeys"), Some(1))]
    );
    assert!(rows.iter().all(|row| row["steps_of_one"].as_u64().is_some_and(|steps| steps > 0)));
}

#[test]
fn warnings_do_not_bury_the_tables() {
    let folder = Folder::new();
    folder.write("a.comity", format!("{OTHERWISE}let nothing_uses_this = 1\n"));
    folder.comity(&["check", "a.comity"]).ends(0, &["1 warning in 1 file"]).prints(&["nothing_uses_this"]);
    for flag in ["--cost", "--state"] {
        let told = folder.comity(&["check", "a.comity", flag]);
        told.ends(0, &[]);
        assert_eq!(told.err.trim(), "1 warning in 1 file; `comity check` shows them");
        assert_eq!(folder.comity(&["check", "a.comity", flag, "-q"]).ends(0, &[]).err, "");
        let denied = folder.comity(&["check", "a.comity", flag, "--deny", "warnings"]);
        denied.ends(1, &["nothing_uses_this", "1 error in 1 file"]);
    }
    // What is wrong is shown, and only that.
    folder.write("a.comity", format!("{OTHERWISE}let nothing_uses_this = 1\nclass\n"));
    let told = folder.comity(&["check", "a.comity", "--cost"]);
    told.ends(1, &["E0016"]);
    assert_eq!(told.out, "");
}

/// Messages that no event and no placement proposes.
const OTHERWISE: &str = r#"profile {
  email: email?
  timezone: timezone = "Europe/Berlin"
}
event visit {}
channel email { to profile.email }
class news
purpose marketing { opt_in on email }
segment keen = any visit within 3d
message monday {
  class news
  purpose marketing
  on every monday at 10:00
  via email
  content email { subject "Hello" body "Hello" }
}
message both {
  class news
  purpose marketing
  on every day at 10:00
  on enter keen
  when days since 2026-01-01 > 3
  via email
  content email { subject "Hello" body "Hello" }
}
message hello {
  class news
  purpose marketing
  via email
  content email { subject "Hello" body "Hello" }
}
journey welcome { on visit send hello }
"#;

#[test]
fn the_kept_history_is_listed_with_who_needs_it() {
    let folder = Folder::with_shop();
    let state = folder.comity(&["check", "shop", "--state"]);
    state.ends(0, &[]).prints(&["purchase", "90 days", "segment active_buyer", "messages.comity:"]);
    let json = folder.comity(&["check", "shop", "--state", "--format", "json"]);
    let rows = json.records();
    assert!(
        rows.iter().any(|row| row["event"] == "purchase" && row["fields"] == serde_json::json!(["amount"]))
    );
}

#[test]
fn warnings_can_be_denied() {
    let folder = Folder::with_shop();
    // Nothing uses it.
    let text = folder.read("shop/messages.comity") + "\nlet nothing_uses_this = 1\n";
    folder.write("shop/messages.comity", text);
    let check = folder.comity(&["check", "shop"]);
    if check.err.contains("warning") {
        check.ends(0, &[]);
        folder.comity(&["check", "shop", "--deny", "warnings"]).ends(1, &["1 error"]);
    }
}
