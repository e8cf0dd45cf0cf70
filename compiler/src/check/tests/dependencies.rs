//! Policies made of several projects (language reference §2, `docs/decisions/0012-dependencies-between-projects.md`).

use crate::compile;
use crate::diagnostic::render;
use crate::source::{Folder, MANIFEST, Project, SourceFile, Unread};

/// What a company's shops share.
const SHARED: &str = r#"
enum Tier ordered { bronze, silver, gold }
profile { email: email?  timezone: timezone = "Europe/Berlin"  tier: Tier = bronze  complaints: int = 0 }
event purchase { amount: money EUR }
channel email { to profile.email }
channel web { inbound }
placement hero { on web show 1 }
class service
class promotional
purpose marketing { opt_in on email always on web }
every message has { margin: percent = 10% }
segment buyer = any purchase within 90d
let spent(least: money EUR) = sum of purchase.amount within 90d >= least
table weight(tier: Tier): number { gold => 2  _ => 1 }
cap weekly at most 3 per 7d for any
suppress any tagged alcohol when profile.complaints > 0
arbitrate { rank service, promotional }
holdout control 5% of promotional
experiment tone { arms plain 50%, loud 50% }
invariant calm: any tagged alcohol requires profile.complaints == 0
test "of its own" { expect segment buyer }
"#;

/// A shop that has next to nothing of its own.
const SHOP: &str = r#"
event visit { tier: base.Tier }
class newsletter
segment regular = base.buyer and profile.tier >= silver and base.spent(20 EUR)
let heavy = base.weight(profile.tier)
cap weekly at most 1 per 7d for newsletter, base.promotional
arbitrate { rank base.service, base.promotional, newsletter  score value }
message wine {
  class newsletter  purpose base.marketing  tags alcohol
  on base.purchase where amount > 5 EUR
  when regular and arm(base.tone) == loud and consent(base.marketing, base.email)
  value if channel == base.email then heavy * 1 else match event.amount > 9 EUR { true => 1, false => 2 }
  via base.email
  content base.email { subject "{event.amount}" body "b" }
}
message banner {
  class base.promotional  purpose base.marketing  at base.hero  margin = 20%
  content base.hero { text "a" }
}
journey later {
  on base.purchase
  wait for base.purchase up to 1d then { if base.buyer { exit } }
  split base.tone { plain { exit } loud { send wine via base.email } }
}
stop base.promotional journeys on base.purchase
test "names" {
  holdout base.control
  arm base.tone = loud
  consent base.marketing on base.email
  event base.purchase { amount: 7 EUR }
  event opened(wine) { channel: base.email }
  decide base.hero
  expect shown banner
  expect segment base.buyer
}
"#;

fn manifest(dependencies: &[(&str, &str)]) -> SourceFile {
    let mut text = "[policy]\nname = \"p\"\nedition = \"2026\"\n[dependencies]\n".to_owned();
    for (name, path) in dependencies {
        text += &format!("{name} = {{ path = \"{path}\" }}\n");
    }
    SourceFile::new(MANIFEST, text)
}

/// A folder: path, dependencies, policy.
type Told<'t> = (&'t str, &'t [(&'t str, &'t str)], &'t str);

/// The first of these folders with all that it depends on.
fn gather(folders: &[Told<'_>]) -> Project {
    let folder = |path: &str| {
        let (path, dependencies, text) = folders.iter().find(|(one, ..)| *one == path)?;
        let files = vec![SourceFile::new("policy.comity", *text)];
        Some(Folder { identity: (*path).to_owned(), manifest: manifest(dependencies), files })
    };
    let own = folder(folders[0].0).expect("the project itself");
    Project::gather(own, &mut |path| folder(path).ok_or(Unread::Missing))
}

/// All that is found, as it is shown.
fn shown(project: &Project) -> String {
    compile(project).analysis.diagnostics.iter().map(|one| render(project, one)).collect()
}

#[test]
fn a_shop_uses_what_is_shared() {
    let project = gather(&[(".", &[("base", "../base")], SHOP), ("../base", &[], SHARED)]);
    let compiled = compile(&project);
    let found = shown(&project);
    assert!(!found.contains("error"), "{found}");
    // Of the other project only errors are told; what nothing here uses is for its own check.
    assert!(!found.contains("../base"), "{found}");
    let plan = compiled.plan.expect("a plan").outline();
    let checked = crate::checked::print(&compiled.analysis.checked);
    for name in ["base.weekly", "base.service", "base.tone", "base.buyer", "base.control"] {
        assert!(plan.contains(name) || checked.contains(name), "{name}\n{plan}\n{checked}");
    }
    for name in ["base.email", "base.purchase", "base.marketing", "base.hero"] {
        assert!(!plan.contains(name), "{name}\n{plan}");
    }
}

#[test]
fn the_shared_project_stands_on_its_own() {
    let found = shown(&gather(&[("../base", &[], SHARED)]));
    assert!(!found.contains("error"), "{found}");
}

#[test]
fn a_text_edited_elsewhere_keeps_the_others() {
    let project = gather(&[(".", &[("base", "../base")], SHOP), ("../base", &[], SHARED)]);
    let same = project.edited(&[(crate::ids::FileId(0), SHOP.to_owned())].into());
    assert_eq!(same.files(), project.files());
    assert_eq!(shown(&same), shown(&project));
}

#[test]
fn what_is_wrong_between_projects() {
    insta::assert_snapshot!([
        // A name that the other project doesn't have, a project that isn't there, a member with a project in front.
        shown(&gather(&[
            (".", &[("base", "../base")], "segment a = base.buyr\nsegment b = bse.buyer\nsegment c = any base.purchse\nsegment d = profile.tier == base.gold\nsegment e = any base.purchase and reachable(email)\nmessage f { class base.promotional purpose base.marketing on base.purchase via base.email }\n"),
            ("../base", &[], SHARED),
        ])),
        // Declared by both, and a name that is a project's.
        shown(&gather(&[
            (".", &[("base", "../base")], "event purchase { amount: money EUR }\nprofile { tier: text? }\nclass base\nsegment a = any purchase and any base.purchase\n"),
            ("../base", &[], SHARED),
        ])),
        // A mistake in the other project is shown there.
        shown(&gather(&[
            (".", &[("base", "../base")], "segment a = base.b\n"),
            ("../base", &[], "segment b = profile.age > 3\nevent e {\n"),
        ])),
        // Two that share a third one, which each has by another name; and one that this one can't name.
        shown(&gather(&[
            (".", &[("left", "../left"), ("right", "../right")], "segment a = left.buys or right.buys or core.buyer\n"),
            ("../left", &[("core", "../core")], "segment buys = core.buyer\n"),
            ("../right", &[("middle", "../core")], "segment buys = middle.buyer\nevent purchase {}\n"),
            ("../core", &[], "event purchase { amount: money EUR }\nsegment buyer = any purchase\n"),
        ])),
    ]
    .join("\n----\n"));
}

#[test]
fn the_nearest_arbitration_counts() {
    let own = "class a\nclass b\narbitrate { rank base.service, base.promotional, a, b }\n";
    let found = shown(&gather(&[(".", &[("base", "../base")], own), ("../base", &[], SHARED)]));
    assert!(!found.contains("error"), "{found}");
    let found = shown(&gather(&[(".", &[("base", "../base")], "class a\n"), ("../base", &[], SHARED)]));
    assert!(found.contains("E0602"), "{found}");
    let two = [("one", "../one"), ("two", "../two")];
    let found = shown(&gather(&[
        (".", &two, ""),
        ("../one", &[], "class a\narbitrate { rank a }\n"),
        ("../two", &[], "class b\narbitrate { rank b }\n"),
    ]));
    assert!(found.contains("E0608"), "{found}");
}
