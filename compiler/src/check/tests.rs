//! Policies with their mistakes marked: `//^^^ E0123` under the place, in the form of the manual's fixtures.

use super::*;
use crate::diagnostic::{line_and_column, render};
use crate::source::SourceFile;

mod fixtures;

/// All that is found in a policy of one file, as text.
fn found(text: &str) -> String {
    let project = Project::single(SourceFile::new("policy.comity", text));
    let analysis = check(&project);
    // Whatever is wrong with it, it can be printed.
    crate::checked::print(&analysis.checked);
    analysis.diagnostics.iter().map(|diagnostic| render(&project, diagnostic)).collect::<Vec<_>>().join("\n")
}

/// Line, column and code of each mark: `//   ^^ E0123` means the place in the last line above that has no mark.
fn marks(text: &str) -> Vec<(usize, usize, String)> {
    let mut marks = Vec::new();
    let mut line = 0;
    for (position, source) in text.lines().enumerate() {
        match source.trim_start().strip_prefix("//").filter(|rest| rest.contains('^')) {
            Some(rest) => {
                let column = source.chars().position(|c| c == '^').unwrap_or(0) + 1;
                let code = rest.trim_start_matches(['^', ' ']).trim();
                marks.extend(code.split(' ').map(|code| (line, column, code.to_owned())));
            }
            None => line = position + 1,
        }
    }
    marks
}

/// A policy in which exactly the marked mistakes are found. A policy without messages is fine here.
fn fixture(text: &str) {
    let project = Project::single(SourceFile::new("policy.comity", text));
    let analysis = check(&project);
    let mut places: Vec<(usize, usize, String)> = Vec::new();
    for diagnostic in analysis.diagnostics.iter().filter(|one| one.code.as_str() != "W0001") {
        let at = diagnostic.location().unwrap_or_else(|| panic!("{diagnostic:?} has no place"));
        let (line, column) = line_and_column(text, at.span.start);
        places.push((line, column, diagnostic.code.to_string()));
    }
    let mut wanted = marks(text);
    places.sort();
    wanted.sort();
    assert_eq!(places, wanted, "\n{}", found(text));
}

const SHOP: &str = include_str!("tests/shop.comity");

#[test]
fn the_reference_checks() {
    assert_eq!(found(SHOP), "");
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
    assert_eq!(analysis.diagnostics, []);
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
    assert_eq!(found(&text), "");
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
