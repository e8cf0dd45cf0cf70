use crate::support::Folder;
use serde_json::Value;

const POLICY: &str = r#"
profile { age: int? timezone: timezone = "Europe/Berlin" }
channel web { inbound }
placement home_hero { on web  show 1 }
purpose servicing { always on web }
class service
message welcome {
  class service
  purpose servicing
  at home_hero
  content home_hero { title "Welcome" }
}
message grown_up {
  class service
  purpose servicing
  at home_hero
  when profile.age is known and profile.age >= 18
  value 2
  content home_hero { title "Cheers" }
}
arbitrate { rank service  score value }
"#;

const ADA: &str = "{\n  \"subject\": \"ada\",\n  \"attributes\": { \"age\": 36 }\n}\n";

fn decide(folder: &Folder, more: &[&str]) -> crate::support::Outcome {
    let args = ["decide", "p.comity", "--at", "2026-11-02T10:00:00Z", "--profile", "ada.json"];
    folder.comity(&[&args[..], more].concat())
}

#[test]
fn the_answer_is_that_of_the_sidecar() {
    let folder = Folder::new();
    folder.write("p.comity", POLICY).write("ada.json", ADA);
    let outcome = decide(&folder, &["--placement", "home_hero"]);
    outcome.ends(0, &[]);
    let answer: Value = serde_json::from_str(&outcome.out).expect("JSON");
    assert!(answer["decision"].as_str().is_some_and(|id| id.starts_with("d_")), "{answer}");
    let shown = answer["shown"].as_array().expect("a list");
    assert_eq!(shown.len(), 1, "{answer}");
    assert_eq!(shown[0]["message"], "grown_up");
    assert_eq!(shown[0]["placement"], "home_hero");
    assert_eq!(shown[0]["channel"], "web");
    assert_eq!(shown[0]["class"], "service");
    assert_eq!(shown[0]["content"]["title"], "Cheers");
    assert_eq!(shown[0]["basis"][0]["mode"], "always");
    assert_eq!(answer.get("blocked"), None);
    assert_eq!(decide(&folder, &["--placement", "home_hero"]).out, outcome.out);
    let interpreted = decide(&folder, &["--placement", "home_hero", "--engine", "interpreter"]);
    assert_eq!(interpreted.out, outcome.out);
}

#[test]
fn what_is_not_shown_is_explained() {
    let folder = Folder::new();
    folder.write("p.comity", POLICY).write("ada.json", ADA.replace("36", "12"));
    let outcome = decide(&folder, &["--placement", "home_hero", "--explain"]);
    let answer: Value = serde_json::from_str(&outcome.out).expect("JSON");
    assert_eq!(answer["shown"][0]["message"], "welcome", "{answer}");
    assert_eq!(answer["blocked"][0]["message"], "grown_up", "{answer}");
    assert_eq!(answer["blocked"][0]["reason"], "ineligible", "{answer}");
}

#[test]
fn an_unknown_placement_is_explained() {
    let folder = Folder::new();
    folder.write("p.comity", POLICY).write("ada.json", ADA);
    decide(&folder, &["--placement", "home_hreo"])
        .ends(2, &["no placement `home_hreo`", "did you mean `home_hero`?"]);
    decide(&folder, &["--placement", "checkout_footer"]).ends(2, &["it has `home_hero`"]);
}

#[test]
fn one_profile_is_wanted() {
    let folder = Folder::new();
    folder.write("p.comity", POLICY).write("ada.json", "");
    decide(&folder, &["--placement", "home_hero"]).ends(2, &["`ada.json` is empty"]);
    folder.write("ada.json", format!("{ADA}{ADA}"));
    decide(&folder, &["--placement", "home_hero"]).ends(2, &["more than one profile"]);
    folder.write("ada.json", ADA.replace("36", "\"old\""));
    decide(&folder, &["--placement", "home_hero"]).ends(2, &["ada.json:", "age"]);
    folder.write("ada.json", &ADA[..20]);
    decide(&folder, &["--placement", "home_hero"]).ends(2, &["ada.json:"]);
    let args = ["decide", "p.comity", "--placement", "home_hero", "--profile", "-"];
    folder.comity_with(&args, ADA.as_bytes()).ends(0, &[]).prints(&["grown_up"]);
}
