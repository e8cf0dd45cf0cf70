//! What a call names of a policy.

use crate::failure::{Failure, Result};

/// The place of a name among those that a policy declares of a kind: "message".
///
/// # Errors
/// Where it declares no such one: with the one that was probably meant or, where it has none of the kind, with `none`.
pub(super) fn position<'n>(
    kind: &str,
    name: &str,
    names: impl Iterator<Item = &'n str> + Clone,
    none: impl Into<String>,
) -> Result<usize> {
    if let Some(position) = names.clone().position(|known| known == name) {
        return Ok(position);
    }
    let failure = Failure::new(format!("the policy has no {kind} `{name}`"));
    if name.contains(',') {
        return Err(failure.help(format!("give one {kind}")));
    }
    Err(match names.clone().next() {
        None => failure.help(none),
        Some(_) => failure.did_you_mean(name, names, "it has"),
    })
}
