//! What becomes of running instances when the runtime was down (overdue timers) and when the policy changes.

use comity_compiler::plan::{Mapping, Plan, StepKind};
use comity_runtime::effect::{Effect, EffectKind, Outcome};
use comity_runtime::policy::Policy;
use comity_runtime::profile::Profile;
use comity_runtime::step::{Detail, Stepper, Taken};
use comity_tests::{plan, policies};
use std::sync::Arc;

const SHOP: &str = r#"
profile { push_token: text? timezone: timezone = "Europe/Berlin" tickets: int = 0 }
event ping {}
channel push { to device profile.push_token  quiet 21:00..08:00 }
class lifecycle
purpose servicing { always on push }
message alpha { class lifecycle purpose servicing via push content push { text "1" } }
message omega { class lifecycle purpose servicing via push content push { text "2" } }
"#;

const HOUR: i64 = 3_600_000_000;
/// 2026-11-02T10:00:00Z
const START: i64 = 1_793_613_600_000_000;

fn policy(journey: &str) -> Arc<Policy> {
    let [policy, _] = policies(&plan(&format!("{SHOP}{journey}")));
    policy
}

/// A customer who has entered the journey at [`START`].
fn entered(policy: &Arc<Policy>) -> (Stepper, Profile) {
    let mut stepper = Stepper::new(Arc::clone(policy), Detail { blocked: true, redact: false });
    let mut profile = Profile::new(policy, "ada".into());
    let lines = [
        r#"{"id":"e0","type":"identify","subject":"ada","time":"2026-11-02T09:00:00Z","data":{"push_token":"t"}}"#,
        r#"{"id":"e1","type":"ping","subject":"ada","time":"2026-11-02T10:00:00Z"}"#,
    ];
    for (order, line) in lines.iter().enumerate() {
        let mut event = policy.schema.event(line.as_bytes()).expect("an event");
        let taken = stepper.event(&mut profile, &mut event, order as u64 + 1, None, &mut Vec::new());
        assert_eq!(taken, Taken::Accepted);
    }
    assert_eq!(profile.journeys.running(), 1);
    (stepper, profile)
}

/// Effects as short lines, with hours since the entry.
fn short(plan: &Plan, effects: &[Effect]) -> Vec<String> {
    let line = |effect: &Effect| {
        let what = match &effect.kind {
            EffectKind::Message(decided) => {
                let name = &plan.messages[decided.message.index()].name;
                match decided.outcome {
                    Outcome::Sent => format!("{name} sent"),
                    Outcome::Deferred(_) => format!("{name} deferred"),
                    ref other => format!("{name} {other:?}"),
                }
            }
            EffectKind::Journey(effect) => {
                let reason = effect.reason.as_deref().unwrap_or_default();
                format!("{} {} {reason}", effect.journey, effect.state.word())
            }
            other => format!("{other:?}"),
        };
        format!("{}h {}", (effect.time - START) / HOUR, what.trim_end())
    };
    effects.iter().map(line).collect()
}

#[test]
fn overdue_timers_fire_in_their_order_with_the_real_time() {
    let policy = policy(
        "journey j { on ping together { { wait 3h send omega } { wait 1h send alpha wait 2h send omega } } }",
    );
    let (mut stepper, mut profile) = entered(&policy);
    // The runtime was down for 24 hours.
    let now = START + 24 * HOUR;
    let mut effects = Vec::new();
    assert_eq!(profile.due(), START + HOUR);
    stepper.overdue(&mut profile, START + HOUR, now, 10, &mut effects);
    assert_eq!(profile.due(), START + 3 * HOUR);
    stepper.overdue(&mut profile, START + 3 * HOUR, now, 11, &mut effects);
    assert_eq!(short(&policy.plan, &effects), ["24h alpha sent", "24h omega sent"]);
    // The new wait counts from the real time.
    assert_eq!(profile.due(), START + 26 * HOUR);
}

#[test]
fn quiet_hours_hold_for_what_is_overdue() {
    let policy = policy("journey j { on ping wait 1h send alpha }");
    let (mut stepper, mut profile) = entered(&policy);
    // 22:00 in Berlin.
    let mut effects = Vec::new();
    stepper.overdue(&mut profile, START + HOUR, START + 11 * HOUR, 10, &mut effects);
    assert_eq!(short(&policy.plan, &effects), ["11h alpha deferred"]);
    assert_eq!(profile.due(), START + 21 * HOUR);
}

/// Takes a customer who waits under one journey over to another.
fn migrate(old: &str, new: &str) -> (Vec<String>, Profile, Arc<Policy>, Stepper) {
    let (old, new) = (policy(old), policy(new));
    let (_, mut profile) = entered(&old);
    let mapping = Mapping::between(&old.plan.journeys, &new.plan.journeys);
    let mut stepper = Stepper::new(Arc::clone(&new), Detail::default());
    let mut effects = Vec::new();
    stepper.migrate(&mut profile, &old.plan, &mapping, START + HOUR, &mut effects);
    (short(&new.plan, &effects), profile, new, stepper)
}

#[test]
fn a_new_version_goes_on_at_the_same_statement() {
    let old = "journey j { on ping wait 3h send alpha }";
    // Statements before and after it, and in other branches, are others now.
    let new = "journey a { on ping send alpha } journey j { on ping send omega wait 3h wait 2h send omega }";
    let (said, mut profile, policy, mut stepper) = migrate(old, new);
    assert!(said.is_empty(), "{said:?}");
    assert_eq!(profile.due(), START + 3 * HOUR);
    let mut effects = Vec::new();
    stepper.timers(&mut profile, START + 3 * HOUR, 10, &mut effects);
    assert!(effects.is_empty());
    stepper.timers(&mut profile, START + 5 * HOUR, 11, &mut effects);
    assert_eq!(short(&policy.plan, &effects), ["5h omega sent", "5h j finished"]);
}

#[test]
fn where_the_statement_is_gone_the_instance_ends() {
    let old = "journey j { on ping wait 3h send alpha }";
    let (said, profile, ..) = migrate(old, "journey j { on ping wait 4h send alpha }");
    assert_eq!(said, ["1h j migrated migrated"]);
    assert_eq!((profile.journeys.running(), profile.due()), (0, i64::MAX));
    // As where the journey is.
    let (said, ..) = migrate(old, "journey k { on ping wait 3h send alpha }");
    assert_eq!(said, ["1h j migrated migrated"]);
    // The same words in another branch are another statement.
    let (said, ..) = migrate(old, "journey j { on ping if profile.tickets == 0 { wait 3h send alpha } }");
    assert_eq!(said, ["1h j migrated migrated"]);
}

#[test]
fn the_mapping_can_be_printed() {
    let old =
        policy("journey j { on ping wait 3h send alpha wait 3h repeat 2 times { send omega wait 1h } }");
    let new = policy("journey j { on ping wait 3h repeat 2 times { wait 1h } }");
    let mapping = Mapping::between(&old.plan.journeys, &new.plan.journeys);
    let printed = mapping.print(&old.plan.journeys, &new.plan.journeys);
    insta::assert_snapshot!(printed, @r"
    j
      f3c53ec40c1f4f1e wait 3h: goes on at 0
      80c81dca0a807fdf send alpha: is gone: its instances end as migrated
      bc4e1cb07f56735f wait 3h (2): is gone: its instances end as migrated
      3062a760c177ddff repeat 2 times: goes on at 1
      4ea30e69055e25b7 repeat 2 times / body / send omega: is gone: its instances end as migrated
      694cb4eedf3bc708 repeat 2 times / body / wait 1h: goes on at 2
    ");
    let again: Mapping =
        serde_json::from_str(&serde_json::to_string(&mapping).expect("JSON")).expect("a mapping");
    assert_eq!(again, mapping);
}

#[test]
fn ids_of_statements_survive_edits_elsewhere() {
    let ids = |journey: &str| -> Vec<String> {
        let policy = policy(journey);
        let steps = &policy.plan.journeys.iter().find(|journey| journey.name == "j").expect("j").steps;
        steps.iter().map(|step| step.id.to_string()).collect()
    };
    let before = ids("journey j { on ping wait 3h send alpha }");
    let after = ids(
        "journey a { on ping send omega } journey j { on ping reenter never emit x {} wait 3h send alpha }",
    );
    assert_eq!(before[..], after[1..]);
}

#[test]
fn plans_with_broken_journeys_are_refused() {
    let whole = policy("journey j { on ping repeat 2 times { wait 1h send alpha } }");
    let refused = |change: fn(&mut Plan)| {
        let mut plan = Plan::clone(&whole.plan);
        change(&mut plan);
        let json = serde_json::to_vec(&plan).expect("JSON");
        Plan::decode(&json).map(|_| ()).expect_err("refused").to_string()
    };
    let json = serde_json::to_vec(&*whole.plan).expect("JSON");
    assert_eq!(Plan::decode(&json).expect("a plan"), *whole.plan);
    let said = refused(|plan| plan.journeys[0].steps[1].text = "wait 2h".into());
    assert!(said.contains("its id doesn't follow from what it says"), "{said}");
    let said = refused(|plan| {
        if let StepKind::Wait { next, .. } = &mut plan.journeys[0].steps[1].kind {
            *next = Some(0);
        }
    });
    assert!(said.contains("it doesn't go forward"), "{said}");
    let said = refused(|plan| {
        if let StepKind::Again { repeat } = &mut plan.journeys[0].steps[3].kind {
            *repeat = 1;
        }
    });
    assert!(said.contains("it repeats nothing"), "{said}");
    let said = refused(|plan| plan.journeys[0].steps.truncate(2));
    assert!(said.contains("it doesn't go forward"), "{said}");
}
