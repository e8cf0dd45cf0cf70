//! E0610: one salt for two draws.

use super::prelude::*;
use smol_str::SmolStr;

pub(super) const CODE: Code = Code::new("E0610", include_str!("../../../docs/diagnostics/E0610.md"));

/// With one salt, two holdouts or experiments would draw the same customers.
pub(crate) fn check(policy: &Checked) -> Vec<Diagnostic> {
    let holdouts = policy.holdouts.iter().map(|one| (one.salt.clone(), one.at));
    let experiments = policy.experiments.iter().map(|one| (one.salt.clone(), one.at));
    let mut all: Vec<(SmolStr, Location)> = holdouts.chain(experiments).collect();
    all.sort();
    let pairs = all.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    pairs.map(|pair| shared(&pair[0].0, pair[1].1, pair[0].1)).collect()
}

fn shared(salt: &str, here: Location, first: Location) -> Diagnostic {
    CODE.at(here, format!("two holdouts or experiments share the salt {salt:?}"), "draws the same customers")
        .also(first, "as this one")
        .help("give each its own `salt`; without one it is the name")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn one_salt_for_two() {
        with_messages(
            r#"holdout h 5% of promotional
experiment e { arms a 50%, b 50% salt "h" }
//         ^ E0610
"#,
        );
    }
}
