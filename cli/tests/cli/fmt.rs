use crate::support::Folder;

const UGLY: &str = "class   service\n\n\n\nclass promotional   // last\n";
const NEAT: &str = "class service\n\nclass promotional  // last\n";

#[test]
fn files_are_laid_out_in_place() {
    let folder = Folder::new();
    folder.write("p/a.comity", UGLY).write("p/sub/b.comity", NEAT).write("p/.hidden/c.comity", UGLY);
    folder.comity(&["fmt", "p"]).ends(0, &["changed 1 of 2 files"]);
    let once = folder.read("p/a.comity");
    assert_ne!(once, UGLY);
    assert!(once.contains("// last"));
    assert_eq!(folder.read("p/.hidden/c.comity"), UGLY);
    folder.comity(&["fmt", "p"]).ends(0, &["2 files as they should be"]);
    assert_eq!(folder.read("p/a.comity"), once);
    // Projects in sub-folders too.
    folder.write("p/other/comity.toml", "").write("p/other/d.comity", UGLY);
    folder.comity(&["fmt", "p"]).ends(0, &["changed 1 of 3 files"]);
}

#[test]
fn check_shows_a_diff_and_writes_nothing() {
    let folder = Folder::new();
    folder.write("a.comity", UGLY);
    let check = folder.comity(&["fmt", "a.comity", "--check"]);
    check.ends(1, &["would change 1 of 1 file"]).prints(&[
        "--- a.comity",
        "@@",
        "-class   service",
        "+class service",
    ]);
    assert_eq!(folder.read("a.comity"), UGLY);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::new();
    let fmt = folder.comity_with(&["fmt", "-"], UGLY.as_bytes());
    fmt.ends(0, &[]);
    assert!(fmt.out.starts_with("class service\n"), "{fmt:?}");
    assert_eq!(folder.comity_with(&["fmt", "-"], fmt.out.as_bytes()).out, fmt.out);
    folder.comity_with(&["fmt", "-", "--check"], UGLY.as_bytes()).ends(1, &[]);
}

#[test]
fn what_cannot_be_read_is_left_alone() {
    let folder = Folder::new();
    folder
        .write("p/bad.comity", "class {\n")
        .write("p/good.comity", UGLY)
        .write("p/latin.comity", b"// caf\xe9\n");
    folder.comity(&["fmt", "p"]).ends(1, &["bad.comity:1", "latin.comity", "2 files can't be read"]);
    assert_eq!(folder.read("p/bad.comity"), "class {\n");
    assert_ne!(folder.read("p/good.comity"), UGLY);
    folder.comity_with(&["fmt", "-"], b"class {").ends(1, &["<stdin>:1"]);
}

#[test]
fn nothing_to_lay_out_is_said() {
    let folder = Folder::new();
    folder.comity(&["fmt", "."]).ends(2, &["no policy file", ".comity"]);
    folder.comity(&["fmt", "nowhere"]).ends(2, &["nowhere", "no such file"]);
}
