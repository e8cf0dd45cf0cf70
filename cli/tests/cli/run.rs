use crate::support::{Folder, gzip};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::Value;
use std::collections::BTreeMap;
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
fn a_log_in_the_wrong_order_is_told() {
    let folder = Folder::with_shop();
    let event = |at: usize, time: &str| {
        format!(
            "{{\"id\":\"e{at}\",\"type\":\"cart_abandoned\",\"subject\":\"ada\",\"time\":\"{time}\",\
             \"data\":{{\"cart\":\"k{at}\",\"value\":\"5.00 EUR\",\"items\":2}}}}\n"
        )
    };
    let days = |order: &mut dyn Iterator<Item = usize>| {
        order.map(|day| event(day, &format!("2026-11-{day:02}T10:00:00Z"))).collect::<String>()
    };
    folder.write("newest_first.ndjson", days(&mut (1..10).rev()));
    let wrong_year = event(99, "2199-11-01T10:00:00Z") + &days(&mut (1..10));
    folder.write("wrong_year.ndjson", wrong_year);
    let on = |events: &str| folder.comity(&["run", "shop", "--events", events, "--records", "r.ndjson"]);
    on("newest_first.ndjson").ends(0, &[
        "warning: newest_first.ndjson: 8 of 9 events come after later ones of their customer, 8 of them too late to",
        "sort the log by time, the oldest first",
    ]);
    on("wrong_year.ndjson").ends(0, &[
        "warning: wrong_year.ndjson: 9 of 10 events are more than ten years before one that came earlier, at 2199-11-01",
    ]);
    assert!(!on("shop/events.ndjson").err.contains("warning"));
}

#[test]
fn records_stay_where_no_line_is_an_event() {
    let folder = Folder::with_shop();
    folder.write("records.ndjson", "before");
    let into =
        |more: &[&str]| folder.comity(&[&["run", "shop", "--events", "shop/profiles.ndjson"], more].concat());
    into(&["--records", "records.ndjson"]).ends(2, &["nothing could be read as an event"]);
    assert_eq!(folder.read("records.ndjson"), "before");
    // Where nothing is written over, each line is told.
    into(&[]).ends(2, &["nothing could be read as an event"]).prints(&["\"kind\":\"rejected\""]);
}

/// A row of a table of records as the line that it was made from.
fn line_of(row: &Row) -> String {
    const JSON: [&str; 7] = ["arms", "basis", "cause", "channels", "content", "data", "value"];
    let members = row.get_column_iter().filter_map(|(name, field)| {
        let value = match field {
            Field::Null => return None,
            Field::Str(text) if JSON.contains(&name.as_str()) => serde_json::from_str(text).expect("JSON"),
            Field::Str(text) => Value::from(text.as_str()),
            Field::TimestampMicros(at) => {
                let mut text = Vec::new();
                comity_runtime::record::write_instant(&mut text, *at);
                Value::from(String::from_utf8(text).expect("ASCII"))
            }
            Field::Double(number) => Value::from(*number),
            Field::Long(number) => Value::from(*number),
            Field::Bool(value) => Value::from(*value),
            other => panic!("{name}: {other:?}"),
        };
        Some((name.clone(), value))
    });
    Value::Object(members.collect()).to_string() + "\n"
}

#[test]
fn a_table_of_records_has_what_the_lines_have() {
    let folder = Folder::new();
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut unused = BTreeMap::new();
    for name in ["shop", "bank-onboarding", "win-back", "cart-recovery"] {
        let example = examples.join(name).display().to_string();
        let (events, profiles) = (format!("{example}/events.ndjson"), format!("{example}/profiles.ndjson"));
        folder.write("events.ndjson", folder.read(&events) + "{\"id\":\"e\",\"type\":3}\n");
        let args = ["run", &example, "--events", "events.ndjson", "--profiles", &profiles, "--all"];
        let lines = folder.comity(&args);
        for threads in ["1", "3"] {
            let outcome = folder.comity(
                &[&args[..], &["--records", "r.parquet", "--summary", "--threads", threads]].concat(),
            );
            outcome.ends(0, &[]).prints(&["events per second"]);
            let file = std::fs::File::open(folder.path("r.parquet")).expect("a file");
            let mut found = String::new();
            for row in SerializedFileReader::new(file).expect("Parquet").get_row_iter(None).expect("rows") {
                let row = row.expect("a row");
                found.push_str(&line_of(&row));
                for (name, field) in row.get_column_iter() {
                    *unused.entry(name.clone()).or_insert(true) &= *field == Field::Null;
                }
            }
            assert!(found == lines.out, "{name}");
        }
    }
    // What a record of `comity decide` has, and one of a late event.
    unused.retain(|_, is| *is);
    assert_eq!(unused.keys().collect::<Vec<_>>(), ["late", "placement"]);
    assert_eq!(folder.names("."), ["events.ndjson", "r.parquet"]);
}

#[test]
fn a_table_of_records_comes_whole_or_not_at_all() {
    let folder = Folder::with_shop();
    let packed = gzip(folder.read("shop/events.ndjson").as_bytes());
    folder.write("half.gz", &packed[..packed.len() / 2]);
    let half = folder.comity(&["run", "shop", "--events", "half.gz", "--records", "records.parquet"]);
    half.ends(2, &["`half.gz` ends in the midst of its compressed data"]);
    assert_eq!(folder.names("."), ["half.gz", "shop"]);
    run(&folder, &["--records", "records.parquet"]).ends(0, &[]);
    let report = folder.comity(&["report", "records.parquet"]);
    report.ends(2, &["`records.parquet` is Parquet", "NDJSON", "`comity run --records FILE.ndjson`"]);
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
