//! E0703: data that is only for some purposes influences a message of another purpose.

use super::prelude::*;
use crate::checked::Definition;
use crate::flow::{How, Node, Step};
use crate::ids::*;

pub(super) const CODE: Code = Code::new("E0703", include_str!("../../../docs/diagnostics/E0703.md"));

/// The whole way from a datum to a message, step by step.
pub(crate) fn flow(
    checked: &Checked,
    message: MessageId,
    datum: Node,
    only_for: &[PurposeId],
    way: &[Step],
) -> Diagnostic {
    let target = &checked.messages[message.index()];
    let purposes =
        |ids: &[PurposeId]| named(ids.iter().map(|id| checked.purposes[id.index()].name.as_str()), "and");
    let (data, message_name) = (name(checked, datum), quoted(&target.name));
    let (allowed, own) = (purposes(only_for), purposes(&target.purposes));
    let text = format!("{data} is only for {allowed}, but it influences {message_name}, which is for {own}");
    let numbered = |position: usize, step: &Step| {
        let sentence = format!("{} {} {}", name(checked, step.from), verb(step.how), name(checked, step.to));
        if way.len() == 1 { sentence } else { format!("{}. {sentence}", position + 1) }
    };
    let last = way.len().saturating_sub(1);
    let place = way.last().map_or(target.at, |step| step.at);
    let label = way.last().map_or_else(String::new, |step| numbered(last, step));
    let mut problem = CODE.at(place, text, label);
    for (position, step) in way.iter().enumerate().take(last) {
        problem = problem.also(step.at, numbered(position, step));
    }
    problem = problem.maybe_also(declared(checked, datum), format!("only for {allowed}"));
    if target.at != place {
        problem = problem.also(target.at, format!("is for {own}"));
    }
    if way.len() > 1 {
        let mut stations = vec![data];
        for step in way {
            let station = name(checked, step.from);
            if stations.last() != Some(&station) {
                stations.push(station);
            }
        }
        problem = problem.help(format!("the way it takes: {}", stations.join(" → ")));
    }
    problem.help(format!(
        "leave {} out of this way, or give {message_name} the purpose {} if that is what it is for",
        name(checked, datum),
        named(only_for.iter().map(|id| checked.purposes[id.index()].name.as_str()), "or"),
    ))
}

/// As it is called in a sentence.
fn name(checked: &Checked, node: Node) -> String {
    match node {
        Node::Attribute(id) => format!("`profile.{}`", checked.attributes[id.index()].name),
        Node::Event(id) => quoted(&checked.events[id.index()].name),
        Node::Field(event, field) => {
            let event = &checked.events[event.index()];
            format!("`{}.{}`", event.name, event.fields[field as usize].name)
        }
        Node::Definition(definition) => {
            let kind = match definition {
                Definition::Let(_) => "let",
                Definition::Table(_) => "table",
                Definition::Segment(_) => "segment",
            };
            format!("the {kind} `{}`", definition.name(checked))
        }
        Node::Model(id) => format!("the model `{}`", checked.models[id.index()].name),
        Node::Consent(purpose, channel) => format!(
            "the rule of `{}` for `{}`",
            checked.purposes[purpose.index()].name,
            checked.channels[channel.index()].name
        ),
        Node::Address(id) => format!("the address of `{}`", checked.channels[id.index()].name),
        Node::Quiet(id) => format!("the quiet time of `{}`", checked.channels[id.index()].name),
        Node::Suppress(_) => "the suppress rule".to_owned(),
        Node::Score => "the score".to_owned(),
        Node::Place(id, _) | Node::Journey(id) => {
            format!("the journey `{}`", checked.journeys[id.index()].name)
        }
        Node::Message(id) | Node::Gates(id) => quoted(&checked.messages[id.index()].name),
    }
}

fn verb(how: How) -> &'static str {
    match how {
        How::LooksAt => "looks at",
        How::IsProposedBy => "is proposed on",
        How::IsSentBy => "is sent by",
        How::IsBlockedBy => "can be blocked by",
        How::IsHeldBackBy => "can be held back by",
        How::GoesTo => "goes to",
        How::Is => "is",
        How::NeedsConsent => "is allowed by",
        How::IsScoredBy => "is ranked by",
        How::Prints => "prints",
        How::StartsOn => "starts on",
        How::IsStoppedBy => "is stopped by",
        How::WaitsFor => "waits for",
        How::GoesBy => "branches by",
        How::GoesOnWithout => "goes on without",
        How::IsEnteredFrom => "is entered from",
        How::IsSetIn => "is set in",
        How::IsSetTo => "is set from",
        How::UsesTimeZone => "goes by the local time of",
    }
}

fn declared(checked: &Checked, datum: Node) -> Option<Location> {
    match datum {
        Node::Attribute(id) => Some(checked.attributes[id.index()].at),
        Node::Event(id) => checked.events[id.index()].at,
        Node::Field(event, field) => checked.events[event.index()].fields[field as usize].at,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    /// A policy with data that is only for care, a message for care and one for marketing.
    fn policy(text: &str) -> String {
        format!(
            "{text}
profile {{
  email: email?  phone: phone?  token: text?  age: int?  vip: bool = false
  skin: text?  only for care
  flag: bool = false
  clinic_zone: text?
  timezone: timezone = \"Europe/Berlin\"
}}
event quiz only for care {{ result: text }}
event purchase {{ amount: money EUR, remedy: text? only for care }}
event visit {{}}
channel email {{ to profile.email }}
channel sms {{ to profile.phone }}
class service {{ ignores suppression }}
class promotional
arbitrate {{ rank service, promotional }}
purpose care {{ opt_in on email }}
purpose marketing {{ opt_in on email, sms }}
segment dry = profile.skin is known and profile.skin == \"dry\"
message tips {{ class promotional purpose care on quiz when dry via email content email {{ subject \"a\" body \"b\" }} }}
"
        )
    }

    fn flows(text: &str) {
        fixture(&policy(text));
    }

    #[test]
    fn in_conditions_scores_and_content() {
        flows(
            r#"let care_let = profile.skin otherwise "?"
table t(x: text): percent { "dry" => 50% _ => 10% }
let share = t(care_let)
message a { class promotional purpose marketing on visit when dry via email content email { subject "a" body "b" } }
//                                                            ^^^ E0703
message b { class promotional purpose marketing on visit unless profile.skin is known via email
//                                                              ^^^ E0703
  content email { subject "a" body "b" } }
message c { class promotional purpose marketing on visit via email content email { subject "a" body "{care_let}" } }
//                                                                                                    ^^^ E0703
message d { class promotional purpose marketing on visit value 3 propensity share via email
//                                                                          ^^^ E0703
  content email { subject "a" body "b" } }
message e { class promotional purpose marketing on quiz via email content email { subject "a" body "{event.result}" } }
//                                                 ^^^^ E0703
message f { class promotional purpose marketing on enter dry via email content email { subject "a" body "b" } }
//                                                 ^^^^ E0703
message g { class promotional purpose marketing on purchase where remedy is known via email
//                                                                ^^^ E0703
  content email { subject "a" body "b" } }
message h { class promotional purpose marketing, care on quiz when dry via email content email { subject "a" body "b" } }
message i { class promotional purpose marketing on visit when any (purchase where amount > 5 EUR) via email
  content email { subject "a" body "b" } }
message j { class promotional purpose marketing on visit when last purchase.remedy is known via email
//                                                            ^^^ E0703
  content email { subject "a" body "b" } }
message k { class promotional purpose marketing on opened(tips) via email content email { subject "a" body "b" } }
//                                                 ^^^ E0703 E0703
message l { class promotional purpose marketing on visit when any (clicked where message == tips) via email
//                                                                               ^^^ E0703 E0703
  content email { subject "a" body "b" } }
"#,
        );
    }

    #[test]
    fn through_rules_that_govern_messages() {
        flows(
            r#"  suppress promotional when dry
//^^^ E0703
suppress service when dry
purpose elsewhere { opt_in on sms when profile.skin is known never on sms }
channel night { to profile.clinic_zone quiet 20:00..22:00 when profile.skin is known }
purpose nightly { always on night }
message a { class promotional purpose marketing on visit via email content email { subject "a" body "b" } }
message b { class service purpose marketing on visit via email content email { subject "a" body "b" } }
message c { class service purpose elsewhere on visit via sms content sms { text "b" } }
//      ^ E0703
message d { class service purpose nightly on visit via night content night { text "b" } }
//      ^ E0703
"#,
        );
    }

    #[test]
    fn through_addresses_and_models() {
        fixture(
            r#"profile { email: email? only for servicing  age: int? only for servicing }
event visit {}
class only
channel email { to profile.email }
purpose servicing { always on email }
purpose marketing { opt_in on email }
model churn from "m.txt" { format lightgbm feature age = profile.age otherwise 40 }
message a { class only purpose servicing on visit when predict(churn) > 20% via email content email { subject "a" body "b" } }
message b { class only purpose marketing on visit via email content email { subject "a" body "b" } }
//      ^ E0703
message c { class only purpose marketing on visit propensity predict(churn) via email content email { subject "a" body "b" } }
//      ^ E0703
//                                                           ^ E0703
"#,
        );
    }

    #[test]
    fn through_journeys() {
        let sends = |name: &str| {
            format!(
                "message {name} {{ class promotional purpose marketing via email content email {{ subject \"a\" body \"b\" }} }}\n"
            )
        };
        let messages: String = ["a", "b", "c", "d", "e", "f", "g", "h"].map(sends).concat();
        flows(&format!(
            r#"{messages}
journey begins {{ class promotional on quiz wait 1d send a }}
//                                                 ^ E0703
journey stops {{ class promotional on visit stop when dry send b }}
//                                                       ^ E0703
journey branches {{ class promotional on visit
  if dry {{ send tips wait 1d send c }}
//                           ^ E0703
  else if profile.vip {{ exit }}
  send d
//^ E0703
}}
journey neutral {{ class promotional on visit if dry {{ send tips }} send e }}
journey waits {{ class promotional on visit wait for quiz up to 3d send f }}
//                                                                ^ E0703
journey blocked {{ class promotional on visit send tips else {{ send g }} send e }}
//                                                            ^ E0703
journey sets {{ class promotional on visit if dry {{ set profile.flag = true }} }}
journey uses {{ class promotional on visit when profile.flag enter last_one }}
journey last_one {{ class promotional on visit send h }}
//                                            ^ E0703
"#
        ));
    }

    #[test]
    fn the_way_is_shown() {
        insta::assert_snapshot!(found(&policy(
            r#"let worth = if dry then 2 else 1
journey care_plan { class promotional on visit if worth > 1 { set profile.flag = true } }
journey offers { class promotional on visit when profile.flag wait 1d send sale }
message sale { class promotional purpose marketing via email content email { subject "a" body "b" } }
"#
        )));
    }
}
