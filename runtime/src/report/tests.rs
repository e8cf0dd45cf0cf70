use super::*;

/// Records, a line each: `kind subject key=value …`; the time is that many minutes after the first.
fn collected(options: Options, records: &[String], events: &[&str]) -> Report {
    let mut collector = Collector::new(options);
    for record in records {
        collector.record(record.as_bytes()).unwrap();
    }
    for event in events {
        collector.event(event.as_bytes()).unwrap();
    }
    Report::of(&collector)
}

fn record(kind: &str, id: &str, subject: &str, minute: u32, more: &str) -> String {
    format!(
        r#"{{"id":"{id}","kind":"{kind}","policy":"p@1","subject":"{subject}","time":"2026-11-02T10:{minute:02}:00Z",{more}}}"#
    )
}

fn exposed(subject: &str, arm: &str) -> String {
    let arms = r#"[{"arm":"a","share":0.5},{"arm":"b","share":0.5}]"#;
    let more = format!(r#""arm":"{arm}","arms":{arms},"cause":{{"event":"e"}},"experiment":"trial""#);
    record("exposed", &format!("x_{subject}"), subject, 0, &more)
}

fn goal(subject: &str, value: &str) -> String {
    let more = format!(r#""arm":"a","event":"e","experiment":"trial","value":"{value}""#);
    record("goal", &format!("o_{subject}"), subject, 30, &more)
}

#[test]
fn a_skewed_sample_rings_and_a_fair_one_does_not() {
    let draw = |first: usize| -> Vec<String> {
        (0..400).map(|at| exposed(&format!("c{at}"), if at < first { "a" } else { "b" })).collect()
    };
    let fair = collected(Options::default(), &draw(205), &[]);
    assert!(!fair.experiments[0].sample_ratio.alarm);
    assert!(fair.experiments[0].sample_ratio.p.is_some_and(|p| p > 0.5));
    let skewed = collected(Options::default(), &draw(250), &[]);
    assert!(skewed.experiments[0].sample_ratio.alarm);
    assert_eq!(skewed.alarms().count(), 1);
    // An arm that nobody was exposed to is an arm as well.
    let lost = collected(Options::default(), &draw(0), &[]);
    assert!(lost.experiments[0].sample_ratio.alarm);
    assert_eq!(lost.experiments[0].arms[0].exposed, 0);
}

#[test]
fn shares_count_for_those_who_were_exposed_under_them() {
    // Under the first policy 1 of 10 is in `a`, under the second half.
    let of = |policy: u32, share: f64, at: u32, arm: &str| {
        let arms = format!(r#"[{{"arm":"a","share":{share}}},{{"arm":"b","share":{}}}]"#, 1.0 - share);
        format!(
            r#"{{"arm":"{arm}","arms":{arms},"experiment":"trial","id":"x{policy}{at}","kind":"exposed","policy":"p@{policy}","subject":"c{policy}{at}","time":"2026-11-02T10:00:00Z"}}"#
        )
    };
    let first = (0..100).map(|at| of(1, 0.1, at, if at < 10 { "a" } else { "b" }));
    let second = (0..100).map(|at| of(2, 0.5, at, if at < 50 { "a" } else { "b" }));
    let report = collected(Options::default(), &first.chain(second).collect::<Vec<_>>(), &[]);
    let trial = &report.experiments[0];
    assert_eq!((trial.arms[0].exposed, trial.arms[0].expected), (60, Some(60.0)));
    assert!(trial.sample_ratio.p.is_some_and(|p| p > 0.99));
}

#[test]
fn each_customer_is_exposed_and_converts_once() {
    let records = [
        exposed("ada", "a"),
        exposed("ada", "a"),
        exposed("ben", "b"),
        exposed("cleo", "b"),
        goal("ada", "80.00 EUR"),
        goal("ada", "80.00 EUR"),
        goal("ben", "20.50 EUR"),
        // Not exposed, so it doesn't count.
        goal("dora", "9.00 EUR"),
    ];
    let report = collected(Options::default(), &records, &[]);
    let goal = &report.experiments[0].outcomes[0];
    let found: Vec<_> =
        goal.arms.iter().map(|arm| (arm.exposed, arm.converted, &*arm.value[0].sum)).collect();
    assert_eq!(found, [(1, 1, "80.00"), (2, 1, "20.50")]);
    assert_eq!(goal.arms[1].value[0].mean.unwrap().estimate, 10.25);
    assert_eq!(goal.arms[0].difference, None, "the control is compared with nothing");
    assert_eq!(goal.arms[1].difference.unwrap().estimate, -0.5);
}

#[test]
fn outcomes_are_found_among_the_events_after_the_exposure() {
    let outcome = |event: &str, field: Option<&str>| Outcome {
        event: event.to_owned(),
        field: field.map(str::to_owned),
    };
    let options = Options {
        outcomes: vec![outcome("visit", None), outcome("purchase", Some("amount"))],
        within: Some(3_600_000_000),
        ..Options::default()
    };
    let records = [exposed("ada", "a"), exposed("ben", "b")];
    let report = collected(
        options,
        &records,
        &[
            // What led to the exposure; before it; in time, twice the same; too late; of nobody that is known.
            r#"{"id":"e","type":"visit","subject":"ada","time":"2026-11-02T10:00:00Z"}"#,
            r#"{"id":"f","type":"visit","subject":"ada","time":"2026-11-02T09:00:00Z"}"#,
            r#"{"id":"g","type":"purchase","subject":"ben","time":"2026-11-02T10:10:00Z","data":{"amount":"5.00 EUR"}}"#,
            r#"{"id":"g","type":"purchase","subject":"ben","time":"2026-11-02T10:10:00Z","data":{"amount":"5.00 EUR"}}"#,
            r#"{"id":"h","type":"purchase","subject":"ben","time":"2026-11-02T10:20:00Z","data":{"amount":{"amount":"7","currency":"EUR"}}}"#,
            r#"{"id":"i","type":"visit","subject":"ben","time":"2026-11-02T11:00:01Z"}"#,
            r#"{"id":"j","type":"visit","subject":"zoe","time":"2026-11-02T10:10:00Z"}"#,
        ],
    );
    let [visit, purchase] = &report.experiments[0].outcomes[..] else { panic!("two outcomes") };
    assert_eq!((visit.outcome.as_str(), purchase.outcome.as_str()), ("visit", "purchase.amount"));
    assert_eq!(visit.arms.iter().map(|arm| arm.converted).collect::<Vec<_>>(), [0, 0]);
    assert_eq!(purchase.arms.iter().map(|arm| arm.converted).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(purchase.arms[1].value[0].sum, "12.00");
}

#[test]
fn a_holdout_is_compared_with_those_who_were_reached() {
    let message = |kind: &str, subject: &str, more: &str| {
        let more = format!(
            r#""cause":{{"event":"e","journey":"cart"}},"channel":"email","class":"lifecycle","message":"m"{more}"#
        );
        record(kind, &format!("s_{subject}"), subject, 5, &more)
    };
    let entered = |subject: &str| {
        let more =
            format!(r#""cause":{{"event":"e"}},"instance":"i_{subject}","journey":"cart","state":"entered""#);
        record("journey", &format!("j_{subject}"), subject, 0, &more)
    };
    let goal = |subject: &str| {
        let more = format!(r#""event":"b","instance":"i_{subject}","journey":"cart","value":"10.00 EUR""#);
        record("goal", &format!("o_{subject}"), subject, 9, &more)
    };
    let ghost = r#","reason":"held_out:control","share":0.25"#;
    let mut records: Vec<String> = ["ada", "ben", "cleo", "dora"].map(entered).into();
    records.push(message("held_out", "ada", ghost));
    records.extend(["ben", "cleo", "dora"].map(|subject| message("sent", subject, r#","cost":"0.001 EUR""#)));
    records.extend([goal("ada"), goal("ben"), goal("cleo")]);
    let opened = r#"{"id":"1","type":"opened","subject":"ben","time":"2026-11-02T10:06:00Z","data":{"message":"m","channel":"email"}}"#;
    let clicked = r#"{"id":"2","type":"clicked","subject":"cleo","time":"2026-11-02T10:06:00Z","data":{"send":"s_cleo"}}"#;
    let too_early = r#"{"id":"3","type":"opened","subject":"dora","time":"2026-11-02T10:01:00Z","data":{"message":"m","channel":"email"}}"#;
    let report = collected(Options::default(), &records, &[opened, opened, clicked, too_early]);

    let control = &report.holdouts[0];
    let sizes: Vec<_> = control.arms.iter().map(|side| (&*side.arm, side.exposed, side.expected)).collect();
    assert_eq!(sizes, [("held_out", 1, Some(1.0)), ("reached", 3, Some(3.0))]);
    assert_eq!(control.outcomes[0].outcome, "goal of cart");
    let converted: Vec<_> = control.outcomes[0].arms.iter().map(|arm| arm.converted).collect();
    assert_eq!(converted, [1, 2]);

    let journey = &report.journeys[0];
    assert_eq!((journey.entered, journey.running, journey.goals), (4, 4, 3));
    assert_eq!((journey.sent, journey.held_out), (3, 1));
    assert_eq!(journey.value, [Money { sum: "30.00".to_owned(), currency: "EUR".to_owned() }]);
    let message = &report.messages[0];
    let reports = message.reports.as_ref().unwrap();
    assert_eq!((message.sent, message.held_out, reports.opened, reports.clicked), (3, 1, 1, 1));
    assert_eq!(message.goals, Some(2));
    assert_eq!(message.cost, [Money { sum: "0.003".to_owned(), currency: "EUR".to_owned() }]);
    assert_eq!(report.figures.unmatched, 1);
}

#[test]
fn what_is_no_record_is_refused_and_the_unknown_is_counted() {
    let mut collector = Collector::new(Options::default());
    for line in
        ["", "{", "[]", "{\"kind\":7}", r#"{"kind":"sent"}"#, r#"{"kind":"goal","subject":"a","time":"x"}"#]
    {
        assert!(collector.record(line.as_bytes()).is_err(), "{line}");
    }
    assert!(collector.event(b"{}").is_err());
    collector.record(br#"{"kind":"weather"}"#).unwrap();
    assert_eq!(collector.figures().unknown, 1);
}
