use crate::support::Folder;

#[test]
fn a_new_project_checks_is_laid_out_and_sends() {
    let folder = Folder::new();
    let new = folder.comity(&["new", "shop"]);
    new.ends(0, &["comity run"]);
    assert_eq!(new.out, "");
    for file in
        [".github/workflows/comity.yml", ".vscode/settings.json", ".editorconfig", ".gitignore", "README.md"]
    {
        assert!(folder.has(&format!("shop/{file}")), "{file}");
    }
    assert!(folder.read("shop/comity.toml").contains("name    = \"shop\""));
    let check = folder.comity(&["check", "shop", "--deny", "warnings"]);
    check.ends(0, &["nothing is wrong"]);
    assert_eq!(check.out, "");
    folder.comity(&["fmt", "shop", "--check"]).ends(0, &[]);
    folder.comity(&["test", "shop"]).ends(0, &["3 tests passed"]);
    assert!(folder.read("shop/.github/workflows/comity.yml").contains("run: comity test"));
    let run = folder.comity(&[
        "run",
        "shop",
        "--events",
        "shop/events.ndjson",
        "--profiles",
        "shop/profiles.ndjson",
    ]);
    run.ends(0, &[]);
    let sent: Vec<(String, String)> = run
        .records()
        .iter()
        .filter(|record| record["kind"] == "sent")
        .map(|record| (text(&record["subject"]), text(&record["message"])))
        .collect();
    let pair = |subject: &str, message: &str| (subject.to_owned(), message.to_owned());
    assert_eq!(
        sent,
        [pair("ada", "cart_reminder"), pair("ada", "thank_you"), pair("ben", "cart_reminder")],
        "{run:#?}"
    );
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn nothing_is_written_over() {
    let folder = Folder::new();
    folder.write("shop/notes.txt", "mine").write("file", "mine");
    folder.comity(&["new", "shop"]).ends(2, &["`shop` is there already", "new folder"]);
    assert_eq!(folder.names("shop"), ["notes.txt"]);
    folder.comity(&["new", "file"]).ends(2, &["`file` is a file"]);
    assert_eq!(folder.read("file"), "mine");
}

#[test]
fn an_empty_folder_can_become_a_project_and_names_are_checked() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("empty")).expect("a folder");
    folder.comity(&["new", "empty"]).ends(0, &[]);
    folder.comity(&["new", "deep/in/here"]).ends(0, &[]);
    assert!(folder.read("deep/in/here/comity.toml").contains("\"here\""));
    folder.comity(&["new", "my shop"]).ends(2, &["can't name a policy", "my-shop"]);
    folder.comity(&["new", "shop", "--quiet"]).ends(0, &[]);
    assert_eq!(folder.comity(&["new", "other", "--quiet"]).err, "");
}
