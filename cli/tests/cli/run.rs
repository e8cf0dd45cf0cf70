use crate::support::{Folder, gzip};
use serde_json::Value;
use std::io::Write as _;

const RUN: [&str; 6] =
    ["run", "shop", "--profiles", "shop/profiles.ndjson", "--events", "shop/events.ndjson"];

fn run(folder: &Folder, more: &[&str]) -> crate::support::Outcome {
    folder.comity(&[&RUN[..], more].concat())
}

#[test]
fn both_engines_and_two_runs_give_the_same_bytes() {
    let folder = Folder::with_shop();
    let first = run(&folder, &["--all"]);
    first.ends(0, &[]).prints(&["\"kind\":\"sent\"", "\"kind\":\"deferred\"", "\"kind\":\"blocked\""]);
    assert_eq!(run(&folder, &["--all"]).out, first.out);
    assert_eq!(run(&folder, &["--all", "--engine", "interpreter"]).out, first.out);
    assert!(!run(&folder, &[]).out.contains("\"kind\":\"blocked\""));
}

#[test]
fn the_records_are_the_same_on_any_number_of_threads() {
    let folder = Folder::with_shop();
    let event = |at: usize| {
        let (subject, item) = (at % 700, at * 7 % 90);
        format!(
            "{{\"id\":\"e{at}\",\"type\":\"cart_abandoned\",\"subject\":\"c{subject}\",\"time\":\"2026-11-{:02}T{:02}:00:00Z\",\
             \"data\":{{\"cart\":\"k{at}\",\"value\":\"{item}.00 EUR\",\"items\":2}}}}\n",
            1 + at / 240,
            at % 240 / 10
        )
    };
    folder.write("many.ndjson", (0..2_400).map(event).collect::<String>());
    let on = |threads: &str| {
        folder.comity(&["run", "shop", "--events", "many.ndjson", "--all", "--summary", "--threads", threads])
    };
    let (one, four) = (on("1"), on("4"));
    one.ends(0, &[]).prints(&["\"kind\":\"blocked\"", "\"subject\":\"c699\""]);
    assert!(one.out == four.out);
    let counts = |outcome: &crate::support::Outcome| {
        let lines = outcome.err.lines().filter(|line| !line.contains("second") && !line.contains("memory"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(counts(&one), counts(&four));
    on("0").ends(2, &["give a whole number from 1 on"]);
}

#[test]
fn records_are_no_parquet() {
    let folder = Folder::with_shop();
    run(&folder, &["--records", "records.parquet"]).ends(2, &["records are lines of JSON", "`.ndjson`"]);
    assert!(!folder.has("records.parquet"));
}

#[test]
fn gzip_is_known_by_its_first_bytes_and_read_from_standard_input() {
    let folder = Folder::with_shop();
    let plain = run(&folder, &[]).out;
    let events = folder.read("shop/events.ndjson");
    let packed = gzip(events.as_bytes());
    let args = ["run", "shop", "--profiles", "shop/profiles.ndjson", "--events"];
    folder.write("events.ndjson", &packed);
    assert_eq!(folder.comity(&[&args[..], &["events.ndjson"]].concat()).out, plain);
    assert_eq!(folder.comity_with(&[&args[..], &["-"]].concat(), &packed).out, plain);
    assert_eq!(folder.comity_with(&[&args[..], &["-"]].concat(), events.as_bytes()).out, plain);
    // Two parts, one after the other, as `cat a.gz b.gz` makes them; Windows line ends; no last line break.
    let (head, tail) = events.split_at(events.find('\n').expect("two lines") + 1);
    let tail = tail.trim_end().replace('\n', "\r\n\r\n");
    let parts = [gzip(head.as_bytes()), gzip(tail.as_bytes())].concat();
    assert_eq!(folder.comity_with(&[&args[..], &["-"]].concat(), &parts).out, plain);
}

#[test]
fn the_records_file_comes_whole_or_not_at_all() {
    let folder = Folder::with_shop();
    let plain = run(&folder, &[]).out;
    let run_to_file = run(&folder, &["--records", "records.ndjson", "--summary"]);
    run_to_file.ends(0, &[]).prints(&["cart_reminder", "sent", "events per second"]);
    assert_eq!(folder.read("records.ndjson"), plain);
    let packed = gzip(folder.read("shop/events.ndjson").as_bytes());
    folder.write("half.gz", &packed[..packed.len() / 2]);
    let half = folder.comity(&["run", "shop", "--events", "half.gz", "--records", "records.ndjson"]);
    half.ends(2, &["`half.gz` ends in the midst of its compressed data"]);
    assert_eq!(folder.read("records.ndjson"), plain, "an older file was touched");
    assert_eq!(folder.names("."), ["half.gz", "records.ndjson", "shop"]);
    let mut damaged = packed.clone();
    let end = damaged.len() - 6;
    damaged[end] ^= 0xff;
    folder.write("damaged.gz", &damaged);
    folder
        .comity(&["run", "shop", "--events", "damaged.gz", "--records", "new.ndjson"])
        .ends(2, &["the compressed data of `damaged.gz` is damaged"]);
    assert!(!folder.has("new.ndjson"));
    // What is no file is written to, not replaced.
    #[cfg(unix)]
    run(&folder, &["--records", "/dev/null"]).ends(0, &[]);
}

#[test]
fn the_clock_runs_on_to_an_instant() {
    let folder = Folder::with_shop();
    let events = folder.read("shop/events.ndjson");
    let night: String = events.lines().filter(|line| line.contains("\"ben\"")).collect();
    folder.write("night.ndjson", night);
    let args = ["run", "shop", "--profiles", "shop/profiles.ndjson", "--events", "night.ndjson"];
    let kinds = |outcome: &crate::support::Outcome| -> Vec<Value> {
        outcome.records().iter().map(|record| record["kind"].clone()).collect()
    };
    assert_eq!(kinds(&folder.comity(&args)), ["deferred"]);
    let later = folder.comity(&[&args[..], &["--until", "2026-11-03T08:00:00+01:00"]].concat());
    assert_eq!(kinds(&later), ["deferred", "sent"]);
    folder.comity(&[&args[..], &["--until", "tomorrow"]].concat()).ends(2, &["an instant is written like"]);
}

#[test]
fn the_summary_counts_what_became_of_each_message() {
    let folder = Folder::with_shop();
    let summary = run(&folder, &["--all", "--summary"]);
    summary.ends(0, &["message", "cart_reminder", "consent:marketing", "active_buyer", "events", "5"]);
    assert!(!summary.out.contains("events per second"));
}

#[test]
fn personal_attributes_are_hashed_when_asked() {
    let folder = Folder::with_shop();
    run(&folder, &[]).ends(0, &[]).prints(&["Ada"]);
    let redacted = run(&folder, &["--redact"]);
    redacted.ends(0, &[]);
    assert!(!redacted.out.contains("Ada"), "{redacted:?}");
}

#[test]
fn a_policy_with_errors_decides_nothing() {
    let folder = Folder::with_shop();
    folder.write("shop/broken.comity", "class {");
    let broken = run(&folder, &["--records", "records.ndjson"]);
    broken.ends(1, &["shop/broken.comity:1"]);
    assert_eq!(broken.out, "");
    assert!(!folder.has("records.ndjson"));
}

#[test]
fn models_are_read_beside_the_policy() {
    let folder = Folder::with_shop();
    let model = "model likely from \"models/likely.txt\" {\n  format lightgbm\n  feature recency = 3\n  \
                 feature orders = count of purchase\n}\n";
    folder.write("shop/models.comity", model);
    let refused = run(&folder, &[]);
    refused.ends(1, &["shop/models.comity:1", "there is no file `models/likely.txt`"]);
    assert_eq!(refused.out, "");
    folder.write("shop/models/likely.txt", include_str!("../../../tests/models/conversion.txt"));
    run(&folder, &[]).ends(0, &[]);
}

#[test]
fn journeys_run() {
    let folder = Folder::with_shop();
    let journey = "journey win_back {\n  class promotional\n  on purchase\n  wait 1d\n  send thank_you\n}\n";
    folder.write("shop/journeys.comity", journey);
    let run = run(&folder, &[]);
    run.ends(0, &[]).prints(&["\"journey\":\"win_back\"", "\"state\":\"entered\""]);
}

#[test]
fn a_dash_is_standard_output() {
    let folder = Folder::with_shop();
    assert_eq!(run(&folder, &["--records", "-"]).out, run(&folder, &[]).out);
    let audience = ["audience", "shop", "--profiles", "shop/profiles.ndjson", "--at", "2026-11-02T10:00:00Z"];
    let summary = |more: &[&str]| folder.comity(&[&audience[..], &["--summary"], more].concat());
    let [plain, dash] = [summary(&[]), summary(&["--out", "-"])];
    assert_eq!((plain.out, plain.err), (dash.out, dash.err));
}

#[test]
fn no_file_is_both_read_and_written() {
    let folder = Folder::with_shop();
    let before = folder.read("shop/events.ndjson");
    run(&folder, &["--records", "shop/events.ndjson"]).ends(2, &["would write over"]);
    assert_eq!(folder.read("shop/events.ndjson"), before);
    folder.comity(&["run", "-", "--events", "-"]).ends(2, &["only one"]);
}

/// Who stops a run finds what was there before, and nothing else.
#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_leaves_nothing_half_written() {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Stdio;
    for (name, number) in [("INT", 2), ("TERM", 15)] {
        let folder = Folder::with_shop();
        folder.write("records/out.ndjson", "what was there before\n");
        let mut run = crate::support::command(&folder.path("."))
            .args(["run", "shop", "--events", "-", "--records", "records/out.ndjson"])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        // It has begun to write, and waits for more.
        let first = folder.read("shop/events.ndjson").lines().next().map(|line| format!("{line}\n"));
        // Taken, so that waiting for its end doesn't close it.
        let mut stdin = run.stdin.take().expect("piped");
        stdin.write_all(first.expect("an event").as_bytes()).expect("it reads");
        let mut patience = 1000;
        while folder.names("records").len() < 2 && patience > 0 {
            patience -= 1;
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert_eq!(folder.names("records").len(), 2, "the file beside the records");
        let kill = std::process::Command::new("kill").args(["-s", name, &run.id().to_string()]).status();
        assert!(kill.expect("`kill` is there").success());
        assert_eq!(run.wait().expect("the binary ends").signal(), Some(number));
        drop(stdin);
        assert_eq!(folder.names("records"), ["out.ndjson"]);
        assert_eq!(folder.read("records/out.ndjson"), "what was there before\n");
    }
}
