use super::{Edited, Incremental};
use crate::compile;
use crate::ids::*;
use crate::plan::Plan;
use crate::source::{Project, SourceFile};

const MANIFEST: &str = "[policy]\nname = \"shop\"\nedition = \"2026\"\n";

const RULES: &str = r#"
enum Tier ordered { bronze, silver, gold }
profile { email: email? personal  timezone: timezone = "UTC"  tier: Tier = bronze  visits: int = 0  city: text? }
event purchase { amount: money EUR, item: text }
event visit {}
purpose offers { opt_in on email }
channel email { to profile.email }
class promotional
class service { ignores caps }
arbitrate { rank service, promotional }
segment buyers = any purchase within 30d
cap weekly at most 3 per week for promotional
"#;

const MESSAGES: &str = r#"
/// The first.
message apples { class promotional purpose offers on visit
  when profile.visits > 3 and profile.city is known and profile.city == "Rome"
  value 2.5
  via email content email { subject "Apples" body "from {profile.city}" } }

message pears { class promotional purpose offers on visit
  when profile.visits > 5 and count of purchase within 7d > 1 and profile.tier >= silver
  value 1.5
  via email content email { subject "Pears" body "{profile.visits}" } }

message plums { class promotional purpose offers
  via email content email { subject "Plums" body "for you: {event.item}" } }

// A remark about nothing.
journey season { on purchase class promotional wait 1d send plums }
"#;

fn project(rules: &str, messages: &str) -> Project {
    let file = |path: &str, text: &str| SourceFile::new(path, text);
    Project::new(
        file("comity.toml", MANIFEST),
        vec![file("messages.comity", messages), file("rules.comity", rules)],
    )
}

/// What an edit of the messages becomes.
fn edit(rules: &str, from: &str, to: &str) -> Edited {
    edit_in(rules, MESSAGES, from, to)
}

/// What comes of an edit is always what the whole text says.
fn edit_in(rules: &str, messages: &str, from: &str, to: &str) -> Edited {
    let mut incremental = Incremental::new(project(rules, messages));
    assert!(incremental.plan().is_some(), "{:#?}", incremental.whole().analysis.diagnostics);
    assert!(messages.contains(from), "{from}");
    let text = messages.replacen(from, to, 1);
    let edited = incremental.edit(FileId(0), text.clone());
    is_as_the_whole(&incremental, &text, rules);
    if let Edited::Messages(_) = edited {
        // And back again.
        let back = incremental.edit(FileId(0), messages.to_owned());
        assert!(matches!(back, Edited::Messages(_)), "{from} to {to}");
        is_as_the_whole(&incremental, messages, rules);
    }
    edited
}

fn is_as_the_whole(incremental: &Incremental, messages: &str, rules: &str) {
    let whole = compile(&project(rules, messages)).plan;
    assert_eq!(incremental.version(), whole.as_ref().map(|plan| plan.hash()), "{messages}");
    assert_eq!(incremental.project().file(FileId(0)).unwrap().1, messages);
    let Some((plan, whole)) = incremental.plan().zip(whole.as_ref()) else {
        return assert_eq!(incremental.plan().is_some(), whole.is_some());
    };
    plan.validate().unwrap();
    assert_eq!(plan.hash(), whole.hash());
    assert_eq!(kept(plan), kept(whole), "{messages}");
}

/// What is kept of customers, in the order in which their state has it: texts, and parts of the history with the windows
/// over them.
fn kept(plan: &Plan) -> (Vec<&str>, Vec<String>) {
    let streams = (0..).map(StreamId).zip(&plan.streams).map(|(id, stream)| {
        let filter = stream.filter.map(|filter| plan.outline_of(stream.event, filter));
        let windows = plan.windows.iter().filter(|window| window.stream == id);
        let mut windows: Vec<String> = windows
            .map(|window| {
                let filter = window.filter.map(|filter| plan.outline_of(stream.event, filter));
                format!("{:?}", (window.fold, window.field, window.span, window.ty, filter))
            })
            .collect();
        windows.sort();
        format!("{:?}", (stream.event, filter, &stream.fields, stream.keep, windows))
    });
    (plan.texts_in_order.iter().map(|text| plan.texts[text.index()].as_str()).collect(), streams.collect())
}

#[test]
fn what_is_a_matter_of_one_message_is_compiled_alone() {
    for (from, to) in [
        ("profile.visits > 3", "profile.visits > 4_000"),
        ("profile.visits > 3 and", "(profile.visits > 3 or profile.tier == gold) and"),
        ("value 2.5", "value 2.5 * profile.visits"),
        ("\"Apples\"", "\"Äpfel, {profile.tier}\""),
        ("on visit\n  when profile.visits > 3", "on visit\n\n  // Regulars.\n  when profile.visits > 3"),
        (
            "class promotional purpose offers on visit",
            "class promotional purpose offers active 2026-01-01..2026-02-01 on visit",
        ),
    ] {
        assert_eq!(edit(RULES, from, to), Edited::Messages(vec![MessageId(0)]), "{from} to {to}");
    }
    assert_eq!(edit(RULES, "within 7d > 1", "within 7d > 2"), Edited::Messages(vec![MessageId(1)]));
    // Sent by a journey.
    for (from, to) in
        [("for you", "for {profile.visits}"), ("for you: {event.item}", "{event.item} {event.item}")]
    {
        assert_eq!(edit(RULES, from, to), Edited::Messages(vec![MessageId(2)]), "{from} to {to}");
    }
    assert_eq!(edit(RULES, "Apples", "Apples"), Edited::Messages(vec![]));
}

/// Texts, attributes and parts of the history for which a message is the first or the last to ask.
#[test]
fn what_one_message_asks_for_comes_and_goes_with_it() {
    let city = "profile.city == \"Rome\"";
    for (from, to, message) in [
        ("profile.city == \"Rome\"", "profile.city == \"Oslo\"", 0),
        ("profile.city == \"Rome\"", "profile.city in [\"Oslo\", \"Aachen\", \"Zadar\", \"Rome\"]", 0),
        ("== \"Rome\"", "matches \"^R.*e$\"", 0),
        (city, "profile.visits < 9", 0),
        (city, "profile.tier == gold", 0),
        (city, "any visit within 3d", 0),
        (city, "sum of (purchase where item == \"pear\").amount within 90d > 5 EUR", 0),
        (city, "count of (purchase where item == profile.city) within 90d > 5", 0),
        (city, "no opened within 2d", 0),
        (city, "count of purchase within 7d > 1", 0),
        ("within 7d > 1", "within 8d > 1", 1),
        ("within 7d > 1", "within 80d > 1", 1),
        ("within 7d > 1", "> 1", 1),
        ("and profile.tier >= silver", "", 1),
        ("{profile.visits}", "{profile.visits} {local.month}", 1),
        ("and count of purchase within 7d > 1 ", "", 1),
        ("count of purchase within 7d > 1", "distinct purchase.item within this month > 1", 1),
        ("{event.item}", "{event.amount}", 2),
        ("for you: {event.item}", "for you", 2),
    ] {
        assert_eq!(edit(RULES, from, to), Edited::Messages(vec![MessageId(message)]), "{from} to {to}");
    }
}

/// One edit after the other, each of the text as the last one left it.
#[test]
fn what_is_kept_follows_many_edits() {
    let mut incremental = Incremental::new(project(RULES, MESSAGES));
    let mut text = MESSAGES.to_owned();
    for (from, to) in [
        ("\"Rome\"", "\"Oslo\""),
        ("within 7d > 1", "within 70d > 1"),
        ("\"Oslo\"", "\"Rome\""),
        ("profile.visits > 5", "profile.visits > 5 and profile.city is known and profile.city != \"Rome\""),
        ("and profile.city == \"Rome\"", "and any (purchase where item == \"Oslo\")"),
        ("within 70d > 1", "within 700d > 1 and any (purchase where item == \"Oslo\")"),
        ("and any (purchase where item == \"Oslo\")", ""),
        (" and profile.city is known and profile.city != \"Rome\"", ""),
        ("and any (purchase where item == \"Oslo\")", ""),
        ("within 700d > 1", "within 7d > 1"),
    ] {
        assert!(text.contains(from), "{from}: {text}");
        text = text.replacen(from, to, 1);
        let edited = incremental.edit(FileId(0), text.clone());
        assert!(matches!(edited, Edited::Messages(_)), "{from} to {to}");
        is_as_the_whole(&incremental, &text, RULES);
    }
}

#[test]
fn what_is_a_matter_of_more_is_compiled_anew() {
    for (from, to) in [
        // By these it is known what must be read beside any message.
        ("profile.visits > 3", "profile.visits > 3 and in_journey(season)"),
        ("profile.visits > 3", "profile.visits > 3 and no opened(pears) within 2d"),
        // What proposes and governs it, and its name.
        ("message apples { class promotional", "message apples { class service"),
        ("message apples", "message apricots"),
        (
            "purpose offers on visit\n  when profile.visits > 3",
            "purpose offers on purchase\n  when profile.visits > 3",
        ),
        // Nothing that started the journey has it.
        ("event.item", "event.thing"),
        ("1d send plums }", "1d send pears }"),
        // Outside of messages, across several of them, and more of them than before.
        ("A remark", "Remarks"),
        ("/// The first.", "/// The very first."),
        ("city}\" } }\n\nmessage pears {", "city} \" } }\n\nmessage pears { "),
        (
            "value 2.5",
            "value 2.5 via email } segment new = true segment newer = true message apples2 { class promotional purpose offers on visit",
        ),
        // Mistakes.
        ("profile.visits > 3", "profile.visitors > 3"),
        ("value 2.5", "value \""),
        ("value 2.5", "} value 2.5"),
    ] {
        assert_eq!(edit(RULES, from, to), Edited::Whole, "{from} to {to}");
    }
}

/// What messages say of each other is known, too.
#[test]
fn what_a_policy_names_is_read_beside_a_message() {
    let rules = format!(
        "{RULES}\nsegment drawn = any opened(pears) within 30d\n\
         suppress promotional when profile.visits > 90 and in_journey(season)\n"
    );
    for (from, message) in [("visits > 3", 0), ("visits > 5", 1), ("for you", 2)] {
        let to = from.replace(['3', '5'], "8").replace("for", "all for");
        assert_eq!(edit(&rules, from, &to), Edited::Messages(vec![MessageId(message)]), "{from}");
    }
}

/// Data that is only for some purposes comes by journeys to messages that don't name it.
#[test]
fn where_journeys_carry_data_is_seen() {
    let rules = |care: &str| {
        let (before, after) = RULES.split_once("visits: int = 0").unwrap();
        let care = format!("\npurpose care {{ opt_in on email }}\n{care}\n");
        format!("{before}visits: int = 0  ill: bool = false only for care  mood: int = 0{after}{care}")
    };
    let set =
        "journey moods { on purchase class promotional wait 1d if profile.ill { set profile.mood = 1 } }";
    let careful = "message health { class promotional purpose care on visit when profile.mood > 0 \
                   via email content email { subject \"h\" body \"h\" } }";
    let (from, to) = ("profile.visits > 3", "profile.mood > 0");
    // Somebody asks for the attribute already, so that only its purposes tell.
    assert_eq!(edit(&rules(careful), from, to), Edited::Messages(vec![MessageId(0)]));
    assert_eq!(edit(&rules(&format!("{careful}\n{set}")), from, to), Edited::Whole);
    // What a journey sends can block what comes after it.
    let both = format!("{careful}\n{set}");
    assert_eq!(edit(&rules(&both), "value 1.5", "value 2.5"), Edited::Messages(vec![MessageId(2)]));
    assert_eq!(edit(&rules(&both), "for you", "for us"), Edited::Whole);
    // The gates of a message decide what its journey sends instead.
    let messages = MESSAGES.replace("send plums }", "send health else { send plums } }");
    let messages = messages + &careful.replace("on visit ", "");
    assert_eq!(edit_in(&rules(""), &messages, "mood > 0", "mood > 1"), Edited::Messages(vec![MessageId(1)]));
    assert_eq!(edit_in(&rules(""), &messages, "profile.mood > 0", "profile.ill"), Edited::Whole);
}

#[test]
fn suppress_rules_are_named_for_their_lines() {
    let suppress = "\nsuppress promotional when profile.visits > 100\n";
    let (from, more_lines) = ("value 2.5", "value\n  2.5");
    assert_eq!(edit(&format!("{RULES}{suppress}"), from, more_lines), Edited::Messages(vec![MessageId(0)]));
    let beside = format!("{MESSAGES}{suppress}");
    let mut incremental = Incremental::new(project(RULES, &beside));
    assert!(incremental.plan().is_some(), "{:#?}", incremental.whole().analysis.diagnostics);
    assert_eq!(
        incremental.edit(FileId(0), beside.replace(from, "value 3.5")),
        Edited::Messages(vec![MessageId(0)])
    );
    assert_eq!(incremental.edit(FileId(0), beside.replace(from, more_lines)), Edited::Whole);
}

#[test]
fn mistakes_are_told_until_they_are_mended() {
    let mut incremental = Incremental::new(project(RULES, MESSAGES));
    let before = incremental.version();
    assert_eq!(incremental.edit(FileId(0), MESSAGES.replace("value 2.5", "value")), Edited::Whole);
    assert!(incremental.plan().is_none() && incremental.version().is_none());
    assert!(incremental.whole().analysis.has_errors());
    assert_eq!(incremental.edit(FileId(0), MESSAGES.to_owned()), Edited::Whole);
    assert_eq!(incremental.version(), before);
}

#[test]
fn a_lint_that_is_denied_is_asked_of_the_whole() {
    let manifest = format!("{MANIFEST}\n[lints]\nalways-outranked = \"deny\"\n");
    let files = |messages: &str| {
        vec![SourceFile::new("messages.comity", messages), SourceFile::new("rules.comity", RULES)]
    };
    let project = Project::new(SourceFile::new("comity.toml", manifest), files(MESSAGES));
    let mut incremental = Incremental::new(project);
    assert!(incremental.plan().is_some(), "{:#?}", incremental.whole().analysis.diagnostics);
    assert_eq!(incremental.edit(FileId(0), MESSAGES.replace("value 2.5", "value 3.5")), Edited::Whole);
}
