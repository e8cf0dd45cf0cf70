//! Tokens, trees and layout of any text.

use super::text;
use crate::properties;
use comity_grammar::print;

/// There is a tree, and every place that is spoken of lies in the text.
///
/// # Panics
/// Where that isn't so.
pub fn parse(data: &[u8]) {
    let text = text(data);
    let parsed = comity_grammar::parse(&text);
    let within = |span: comity_grammar::Span| {
        assert!(span.start <= span.end && text.get(span.range()).is_some(), "{span:?} isn't in the text");
    };
    parsed.tokens.iter().for_each(|token| within(token.span));
    parsed.comments.iter().for_each(|comment| within(comment.span));
    parsed.file.declarations.iter().for_each(|declaration| within(declaration.span));
    for error in &parsed.errors {
        within(error.span);
        error.labels.iter().for_each(|(span, _)| within(*span));
        assert!(!error.message.is_empty());
    }
    let _ = print(&parsed.file);
}

/// A text without errors keeps tokens, comments and tree, and is laid out once.
///
/// # Panics
/// Where that isn't so.
pub fn format(data: &[u8]) {
    let text = text(data);
    if let Some(difference) = properties::layout(&text) {
        panic!("{difference}");
    }
}
