//! W0603: restraint on a channel that sends nothing.

use super::prelude::*;
use crate::checked::ChannelKind;
use crate::resolve::Names;
use comity_grammar::tree::ChannelPropertyKind as Property;

pub(super) const CODE: Code =
    Code::new("W0603", include_str!("../../../docs/diagnostics/W0603.md")).lint("inbound-restraint");

/// Quiet hours, spread and cost of inbound channels.
pub(crate) fn find(names: &Names<'_>, checked: &Checked) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (one, channel) in names.channels.iter().zip(&checked.channels) {
        if channel.kind != ChannelKind::Inbound {
            continue;
        }
        let mut told: Vec<&str> = Vec::new();
        for property in &one.node.properties {
            let (word, why) = match property.kind {
                Property::Quiet(_) => ("quiet", "who asks is awake, and is answered at once"),
                Property::Spread(_) => ("spread", "who asks is answered at once"),
                Property::Cost(_) => ("cost", "what is sent has a cost, and nothing is sent here"),
                Property::Error | Property::Inbound | Property::To { .. } => continue,
            };
            if told.contains(&word) {
                continue;
            }
            told.push(word);
            problems.push(
                CODE.at(
                    at(one.file, property.keyword),
                    format!("`{word}` does nothing on `{}`, which is inbound", channel.name),
                    why,
                )
                .help(format!("remove `{word}`, or give the channel an address: `to profile.…`")),
            );
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn what_inbound_channels_do_not_need() {
        with_messages(
            r#"channel app { inbound quiet 20:00..08:00 quiet 08:00..09:00 on sunday spread 20m cost 0.01 EUR }
//                    ^^^^^ W0603
//                                                                    ^^^^^^ W0603
//                                                                               ^^^^ W0603
channel call { to profile.phone quiet 20:00..08:00 spread 20m cost 0.01 EUR }
"#,
        );
    }
}
