//! Words for messages: what the author may have meant, and lists of things.

/// The known name that is most like an unknown one, if any is like it at all.
pub(crate) fn closest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let limit = match name.chars().count() {
        0..=4 => 1,
        5..=7 => 2,
        _ => 3,
    };
    let distance = |candidate: &str| {
        if candidate.eq_ignore_ascii_case(name) { 0 } else { strsim::damerau_levenshtein(name, candidate) }
    };
    known
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

/// In backquotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// "a", "a and b", "a, b and c"; at most eight are named.
pub(crate) fn list(items: &[String], and: &str) -> String {
    const SHOWN: usize = 8;
    match items {
        [] => String::new(),
        [one] => one.clone(),
        many if many.len() > SHOWN => {
            format!("{} {and} {} more", many[..SHOWN].join(", "), many.len() - SHOWN)
        }
        [init @ .., last] => format!("{} {and} {last}", init.join(", ")),
    }
}
