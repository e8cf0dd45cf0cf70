//! Policies that are made to defeat the index: it may be slower for them, never wrong, and never larger than it says.

use comity_compiler::index::{MOST_BYTES_OF_CONDITION, MOST_BYTES_OF_ROWS, costs};
use comity_runtime::replay::Replay;
use comity_runtime::step::Detail;
use comity_tests::{feed, plan, policies};

/// Messages of a policy: twenty blocks of rows.
const MESSAGES: usize = 10_000;

const VOCABULARY: &str = "\
profile {
  device: text?
  n: int = 0
  m: int = 0
  x: number = 0
}
event visit { at: int }
class offers
channel push { to device profile.device }
purpose news { always on push }
arbitrate { rank offers  score value  pick 1 }
";

/// A policy whose messages have a condition and a value each.
fn policy(of: impl Fn(usize) -> (String, String)) -> String {
    let mut text = VOCABULARY.to_owned();
    for index in 0..MESSAGES {
        let (when, value) = of(index);
        text.push_str(&format!(
            "message m{index:05} {{ class offers  purpose news  on visit  when {when}  value {value}  via push  \
             content push {{ text \"m{index:05}\" }} }}\n"
        ));
    }
    text
}

/// Each policy decides as the interpreter does, and takes no more memory than the report says, which is no more than
/// the limit.
fn holds(text: &str) {
    let plan = plan(text);
    let [interpreter, jit] = policies(&plan);
    let costs = costs(&plan);
    let [cost] = &costs[..] else { panic!("one event proposes messages") };
    assert_eq!(cost.bytes, jit.engine.slates().size());
    assert_eq!(cost.messages, MESSAGES);
    assert!(cost.bytes <= MOST_BYTES_OF_ROWS * MESSAGES.div_ceil(512), "{} bytes", cost.bytes);
    let customers = 12;
    let profile = |customer: usize| {
        let n = [0, 7, 100, 501, 1099, 9999][customer % 6];
        let (m, x) = (customer * 970 % 12_000, customer as f64 * 71.3);
        format!(
            "{{\"subject\":\"c{customer}\",\"attributes\":{{\"device\":\"d\",\"n\":{n},\"m\":{m},\"x\":{x}}}}}\n"
        )
    };
    let event = |index: usize| {
        format!(
            "{{\"id\":\"e{index}\",\"type\":\"visit\",\"subject\":\"c{}\",\"time\":\"2026-03-02T10:00:00Z\",\
             \"data\":{{\"at\":{index}}}}}\n",
            index % customers
        )
    };
    let profiles: String = (0..customers).map(profile).collect();
    let events: String = (0..2 * customers).map(event).collect();
    let [told, silent] = [&interpreter, &jit].map(|policy| {
        let mut out = Vec::new();
        let replay = Replay::new(policy.clone(), Detail { blocked: false, redact: false });
        feed(replay, &profiles, &events, &mut out).finish(None, &mut out);
        String::from_utf8(out).expect("records are text")
    });
    assert_eq!(told, silent);
    assert!(told.contains("\"sent\""), "somebody gets something: {told}");
}

#[test]
fn all_ask_for_one_value() {
    holds(&policy(|index| ("profile.n == 7".to_owned(), format!("{index}.5"))));
}

#[test]
fn each_asks_for_a_value_of_its_own() {
    holds(&policy(|index| (format!("profile.n == {index}"), "1".to_owned())));
}

#[test]
fn each_has_alternatives_of_its_own() {
    let when = |index: usize| {
        let literals = [
            format!("profile.n == {index}"),
            format!("profile.m == {}", index * 7 % MESSAGES),
            format!("profile.x > {index}.25"),
        ];
        format!("({}) and ({} or event.at < {})", literals.join(" or "), literals[1], index % 40)
    };
    holds(&policy(|index| (when(index), format!("{}", index % 9))));
}

#[test]
fn of_no_score_is_it_known_what_it_can_reach() {
    // A quotient can be anything; each has a form of its own besides.
    let value = |index: usize| {
        let mut value = format!("(profile.x / (profile.n + {index}) otherwise 0)");
        (0..index % 13).for_each(|_| value = format!("({value} + profile.m)"));
        value
    };
    holds(&policy(|index| (format!("profile.m >= {}", index % 50), value(index))));
}

#[test]
fn hundreds_of_alternatives_take_what_is_said_of_each() {
    const FEW: usize = 60;
    const CHOICES: usize = 100;
    let when = |index: usize| {
        let choice = |at: usize| format!("profile.n == {} or profile.x > {at}.5", index * CHOICES + at);
        (0..CHOICES).map(choice).collect::<Vec<_>>().join(" or ")
    };
    let all = policy(|index| (if index < FEW { when(index) } else { "true".to_owned() }, "1".to_owned()));
    let messages = all.lines().filter(|line| line.starts_with("message")).take(FEW);
    let plan = plan(&messages.fold(VOCABULARY.to_owned(), |text, line| text + line + "\n"));
    let bytes = costs(&plan)[0].bytes;
    let conditions = 2 * CHOICES * FEW;
    assert!(bytes > MOST_BYTES_OF_CONDITION * conditions / 3, "{bytes} bytes are not for rows");
    assert!(bytes <= MOST_BYTES_OF_ROWS + MOST_BYTES_OF_CONDITION * conditions, "{bytes} bytes");
}

#[test]
fn a_few_and_a_few_more_are_decided_alike() {
    // Around the number up to which messages are looked at one by one, and around the ends of words, of narrow slates and
    // of blocks.
    let text = policy(|index| {
        (format!("profile.m >= {} or profile.n == {index}", index % 90), format!("{}", index % 17))
    });
    for count in [1, 2, 23, 24, 25, 26, 63, 64, 65, 127, 128, 129, 511, 512, 513] {
        let messages = text.lines().filter(|line| line.starts_with("message")).take(count);
        let some = messages.fold(VOCABULARY.to_owned(), |text, line| text + line + "\n");
        let plan = plan(&some);
        let decided = costs(&plan)[0].decided;
        let is_straight = decided == Some(comity_compiler::index::Decided::Straight);
        assert_eq!(is_straight, count <= 24, "{count} messages are decided {decided:?}");
        let records = policies(&plan).map(|policy| {
            let mut out = Vec::new();
            let replay = Replay::new(policy, Detail { blocked: false, redact: false });
            let profiles: String = (0..20).map(|c| format!("{{\"subject\":\"c{c}\",\"attributes\":{{\"device\":\"d\",\"n\":{},\"m\":{}}}}}\n", c * 29, c * 5)).collect();
            let events: String = (0..20).map(|c| format!("{{\"id\":\"e{c}\",\"type\":\"visit\",\"subject\":\"c{c}\",\"time\":\"2026-03-02T10:00:00Z\",\"data\":{{\"at\":1}}}}\n")).collect();
            feed(replay, &profiles, &events, &mut out).finish(None, &mut out);
            String::from_utf8(out).expect("records are text")
        });
        assert_eq!(records[0], records[1], "{count} messages");
    }
}
