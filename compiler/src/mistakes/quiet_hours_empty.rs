//! E0605: quiet hours that end when they start.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0605", include_str!("../../../docs/diagnostics/E0605.md"));

/// Quiet hours whose ends are one time.
pub(crate) fn range(place: Location) -> Diagnostic {
    CODE.at(place, "the quiet hours end when they start", "no time at all, or the whole day?")
        .help("the whole day is `00:00..24:00`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn quiet_from_ten_to_ten() {
        with_messages(
            "channel fax { inbound quiet 22:00..22:00 }\n//                          ^^^^^^^^^^^^ E0605\n",
        );
    }
}
