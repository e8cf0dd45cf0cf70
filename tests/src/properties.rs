//! What holds for every text, as functions that say what is wrong.

use comity_grammar::token::Kind;
use comity_grammar::{Parsed, format, parse, print};

/// Says what the layout of a text without errors changes, but for places; `None` where all is well.
pub fn layout(text: &str) -> Option<String> {
    let before = parse(text);
    if !before.errors.is_empty() {
        return None;
    }
    let formatted = match format(text) {
        Ok(formatted) => formatted,
        Err(errors) => return Some(format!("the parser reads it, the formatter doesn't: {errors:?}")),
    };
    let after = parse(&formatted);
    if let Some(error) = after.errors.first() {
        return Some(format!("its layout can't be read: {}\n{formatted}", error.message));
    }
    if kept(text, &before) != kept(&formatted, &after) {
        return Some(format!("its layout has other tokens:\n{formatted}"));
    }
    if comments(text, &before) != comments(&formatted, &after) {
        return Some(format!("its layout has other comments:\n{formatted}"));
    }
    if print(&before.file) != print(&after.file) {
        return Some(format!("its layout has another tree:\n{formatted}"));
    }
    match format(&formatted) {
        Ok(again) if again == formatted => None,
        Ok(again) => Some(format!("its layout changes from\n{formatted}\nto\n{again}")),
        Err(errors) => Some(format!("its layout can't be laid out: {errors:?}\n{formatted}")),
    }
}

/// The tokens that a layout has to keep: all but commas before a closing bracket.
fn kept<'t>(text: &'t str, parsed: &Parsed) -> Vec<&'t str> {
    let tokens = parsed.tokens.iter().enumerate();
    let last = |index: usize| parsed.tokens.get(index + 1).is_some_and(|next| next.kind.closes());
    tokens
        .filter(|(index, token)| token.kind != Kind::Comma || !last(*index))
        .map(|(_, token)| &text[token.span.range()])
        .collect()
}

fn comments<'t>(text: &'t str, parsed: &Parsed) -> Vec<&'t str> {
    parsed.comments.iter().map(|comment| text[comment.span.range()].trim_end()).collect()
}
