//! Files that are something else than what was asked for: each command says what they are, and what it wants.

use crate::support::{Folder, Outcome, gzip};

/// What each command says of a file, by the option that it is given to.
fn told_of(folder: &Folder, file: &str) -> [Outcome; 6] {
    let events = "shop/events.ndjson";
    let run = |events: &str, profiles: &str| {
        folder.comity(&["run", "shop", "--events", events, "--profiles", profiles])
    };
    let why = ["why", "shop", "--profile", "ada", "--message", "cart_reminder", "--events", file];
    [
        run(file, "shop/profiles.ndjson"),
        run(events, file),
        folder.comity(&why),
        folder.comity(&["decide", "p.comity", "--placement", "hero", "--profile", file]),
        folder.comity(&["report", file]),
        folder.comity(&["report", "records.ndjson", "--events", file]),
    ]
}

fn with_shop() -> Folder {
    let folder = Folder::with_shop();
    folder.write(
        "p.comity",
        "profile { age: int? }\nchannel web { inbound }\nplacement hero { on web  show 1 }\n",
    );
    let run = ["run", "shop", "--events", "shop/events.ndjson", "--profiles", "shop/profiles.ndjson"];
    let records = folder.comity(&run).out;
    folder.write("records.ndjson", records);
    folder
}

#[test]
fn files_that_are_no_text_are_named() {
    let folder = with_shop();
    let tar = {
        let mut tar = vec![0; 1024];
        tar[..6].copy_from_slice(b"e.json");
        tar[257..262].copy_from_slice(b"ustar");
        gzip(&tar)
    };
    let utf16: Vec<u8> = "\u{feff}{\"id\":1}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let text = folder.read("shop/events.ndjson");
    let twice = gzip(&gzip(text.as_bytes()));
    let files: [(&[u8], &str, &str); 6] = [
        (b"PAR1\x15\x04\nPAR1", "Parquet", "only `comity audience` reads Parquet"),
        (b"PK\x03\x04\x14\0", "a zip archive or a workbook", "unpack it first"),
        (b"\xfd7zXZ\0\0\x04\n\n", "packed by xz", "`xz -dc FILE`"),
        (&utf16, "UTF-16", "write it as UTF-8"),
        (&tar, "a tar archive", "unpack it first"),
        (&twice, "packed by gzip twice", "unpack it once"),
    ];
    for (bytes, what, help) in files {
        folder.write("file", bytes);
        for outcome in told_of(&folder, "file") {
            outcome.ends(2, &[&format!("error: `file` is {what}\n"), help, "NDJSON"]);
        }
        let piped = folder.comity_with(&["run", "shop", "--events", "-"], bytes);
        piped.ends(2, &[&format!("error: `<stdin>` is {what}\n")]);
    }
}

#[test]
fn csv_is_told_everywhere() {
    let folder = with_shop();
    let csv = "id,type,subject,time\ne1,purchase,ada,2026-11-02T10:00:00Z\n";
    folder.write("events.csv", csv).write("events.csv.gz", gzip(csv.as_bytes()));
    for file in ["events.csv", "events.csv.gz"] {
        for outcome in told_of(&folder, file) {
            outcome.ends(2, &["this looks like CSV; ", "plain or gzip"]);
        }
    }
}

#[test]
fn one_file_for_another_is_told_everywhere() {
    let folder = with_shop();
    let [run, profiles, why, decide, report, events] = told_of(&folder, "records.ndjson");
    for outcome in [run, why, events] {
        outcome.ends(2, &["nothing could be read as an event, of 5 lines", "these lines look like records"]);
    }
    profiles.ends(2, &["records.ndjson:1: this is a record", "nothing was decided"]);
    decide.ends(2, &["holds more than one profile"]);
    report.ends(0, &[]);
    let [run, _, why, _, report, events] = told_of(&folder, "shop/profiles.ndjson");
    for outcome in [run, why, events] {
        outcome.ends(2, &["these lines look like profiles: give them by `--profiles`"]);
    }
    report.ends(2, &["profiles.ndjson:1: not a record: `kind` is missing", "looks like a profile"]);
    let first = folder.read("shop/events.ndjson").lines().next().map(str::to_owned).expect("an event");
    folder.write("one.ndjson", first);
    let [_, profiles, _, decide, report, _] = told_of(&folder, "one.ndjson");
    profiles.ends(2, &["one.ndjson:1: this is an event", "give them by `--events`"]);
    decide.ends(2, &["one.ndjson: this is an event", "the file holds one profile"]);
    report.ends(2, &["one.ndjson:1: not a record", "give events by `--events`"]);
}

#[test]
fn a_path_that_leads_nowhere_names_the_near_one() {
    let folder = Folder::with_shop();
    let run = |policy: &str, events: &str| folder.comity(&["run", policy, "--events", events]);
    for near in ["shop/event.ndjson", "shpo/events.ndjson"] {
        run("shop", near).ends(2, &["no such file", "did you mean `shop/events.ndjson`?"]);
    }
    run("shpo", "shop/events.ndjson").ends(2, &["did you mean `shop`?", "comity new"]);
    for other in ["events.ndjson", "shop/carts.ndjson", "elsewhere/events.ndjson"] {
        assert!(!run("shop", other).err.contains("did you mean"), "{other}");
    }
}

#[test]
fn one_profile_may_be_packed() {
    let folder = with_shop();
    let profile = "{\n  \"subject\": \"ada\",\n  \"attributes\": {\"age\": 36}\n}\n";
    folder.write("ada.json", profile).write("ada.json.gz", gzip(profile.as_bytes()));
    let decide = |file: &str, at: &str| {
        folder.comity(&["decide", "p.comity", "--placement", "hero", "--profile", file, "--at", at])
    };
    let at = "2026-11-02T10:00:00Z";
    let plain = decide("ada.json", at);
    plain.ends(0, &[]).prints(&["\"shown\":[]"]);
    assert_eq!(decide("ada.json.gz", at).out, plain.out);
    folder.write("half.gz", &gzip(profile.as_bytes())[..30]);
    decide("half.gz", at).ends(2, &["`half.gz` ends in the midst of its compressed data\n"]);
    folder.write("cut.json", &profile[..40]);
    decide("cut.json", at).ends(2, &["cut.json: not valid JSON", "the file seems to have been cut"]);
}

#[test]
fn what_is_no_record_is_told_with_its_line() {
    let folder = with_shop();
    let good = folder.read("records.ndjson");
    let good = good.lines().next().expect("a record");
    for (line, said) in [
        ("{\"kind\":5}", "not a record: expected a string, found integer `5` at column 9"),
        ("{\"kind\":\"sent\",\"id\":\"x\"}", "a record `sent` without `subject`"),
        ("[]", "not a record: "),
        ("{\"kind\":", "not valid JSON at column 8: the text ends too early"),
        ("nonsense", "not valid JSON at column 2: expected ident"),
    ] {
        folder.write("broken.ndjson", format!("{good}\n{line}\n"));
        folder.comity(&["report", "broken.ndjson"]).ends(2, &[&format!("broken.ndjson:2: {said}"), "help: "]);
    }
    folder.write("broken.ndjson", format!("{good}\n{}", &good[..40]));
    folder.comity(&["report", "broken.ndjson"]).ends(2, &["broken.ndjson:2: ", "seems to have been cut"]);
    folder.write("others.ndjson", "{\"kind\":\"lead\"}\n{\"kind\":\"deal\"}\n");
    folder
        .comity(&["report", "others.ndjson"])
        .ends(2, &["others.ndjson: no line is a record, of 2 lines", "`comity run --records FILE`"]);
}

#[test]
fn attributes_that_the_policy_does_not_know_are_named_once() {
    let folder = Folder::with_shop();
    let profiles = folder.read("shop/profiles.ndjson").replace("\"tier\"", "\"tir\"");
    let other = profiles.replace("\"attributes\":{", "\"attributes\":{\"shoe_size\":41,");
    folder.write("slip.ndjson", &profiles).write("both.ndjson", other);
    let run = |profiles: &str, events: &str, more: &[&str]| {
        let args = ["run", "shop", "--profiles", profiles, "--events", events, "--records", "r.ndjson"];
        folder.comity(&[&args[..], more].concat())
    };
    let (profiles, events) = ("shop/profiles.ndjson", "shop/events.ndjson");
    let slip = "1 attribute that the policy doesn't know: `tir` 1 (did you mean `tier`?)\n";
    run("slip.ndjson", events, &[]).ends(0, &[&format!("warning: slip.ndjson: {slip}")]);
    let both = "both.ndjson: 2 attributes that the policy doesn't know: `tir` 1 (did you mean `tier`?), `shoe_size` 3\n";
    run("both.ndjson", events, &["--quiet"]).ends(0, &[both]);
    folder.write(
        "ok.ndjson",
        folder.read(profiles).replace("{\"first_name\"", "{\"shoe_size\":41,\"first_name\""),
    );
    let known = run("ok.ndjson", events, &[]);
    known.ends(0, &["ok.ndjson: 1 attribute that the policy doesn't know: `shoe_size` 3\n"]);
    assert!(!known.err.contains("warning"), "{known:?}");
    assert!(!run("ok.ndjson", events, &["--quiet"]).err.contains("shoe_size"));
    let identify = "{\"id\":\"i\",\"type\":\"identify\",\"subject\":\"ada\",\"time\":\"2026-11-04T10:00:00Z\",\"data\":{\"tir\":\"gold\"}}\n";
    folder.write("events.ndjson", folder.read(events) + identify);
    let told = run(profiles, "events.ndjson", &[]);
    told.ends(0, &[&format!("warning: events.ndjson: {slip}")]);
    assert_eq!(told.err.matches("tir").count(), 1, "{told:?}");
    let count = ["audience", "shop", "--profiles", "both.ndjson", "--count"];
    folder.comity(&count).ends(
        0,
        &["warning: both.ndjson: 2 attributes that the policy doesn't know: `tir` (did you mean `tier`?), `shoe_size`\n"],
    );
    folder.write(
        "policy.comity",
        "profile { age: int? }\nchannel web { inbound }\nplacement hero { on web  show 1 }\n",
    );
    folder.write("ada.json", "{\"subject\":\"ada\",\"attributes\":{\"agee\":3}}");
    folder
        .comity(&["decide", "policy.comity", "--placement", "hero", "--profile", "ada.json"])
        .ends(0, &["`agee` 1 (did you mean `age`?)"]);
    // Where they stand as if the line were flat, too.
    folder.write("ada.json", "{\"subject\":\"ada\",\"Agee\":3,\"city\":\"Ulm\"}");
    let flat = "ada.json: 2 attributes that the policy doesn't know: `Agee`";
    folder
        .comity(&["decide", "policy.comity", "--placement", "hero", "--profile", "ada.json"])
        .ends(0, &[&format!("warning: {flat} 1 (did you mean `age`?), `city` 1\n")]);
}

#[test]
fn consents_and_attributes_under_a_misspelt_key_are_refused_everywhere() {
    let folder = Folder::with_shop();
    folder.write(
        "p.comity",
        "profile { age: int? }\nchannel web { inbound }\nplacement hero { on web  show 1 }\nsegment all = profile.age is known\n",
    );
    for (key, value, meant) in [
        ("consent", r#"[{"purpose":"marketing","withdrawn":true}]"#, "consents"),
        ("Consents", "[]", "consents"),
        ("attributs", "{}", "attributes"),
    ] {
        folder.write("p.ndjson", format!("{{\"subject\":\"ada\",\"{key}\":{value}}}\n"));
        let said = format!("a profile has no \"{key}\"; did you mean \"{meant}\"?");
        for args in [
            &["run", "shop", "--events", "shop/events.ndjson", "--profiles", "p.ndjson"][..],
            &["decide", "p.comity", "--placement", "hero", "--profile", "p.ndjson"],
            &["audience", "p.comity", "--profiles", "p.ndjson"],
        ] {
            let outcome = folder.comity(args);
            assert_eq!(outcome.ends(2, &[&said]).out, "");
        }
    }
}

#[test]
fn a_consent_that_says_in_other_words_whether_it_holds_is_refused_everywhere() {
    let folder = Folder::with_shop();
    for (key, value) in
        [("status", "\"withdrawn\""), ("revoked_at", "\"2026-10-01\""), ("optedIn", "false"), ("active", "0")]
    {
        let consent = format!("{{\"purpose\":\"marketing\",\"{key}\":{value}}}");
        folder.write("p.ndjson", format!("{{\"subject\":\"ada\",\"consents\":[{consent}]}}\n"));
        let said = format!("a consent has no \"{key}\"; where it was withdrawn, write `\"withdrawn\": true`");
        for args in [
            &["run", "shop", "--events", "shop/events.ndjson", "--profiles", "p.ndjson"][..],
            &["audience", "shop", "--profiles", "p.ndjson"],
        ] {
            assert_eq!(folder.comity(args).ends(2, &[&said]).out, "");
        }
        let head = "\"id\":\"e1\",\"type\":\"consent_granted\",\"subject\":\"ada\",\"time\":\"2026-11-02T10:00:00Z\"";
        folder.write("e.ndjson", format!("{{{head},\"data\":{consent}}}\n"));
        let said =
            format!("`consent_granted` has no \"{key}\"; who has withdrawn is told by `consent_withdrawn`");
        folder.comity(&["run", "shop", "--events", "e.ndjson"]).ends(2, &[&said]);
    }
}

#[test]
fn other_keys_of_consents_are_told_once() {
    let folder = Folder::with_shop();
    folder.write(
        "p.comity",
        "profile { age: int? }\nchannel web { inbound }\nplacement hero { on web  show 1 }\n",
    );
    let line = |subject: &str, more: &str| {
        let consent = "\"purpose\":\"marketing\",\"ip\":\"::1\"";
        format!("{{\"subject\":\"{subject}\",\"consents\":[{{{consent}{more}}}]}}\n")
    };
    folder.write("p.ndjson", line("ada", ",\"form\":{}") + &line("bob", ""));
    let said =
        "warning: p.ndjson: 2 keys of consents that Comity doesn't know, and ignores: `ip` 2, `form` 1\n";
    for args in [
        &["run", "shop", "--events", "shop/events.ndjson", "--profiles", "p.ndjson"][..],
        &[
            "why",
            "shop",
            "--events",
            "shop/events.ndjson",
            "--profiles",
            "p.ndjson",
            "--profile",
            "ada",
            "--message",
            "thank_you",
        ],
        &["audience", "shop", "--profiles", "p.ndjson", "--count"],
    ] {
        folder.comity(args).ends(0, &[said]);
    }
    folder.write("ada.json", "{\"subject\":\"ada\",\"consents\":[{\"withdrawn\":true,\"ip\":1}]}");
    folder
        .comity(&["decide", "p.comity", "--placement", "hero", "--profile", "ada.json"])
        .ends(0, &["warning: ada.json: 1 key of consents that Comity doesn't know, and ignores: `ip` 1\n"]);
}

#[test]
fn consents_among_attributes_are_refused_everywhere() {
    let folder = Folder::with_shop();
    let consents = "\"consents\":[{\"withdrawn\":true}]";
    folder.write("p.ndjson", format!("{{\"subject\":\"ada\",\"attributes\":{{{consents}}}}}\n"));
    let said = "`attributes` has no \"consents\"; write it beside them: {\"subject\":…,\"attributes\":{…},\"consents\":[…]}";
    for args in [
        &["run", "shop", "--events", "shop/events.ndjson", "--profiles", "p.ndjson"][..],
        &["audience", "shop", "--profiles", "p.ndjson"],
    ] {
        assert_eq!(folder.comity(args).ends(2, &[said]).out, "");
    }
    // As a profile would be.
    let head = "\"type\":\"identify\",\"subject\":\"ada\",\"time\":\"2026-11-02T10:00:00Z\"";
    let events = format!(
        "{{\"id\":\"e1\",{head},\"data\":{{\"attributes\":{{}},{consents}}}}}\n{{\"id\":\"e2\",{head},\"data\":{{\"consents\":\"none\"}}}}\n"
    );
    folder.write("e.ndjson", events);
    folder.comity(&["run", "shop", "--events", "e.ndjson"]).ends(
        0,
        &["e.ndjson:1: the data of `identify`: expected attributes, found the `attributes` of a profile; write", "1 line rejected"],
    );
}

#[test]
fn a_run_in_which_nobody_has_consented_says_so() {
    let folder = Folder::with_shop();
    let said = "warning: p.ndjson: no profile has `consents`, which purpose";
    let run = || folder.comity(&["run", "shop", "--events", "e.ndjson", "--profiles", "p.ndjson"]);
    let event = |kind: &str, data: &str| {
        let head = "\"id\":\"e1\",\"subject\":\"ada\",\"time\":\"2026-11-02T10:00:00Z\"";
        format!("{{{head},\"type\":\"{kind}\",\"data\":{data}}}\n")
    };
    folder.write("p.ndjson", "{\"subject\":\"ada\",\"attributes\":{}}\n");
    folder.write("e.ndjson", event("identify", "{}"));
    run().ends(0, &[said]);
    // They may come with the log.
    folder.write("e.ndjson", event("consent_granted", "{\"purpose\":\"marketing\"}"));
    assert!(!run().err.contains(said));
    folder.write("p.ndjson", "{\"subject\":\"ada\",\"consents\":[{\"purpose\":\"marketing\"}]}\n");
    folder.write("e.ndjson", event("identify", "{}"));
    assert!(!run().err.contains(said));
}

#[test]
fn whole_numbers_may_have_a_point() {
    let folder = Folder::new();
    folder.write(
        "p.comity",
        "profile { age: int? }\nevent visit { pages: int }\nsegment grown = profile.age is known and profile.age >= 18\n",
    );
    let profile = |age: &str| {
        folder.write("p.ndjson", format!("{{\"subject\":\"ada\",\"attributes\":{{\"age\":{age}}}}}\n"));
        folder.comity(&["audience", "p.comity", "--profiles", "p.ndjson", "--segment", "grown", "-q"])
    };
    profile("61.0").ends(0, &[]).prints(&["\"grown\""]);
    profile("61.5").ends(2, &["p.ndjson:1: `age` of the profile: expected a whole number, found 61.5\n"]);
    let event = |pages: &str| {
        format!(
            "{{\"id\":\"{pages}\",\"type\":\"visit\",\"subject\":\"ada\",\"time\":\"2026-11-02T10:00:00Z\",\"data\":{{\"pages\":{pages}}}}}\n"
        )
    };
    folder.write("e.ndjson", event("3.0") + &event("3.5"));
    folder.comity(&["run", "p.comity", "--events", "e.ndjson"]).ends(
        0,
        &["e.ndjson:2: `pages` of `visit`: expected a whole number, found 3.5\n", "1 line rejected"],
    );
}

#[test]
fn a_policy_among_the_data_is_told() {
    let folder = with_shop();
    folder.write("shop.comity", "class other\n");
    for file in ["shop.comity", "shop/comity.toml"] {
        for outcome in told_of(&folder, file) {
            outcome.ends(2, &[&format!("error: `{file}` is a policy, or a part of one\n"), "`comity run"]);
        }
        let audience = folder.comity(&["audience", "shop", "--profiles", file, "--count"]);
        audience.ends(2, &["is a policy, or a part of one"]);
    }
}

#[test]
fn what_is_written_is_not_what_another_name_says() {
    let folder = Folder::with_shop();
    let (events, profiles) = ("shop/events.ndjson", "shop/profiles.ndjson");
    for (file, said) in [
        ("x.csv", "x.csv: records aren't written as CSV\n  help: name the file `.ndjson` or `.parquet`\n"),
        ("x.XLSX", "x.XLSX: records aren't written as a workbook\n"),
        ("x.ndjson.gz", "leave `.gz` out, or pipe them: `comity run … | gzip > FILE`\n"),
    ] {
        folder.comity(&["run", "shop", "--events", events, "--records", file]).ends(2, &[said]);
        assert!(!folder.has(file));
    }
    folder.comity(&["audience", "shop", "--profiles", profiles, "--out", "x.csv"]).ends(
        2,
        &["x.csv: customers aren't written as CSV\n  help: name the file `.ndjson` or `.parquet`\n"],
    );
    for file in ["x.json", "x.jsonl", "records", "records.2026-11-01"] {
        folder.comity(&["run", "shop", "--events", events, "--records", file]).ends(0, &[]);
    }
}

#[test]
fn customers_with_two_lines_are_named() {
    let folder = Folder::with_shop();
    let profiles = folder.read("shop/profiles.ndjson");
    let again = "{\"subject\":\"ben\",\"attributes\":{\"tier\":\"gold\"}}\n";
    folder.write("twice.ndjson", format!("{profiles}{again}"));
    folder.write("often.ndjson", format!("{profiles}{}", again.repeat(7)));
    let run = |profiles: &str| {
        folder.comity(&["run", "shop", "--profiles", profiles, "--events", "shop/events.ndjson"])
    };
    run("twice.ndjson").ends(
        0,
        &["warning: twice.ndjson: 1 line tells of a customer of whom a line before has told: `ben` in lines 2 and 4; a later line adds"],
    );
    run("often.ndjson").ends(0, &["7 lines tell of customers", "`ben` in lines 2 and 8 and 2 more;"]);
    assert!(!run("shop/profiles.ndjson").err.contains("line"));
    let audience = |profiles: &str| {
        folder.comity(&["audience", "shop", "--profiles", profiles, "--out", "out.ndjson", "--threads", "2"])
    };
    // What the later line takes back, the earlier one would still say.
    audience("often.ndjson").ends(
        2,
        &[
            "error: often.ndjson: 7 lines tell of customers of whom a line before has told: `ben` in lines 2 and 4, ",
            " and 2 more\n  help: an audience is judged line by line: leave one line for each customer",
            "nothing was written",
        ],
    );
    assert!(!folder.has("out.ndjson"));
    audience("shop/profiles.ndjson").ends(0, &[]);
}

#[test]
fn instants_that_are_slips_are_refused() {
    let folder = Folder::with_shop();
    let run = |until: &str| {
        let args =
            ["run", "shop", "--events", "shop/events.ndjson", "--records", "r.ndjson", "--until", until];
        folder.comity(&args)
    };
    for far in ["9999-12-30T10:00:00Z", "1969-01-01T00:00:00Z"] {
        run(far).ends(2, &["an instant lies in the years 1970 to 2199"]);
    }
    run("2150-01-01T00:00:00Z").ends(
        2,
        &["`--until`: 2150-01-01T00:00:00Z is more than ten years after the last event, at 2026-11-03T07:30:00Z", "within ten years"],
    );
    assert!(!folder.has("r.ndjson"));
    run("2026-11-02T10:00:00Z").ends(0, &["`--until` is before the last event, at 2026-11-03T07:30:00Z"]);
    run("2027-01-01T00:00:00Z").ends(0, &[]);
    let why =
        ["why", "shop", "--profile", "ada", "--message", "cart_reminder", "--events", "shop/events.ndjson"];
    folder
        .comity(&[&why[..], &["--at", "2150-01-01T00:00:00Z"]].concat())
        .ends(2, &["`--at`: 2150-01-01T00:00:00Z is more than ten years"]);
}

#[test]
fn a_file_of_a_project_is_not_the_project() {
    let folder = Folder::with_shop();
    let said = "only `shop/messages.comity` was read: for the whole project give its folder, `shop`";
    for command in ["check", "test", "graph"] {
        folder.comity(&[command, "shop/messages.comity"]).ends(1, &[said]);
    }
    folder.comity(&["run", "shop/messages.comity", "--events", "shop/events.ndjson"]).ends(1, &[said]);
    folder.write("shop/more/extra.comity", "class {\n");
    folder.comity(&["check", "shop/more/extra.comity"]).ends(1, &["give its folder, `shop`"]);
    assert!(!folder.comity(&["check", "shop"]).err.contains("was read"));
    folder.write("alone.comity", "class {\n");
    assert!(!folder.comity(&["check", "alone.comity"]).err.contains("was read"));
}

#[test]
fn a_missing_model_names_what_there_is() {
    let folder = Folder::new();
    let model = include_str!("../../../tests/models/conversion.txt");
    folder.write("p/comity.toml", "[policy]\nname = \"p\"\nedition = \"2026\"\n");
    folder.write("p/models/likely.txt", model).write("p/models/README.md", "");
    folder.write("p/models/.hidden.txt", "").write("p/target/likely.txt", "");
    let said = |path: &str, said: &str| {
        let policy = format!("model m from \"{path}\" {{ format lightgbm feature orders = 1 }}\n");
        folder.write("p/a.comity", &policy).comity(&["check", "p"]).ends(1, &[]).prints(&[said]);
        folder.comity(&["check", "p/a.comity"]).ends(1, &[]).prints(&[said]);
    };
    for near in ["models/likly.txt", "likely.txt", "modles/likely.txt", "models/likely"] {
        said(near, "did you mean `models/likely.txt`?");
    }
    said("models/conversion.txt", "there is `models/likely.txt`");
    folder.write("p/models/other.json", "{}");
    said("models/conversion.txt", "there are `models/likely.txt` and `models/other.json`");
}
