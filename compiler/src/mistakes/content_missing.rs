//! E0503: content is missing.

use super::prelude::*;
use crate::checked::{ChannelKind, Message, Place};

pub(super) const CODE: Code = Code::new("E0503", include_str!("../../../docs/diagnostics/E0503.md"));

/// The content that a message has: where, whether for one language only, and its place.
pub(crate) type Seen = (Place, Option<smol_str::SmolStr>, Location);

/// Every way out of a message has content for customers of any language.
/// `written` is the name of a place as it is written in the message's file.
pub(crate) fn check(
    policy: &Checked,
    message: &Message,
    seen: &[Seen],
    written: &dyn Fn(Place) -> Option<String>,
) -> Vec<Diagnostic> {
    let general = |place: Place| seen.iter().any(|(p, language, _)| *p == place && language.is_none());
    let variant = |place: Place| seen.iter().find(|(p, _, _)| *p == place).map(|(_, _, at)| *at);
    let mut missing = Vec::new();
    for id in &message.via {
        let channel = &policy.channels[id.index()];
        // That nothing can be sent by an inbound channel has been told of.
        if channel.kind != ChannelKind::Inbound && !general(Place::Channel(*id)) {
            let place = Place::Channel(*id);
            let names = (channel.name.as_str(), written(place));
            missing.push(lacks(policy, message, names, variant(place)));
        }
    }
    for id in &message.placements {
        let placement = &policy.placements[id.index()];
        if !general(Place::Placement(*id)) && !general(Place::Channel(placement.channel)) {
            let place = Place::Placement(*id);
            let names = (placement.name.as_str(), written(place));
            missing.push(lacks(policy, message, names, variant(place)));
        }
    }
    missing
}

fn lacks(
    policy: &Checked,
    message: &Message,
    (name, written): (&str, Option<String>),
    variant: Option<Location>,
) -> Diagnostic {
    let written = written.as_deref().unwrap_or(name);
    let text = match variant {
        Some(_) => {
            format!("the message `{}` has content for `{written}` in some languages only", message.name)
        }
        None => format!("the message `{}` has no content for `{written}`", message.name),
    };
    let fields = match name {
        "email" => vec!["subject", "body"],
        other => usual_fields(policy, message, other),
    };
    let fields: String = fields.iter().map(|field| format!("{field} \"…\" ")).collect();
    let example = format!("content {written} {{ {fields}}}");
    CODE.at(message.at, text, "content is missing")
        .maybe_also(variant, "for one language")
        .help(format!("add `{example}`"))
}

/// The fields that other messages have there, or this one elsewhere.
fn usual_fields<'p>(policy: &'p Checked, message: &'p Message, name: &str) -> Vec<&'p str> {
    let called = |place: Place| match place {
        Place::Channel(id) => &policy.channels[id.index()].name,
        Place::Placement(id) => &policy.placements[id.index()].name,
    };
    let there = policy.messages.iter().flat_map(|one| &one.content).find(|one| called(one.place) == name);
    let elsewhere = message.content.iter().find(|one| called(one.place) != "email");
    let usual = there.or(elsewhere).map(|content| content.fields.iter().map(|(field, _)| field.as_str()));
    usual.map(Iterator::collect).filter(|fields: &Vec<_>| !fields.is_empty()).unwrap_or_else(|| vec!["text"])
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn ways_out_without_content() {
        with_messages(
            r#"message a { class promotional purpose marketing on cart via email, sms content sms { text "x" } }
//      ^ E0503
message b { class promotional purpose marketing at hero }
//      ^ E0503
message c { class promotional purpose marketing at hero content web { title "x" } }
message d { class promotional purpose marketing on cart via sms content sms for "de" { text "x" } }
//      ^ E0503
profile { language: language? }
"#,
        );
    }

    #[test]
    fn what_is_missing_is_written_as_elsewhere() {
        let help = |rest: &str| {
            let text = format!("message b {{ class promotional purpose marketing {rest} }}");
            only(&messages(&text)).help.join(" ")
        };
        assert_eq!(help("on cart via sms"), "add `content sms { text \"…\" }`");
        assert_eq!(help("on cart via email"), "add `content email { subject \"…\" body \"…\" }`");
        assert_eq!(
            help("on cart via push, sms content push { title \"a\" body \"b\" }"),
            "add `content sms { title \"…\" body \"…\" }`"
        );
    }
}
