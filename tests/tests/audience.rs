//! Audiences are what the gates say customer by customer: random policies over random profiles, both engines, and an
//! example.

use comity_compiler::ids::{HoldoutId, MessageId, SegmentId};
use comity_compiler::lower::Origins;
use comity_compiler::plan::Plan;
use comity_runtime::audience::{Audience, Judge, Part, ROWS, Target};
use comity_runtime::bucket;
use comity_runtime::explain::{Explanation, Passage, Sources};
use comity_runtime::policy::Policy;
use comity_runtime::replay::Replay;
use comity_runtime::step::Detail;
use comity_tests::generate::{Random, policy, profiles};
use comity_tests::{example, plan, policies};
use std::collections::BTreeMap;
use std::sync::Arc;

/// 2026-11-27T21:30:00Z: in quiet hours here, on the next day there.
const AT: i64 = 1_795_815_000_000_000;

/// By target and customer: found, and held out.
type Answers = Vec<Vec<(bool, bool)>>;

fn all_targets(plan: &Plan) -> Vec<Target> {
    let segments = (0..plan.segments.len()).map(|at| Target::Segment(SegmentId::at(at)));
    segments.chain((0..plan.messages.len()).map(|at| Target::Message(MessageId::at(at)))).collect()
}

/// What the columns say. Customers are repeated, so that they are in several blocks.
fn by_columns(policy: &Arc<Policy>, profiles: &str, times: usize) -> Answers {
    let targets = all_targets(&policy.plan);
    let audience = Audience::new(Arc::clone(policy), &targets, AT);
    let mut part = Part::new(&audience);
    for _ in 0..times {
        for line in profiles.lines() {
            part.push(policy.schema.profile(line.as_bytes()).expect("a profile"));
        }
    }
    let mut judge = Judge::new(&audience);
    let mut answers: Answers = vec![Vec::new(); targets.len()];
    let mut held_out = vec![0; targets.len()];
    for start in (0..part.len()).step_by(ROWS) {
        let verdicts = judge.block(&part, start);
        let counts: Vec<(u64, u64)> = (0..targets.len()).map(|target| verdicts.counts(target)).collect();
        let mut counted = vec![0; targets.len()];
        let mut rows = 0;
        verdicts.each(|row, words| {
            assert_eq!(row, rows);
            rows += 1;
            for (target, answers) in answers.iter_mut().enumerate() {
                let found = words[target / 64] >> (target % 64) & 1 == 1;
                counted[target] += u64::from(found);
                answers.push((found, false));
            }
        });
        assert_eq!(rows, (part.len() - start).min(ROWS));
        for (target, (found, held)) in counts.into_iter().enumerate() {
            assert_eq!(found, counted[target]);
            held_out[target] += held;
        }
    }
    let count = profiles.lines().count();
    for (target, answers) in answers.iter_mut().enumerate() {
        for at in count..answers.len() {
            assert_eq!(answers[at].0, answers[at % count].0, "a customer is the same in every place");
        }
        answers.truncate(count);
        // Who is held out is told in figures: they are compared with those below.
        answers.push((false, held_out[target] > 0));
    }
    answers
}

/// What the gates say, one by one.
fn by_gates(policy: &Arc<Policy>, profiles: &str) -> Answers {
    let plan = &policy.plan;
    let mut replay = Replay::new(Arc::clone(policy), Detail::default());
    let mut subjects = Vec::new();
    for line in profiles.lines() {
        let profile = policy.schema.profile(line.as_bytes()).expect("a profile");
        subjects.push(profile.subject.clone());
        replay.import(profile);
    }
    let origins = Origins::default();
    let sources = Sources { origins: &origins, place: &|_| None };
    let segments = plan.segments.len();
    let messages = (0..plan.messages.len()).map(MessageId::at);
    let mut answers: Answers = vec![Vec::new(); segments];
    for id in messages {
        let message = &plan.messages[id.index()];
        let class = &plan.classes[message.class.index()];
        let holds_out = |holdout: HoldoutId, subject: &str| {
            let holdout = &plan.holdouts[holdout.index()];
            holdout.classes.contains(&message.class) && bucket(&holdout.salt, subject) < holdout.share
        };
        let mut of_message = Vec::new();
        for subject in &subjects {
            let why = replay.why(subject, id, AT, &sources).expect("a known customer");
            let passes = why.explanations.iter().any(passes);
            let mut holdouts = (0..plan.holdouts.len()).map(HoldoutId::at);
            let held = !class.ignores_holdout && holdouts.any(|holdout| holds_out(holdout, subject));
            of_message.push((passes && !held, passes && held));
        }
        // A message whose `when` is a segment says who is in it.
        if let Some(segment) = message.name.strip_prefix(MIRROR) {
            let at = plan.segments.iter().position(|known| known.name == segment).expect("a segment");
            answers[at] = of_message.clone();
        }
        answers.push(of_message);
    }
    for answers in &mut answers {
        let is_held = answers.iter().any(|(_, held)| *held);
        answers.iter_mut().for_each(|answer| answer.1 = false);
        answers.push((false, is_held));
    }
    answers
}

/// Whether gates 1 to 5 let a message pass on some way; what depends on the event doesn't stop it.
fn passes(one: &Explanation) -> bool {
    let open = |name: &str, result: Passage| match result {
        Passage::Passes | Passage::Open => true,
        Passage::Fails => false,
        Passage::Unasked => panic!("gate `{name}` was not asked"),
    };
    one.gates.iter().all(|gate| open(gate.name, gate.result))
        && one.ways.iter().any(|way| {
            let mut gates = way.gates.iter().filter(|gate| gate.number <= 5);
            gates.all(|gate| open(gate.name, gate.result))
        })
}

const MIRROR: &str = "mirror_of_";

/// The policy, and for each of its segments a message that is for whoever is in it.
fn mirrored(text: &str) -> Arc<Plan> {
    let segments = plan(text).segments.iter().map(|segment| segment.name.clone()).collect::<Vec<_>>();
    let mut text = text.to_owned();
    text.push_str("\npurpose mirroring { always on web }\nplacement mirror { on web show 1 }\n");
    for name in segments {
        text.push_str(&format!(
            "message {MIRROR}{name} {{ class service purpose mirroring at mirror when {name} content mirror {{ text \"m\" }} }}\n"
        ));
    }
    plan(&text)
}

/// How often each kind of answer came: found, not found, held out.
type Seen = BTreeMap<&'static str, usize>;

fn compare(plan: &Arc<Plan>, profiles: &str, times: usize, what: &str, seen: &mut Seen) {
    let [interpreter, jit] = policies(plan);
    let expected = by_gates(&interpreter, profiles);
    for policy in [&interpreter, &jit] {
        let found = by_columns(policy, profiles, times);
        for (target, (found, expected)) in all_targets(plan).into_iter().zip(found.iter().zip(&expected)) {
            assert_eq!(found, expected, "{what}: {target:?} {}\n{profiles}", name(plan, target));
        }
    }
    let count = profiles.lines().count();
    for (target, answers) in all_targets(plan).into_iter().zip(&expected) {
        let kind = |found| match (target, found) {
            (Target::Segment(_), true) => "in a segment",
            (Target::Segment(_), false) => "in no segment",
            (Target::Message(_), true) => "for a customer",
            (Target::Message(_), false) => "not for a customer",
        };
        answers[..count].iter().for_each(|(found, _)| *seen.entry(kind(*found)).or_default() += 1);
        *seen.entry("held out").or_default() += usize::from(answers[count].1);
    }
}

fn name(plan: &Plan, target: Target) -> &str {
    match target {
        Target::Segment(id) => &plan.segments[id.index()].name,
        Target::Message(id) => &plan.messages[id.index()].name,
    }
}

#[test]
fn random_audiences_are_what_the_gates_say() {
    let policies = std::env::var("COMITY_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2400_u64) / 100;
    let mut seen = Seen::new();
    for seed in 0..policies.max(1) {
        let mut random = Random::new(seed ^ 0xa0d1_e9ce);
        let text = policy(&mut random);
        let plan = mirrored(&text);
        let profiles = profiles(&mut random, 6);
        compare(&plan, &profiles, 90, &format!("seed {seed}\n{text}"), &mut seen);
    }
    println!("{seen:?}");
    for kind in ["in a segment", "in no segment", "for a customer", "not for a customer"] {
        assert!(seen.get(kind).is_some_and(|times| *times > 20), "hardly any answer `{kind}`: {seen:?}");
    }
    assert!(seen["held out"] > 0, "{seen:?}");
}

#[test]
fn the_audiences_of_the_examples_are_what_the_gates_say() {
    let mut seen = Seen::new();
    for example in ["shop", "cart-recovery", "opt-out", "win-back", "propensity"] {
        let plan = example::plan(example);
        let profiles =
            std::fs::read_to_string(example::folder(example).join("profiles.ndjson")).expect("profiles");
        let profiles: Vec<&str> = profiles.lines().take(30).collect();
        let [interpreter, jit] = policies(&plan);
        let segments = plan.segments.len();
        let expected = by_gates(&interpreter, &profiles.join("\n"));
        for policy in [&interpreter, &jit] {
            let found = by_columns(policy, &profiles.join("\n"), 1);
            assert_eq!(found[segments..], expected[segments..], "{example}");
        }
        *seen.entry("customers").or_default() += profiles.len();
    }
    assert!(seen["customers"] > 20, "{seen:?}");
}
