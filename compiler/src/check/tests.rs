//! The checker on whole policies.

use super::*;
use crate::mistakes::fixture::{found, is_beside, project};
use crate::source::SourceFile;

mod dependencies;
mod fixtures;

const SHOP: &str = include_str!("tests/shop.comity");

/// What is found in a policy but what nothing uses yet: the reference declares more than it shows the use of.
fn wrong(text: &str) -> Vec<String> {
    let found = check(&project(text)).diagnostics.into_iter().filter(|one| !is_beside(one));
    found.map(|one| one.message).collect()
}

#[test]
fn the_reference_checks() {
    assert_eq!(wrong(SHOP), Vec::<String>::new());
}

#[test]
fn the_reference_in_outline() {
    let project = Project::single(SourceFile::new("shop.comity", SHOP));
    insta::assert_snapshot!(crate::checked::print(&check(&project).checked));
}

/// Order of files and declarations has no meaning: each declaration in a file of its own, in reverse.
#[test]
fn order_has_no_meaning() {
    let tree = comity_grammar::parse(SHOP).file;
    let mut files = Vec::new();
    for (position, declaration) in tree.declarations.iter().enumerate() {
        let text = &SHOP[declaration.span.range()];
        files.push(SourceFile::new(format!("{:03}.comity", 999 - position), text));
    }
    let manifest = "[policy]\nname = \"shop\"\nedition = \"2026\"\n";
    let project = Project::new(SourceFile::new(crate::source::MANIFEST, manifest), files);
    let analysis = check(&project);
    assert!(analysis.diagnostics.iter().all(is_beside), "{:?}", analysis.diagnostics);
    let single = Project::single(SourceFile::new("shop.comity", SHOP));
    let outline = |analysis: &Analysis| {
        let text = crate::checked::print(&analysis.checked);
        let lines: Vec<String> =
            text.lines().map(|line| line.split(" // ").next().unwrap_or_default().to_owned()).collect();
        let mut suppressions: Vec<String> =
            lines.iter().filter(|line| line.starts_with("suppress")).cloned().collect();
        suppressions.sort();
        let rest: Vec<String> = lines.into_iter().filter(|line| !line.starts_with("suppress")).collect();
        (rest, suppressions)
    };
    assert_eq!(outline(&analysis), outline(&check(&single)));
}

/// Whatever is cut out of a policy, checking ends and says something.
#[test]
fn nothing_panics() {
    let bounds: Vec<usize> = (0..=SHOP.len()).filter(|at| SHOP.is_char_boundary(*at)).collect();
    for (position, end) in bounds.iter().enumerate().step_by(37) {
        found(&SHOP[..*end]);
        let from = bounds[position / 2];
        found(&format!("{}{}", &SHOP[..from], &SHOP[*end..]));
    }
}

/// Long rows and circles are walked, not descended into.
#[test]
fn long_policies_are_no_danger() {
    let mut text = String::from("let a0 = 1\n");
    for i in 1..3000 {
        text += &format!("let a{i} = a{} + a{}\n", i - 1, i - 1);
    }
    assert!(found(&text).starts_with("warning[W0001]"));
    let mut circle = String::new();
    for i in 0..500 {
        circle += &format!("segment s{i} = s{}\n", (i + 1) % 500);
    }
    assert!(found(&circle).contains("E0107"));
}

/// What beginners write, as they see it.
#[test]
fn mistakes_as_they_are_shown() {
    insta::assert_snapshot!(found(include_str!("tests/beginner.comity")));
    insta::assert_snapshot!(found(include_str!("tests/messages.comity")));
}

/// What authors write who know other languages.
#[test]
fn habits_of_other_languages() {
    insta::assert_snapshot!(found(include_str!("tests/habits.comity")));
}

/// A large policy is checked in a time that grows with it, not with its square.
#[test]
fn large_policies_are_checked_quickly() {
    let mut text = SHOP.to_owned();
    for i in 0..1000 {
        text += &format!(
            "segment bought_{i} = count of (purchase where category == \"c{i}\") within 30d > 2\n\
             message mail_{i} {{ class promotional purpose marketing on purchase when bought_{i} and basket > {i} EUR\n\
             via email content email {{ subject \"x\" body \"{{event.amount}}\" }} }}\n"
        );
    }
    let started = std::time::Instant::now();
    assert_eq!(wrong(&text), Vec::<String>::new());
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
