//! `comity report` over what `comity run` records: the known figures of a real experiment come out again.

use comity_compiler::engine::Engine;
use comity_runtime::policy::Policy;
use comity_runtime::replay::Replay;
use comity_runtime::report::{ArmOutcome, Collector, Estimate, Options, Outcome, Report};
use comity_runtime::step::Detail;
use comity_tests::example;
use std::sync::Arc;

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} isn't {expected}");
}

fn clear(estimate: Option<Estimate>) -> Estimate {
    let estimate = estimate.expect("an estimate");
    assert!(estimate.is_clear() && estimate.low > 0.0, "{estimate:?}");
    estimate
}

/// Customers, those who converted, and their share of the whole, of the arms mens, womens, none.
fn check(arms: &[ArmOutcome], expected: [(u64, u64, f64); 3]) {
    assert_eq!(arms.iter().map(|arm| arm.arm.as_str()).collect::<Vec<_>>(), ["mens", "womens", "none"]);
    for (arm, (exposed, converted, percent)) in arms.iter().zip(expected) {
        assert_eq!((arm.exposed, arm.converted), (exposed, converted), "{}", arm.arm);
        close(arm.rate.expect("a rate").estimate * 100.0, percent, 0.0005);
    }
}

/// The mailing of 2008: its figures are known since then (`examples/hillstrom`).
#[test]
fn the_experiment_of_hillstrom_comes_out_as_it_is_known() {
    let plan = example::plan("hillstrom");
    let policy = Arc::new(Policy::new(Engine::jit(plan).expect("machine code")));
    let mut replay = Replay::new(Arc::clone(&policy), Detail { blocked: false, redact: false });
    let mut records = Vec::new();
    example::replay("hillstrom", &policy, &mut replay, None, &mut records);

    let outcome = |event: &str, field: Option<&str>| Outcome {
        event: event.to_owned(),
        field: field.map(str::to_owned),
    };
    let outcomes = vec![outcome("visit", None), outcome("purchase", Some("amount"))];
    let mut collector = Collector::new(Options { outcomes, ..Options::default() });
    for line in records.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        collector.record(line).expect("a record");
    }
    for line in example::lines("hillstrom", "events.ndjson") {
        collector.event(&line).expect("an event");
    }
    let report = Report::of(&collector);
    let [spring] = &report.experiments[..] else { panic!("one experiment") };
    assert_eq!((spring.name.as_str(), spring.control.as_str()), ("spring_email", "none"));
    let sizes: Vec<u64> = spring.arms.iter().map(|side| side.exposed).collect();
    assert_eq!(sizes, [21_307, 21_387, 21_306]);
    assert!(!spring.sample_ratio.alarm);
    close(spring.sample_ratio.p.expect("shares are known"), 0.918, 0.0005);

    // The goals of the policy, and the same from the events beside the records.
    let named: Vec<&str> = spring.outcomes.iter().map(|table| table.outcome.as_str()).collect();
    assert_eq!(named, ["goal", "goal of spring", "visit", "purchase.amount"]);
    let [goal, visit, visit_again, purchase] = &spring.outcomes[..] else { panic!("four outcomes") };
    for visits in [visit, visit_again] {
        let expected = [(21_307, 3_894, 18.276), (21_387, 3_238, 15.140), (21_306, 2_262, 10.617)];
        check(&visits.arms, expected);
        close(clear(visits.arms[0].difference).estimate, 0.0766, 0.0001);
        close(clear(visits.arms[1].difference).estimate, 0.0452, 0.0001);
        close(clear(visits.arms[0].lift).estimate, 0.721, 0.001);
        close(clear(visits.arms[1].lift).estimate, 0.426, 0.001);
    }
    for purchases in [goal, purchase] {
        let expected = [(21_307, 267, 1.253), (21_387, 189, 0.884), (21_306, 122, 0.573)];
        check(&purchases.arms, expected);
        for (arm, spent) in purchases.arms.iter().zip([1.4226, 1.0772, 0.6528]) {
            let [worth] = &arm.value[..] else { panic!("one currency") };
            assert_eq!(worth.currency, "USD");
            close(worth.mean.expect("a mean").estimate, spent, 0.000_05);
        }
        close(clear(purchases.arms[0].lift).estimate, 1.188, 0.001);
        close(clear(purchases.arms[1].lift).estimate, 0.543, 0.001);
        let [mens, womens, none] = &purchases.arms[..] else { panic!("three arms") };
        close(clear(mens.value[0].difference).estimate, 0.7698, 0.0001);
        close(clear(womens.value[0].difference).estimate, 0.4244, 0.0001);
        assert_eq!(
            (none.difference, none.value[0].difference),
            (None, None),
            "the control is compared with none"
        );
    }
    let [spring] = &report.journeys[..] else { panic!("one journey") };
    assert_eq!((spring.entered, spring.finished, spring.sent, spring.goals), (64_000, 64_000, 42_694, 9_394));
    assert_eq!(spring.cost[0].sum, "42.694");
}
