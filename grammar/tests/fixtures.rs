//! The parser over the fixtures: valid files have no errors, and no file makes it panic.

use comity_grammar::{parse, print};
use std::path::PathBuf;

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "comity"))
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn valid_files_have_no_errors() {
    let files = files("valid");
    assert!(!files.is_empty());
    for (path, text) in files {
        let errors = parse(&text).errors;
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
}

#[test]
fn trees_are_printed() {
    for (path, text) in files("valid") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        insta::assert_snapshot!(format!("tree_of_{name}"), print(&parse(&text).file));
    }
}

#[test]
fn half_a_file_is_still_read() {
    for (path, text) in files("valid") {
        for cut in (0..text.len()).step_by(29).filter(|&cut| text.is_char_boundary(cut)) {
            let parsed = parse(&text[..cut]);
            assert_eq!(parsed.tokens.last().unwrap().span.end as usize, cut, "{}", path.display());
        }
    }
}
