use super::*;
use crate::diagnostic::render;

fn manifest(text: &str) -> String {
    let project = Project::new(SourceFile::new(MANIFEST, text), vec![SourceFile::new("a.comity", "")]);
    project.problems().iter().map(|problem| render(&project, problem)).collect()
}

#[test]
fn a_good_manifest_names_the_policy() {
    let text = "[policy]\nname = \"retail\"\nedition = \"2026\"\n[lints]\nunused = \"deny\"\n";
    let project = Project::new(SourceFile::new(MANIFEST, text), vec![SourceFile::new("a.comity", "")]);
    assert_eq!(project.problems(), []);
    assert_eq!(project.manifest.name, "retail");
    assert_eq!(project.manifest.lints.get("unused"), Some(&LintLevel::Deny));
}

#[test]
fn bad_manifests_are_explained() {
    insta::assert_snapshot!([
        "[policy\nname = 1",
        "",
        "[policy]\nnam = \"retail\"\nedition = \"2026\"\n",
        "[policy]\nname = \"retail\"\nedition = \"2027\"\n",
        "policy = 1\nlints = \"x\"\n",
        "name = \"crm\"\nedition = \"2026\"\n",
        "edition = \"2026\"\n[policy]\nname = \"crm\"\n",
        "[policy]\nname = \" \"\nedition = 2026\n[lints]\nunused = \"loud\"\nUnused_Tag = \"warn\"\n[dependencies]\nbase = { path = \"../base\" }\n",
    ]
    .map(manifest)
    .join("\n"));
}

#[test]
fn bytes_that_are_not_utf8_are_pointed_at() {
    let file = SourceFile::from_bytes("a.comity", b"class a\nclass \xff\n");
    assert!(!file.is_utf8());
    let project = Project::single(file);
    let shown: String = project.problems().iter().map(|problem| render(&project, problem)).collect();
    assert!(shown.contains("a.comity:2:7"), "{shown}");
}

#[test]
fn files_are_sorted_and_a_single_one_names_the_policy() {
    let files = ["b.comity", "a/z.comity"].map(|path| SourceFile::new(path, "")).to_vec();
    let project = Project::new(SourceFile::new(MANIFEST, ""), files);
    assert_eq!(project.files()[0].path, "a/z.comity");
    assert_eq!(project.file(manifest_id(0)).map(|(path, _)| path), Some(MANIFEST));
    assert!(project.is_own(FileId(1)) && project.is_own(manifest_id(0)));
    assert_eq!(Project::single(SourceFile::new("x/first.comity", "")).manifest.name, "first");
}
