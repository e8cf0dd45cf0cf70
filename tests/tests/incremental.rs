//! A policy whose messages are edited one by one is the policy that its text says: the same version, the same records.

use comity_compiler::compile;
use comity_compiler::ids::FileId;
use comity_compiler::incremental::{Edited, Incremental};
use comity_grammar::tree::DeclarationKind;
use comity_tests::generate::{Random, policy};
use comity_tests::project;

/// How many policies are edited: 60, or what `COMITY_CASES` says.
fn cases() -> u64 {
    std::env::var("COMITY_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(60)
}

/// So often each.
const EDITS: usize = 12;

#[test]
fn edited_policies_are_what_their_text_says() {
    let (mut alone, mut whole) = (0, 0);
    for seed in 0..cases() {
        let mut random = Random::new(seed);
        let mut text = policy(&mut random);
        let mut incremental = Incremental::new(project(&text));
        for step in 0..EDITS {
            let next = edited(&mut random, &text);
            let became = incremental.edit(FileId(0), next.clone());
            let expected = compile(&project(&next)).plan;
            let version = expected.as_ref().map(|plan| plan.hash());
            assert_eq!(incremental.version(), version, "seed {seed}, edit {step}: {became:?}\n{next}");
            match became {
                Edited::Whole => whole += 1,
                Edited::Messages(messages) => {
                    let plan = incremental.plan().expect("it has a version");
                    assert_eq!(plan.hash(), version.expect("it has a version"), "seed {seed}, edit {step}");
                    plan.validate().expect("what was put together is a plan");
                    alone += messages.len();
                }
            }
            // What can't be read is mended before the next edit.
            if expected.is_some() {
                text = next;
            } else {
                assert_eq!(incremental.edit(FileId(0), text.clone()), Edited::Whole);
            }
        }
    }
    println!("{alone} messages alone, {whole} policies anew");
    assert!(alone * 3 > whole, "{alone} messages alone, {whole} policies anew");
}

/// A policy with another text in one message.
fn edited(random: &mut Random, text: &str) -> String {
    let file = comity_grammar::parse(text).file;
    let messages = file.declarations.iter().filter(|one| matches!(one.kind, DeclarationKind::Message(_)));
    let messages: Vec<_> = messages.map(|one| one.span.range()).collect();
    let place = messages[random.below(messages.len() as u64) as usize].clone();
    let message = &text[place.clone()];
    let changed = match random.below(8) {
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
        // A line more or less, with nothing in it, or with a comment.
        5 => message.replacen('\n', ["\n\n", "\n  // hello }\n"][random.below(2) as usize], 1),
        // What another message says in one of its lines.
        6 => {
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
