//! A policy whose messages are edited one by one is the policy that its text says: the same version, the same records, the
//! same customers.

use comity_compiler::compile;
use comity_compiler::ids::FileId;
use comity_compiler::incremental::{Edited, Incremental};
use comity_grammar::tree::DeclarationKind;
use comity_runtime::policy::Policy;
use comity_runtime::replay::Replay;
use comity_runtime::state;
use comity_runtime::step::Detail;
use comity_tests::generate::{Random, events, policy, profiles};
use comity_tests::{ask_placements, feed, policies, project};
use std::sync::Arc;

/// How many policies are edited: 60, or what `COMITY_CASES` says.
fn cases() -> u64 {
    std::env::var("COMITY_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(60)
}

/// So often each.
const EDITS: usize = 12;

/// How often which way was taken.
#[derive(Default, Debug)]
struct Ways {
    /// One message was compiled alone.
    alone: usize,
    /// And its engine, with machine code, was amended.
    amended: usize,
    /// All was compiled anew.
    whole: usize,
}

#[test]
fn edited_policies_are_what_their_text_says() {
    let mut ways = Ways::default();
    for seed in 0..cases() {
        let mut random = Random::new(seed);
        let mut text = policy(&mut random);
        let mut incremental = Incremental::new(project(&text));
        let mut running = incremental.plan().map(policies);
        for step in 0..EDITS {
            let next = edited(&mut random, &text);
            let became = incremental.edit(FileId(0), next.clone());
            let expected = compile(&project(&next)).plan;
            let version = expected.as_ref().map(|plan| plan.hash());
            assert_eq!(incremental.version(), version, "seed {seed}, edit {step}: {became:?}\n{next}");
            let Some(expected) = expected else {
                // What can't be read is mended before the next edit.
                assert_eq!(incremental.edit(FileId(0), text.clone()), Edited::Whole);
                running = incremental.plan().map(policies);
                ways.whole += 1;
                continue;
            };
            text = next;
            let plan = incremental.plan().expect("it has a version");
            plan.validate().expect("what was put together is a plan");
            assert_eq!(Some(plan.hash()), version, "seed {seed}, edit {step}");
            running = match became {
                Edited::Whole => {
                    ways.whole += 1;
                    Some(policies(plan))
                }
                Edited::Messages(changed) => {
                    ways.alone += 1;
                    let amended = running.map(|running| {
                        running.map(|policy| {
                            let engine = policy.engine.amended(Arc::clone(plan), &changed)?;
                            let engine = engine.expect("machine code for this machine");
                            Some(Arc::new(policy.amended(engine, &changed, plan.hash())))
                        })
                    });
                    match amended {
                        Some([Some(interpreter), Some(jit)]) => {
                            ways.amended += 1;
                            Some([interpreter, jit])
                        }
                        _ => Some(policies(plan)),
                    }
                }
            };
            let [interpreter, _] = policies(&expected);
            let customers = 1 + random.below(3);
            let profiles = profiles(&mut random, customers);
            let count = 5 + random.below(25);
            let events = events(&mut random, customers, count);
            let input = (profiles.as_str(), events.as_str(), customers);
            let (records, whole) = decide(&interpreter, input);
            for amended in running.iter().flatten() {
                let (found, replay) = decide(amended, input);
                assert!(
                    records == found,
                    "seed {seed}, edit {step}: an edited policy differs\n{text}\n{profiles}\n{events}\n{}\nedited:\n{}",
                    String::from_utf8_lossy(&records),
                    String::from_utf8_lossy(&found),
                );
                for id in (0..customers).map(|id| format!("c{id}")) {
                    let Some(profile) = replay.profile(&id) else { continue };
                    let bytes = state::pack(amended, profile);
                    let same = whole.profile(&id).map(|profile| state::pack(&interpreter, profile));
                    assert!(
                        same.as_deref() == Some(&bytes[..]),
                        "seed {seed}, edit {step}: {profile:?}\n{text}"
                    );
                    let read = state::unpack(amended, &bytes).expect("a customer of the same version");
                    assert!(state::pack(amended, &read) == bytes, "seed {seed}, edit {step}: {profile:?}");
                    let read = state::unpack(&interpreter, &bytes).expect("a customer of the same version");
                    assert!(
                        state::pack(&interpreter, &read) == bytes,
                        "seed {seed}, edit {step}: {profile:?}"
                    );
                }
            }
        }
    }
    println!("{ways:?}");
    assert!(ways.alone * 3 > ways.whole && ways.amended * 2 > ways.alone, "{ways:?}");
}

/// A run over a log, and what placements show after it.
fn decide(policy: &Arc<Policy>, (profiles, events, customers): (&str, &str, u64)) -> (Vec<u8>, Replay) {
    let mut out = Vec::new();
    let replay = Replay::new(Arc::clone(policy), Detail { blocked: true, redact: false });
    let mut replay = feed(replay, profiles, events, &mut out);
    replay.finish(None, &mut out);
    ask_placements(&mut replay, customers, &mut out);
    replay.finish(None, &mut out);
    (out, replay)
}

/// The events that a policy declares.
fn policy_events(text: &str) -> Vec<String> {
    let names = comity_grammar::parse(text).file.declarations.into_iter().filter_map(|one| match one.kind {
        DeclarationKind::Event(event) => Some(event.name.text.to_string()),
        _ => None,
    });
    names.collect()
}

/// A policy with another text in one message.
fn edited(random: &mut Random, text: &str) -> String {
    let file = comity_grammar::parse(text).file;
    let messages = file.declarations.iter().filter(|one| matches!(one.kind, DeclarationKind::Message(_)));
    let messages: Vec<_> = messages.map(|one| one.span.range()).collect();
    let place = messages[random.below(messages.len() as u64) as usize].clone();
    let message = &text[place.clone()];
    let changed = match random.below(10) {
        // Another number, or several.
        0..=3 => {
            let digits: Vec<usize> =
                message.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
            let mut bytes = message.as_bytes().to_vec();
            for _ in 0..1 + random.below(2) {
                if let Some(at) = digits.get(random.below(digits.len().max(1) as u64) as usize) {
                    bytes[*at] = b'0' + random.below(10) as u8;
                }
            }
            String::from_utf8_lossy(&bytes).into_owned()
        }
        // Other words.
        4 => {
            let (from, to) =
                [("silver", "gold"), (" and ", " or "), ("<", ">="), ("true", "false"), ("\"DE\"", "\"AT\"")]
                    [random.below(5) as usize];
            message.replacen(from, to, 1)
        }
        // Another text, of those that events and profiles have, or one that nobody has heard of.
        5 => {
            let quotes: Vec<usize> = message.match_indices('"').map(|(at, _)| at).collect();
            let pairs: Vec<&[usize]> = quotes.chunks_exact(2).collect();
            let Some(pair) = pairs.get(random.below(pairs.len().max(1) as u64) as usize) else {
                return text.to_owned();
            };
            let new =
                ["DE", "FR", "shoes", "hats", "kino", "a new one", "zz", "AA"][random.below(8) as usize];
            format!("{}{new}{}", &message[..=pair[0]], &message[pair[1]..])
        }
        // Another question to the history besides.
        6 => {
            let (at, days) = (["when ", "unless "][random.below(2) as usize], 1 + random.below(400));
            let event = policy_events(text);
            let event = &event[random.below(event.len() as u64) as usize];
            let question = match random.below(3) {
                0 => format!("any {event} within {days}d"),
                1 => format!("count of {event} < {days}"),
                _ => format!("no {event} within this year"),
            };
            message.replacen(at, &format!("{at}{question} or "), 1)
        }
        // A line more or less, with nothing in it, or with a comment.
        7 => message.replacen('\n', ["\n\n", "\n  // hello }\n"][random.below(2) as usize], 1),
        // What another message says in one of its lines.
        8 => {
            let other = &text[messages[random.below(messages.len() as u64) as usize].clone()];
            let lines: Vec<&str> = other.lines().skip(1).collect();
            let line =
                lines.get(random.below(lines.len().max(1) as u64) as usize).copied().unwrap_or_default();
            let keyword = line.split_whitespace().next().unwrap_or_default();
            let own: Vec<&str> = message.lines().collect();
            let replaced = own.iter().map(|own| {
                if own.split_whitespace().next() == Some(keyword) && keyword != "}" { line } else { own }
            });
            replaced.collect::<Vec<_>>().join("\n")
        }
        // Something that can't be read, or that is more than one message.
        _ => message.replacen(
            '\n',
            ["\n } message zz {\n", "\n when\n", "\n \"\n", "\n } segment zz = true\n"]
                [random.below(4) as usize],
            1,
        ),
    };
    format!("{}{changed}{}", &text[..place.start], &text[place.end..])
}
