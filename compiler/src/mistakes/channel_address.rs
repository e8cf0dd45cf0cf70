//! E0607: how a channel reaches the customer.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0607", include_str!("../../../docs/diagnostics/E0607.md"));

/// A channel with neither `to` nor `inbound`.
pub(crate) fn none(channel: &str, here: Location) -> Diagnostic {
    let message = format!("the channel `{channel}` doesn't say how it reaches the customer");
    CODE.at(here, message, "neither `to` nor `inbound`").help(
        "write `to profile.email`, `to device profile.push_token`, or `inbound` where the customer comes",
    )
}

/// A channel with two ways to the customer.
pub(crate) fn twice(channel: &str, again: Location, first: Location) -> Diagnostic {
    CODE.at(again, format!("the channel `{channel}` says twice how it reaches the customer"), "again")
        .also(first, "here first")
        .help("keep one of them, or declare two channels")
}

/// An address that isn't an attribute.
pub(crate) fn no_attribute(here: Location) -> Diagnostic {
    CODE.at(here, "an address is an attribute of the profile", "not an attribute")
        .help("for instance `to profile.email`")
}

/// An attribute that can't be an address.
pub(crate) fn no_address(
    name: &str,
    ty: &str,
    device: bool,
    here: Location,
    declared: Location,
) -> Diagnostic {
    let problem = CODE.at(here, format!("`{name}` is {ty}, which is no address"), "the address");
    wanted(problem, ty, device, declared)
}

/// An address that is said to be known of every customer.
pub(crate) fn always_known(
    name: &str,
    ty: &str,
    device: bool,
    here: Location,
    declared: Location,
) -> Diagnostic {
    let problem =
        CODE.at(here, format!("the address `{name}` must be one that may be unknown"), "the address");
    wanted(problem, ty, device, declared)
}

fn wanted(problem: Diagnostic, ty: &str, device: bool, declared: Location) -> Diagnostic {
    let wanted = if device { "`text?`" } else { "`email?`, `phone?` or `text?`" };
    problem
        .also(declared, format!("declared as {ty}"))
        .help(format!("declare it as {wanted}: not every customer has one"))
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn how_a_channel_reaches_the_customer() {
        fixture(
            r#"profile { email: email?  age: int?  fax: text = "" }
channel a { }
//      ^ E0607
channel b { to profile.email inbound }
//                           ^^^^^^^ E0607
channel c { to profile.age }
//             ^^^^^^^^^^^ E0607
channel d { to profile.fax }
//             ^^^^^^^^^^^ E0607
channel e { inbound }
"#,
        );
    }
}
