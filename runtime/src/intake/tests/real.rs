//! Lines of public event logs (The Complete Journey, Online Retail, OTTO, MineThatData).

use super::*;

fn decode_all(plan: &Plan, lines: &str) -> Vec<Event> {
    let schema = Schema::new(plan);
    lines
        .lines()
        .map(|line| {
            let event = schema.any_event(line.as_bytes()).unwrap_or_else(|e| panic!("{e}: {line}"));
            assert_eq!(schema.scan(line.as_bytes(), Fields::default()).as_ref(), Some(&event), "{line}");
            event
        })
        .collect()
}

#[test]
fn complete_journey() {
    let events = decode_all(&grocery(), include_str!("fixtures/complete-journey.ndjson"));
    let known = events.iter().filter(|event| matches!(event.kind, Kind::Known { .. })).count();
    assert_eq!((events.len(), known), (11, 11));
    assert_eq!(events.iter().map(|event| event.unknown_fields).sum::<u32>(), 0);
    let Kind::Known { event: EventId(14), fields } = &events[7].kind else { panic!("{:?}", events[7]) };
    let cells = [Some(607), None, Some(0), Some(0), Some(3), None].map(|cell| cell.map(Value::Cell));
    assert_eq!(fields[..], cells);
}

#[test]
fn other_logs() {
    let plan = plan_of(
        vec![],
        vec![],
        vec![
            event("product_viewed", &[("product", Type::Text, false)]),
            event(
                "purchase",
                &[
                    ("amount", money("GBP"), true),
                    ("lines", Type::Int, true),
                    ("order", Type::Text, true),
                    ("units", Type::Int, true),
                ],
            ),
        ],
    );
    let events = decode_all(&plan, include_str!("fixtures/other.ndjson"));
    let known = events.iter().filter(|event| matches!(event.kind, Kind::Known { .. })).count();
    assert_eq!((events.len(), known), (9, 5));
}

/// A policy that knows the events of The Complete Journey, and reads some of their fields.
pub(super) fn grocery() -> Plan {
    let mailed =
        [("campaign", Type::Text, false), ("campaign_type", Type::Text, false), ("ends", Type::Date, false)];
    let redeemed = [("campaign", Type::Text, false), ("coupon", Type::Text, false)];
    let purchase = [
        ("amount", money("USD"), false),
        ("basket", Type::Text, false),
        ("coupon_discount", money("USD"), true),
        ("department", Type::Text, false),
        ("quantity", Type::Int, false),
        ("store", Type::Text, false),
    ];
    let declared =
        [("campaign_mailed", &mailed[..]), ("coupon_redeemed", &redeemed), ("purchase", &purchase)];
    let mut plan =
        plan_of(vec![], vec![], declared.into_iter().map(|(name, fields)| event(name, fields)).collect());
    plan.texts = ["grocery", "drug gm", "produce", "meat", "deli", "fuel"].map(SmolStr::new_static).to_vec();
    for stream in &mut plan.streams {
        stream.fields.retain(|at| plan.events[stream.event.index()].fields[*at as usize].name != "basket");
        stream.fields.retain(|at| plan.events[stream.event.index()].fields[*at as usize].name != "store");
    }
    plan
}

/// `gzip -dc …/complete-journey/events.ndjson.gz > FILE; COMITY_EVENTS=FILE cargo test --release -p comity-runtime
/// intake::tests::real::speed -- --ignored --nocapture`
#[test]
#[ignore = "measures"]
fn speed() {
    let path = std::env::var("COMITY_EVENTS").expect("COMITY_EVENTS names the log");
    let bytes = std::fs::read(path).unwrap();
    let schema = Schema::new(&grocery());
    for _ in 0..3 {
        let start = std::time::Instant::now();
        let (mut lines, mut time) = (0_u32, 0_i64);
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            time ^= schema.event(line).unwrap().time;
            lines += 1;
        }
        let each = start.elapsed().as_nanos() / u128::from(lines);
        println!("{lines} lines, {each} ns each ({time})");
    }
}
