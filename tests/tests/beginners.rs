//! Policies as beginners write them, who come from SQL, from spreadsheets, from other tools, with what they are told.
//!
//! The snapshots are there to be read: would somebody in marketing know what to do?

use comity_compiler::check;
use comity_compiler::diagnostic::{Diagnostic, Severity, render};
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

/// What is found in a policy: code, message and place of each, and how many mistakes of syntax there are.
fn found(name: &str, text: &str) -> (Vec<(String, String, u32)>, usize) {
    let found = check(&Project::single(SourceFile::new(name, text))).diagnostics;
    let syntax = found.iter().filter(|one| one.is_of_syntax()).count();
    let place = |one: &Diagnostic| one.location().map_or(0, |at| at.span.start);
    (found.iter().map(|one| (one.code.to_string(), one.message.clone(), place(one))).collect(), syntax)
}

/// Each mend, applied alone, leaves its mistake behind, and no more of syntax than there was.
#[test]
fn every_mend_is_one() {
    let mut mends = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(FOLDER).expect("policies") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a policy");
        let (before, syntax_before) = found(&name, &text);
        let project = Project::single(SourceFile::new(&name, &text));
        for (one, itself) in check(&project).diagnostics.iter().zip(&before) {
            let Some(fix) = &one.fix else { continue };
            let mut edits = fix.edits.clone();
            edits.sort_by_key(|edit| std::cmp::Reverse(edit.location.span.start));
            let mut mended = text.clone();
            for edit in edits {
                mended.replace_range(edit.location.span.range(), &edit.text);
            }
            mends += 1;
            let (after, syntax_after) = found(&name, &mended);
            if after.contains(itself) || syntax_after > syntax_before {
                wrong
                    .push(format!("{syntax_before} before, {syntax_after} after\n{}", render(&project, one)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(mends > 30, "only {mends} mends");
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
