//! W0604: a placement on a channel that sends.

use super::prelude::*;
use crate::checked::ChannelKind;

pub(super) const CODE: Code =
    Code::new("W0604", include_str!("../../../docs/diagnostics/W0604.md")).lint("outbound-placement");

/// Placements on channels with an address: what is shown there needs one.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let placements = checked.placements.iter();
    let outbound = placements.filter_map(|placement| {
        let channel = &checked.channels[placement.channel.index()];
        (channel.kind != ChannelKind::Inbound).then(|| {
            let text = format!(
                "`{}` asks for messages on `{}`, which is a channel to send by",
                placement.name, channel.name
            );
            CODE.at(placement.at, text, "a placement is asked for, nothing is sent")
                .also(channel.at, "has an address")
                .help("declare a channel for it: `channel web { inbound }`, and `on web` in the placement")
        })
    });
    outbound.collect()
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn placements_are_inbound() {
        with_messages(
            r#"placement inbox { on email show 3 }
//        ^^^^^ W0604
placement feed { on web show 3 }
"#,
        );
    }
}
