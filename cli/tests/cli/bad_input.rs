//! Whatever is wrong with the input is said with its file and line, and nothing half-written remains.

use crate::support::{Folder, Outcome};

#[test]
fn projects_that_are_none() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("empty")).expect("a folder");
    folder
        .write("notes/readme.txt", "x")
        .write("loose/a.comity", "class a\n")
        .write("bare/comity.toml", MANIFEST);
    for command in ["check", "run", "decide"] {
        let more: &[&str] = match command {
            "run" => &["--events", "e.ndjson"],
            "decide" => &["--placement", "p", "--profile", "x.json"],
            _ => &[],
        };
        let comity = |path: &str| folder.comity(&[&[command, path], more].concat());
        comity("nowhere").ends(2, &["can't read `nowhere`", "no such file", "comity new"]);
        comity("empty").ends(2, &["`empty` is not a policy project", "comity.toml", "comity new"]);
        comity("notes/readme.txt").ends(2, &["is not a policy", ".comity"]);
        comity("loose").ends(2, &["it has no `comity.toml`", "loose/a.comity"]);
        comity(".").ends(2, &["give the one that you mean", "bare`"]);
        comity("bare/comity.toml").ends(2, &["give the folder that it is in: `bare`"]);
    }
    folder.comity(&["check", "bare"]).ends(1, &["1 error"]).prints(&["no file that ends in `.comity`"]);
}

#[test]
fn a_template_is_no_project_to_suggest() {
    let folder = Folder::new();
    folder.write("cli/templates/comity.toml", MANIFEST.replace("\"p\"", "\"{name}\""));
    let alone = folder.comity(&["check", "."]);
    alone.ends(2, &["it has no `comity.toml`"]);
    assert!(!alone.err.contains("templates"), "{alone:?}");
    folder.write("shop/comity.toml", MANIFEST);
    folder.comity(&["check", "."]).ends(2, &["give the one that you mean: `./shop`\n"]);
}

#[test]
fn logs_that_were_cut_are_told() {
    let folder = Folder::with_shop();
    let cut = "the file seems to have been cut";
    let run = |text: &[u8], profiles: &str| {
        folder.write("events.ndjson", text);
        let outcome = folder.comity(&["run", "shop", "--profiles", profiles, "--events", "events.ndjson"]);
        let why = folder.comity(&[
            "why",
            "shop",
            "--message",
            "cart_reminder",
            "--profile",
            "ada",
            "--events",
            "events.ndjson",
        ]);
        (outcome.status, outcome.err.contains(cut), why.err.contains(cut))
    };
    let known = "shop/profiles.ndjson";
    let two = [GOOD, b"\n", &GOOD[..40]].concat();
    assert_eq!(run(&two, known), (0, true, true));
    assert!(run(&GOOD[..40], known).1);
    assert_eq!(run(&[&two[..], b"\n"].concat(), known), (0, false, false));
    assert_eq!(run(&[&two[..], b"\n", GOOD].concat(), known), (0, false, false));
    assert_eq!(run(GOOD, known), (0, false, false));
    folder.write("cut.ndjson", "{\"subject\":\"ada\",\"attrib");
    assert_eq!(run(GOOD, "cut.ndjson").0, 2);
    assert!(run(GOOD, "cut.ndjson").1);
}

#[test]
fn models_come_from_the_folder_of_their_project() {
    let folder = Folder::new();
    let policy = |path: &str| {
        format!(
            "profile {{ visits: int = 0 }}\nmodel m from \"{path}\" {{ format lightgbm feature visits = profile.visits }}\n"
        )
    };
    folder.write("p/comity.toml", MANIFEST).write("outside.txt", "tree\n").write("p/models/m.txt", "tree\n");
    let said = |path: &str| {
        folder.write("p/a.comity", policy(path)).write("single/a.comity", policy(path));
        let [project, single] = ["p", "single/a.comity"].map(|policy| folder.comity(&["check", policy]));
        [project, single].map(|outcome| {
            assert_eq!(outcome.status, 1, "{outcome:?}");
            ["is outside the project's folder", "begins at the root"]
                .iter()
                .any(|why| outcome.out.contains(why))
        })
    };
    let absolute = folder.path("outside.txt").to_string_lossy().replace('\\', "/");
    assert_eq!(said("../outside.txt"), [true, true]);
    assert_eq!(said(&absolute), [true, true]);
    assert_eq!(said("models/../../outside.txt"), [true, true]);
    assert_eq!(said("models/m.txt"), [false, false]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path("outside.txt"), folder.path("p/models/link.txt"))
            .expect("a link");
        std::os::unix::fs::symlink("m.txt", folder.path("p/models/own.txt")).expect("a link");
        assert_eq!(said("models/link.txt"), [true, false]);
        assert_eq!(said("models/own.txt"), [false, false]);
    }
}

const MANIFEST: &str = "[policy]\nname = \"p\"\nedition = \"2026\"\n";

#[test]
fn files_that_are_no_text() {
    let folder = Folder::new();
    folder.write("p/comity.toml", MANIFEST).write("p/a.comity", b"class a\nclass \xff\xfe\n");
    folder.comity(&["check", "p"]).ends(1, &[]).prints(&["p/a.comity:2:7", "UTF-8"]);
    folder.write("p/a.comity", b"\x00\x01\x02\x03");
    assert_eq!(folder.comity(&["check", "p"]).status, 1);
    // Half a file: cut in the middle of a message, of a text, of a letter.
    let whole = Folder::with_shop().read("shop/messages.comity");
    for cut in [
        whole.find("via").expect("it is there"),
        whole.find("thinking").expect("it is there"),
        whole.len() - 3,
    ] {
        folder.write("p/a.comity", &whole[..cut]);
        let check = folder.comity(&["check", "p"]);
        check.ends(1, &["error"]).prints(&["p/a.comity:"]);
    }
    // Lines longer than any terminal, brackets deeper than any stack, errors without number.
    let long = format!("segment x = {}\n", vec!["true"; 20_000].join(" or "));
    let deep = format!("segment x = {}1{}\n", "(".repeat(5000), ")".repeat(5000));
    for text in [long, deep, "clas x\n".repeat(3000)] {
        folder.write("p/a.comity", text);
        folder.comity(&["check", "p"]).ends(1, &["error"]).prints(&["p/a.comity:1:"]);
    }
    folder.write("p/a.comity", "class a\r\nmessage \r\n\r\n");
    folder.comity(&["check", "p"]).ends(1, &[]).prints(&["p/a.comity:2:", "message"]);
    folder.write("p/comity.toml", "[policy\n");
    folder.comity(&["check", "p"]).ends(1, &[]).prints(&["comity.toml:1"]);
}

#[test]
fn unknown_names_that_are_nearly_known() {
    let folder = Folder::with_shop();
    let text = folder.read("shop/messages.comity");
    for (right, wrong) in [
        ("purpose marketing", "purpose marketin"),
        ("via     email", "via     emial"),
        ("purchase.amount", "purchase.amont"),
    ] {
        folder.write("shop/messages.comity", text.replace(right, wrong));
        folder.comity(&["check", "shop"]).ends(1, &[]).prints(&["did you mean"]);
    }
}

#[test]
fn a_policy_without_messages_decides_nothing_and_says_no_error() {
    let folder = Folder::with_shop();
    folder.write("shop/messages.comity", "").write("shop/tests.comity", "");
    let run = folder.comity(&["run", "shop", "--events", "shop/events.ndjson"]);
    run.ends(0, &[]);
    assert_eq!(run.out, "");
}

/// Runs events, one of which is wrong, and gives what came of it.
fn run_events(lines: &[&[u8]]) -> Outcome {
    let folder = Folder::with_shop();
    folder.write("events.ndjson", lines.join(&b"\n"[..]));
    folder.comity(&["run", "shop", "--profiles", "shop/profiles.ndjson", "--events", "events.ndjson"])
}

const GOOD: &[u8] = br#"{"id":"g1","type":"cart_abandoned","subject":"ada","time":"2026-11-02T09:00:00Z","data":{"cart":"k","value":"80.00 EUR"}}"#;

#[test]
fn events_that_are_wrong_are_rejected_one_by_one() {
    let wrong: [(&str, &[u8]); 14] = [
        ("value", br#"{"id":"x","type":"cart_abandoned","subject":"ada","time":"2026-11-02T10:00:00Z","data":{"cart":"k","value":80}}"#),
        ("value", br#"{"id":"x","type":"cart_abandoned","subject":"ada","time":"2026-11-02T10:00:00Z","data":{"cart":"k","value":"80.00 USD"}}"#),
        ("value", br#"{"id":"x","type":"cart_abandoned","subject":"ada","time":"2026-11-02T10:00:00Z","data":{"cart":"k"}}"#),
        ("cart", br#"{"id":"x","type":"cart_abandoned","subject":"ada","time":"2026-11-02T10:00:00Z","data":{"cart":7,"value":"8.00 EUR"}}"#),
        ("id", br#"{"type":"cart_abandoned","subject":"ada","time":"2026-11-02T10:00:00Z","data":{"cart":"k","value":"8.00 EUR"}}"#),
        ("subject", br#"{"id":"x","type":"purchase","time":"2026-11-02T10:00:00Z","data":{"order":"o","amount":"8.00 EUR"}}"#),
        ("time", br#"{"id":"x","type":"purchase","subject":"ada","time":"yesterday","data":{"order":"o","amount":"8.00 EUR"}}"#),
        ("column", br#"{"id":"x","type":"purchase","subject":"ada","time":"2026-11-02T10:00:00Z","data":{"order":"o","amount":NaN}}"#),
        ("", br#"{"id":"x","type":"purchase","subject":"ada","time":"2026-11-02T10:00:00Z","data":{"order":"o","amount":"99999999999999999999999.00 EUR"}}"#),
        ("", br#"{"id":"x","type":"purchase","subject":"ada","time":"2026-11-02T10:00:00Z","data":{"order":"\ud800","amount":"8.00 EUR"}}"#),
        ("timezone", br#"{"id":"x","type":"identify","subject":"ada","time":"2026-11-02T10:00:00Z","data":{"timezone":"Europe/Berlln"}}"#),
        ("UTF-8", b"{\"id\":\"x\xff\",\"type\":\"purchase\"}"),
        ("column", br#"{"id":"x","type":"purchase","subject":"ada","time":"2026-11-0"#),
        ("object", b"[1, 2]"),
    ];
    for (said, line) in wrong {
        let outcome = run_events(&[GOOD, line]);
        let shown = String::from_utf8_lossy(line);
        outcome.ends(0, &["events.ndjson:2: ", said, "1 line rejected"]);
        let records = outcome.records();
        assert_eq!(records.len(), 2, "{shown} {records:?}");
        assert_eq!(records[0]["kind"], "sent", "{shown}");
        assert_eq!((&records[1]["kind"], &records[1]["index"]), (&"rejected".into(), &2.into()), "{shown}");
    }
}

#[test]
fn what_is_only_odd_is_taken() {
    let future = br#"{"id":"f","type":"purchase","subject":"ada","time":"2029-11-02T10:00:00Z","data":{"order":"o","amount":"8.00 EUR"}}"#;
    let stranger = br#"{"id":"s","type":"purchase","subject":"nobody","time":"2026-11-02T10:00:00Z","data":{"order":"o","amount":"8.00 EUR"}}"#;
    let unknown =
        br#"{"id":"u","type":"page_view","subject":"ada","time":"2026-11-02T10:00:00Z","data":{"url":"/"}}"#;
    let again = GOOD;
    let outcome = run_events(&[GOOD, stranger, unknown, again, future]);
    outcome.ends(0, &[]);
    let sent = outcome.records().iter().filter(|record| record["kind"] == "sent").count();
    assert_eq!(sent, 1, "{outcome:?}");
    assert!(!outcome.err.contains("rejected"), "{outcome:?}");
}

#[test]
fn logs_that_are_none() {
    let folder = Folder::with_shop();
    folder
        .write("empty.ndjson", "")
        .write("blank.ndjson", "\n \n")
        .write("long.ndjson", vec![b'x'; 17 << 20]);
    let run = |events: &str| folder.comity(&["run", "shop", "--events", events]);
    run("nowhere.ndjson").ends(2, &["`nowhere.ndjson`", "no such file"]);
    run("shop").ends(2, &["`shop`", "it is a folder"]);
    run("empty.ndjson").ends(0, &["empty.ndjson has no events"]);
    run("blank.ndjson").ends(0, &["blank.ndjson has no events"]);
    run("long.ndjson").ends(2, &["long.ndjson:1: the line is longer than 16 MiB"]);
}

#[test]
fn many_wrong_lines_are_counted_and_the_first_shown() {
    let lines = vec![&b"nonsense"[..]; 40];
    let outcome = run_events(&lines);
    outcome.ends(
        2,
        &["events.ndjson:1: ", "events.ndjson:5: ", "nothing could be read as an event, of 40 lines"],
    );
    assert!(!outcome.err.contains("events.ndjson:6: "), "{outcome:?}");
    assert_eq!(outcome.records().len(), 40);
}

#[test]
fn a_log_that_is_something_else_is_told_what_it_is() {
    let folder = Folder::with_shop();
    let run = |profiles: &str, events: &str| {
        folder.comity(&["run", "shop", "--profiles", profiles, "--events", events])
    };
    folder
        .write("events.csv", "id,type,subject,time\ne1,purchase,ada,2026-11-02T10:00:00Z\n")
        .write("events.json", "[\n  {\n    \"id\": \"e1\"\n  }\n]\n");
    let (profiles, events) = ("shop/profiles.ndjson", "shop/events.ndjson");
    run(profiles, "events.csv").ends(2, &["of 2 lines", "this looks like CSV"]);
    run(profiles, "events.json").ends(2, &["this is one JSON array", "jq -c"]);
    run(profiles, profiles).ends(2, &["these lines look like profiles: give them by `--profiles`"]);
    run(events, events).ends(2, &["these lines look like events: give them by `--events`"]);
}

#[test]
fn what_the_policy_does_not_know_is_named() {
    let event = |id: &str, ty: &str, time: &str, data: &str| {
        format!(
            "{{\"id\":\"{id}\",\"type\":\"{ty}\",\"subject\":\"ada\",\"time\":\"2026-11-02T{time}:00Z\",\"data\":{data}}}\n"
        )
    };
    let folder = Folder::with_shop();
    let events = [
        event("1", "cart_abandond", "10:00", "{}"),
        event("2", "cart_abandoned", "12:00", r#"{"cart":"k","value":"80.00 EUR","vlaue":1}"#),
        event("3", "cart_abandond", "11:30", "{}"),
        event("4", "identify", "10:30", r#"{"tir":"gold"}"#),
    ];
    folder.write("events.ndjson", events.concat());
    let run =
        folder.comity(&["run", "shop", "--events", "events.ndjson", "--records", "r.ndjson", "--summary"]);
    run.ends(0, &[]).prints(&[
        "types that the policy doesn't know: `cart_abandond` 2 (did you mean `cart_abandoned`?)\n",
        "fields that the policy doesn't know: `cart_abandoned.vlaue` 1 (did you mean `value`?), `profile.tir` 1 (did you mean `tier`?)\n",
        "late, behind a later one",
        "of these more than 1 h",
    ]);
    folder.write("events.ndjson", &*events[0]);
    let run = folder.comity(&["run", "shop", "--events", "events.ndjson"]);
    run.ends(
        0,
        &["the policy knows none of these types of event: `cart_abandond` 1 (did you mean `cart_abandoned`?)\n"],
    );
}

#[test]
fn types_and_fields_that_may_be_misspelt_are_told_without_a_summary() {
    let folder = Folder::with_shop();
    let good = folder.read("shop/events.ndjson");
    let one = |ty: &str, data: &str| {
        format!(
            "{{\"id\":\"{ty}\",\"type\":\"{ty}\",\"subject\":\"ada\",\"time\":\"2026-11-04T12:00:00Z\",\"data\":{data}}}\n"
        )
    };
    let run = |more: &str| {
        folder.write("events.ndjson", good.clone() + more);
        folder.comity(&["run", "shop", "--events", "events.ndjson", "--records", "r.ndjson", "--quiet"])
    };
    let others: String = ["page", "screen", "call", "visit", "ticket"].map(|ty| one(ty, "{}")).concat();
    let slips = run(&(one("cartAbandoned", "{}") + &others.repeat(2)));
    slips.ends(
        0,
        &["warning: events.ndjson: 6 types of event that the policy doesn't know: `cartAbandoned` 1 (did you mean `cart_abandoned`?), `call` 2, "],
    );
    let field = run(&one("cart_abandoned", r#"{"cart":"k","value":"80.00 EUR","vlaue":1,"shop":"x"}"#));
    field.ends(
        0,
        &["warning: events.ndjson: 2 fields that the policy doesn't know: `cart_abandoned.vlaue` 1 (did you mean `value`?), `cart_abandoned.shop` 1\n"],
    );
    // A policy doesn't have to know all that a log has.
    assert_eq!(run(&others).err, "");
}

#[test]
fn a_wrong_profile_stops_the_run_before_it_begins() {
    let folder = Folder::with_shop();
    let good = folder.read("shop/profiles.ndjson");
    for (said, line) in [
        ("timezone", r#"{"subject":"zoe","attributes":{"timezone":"Mars/Olympus"}}"#),
        ("tier", r#"{"subject":"zoe","attributes":{"tier":"platinum"}}"#),
        ("subject", r#"{"attributes":{}}"#),
        ("purpose", r#"{"subject":"zoe","consents":[{"purpose":"marketng"}]}"#),
    ] {
        folder.write("profiles.ndjson", format!("{good}{line}\n"));
        let run = folder.comity(&[
            "run",
            "shop",
            "--profiles",
            "profiles.ndjson",
            "--events",
            "shop/events.ndjson",
            "--records",
            "records.ndjson",
        ]);
        run.ends(2, &["1 profile can't be read", "profiles.ndjson:4: ", said, "nothing was decided"]);
        assert!(!folder.has("records.ndjson"));
    }
}
