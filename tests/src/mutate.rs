//! Texts with a few tokens changed.

use comity_grammar::Token;

/// Deletes, duplicates, swaps or replaces tokens; joins or splits some of them. `all` is what can be put in, `below`
/// draws one of so many.
pub fn mutate(text: &str, tokens: &[Token], all: &[&str], below: &mut dyn FnMut(usize) -> usize) -> String {
    let mut parts: Vec<&str> = tokens.iter().map(|token| &text[token.span.range()]).collect();
    parts.pop();
    let mut separator = " ";
    for _ in 0..=below(2) {
        if parts.is_empty() {
            break;
        }
        let at = below(parts.len());
        match below(6) {
            0 => drop(parts.remove(at)),
            1 => parts.insert(at, parts[at]),
            2 if at + 1 < parts.len() => parts.swap(at, at + 1),
            3 => parts[at] = all[below(all.len())],
            4 => parts.insert(at, all[below(all.len())]),
            5 if below(20) == 0 => separator = "",
            _ => parts.truncate(at),
        }
    }
    parts.join(separator)
}

/// What is put into a text: its own words, and some that are never far.
pub fn words<'t>(text: &'t str, tokens: &[Token]) -> Vec<&'t str> {
    let own = tokens.iter().map(|token| &text[token.span.range()]).filter(|word| !word.is_empty());
    own.chain(["{", "}", "(", ")", ",", ":", "=", ".", "-", "on", "for", "7d", "\"x\""]).collect()
}
