//! Policies as beginners write them, who come from SQL, from spreadsheets, from other tools, with what they are told.
//!
//! The snapshots are there to be read: would somebody in marketing know what to do?

use comity_compiler::check;
use comity_compiler::diagnostic::{Severity, render};
use comity_compiler::source::{Project, SourceFile};
use std::fs;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/beginners");

/// All that is found in a policy, as text.
fn told(path: &Path) -> String {
    let name = path.file_name().expect("a name").to_string_lossy();
    let project = Project::single(SourceFile::new(name, fs::read_to_string(path).expect("a policy")));
    let found = check(&project).diagnostics;
    let errors = found.iter().filter(|one| one.severity == Severity::Error).count();
    let fixes = found.iter().filter(|one| one.fix.is_some()).count();
    let shown: Vec<String> = found.iter().map(|one| render(&project, one)).collect();
    format!("{errors} errors, {fixes} mends\n\n{}", shown.join("\n"))
}

#[test]
fn beginners_are_told_what_to_do() {
    let mut paths: Vec<_> =
        fs::read_dir(FOLDER).expect("policies").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(paths.len() >= 10);
    for path in paths {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        insta::assert_snapshot!(name, told(&path));
    }
}
