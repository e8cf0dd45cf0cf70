//! Projects that depend on others: every command reads them.

use crate::support::Folder;

const GROUP: &str = "\
profile { email: email?  timezone: timezone = \"Europe/Berlin\"  complaints: int = 0 }
event purchase { amount: money EUR }
channel email { to profile.email }
class promotional
purpose marketing { always on email }
segment unused_here = any purchase
cap company_wide at most 1 per 7d for any
";

const SHOP: &str = "\
message thanks {
  class   group.promotional
  purpose group.marketing
  on      group.purchase
  via     group.email
  content group.email {
    subject \"Thanks\"
    body    \"You paid {event.amount}.\"
  }
}
";

const EVENTS: &str = "\
{\"id\":\"e1\",\"type\":\"identify\",\"subject\":\"c1\",\"time\":\"2026-11-02T10:00:00Z\",\"data\":{\"email\":\"ada@shop.example\"}}
{\"id\":\"e2\",\"type\":\"purchase\",\"subject\":\"c1\",\"time\":\"2026-11-02T10:01:00Z\",\"data\":{\"amount\":\"8.00 EUR\"}}
{\"id\":\"e3\",\"type\":\"purchase\",\"subject\":\"c1\",\"time\":\"2026-11-02T10:02:00Z\",\"data\":{\"amount\":\"9.00 EUR\"}}
";

fn manifest(name: &str, rest: &str) -> String {
    format!("[policy]\nname = \"{name}\"\nedition = \"2026\"\n{rest}")
}

fn shop() -> Folder {
    let folder = Folder::new();
    folder
        .write(
            "shop/comity.toml",
            manifest("shop", "[dependencies]\ngroup = { path = \"../group-policy\" }\n"),
        )
        .write("shop/messages.comity", SHOP)
        .write("group-policy/comity.toml", manifest("group", ""))
        .write("group-policy/rules/shared.comity", GROUP)
        .write("events.ndjson", EVENTS);
    folder
}

#[test]
fn all_commands_read_what_a_project_depends_on() {
    let folder = shop();
    folder.comity(&["check", "shop"]).ends(0, &["nothing is wrong in 2 files"]);
    let run = folder.comity(&["run", "shop", "--events", "events.ndjson", "--all"]);
    let records = run.ends(0, &[]).records();
    let told: Vec<(&str, &str)> = records
        .iter()
        .filter_map(|one| Some((one["kind"].as_str()?, one["reason"].as_str().or(one["class"].as_str())?)))
        .collect();
    assert_eq!(told, [("sent", "group.promotional"), ("blocked", "capped:group.company_wide")], "{run:#?}");
    folder.comity(&["fmt", "shop", "--check"]).ends(0, &["1 file as it should be"]);
}

#[test]
fn mistakes_of_other_projects_are_shown_at_their_places() {
    let folder = shop();
    let broken = GROUP.replace("any purchase\n", "any purchas\n");
    folder.write("group-policy/rules/shared.comity", &broken);
    let check = folder.comity(&["check", "shop"]);
    check.ends(1, &["1 error in 1 file"]).prints(&["group-policy/rules/shared.comity:6:27", "purchase"]);
    // The mend is for the other project's own check.
    folder.comity(&["check", "shop", "--fix"]).ends(1, &["there is nothing that mends itself"]);
    assert_eq!(folder.read("group-policy/rules/shared.comity"), broken);
    folder.comity(&["check", "group-policy", "--fix"]).ends(0, &["applied 1 mend"]);
    folder.comity(&["check", "shop"]).ends(0, &[]);
}

#[test]
fn a_dependency_that_is_not_there_is_a_mistake_of_the_manifest() {
    let folder = shop();
    folder.write("shop/comity.toml", manifest("shop", "[dependencies]\ngroup = { path = \"../grup\" }\n"));
    let check = folder.comity(&["check", "shop"]);
    check.ends(1, &[]).prints(&["E0006", "there is no folder `../grup`", "shop/comity.toml:5:18"]);
    folder.write("shop/comity.toml", manifest("shop", "[dependencies]\ngroup = { path = \"..\" }\n"));
    folder.comity(&["check", "shop"]).ends(1, &[]).prints(&["`..` is not a policy project"]);
    folder.write("shop/comity.toml", manifest("shop", "[dependencies]\ngroup = \"../group-policy\"\n"));
    folder.comity(&["check", "shop", "--fix"]).ends(0, &["applied 1 mend"]);
    folder.write(
        "group-policy/comity.toml",
        manifest("group", "[dependencies]\nshop = { path = \"../shop\" }\n"),
    );
    folder
        .comity(&["check", "shop"])
        .ends(1, &[])
        .prints(&["depend on each other", "group-policy/comity.toml:5"]);
}
