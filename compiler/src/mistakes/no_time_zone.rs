//! E0606: local time needs a time zone.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0606", include_str!("../../../docs/diagnostics/E0606.md"));

/// Local time is used, but no attribute says for every customer which zone is theirs: all uses, in order.
pub(crate) fn check(policy: &Checked, uses: &[(Location, &'static str)]) -> Option<Diagnostic> {
    let [(place, how), others @ ..] = uses else { return None };
    let message = "the policy uses local time, but doesn't say which time zone holds for each customer";
    let mut problem = CODE.at(*place, message, *how);
    for (place, how) in others.iter().take(2) {
        problem = problem.also(*place, *how);
    }
    Some(match policy.attributes.iter().find(|one| one.name == "timezone") {
        Some(declared) => problem
            .also(declared.at, "not a time zone that is always known")
            .help("give it the type `timezone` and a default: `timezone: timezone = \"Europe/Berlin\"`"),
        None => problem.help("declare the attribute: `profile { timezone: timezone = \"Europe/Berlin\" }`"),
    })
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn local_time_without_a_zone() {
        fixture("segment late = local.hour in 20..23\n//             ^^^^^^^^^^ E0606\n");
        fixture(
            r#"profile { timezone: timezone? }
channel web { inbound quiet 21:00..08:00 }
//                    ^^^^^ E0606
"#,
        );
    }
}
