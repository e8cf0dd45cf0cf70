use crate::support::Folder;

const POLICY: &str = r#"
profile { email: email? }
event ping {}
channel email { to profile.email }
purpose news { opt_in on email }
class c
message hello { class c purpose news via email content email { subject "<s>" body "b" } }
journey greeting { on ping wait 1h send hello }
journey later { on ping wait 1d send hello }
"#;

#[test]
fn each_format_is_written() {
    let folder = Folder::new();
    folder.write("p.comity", POLICY);
    let svg = folder.comity(&["graph", "p.comity"]);
    svg.ends(0, &[]).prints(&[
        "<svg xmlns",
        "message flow",
        "greeting",
        "later",
        "prefers-color-scheme: dark",
        "</svg>\n",
    ]);
    let one = folder.comity(&["graph", "p.comity", "--journey", "later"]);
    one.ends(0, &[]).prints(&["later", "wait 1d"]);
    assert!(!one.out.contains("greeting"), "{one:?}");
    folder
        .comity(&["graph", "p.comity", "--format", "dot"])
        .ends(0, &[])
        .prints(&["digraph policy {", "wait 1h"]);
    folder
        .comity(&["graph", "p.comity", "--format", "mermaid"])
        .ends(0, &[])
        .prints(&["flowchart TB", "-->"]);
    folder.comity(&["graph", "p.comity", "-o", "p.svg"]).ends(0, &[]);
    assert_eq!(folder.read("p.svg"), svg.out);
}

#[test]
fn what_can_not_be_drawn_is_said() {
    let folder = Folder::new();
    folder.write("p.comity", POLICY).write("bare.comity", "event ping {}").write("wrong.comity", "class");
    folder
        .comity(&["graph", "p.comity", "--journey", "latr"])
        .ends(2, &["no journey `latr`", "did you mean `later`?"]);
    folder.comity(&["graph", "p.comity", "--journey", "x"]).ends(2, &["it has `greeting`, `later`"]);
    folder.comity(&["graph", "bare.comity"]).ends(2, &["there is nothing to draw"]);
    folder.comity(&["graph", "wrong.comity"]).ends(1, &["error"]);
    folder.comity(&["graph", "nowhere"]).ends(2, &["nowhere"]);
}
