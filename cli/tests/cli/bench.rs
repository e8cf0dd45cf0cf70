use crate::support::Folder;
use serde_json::Value;

const ROUND: [&str; 6] = ["bench", "shop", "--rounds", "1", "--events", "shop/events.ndjson"];

#[test]
fn it_measures_both_engines_over_the_log() {
    let folder = Folder::with_shop();
    let outcome = folder.comity(&[&ROUND[..], &["--format", "json"]].concat());
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let measured: Value = serde_json::from_str(&outcome.out).expect("JSON");
    let lines = folder.read("shop/events.ndjson").lines().count();
    assert_eq!(measured["events"], lines);
    assert_eq!(measured["rejected"], 0);
    assert!(measured["policy"].as_str().is_some_and(|policy| policy.starts_with("shop@")), "{measured}");
    for engine in ["jit", "interpreter"] {
        for what in ["ns_per_event", "ns_per_decision", "allocations_per_event", "allocations_per_decision"] {
            assert!(
                measured["engines"][engine][what].as_f64().is_some_and(|value| value > 0.0),
                "{measured}"
            );
        }
    }
    // Allocations are counted, not guessed: the same log brings the same number.
    let again = folder.comity(&[&ROUND[..], &["--format", "json"]].concat());
    let again: Value = serde_json::from_str(&again.out).expect("JSON");
    assert_eq!(
        again["engines"]["jit"]["allocations_per_event"],
        measured["engines"]["jit"]["allocations_per_event"]
    );
    assert!(measured["code_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{measured}");
    assert!(measured["customers"].as_u64().is_some_and(|customers| customers > 0), "{measured}");
    let state = &measured["state_bytes"];
    assert!(state["mean"].as_f64() <= state["max"].as_f64() && state["max"].as_u64() > Some(0), "{measured}");
    let stages = measured["compile_ns"].as_object().expect("an object");
    let parts = ["check", "lower", "code", "ready"].map(|stage| stages[stage].as_f64().expect(stage));
    assert!(parts.iter().all(|part| *part > 0.0) && stages["parse"].as_f64() > Some(0.0), "{stages:?}");
    // With one round the median is the round.
    let total = stages["total"].as_f64().expect("total");
    assert!((parts.iter().sum::<f64>() - total).abs() < 1.0, "{stages:?}");
}

#[test]
fn one_engine_can_be_measured_alone() {
    let folder = Folder::with_shop();
    for (engine, shown) in [("jit", "machine code"), ("interpreter", "interpreter")] {
        let measured = folder.comity(&[&ROUND[..], &["--engine", engine, "--format", "json"]].concat());
        let measured: Value = serde_json::from_str(&measured.out).expect("JSON");
        assert_eq!(measured["engines"].as_object().expect("an object").keys().collect::<Vec<_>>(), [engine]);
        let table = folder.comity(&[&ROUND[..], &["--engine", engine]].concat()).out;
        assert!(table.lines().nth(1).is_some_and(|header| header.contains(shown)), "{table}");
    }
}

#[test]
fn tables_are_for_people() {
    let folder = Folder::with_shop();
    let outcome = folder.comity(&ROUND);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    for words in ["time of an event", "allocations of a decision", "from text to ready", "kept of a customer"]
    {
        assert!(outcome.out.contains(words), "{words}: {}", outcome.out);
    }
    let with_profiles = folder.comity(&[&ROUND[..], &["--profiles", "shop/profiles.ndjson"]].concat());
    assert_eq!(with_profiles.status, 0, "{with_profiles:?}");
}

#[test]
fn what_cannot_be_measured_is_said() {
    let folder = Folder::with_shop();
    folder.write("empty.ndjson", "\n").write("broken.ndjson", "{\n");
    folder.comity(&["bench", "shop", "--events", "empty.ndjson"]).ends(2, &["empty.ndjson has no events"]);
    folder.comity(&["bench", "shop", "--events", "none.ndjson"]).ends(2, &["none.ndjson"]);
    folder.comity(&["bench", "shop", "--rounds", "0", "--events", "shop/events.ndjson"]).ends(2, &["rounds"]);
    folder.comity(&["bench", "-", "--events", "-"]).ends(2, &["only one of the inputs"]);
    let broken = folder.comity(&["bench", "shop", "--rounds", "1", "--events", "broken.ndjson"]);
    broken.ends(2, &["broken.ndjson: nothing could be read as an event, of 1 line"]);
    folder.write("table.csv", "id,type\ne1,purchase\n");
    let table = folder.comity(&["bench", "shop", "--rounds", "1", "--events", "table.csv"]);
    table.ends(2, &["table.csv: nothing could be read", "CSV"]);
    let log = folder.read("shop/events.ndjson");
    folder.write("cut.ndjson", &log[..log.trim_end().len() - 9]);
    let cut = folder.comity(&["bench", "shop", "--rounds", "1", "--events", "cut.ndjson"]);
    cut.ends(0, &["cut.ndjson: 1 line rejected; `comity run` says why", "cut.ndjson: the last line"]);
    folder.write("wrong.comity", "message m { via }");
    folder.comity(&["bench", "wrong.comity", "--events", "shop/events.ndjson"]).ends(1, &["E0"]);
}
