//! E0801: time in a segment.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0801", include_str!("../../../docs/diagnostics/E0801.md"));

/// Time that runs where it isn't compared with a constant.
pub(crate) fn free(what: &str, place: Location) -> Diagnostic {
    let help = match what {
        "`now`" => {
            "no segment, and no `stop when`, tells how long ago an attribute that is an instant was; the `when` of a message does: `now - profile.seen < 30d`. Here, ask for an event, `any visit within 30d`, or for a date, `days since profile.born > 30`"
        }
        "`local`" => {
            "the moment at which a customer enters or leaves must be known in advance: write the value out, `local.hour in 9..17`; a message's `when` may compare it with anything"
        }
        _ => {
            "the moment at which a customer enters or leaves must be known in advance: write the span out, `time since last visit > 30d`; a message's `when` may compare it with anything"
        }
    };
    CODE.at(
        place,
        format!("{what} stands here only in a comparison with a constant"),
        "not compared with a constant",
    )
    .help(help)
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn moments_that_nobody_knows_in_advance() {
        with_vocabulary(
            r#"segment good = lapsed(30d)
let lapsed(limit: duration) = (time since last purchase otherwise 0s) > limit
segment bad = lapsed(profile.delay)
//                   ^^^^^^^^^^^^^ E0801
segment loose = local.hour == (profile.age otherwise 3)
//              ^^^^^^^^^^ E0801
segment fine = (time since last view is known and time since last view > 3d) or local.hour in 9..17
"#,
        );
    }
}
