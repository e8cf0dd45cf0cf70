//! W0502: a personal attribute in a text that is shown on a locked screen.

use super::prelude::*;
use crate::checked::{ChannelKind, Definition, Expr, ExprKind, Piece, Place};
use crate::ids::AttributeId;
use std::collections::BTreeSet;

pub(super) const CODE: Code =
    Code::new("W0502", include_str!("../../../docs/diagnostics/W0502.md")).lint("personal-in-push");

/// Every value in a push text that is made of a personal attribute, through definitions as well.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for content in checked.messages.iter().flat_map(|message| &message.content) {
        let channel = match content.place {
            Place::Channel(id) => id,
            Place::Placement(id) => checked.placements[id.index()].channel,
        };
        let channel = &checked.channels[channel.index()];
        if !matches!(channel.kind, ChannelKind::Device(_)) {
            continue;
        }
        for piece in content.fields.iter().flat_map(|(_, pieces)| pieces) {
            let Piece::Value(value) = piece else { continue };
            let Some(id) = personal(checked, value) else { continue };
            let attribute = &checked.attributes[id.index()];
            let text = format!(
                "`profile.{}` is personal, and whoever is near the device reads it in a push text",
                attribute.name
            );
            problems.push(
                CODE.at(value.at, text, format!("shown on the screen by `{}`", channel.name))
                    .also(attribute.at, "declared `personal`")
                    .help("leave it to the app to show, or to a channel that only the customer reads"),
            );
        }
    }
    problems
}

fn personal(checked: &Checked, value: &Expr) -> Option<AttributeId> {
    let mut seen = BTreeSet::new();
    let mut open = vec![value];
    while let Some(expr) = open.pop() {
        open.extend(expr.children());
        match &expr.kind {
            ExprKind::Attribute(id) if checked.attributes[id.index()].personal => return Some(*id),
            kind => {
                if let Some(definition) = Definition::named_by(kind)
                    && seen.insert(definition)
                {
                    open.extend(definition.bodies(checked));
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn personal_texts_on_devices() {
        fixture(
            r#"profile { token: text?  phone: phone?  name: text = "you" personal  nick: text = "you" }
event visit {}
class only
channel push { to device profile.token }
channel sms { to profile.phone }
purpose news { always on push, sms }
let greeting = if profile.name == "x" then "a" else "b"
message a { class only purpose news on visit via push, sms
  content push { text "Hello {profile.name}, or {profile.nick}" title "{greeting}" }
//                            ^^^^^^^^^^^^ W0502
//                                                                      ^^^^^^^^ W0502
  content sms { text "Hello {profile.name}" } }
"#,
        );
    }
}
