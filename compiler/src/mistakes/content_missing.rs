//! E0503: content is missing.

use super::prelude::*;
use crate::checked::{ChannelKind, Message, Place};

pub(super) const CODE: Code = Code::new("E0503", include_str!("../../../docs/diagnostics/E0503.md"));

/// The content that a message has: where, whether for one language only, and its place.
pub(crate) type Seen = (Place, Option<smol_str::SmolStr>, Location);

/// Every way out of a message has content for customers of any language.
pub(crate) fn check(policy: &Checked, message: &Message, seen: &[Seen]) -> Vec<Diagnostic> {
    let general = |place: Place| seen.iter().any(|(p, language, _)| *p == place && language.is_none());
    let variant = |place: Place| seen.iter().find(|(p, _, _)| *p == place).map(|(_, _, at)| *at);
    let mut missing = Vec::new();
    for id in &message.via {
        let channel = &policy.channels[id.index()];
        // That nothing can be sent by an inbound channel has been told of.
        if channel.kind != ChannelKind::Inbound && !general(Place::Channel(*id)) {
            missing.push(lacks(message, &channel.name, variant(Place::Channel(*id))));
        }
    }
    for id in &message.placements {
        let placement = &policy.placements[id.index()];
        if !general(Place::Placement(*id)) && !general(Place::Channel(placement.channel)) {
            missing.push(lacks(message, &placement.name, variant(Place::Placement(*id))));
        }
    }
    missing
}

fn lacks(message: &Message, name: &str, variant: Option<Location>) -> Diagnostic {
    let text = match variant {
        Some(_) => format!("the message `{}` has content for `{name}` in some languages only", message.name),
        None => format!("the message `{}` has no content for `{name}`", message.name),
    };
    let example = match name {
        "email" => "content email { subject \"…\" body \"…\" }".to_owned(),
        other => format!("content {other} {{ text \"…\" }}"),
    };
    CODE.at(message.at, text, "content is missing")
        .maybe_also(variant, "for one language")
        .help(format!("add `{example}`"))
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
}
