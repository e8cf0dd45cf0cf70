//! Explanations are true: what they say was decided is what the records say, their gates agree with it, and a change
//! that they name brings what they say when it is made.

use comity_compiler::checked::Location;
use comity_compiler::ids::MessageId;
use comity_compiler::lower::Origins;
use comity_compiler::value::Value;
use comity_runtime::explain::{Change, Explanation, Flip, Passage, Place, Sources, Verdict};
use comity_runtime::policy::Policy;
use comity_runtime::profile::{Grant, Profile, Withdrawal};
use comity_runtime::step::{Detail, Stepper};
use comity_tests::generate::{Random, events, policy, profiles};
use comity_tests::{plan, policies};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many random policies are tried.
fn cases() -> u64 {
    std::env::var("COMITY_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(80)
}

#[test]
fn what_is_said_of_random_policies_is_true() {
    let mut seen = BTreeMap::<String, u64>::new();
    for seed in 0..cases() {
        explain_all(seed, &mut seen);
    }
    println!("{seen:#?}");
    for kind in [
        "flip attribute made",
        "flip consent made",
        "flip time made",
        "flip value",
        "ineligible",
        "consent",
        "unreachable",
        "suppressed",
        "capped",
        "outranked",
        "held_out",
        "deferred",
        "sent",
        "shown",
        "inactive",
    ] {
        assert!(seen.contains_key(kind), "no case of `{kind}` was tried: {seen:#?}");
    }
}

fn explain_all(seed: u64, seen: &mut BTreeMap<String, u64>) {
    let mut random = Random::new(seed);
    let text = policy(&mut random);
    let [_, policy] = policies(&plan(&text));
    let customers = 2;
    let subject = ["c0", "c1"][(seed % 2) as usize];
    let profiles = profiles(&mut random, customers);
    let count = 5 + random.below(25);
    let events = events(&mut random, customers, count);
    let origins = Origins::default();
    let nowhere = |_: Location| None::<Place>;
    let sources = Sources { origins: &origins, place: &nowhere };
    for message in (0..policy.plan.messages.len()).map(MessageId::at) {
        let detail = Detail { blocked: true, redact: false };
        let mut run = comity_runtime::replay::Replay::new(Arc::clone(&policy), detail);
        run.follow(subject, message);
        for line in profiles.lines().filter(|line| !line.trim().is_empty()) {
            run.import(policy.schema.profile(line.as_bytes()).expect("a profile"));
        }
        for (place, line) in events.lines().enumerate() {
            if let Ok(event) = policy.schema.event(line.as_bytes()) {
                run.event(place as u64, event, &mut Vec::new());
            }
        }
        run.finish(None, &mut Vec::new());
        let at = run.clock().unwrap_or_default();
        let Some(why) = run.why(subject, message, at, &sources) else { continue };
        let say = |what: &str| {
            format!("seed {seed}, {}: {what}\n{why:#?}\n{text}\n{profiles}\n{events}", why.message)
        };
        // What was decided last is what is explained as decided. A deferred message may have been superseded or dropped
        // since, which is no decision of the gates.
        let last = why.decided.iter().rev().find(|one| !is_dropped(&one.outcome));
        let explained = why.explanations.iter().find(|one| one.decided);
        assert_eq!(last.is_some(), explained.is_some(), "{}", say("the decision"));
        if let (Some(last), Some(explained)) = (last, explained)
            && explained.outcome != Verdict::Open
        {
            assert_eq!(
                (last.time, &last.outcome),
                (explained.at, &explained.outcome),
                "{}",
                say("the outcome")
            );
        }
        for explanation in &why.explanations {
            gates_agree(explanation, seen).unwrap_or_else(|wrong| panic!("{}", say(&wrong)));
        }
        let Some(profile) = run.profile(subject) else { continue };
        flips_hold(&policy, profile, message, at, &sources, seen)
            .unwrap_or_else(|wrong| panic!("{}", say(&wrong)));
    }
}

fn is_dropped(outcome: &Verdict) -> bool {
    matches!(outcome, Verdict::Blocked { reason } if reason == "superseded" || reason == "stopped")
}

/// The first gate that fails gives the reason; what passes all is sent.
fn gates_agree(explanation: &Explanation, seen: &mut BTreeMap<String, u64>) -> Result<(), String> {
    let mut count = |what: &str| *seen.entry(what.to_owned()).or_default() += 1;
    let failing = |gates: &[comity_runtime::explain::Gate]| {
        gates.iter().find(|gate| gate.result == Passage::Fails).and_then(|gate| gate.reason.clone())
    };
    match &explanation.outcome {
        Verdict::Sent { channel } | Verdict::Deferred { channel, .. } => {
            count(if matches!(explanation.outcome, Verdict::Sent { .. }) { "sent" } else { "deferred" });
            let way = explanation.ways.iter().find(|way| way.channel == *channel).ok_or("no such way")?;
            let reason = failing(&explanation.gates).or_else(|| failing(&way.gates));
            match (&explanation.outcome, reason.as_deref()) {
                (Verdict::Sent { .. }, None) | (Verdict::Deferred { .. }, Some("quiet")) => Ok(()),
                (_, reason) => {
                    Err(format!("it came out as {:?}, but a gate says {reason:?}", explanation.outcome))
                }
            }
        }
        Verdict::Shown { .. } => {
            count("shown");
            let reason = failing(&explanation.gates).or_else(|| failing(&explanation.ways[0].gates));
            reason.map_or(Ok(()), |reason| Err(format!("it is shown, but a gate says {reason}")))
        }
        Verdict::HeldOut { holdout } => {
            count("held_out");
            let reasons: Vec<_> = explanation.ways.iter().filter_map(|way| failing(&way.gates)).collect();
            let held = format!("held_out:{holdout}");
            if reasons.contains(&held) { Ok(()) } else { Err(format!("{reasons:?} lacks {held}")) }
        }
        Verdict::Blocked { reason } => {
            count(reason.split(':').next().unwrap_or_default());
            if let Some(shared) = failing(&explanation.gates) {
                return if shared == *reason {
                    Ok(())
                } else {
                    Err(format!("gate {shared}, reason {reason}"))
                };
            }
            let reasons: Vec<_> = explanation.ways.iter().map(|way| failing(&way.gates)).collect();
            if reasons.iter().flatten().any(|one| one == reason) {
                Ok(())
            } else {
                Err(format!("it is blocked for {reason}, but the gates say {reasons:?}"))
            }
        }
        Verdict::Open => Ok(()),
    }
}

/// Makes the changes that flips name, and looks what comes out.
fn flips_hold(
    policy: &Arc<Policy>,
    profile: &Profile,
    message: MessageId,
    at: i64,
    sources: &Sources<'_>,
    seen: &mut BTreeMap<String, u64>,
) -> Result<(), String> {
    let mut stepper = Stepper::new(Arc::clone(policy), Detail::default());
    let scenes = stepper.suppose(profile, message, at, None);
    for (index, scene) in scenes.iter().enumerate() {
        let explanation = stepper.explain(scene, sources);
        for flip in &explanation.flips {
            if flip.outcome == explanation.outcome {
                return Err(format!("nothing changes by {flip:?}"));
            }
            for change in &flip.changes {
                let kind = match change {
                    Change::Attribute { .. } => "attribute",
                    Change::Value { .. } => "value",
                    Change::Consent { .. } | Change::Withdrawal { .. } => "consent",
                    Change::Time { .. } => "time",
                    Change::Without { .. } => "without",
                    Change::Holdout { .. } => "holdout",
                };
                *seen.entry(format!("flip {kind}")).or_default() += 1;
            }
            let Some((changed, then)) = made(policy, profile, flip, at) else { continue };
            for change in &flip.changes {
                let kind = match change {
                    Change::Attribute { .. } => "attribute",
                    Change::Time { .. } => "time",
                    _ => "consent",
                };
                *seen.entry(format!("flip {kind} made")).or_default() += 1;
            }
            let mut fresh = Stepper::new(Arc::clone(policy), Detail::default());
            let scenes = fresh.suppose(&changed, message, then, None);
            let again = fresh.explain(&scenes[index], sources);
            if again.outcome != flip.outcome {
                return Err(format!("{flip:?} was made, and came out as {:?}", again.outcome));
            }
        }
    }
    Ok(())
}

/// The customer after the changes, and the instant; nothing where one of them can't be made from outside.
fn made(policy: &Arc<Policy>, profile: &Profile, flip: &Flip, at: i64) -> Option<(Profile, i64)> {
    let plan = &policy.plan;
    let mut changed = profile.clone();
    let now = profile.now.max(at);
    let mut then = at;
    let purpose = |name: &str| {
        plan.purposes.iter().position(|one| one.name == name).map(comity_compiler::ids::PurposeId::at)
    };
    let channel = |name: &str| {
        plan.channels.iter().position(|one| one.name == name).map(comity_compiler::ids::ChannelId::at)
    };
    for change in &flip.changes {
        if let Change::Attribute { what, to, .. } = change {
            let name = what.strip_prefix("profile.")?;
            let id = plan.attributes.iter().position(|one| one.name == name)?;
            let value = value(policy, name, to)?;
            changed.set_attribute(policy, comity_compiler::ids::AttributeId::at(id), value, now);
        }
    }
    for change in &flip.changes {
        match change {
            Change::Attribute { .. } => {}
            Change::Consent { purpose: of, channel: on, confirmed } => changed.ledger.grant(Grant {
                receipt: "r".into(),
                purpose: purpose(of)?,
                channel: Some(channel(on)?),
                time: now + 1,
                source: None,
                confirmed: *confirmed,
            }),
            Change::Withdrawal { purpose: of, channel: on } => {
                changed.ledger.withdraw(Withdrawal {
                    purpose: purpose(of),
                    channel: channel(on),
                    time: now + 1,
                });
            }
            Change::Time { at } => then = *at,
            Change::Value { .. } | Change::Without { .. } | Change::Holdout { .. } => return None,
        }
    }
    Some((changed, then))
}

/// A value as a profile would bring it; `None` where its words can't be read back.
fn value(policy: &Policy, name: &str, words: &str) -> Option<Option<Value>> {
    let json = match words {
        "unknown" => return Some(None),
        "known" | "another one" => return Some(Some(policy.schema.text("\u{2026}"))),
        words if words.starts_with('"') => words.to_owned(),
        words if words.starts_with('[') => return None,
        words if words.parse::<f64>().is_ok() || words == "true" || words == "false" => words.to_owned(),
        words => format!("\"{words}\""),
    };
    let line = format!("{{\"subject\":\"x\",\"attributes\":{{\"{name}\":{json}}}}}");
    let profile = policy.schema.profile(line.as_bytes()).ok()?;
    profile.attributes.into_iter().next().map(|(_, value)| value)
}
