//! Whole policies: the examples of this project, and the one that runs through the reference.

use crate::compile::{Compiled, compile};
use crate::lower::state_report;
use crate::plan::Plan;
use crate::source::{Project, SourceFile};
use comity_grammar::tree::DeclarationKind;
use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

const EXAMPLES: [&str; 4] = ["shop", "grocery", "online-retail", "otto"];

/// The manifest and the policy files of an example.
fn files(example: &str) -> (SourceFile, Vec<SourceFile>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(example);
    let read = |name: &str| SourceFile::new(name, std::fs::read_to_string(folder.join(name)).unwrap());
    let names = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".comity"));
    (read("comity.toml"), names.map(|name| read(&name)).collect())
}

fn project(example: &str) -> Project {
    let (manifest, files) = files(example);
    Project::new(manifest, files)
}

/// A policy in one file.
fn single(text: &str) -> Project {
    Project::single(SourceFile::new("shop.comity", text))
}

/// The policy that runs through the language reference.
fn reference() -> Project {
    single(include_str!("shop.comity"))
}

fn compiled(project: &Project) -> Compiled {
    let compiled = compile(project);
    assert!(!compiled.analysis.has_errors(), "{:#?}", compiled.analysis.diagnostics);
    compiled
}

fn plan(project: &Project) -> Arc<Plan> {
    compiled(project).plan.unwrap()
}

#[test]
fn plans_of_the_examples_are_valid() {
    for example in EXAMPLES {
        let plan = plan(&project(example));
        assert_eq!(plan.validate().map_err(|error| error.to_string()), Ok(()), "{example}");
        let bytes = serde_json::to_vec(&*plan).unwrap();
        assert_eq!(Plan::decode(&bytes).unwrap().hash(), plan.hash(), "{example}");
    }
}

#[test]
fn all_parts_come_from_somewhere() {
    let conditions = "
        message more {
          class promotional  purpose marketing  at feed
          when profile.lifetime_value in 10 EUR..20 EUR and profile.country in [\"DE\", \"IT\"]
               or match profile.tier { gold => profile.open_tickets < 3, else => consent(care, email) }
          unless profile.open_tickets in [7] or local.time in 22:00..06:00
          content web { title \"More\" }
        }";
    for text in [include_str!("shop.comity").to_owned(), include_str!("shop.comity").to_owned() + conditions]
    {
        let compiled = compiled(&single(&text));
        let (plan, origins) = (compiled.plan.unwrap(), compiled.origins);
        for (index, atom) in plan.atoms.iter().enumerate() {
            assert!(!origins.atoms[index].is_empty(), "{:?}", plan.expr(atom.expr));
        }
        for (index, slot) in plan.slots.iter().enumerate() {
            let implied = matches!(slot.source, crate::plan::Source::Now);
            assert!(implied || !origins.slots[index].is_empty(), "{slot:?}");
        }
        assert!(origins.streams.iter().all(|needs| !needs.is_empty()));
        let lengths = (origins.atoms.len(), origins.slots.len(), origins.streams.len());
        assert_eq!(lengths, (plan.atoms.len(), plan.slots.len(), plan.streams.len()));
    }
}

#[test]
fn in_a_score_money_is_its_amount() {
    let text = include_str!("shop.comity")
        .replace("margin: percent = 10% }", "margin: money EUR = 2.50 EUR }")
        .replace("margin   = 40%", "margin = 8 EUR")
        .replace("score propensity * value * lever", "score value + margin");
    let plan = plan(&single(&text));
    let score = |name: &str| {
        let message = plan.messages.iter().find(|message| message.name == name).unwrap();
        match plan.expr(message.displays[0].route.score).op {
            crate::plan::Op::Constant(cell) => f64::from_bits(cell),
            ref op => panic!("{op:?}"),
        }
    };
    assert_eq!((score("spring_shoes"), score("golf_week")), (20.0, 22.5));
}

#[test]
fn the_shop_keeps_what_its_rules_ask_for() {
    let project = reference();
    let compiled = compiled(&project);
    let plan = compiled.plan.unwrap();
    let mut report = String::new();
    for row in state_report(&plan, &compiled.origins) {
        let filter = row.filter.map(|filter| format!(" where {filter}")).unwrap_or_default();
        writeln!(report, "{}{filter}: {}", row.event, row.horizon).unwrap();
        if !row.fields.is_empty() {
            writeln!(report, "    fields {}", row.fields.join(", ")).unwrap();
        }
        for (at, declaration) in row.needed_by {
            let (path, text) = project.file(at.file).unwrap();
            let line = text[..at.span.start as usize].lines().count();
            writeln!(report, "    {declaration}, {path}:{line}: {}", &text[at.span.range()]).unwrap();
        }
    }
    insta::assert_snapshot!(report);
}

#[test]
fn the_plan_of_the_reference() {
    insta::assert_snapshot!(plan(&reference()).outline());
}

/// The same policy with its declarations in another order and other files. Suppress rules, whose names are
/// their places, stay together.
fn reordered(example: &str, keys: &[u16]) -> Project {
    let (manifest, files) = files(example);
    let trees = compile(&Project::new(manifest.clone(), files.clone())).analysis.trees;
    let mut sorted = files;
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    let (mut rules, mut others) = (String::new(), Vec::new());
    for (file, tree) in sorted.iter().zip(&trees) {
        for declaration in &tree.declarations {
            let text = &file.text[declaration.span.range()];
            match declaration.kind {
                DeclarationKind::Suppress(_) => writeln!(rules, "{text}").unwrap(),
                _ => others.push(text),
            }
        }
    }
    let mut parts = [const { String::new() }; 3];
    let mut order: Vec<_> = (0..others.len()).collect();
    order.sort_by_key(|&index| (keys[index % keys.len()], index));
    for index in order {
        let part = &mut parts[usize::from(keys[index % keys.len()]) % 3];
        writeln!(part, "{}\n", others[index]).unwrap();
    }
    let mut all: Vec<_> = parts
        .into_iter()
        .zip(["a.comity", "z.comity", "deep/er.comity"])
        .map(|(text, name)| SourceFile::new(name, text))
        .collect();
    all.push(SourceFile::new("rules.comity", rules));
    Project::new(manifest, all)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn order_and_files_have_no_meaning(keys in proptest::collection::vec(any::<u16>(), 97)) {
        for example in EXAMPLES {
            let (one, other) = (plan(&reordered(example, &[0])), plan(&reordered(example, &keys)));
            prop_assert_eq!(&one, &other);
            prop_assert_eq!(one.hash(), other.hash());
        }
    }
}

const SHOP: &str = r#"
profile { email: email?  age: int?  timezone: timezone = "Europe/Berlin" }
event purchase { amount: money EUR, category: text }
channel email { to profile.email }
class offers
purpose marketing { opt_in on email }
message hello {
  class offers  purpose marketing  on purchase  via email
  when profile.age is known and profile.age >= 18
  content email { subject "Hi" body "Hi" }
}
"#;

#[test]
fn what_nothing_uses_is_not_in_the_plan() {
    let unused = format!(
        "{SHOP}
        let unused = count of (purchase where category == \"only here\") within 30d
        let other(limit: int) = unused > limit
        table never(a: int): number {{ 1 => 2  _ => 3 }}"
    );
    assert_eq!(plan(&single(SHOP)), plan(&single(&unused)));
}

#[test]
fn how_a_condition_is_written_does_not_matter() {
    let written = |when: &str| {
        let text = SHOP.replace("profile.age is known and profile.age >= 18", when);
        plan(&single(&text)).hash()
    };
    let plain = written("profile.age is known and profile.age >= 18");
    for other in [
        "not (profile.age is unknown or profile.age < 18)",
        "profile.age is known and 18 <= profile.age and true",
        "if profile.age is known then profile.age >= 18 else false",
        "profile.age is known and (profile.age >= 18 or false)",
        "profile.age is known and match true { true => profile.age >= 18, false => false }",
    ] {
        assert_eq!(written(other), plain, "{other}");
    }
    assert_ne!(written("profile.age is known and profile.age > 18"), plain);
}
