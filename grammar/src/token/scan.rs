//! Inside text literals: where one ends, its braces and its escapes (language reference §3).

use std::ops::Range;

/// Where a text literal ends and what is wrong with its braces.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned {
    /// Its length in bytes, quotes included.
    pub len: usize,
    /// Whether it lacks its closing quote.
    pub unterminated: bool,
    /// Each outermost `{…}`, braces included.
    pub braces: Vec<Range<usize>>,
    /// Braces without a partner.
    pub lone: Vec<usize>,
}

/// Reads the text literal that `text` begins with. Quotes inside braces belong to it; braces are counted, and a
/// backslash takes the character after it along.
pub(super) fn text(text: &str) -> Scanned {
    let bytes = text.as_bytes();
    let mut scanned = Scanned::default();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                scanned.len = at + 1;
                return scanned;
            }
            b'\n' | b'\r' => break,
            b'\\' if text[at..].starts_with("\\u{") => at = unicode_end(bytes, at),
            b'\\' => at = skip_escape(text, at),
            b'{' => match group_end(text, at) {
                Some(end) => {
                    scanned.braces.push(at..end);
                    at = end;
                }
                None => {
                    scanned.lone.push(at);
                    at += 1;
                }
            },
            b'}' => {
                scanned.lone.push(at);
                at += 1;
            }
            _ => at += 1,
        }
    }
    scanned.len = at;
    scanned.unterminated = true;
    scanned
}

/// Deeper braces than the language allows are not looked for: their search would take time for nothing.
const NESTING: usize = 64;

/// One past the `}` that closes the `{` at `start`, if there is one on the line.
fn group_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => return None,
            b'\\' if text[at..].starts_with("\\u{") => at = unicode_end(bytes, at),
            b'\\' => at = skip_escape(text, at),
            b'{' => {
                depth += 1;
                at += 1;
                if depth > NESTING {
                    return None;
                }
            }
            b'}' => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

/// One past the backslash at `at` and the character after it, which doesn't end the line.
fn skip_escape(text: &str, at: usize) -> usize {
    match text[at + 1..].chars().next() {
        Some('\n' | '\r') | None => at + 1,
        Some(character) => at + 1 + character.len_utf8(),
    }
}

/// One past `\u{1F44B}`, or past what of it is there.
fn unicode_end(bytes: &[u8], at: usize) -> usize {
    let digits = bytes[at + 3..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    at + 3 + digits + usize::from(bytes.get(at + 3 + digits) == Some(&b'}'))
}

/// A part of a text between its quotes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    /// A character, as it is or escaped.
    Character(char),
    /// An escape that doesn't exist.
    Bad(Range<usize>),
}

/// The characters of a piece of text, escapes resolved.
pub(crate) fn escapes(text: &str) -> impl Iterator<Item = Escape> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let character = text[at..].chars().next()?;
        let start = at;
        at += character.len_utf8();
        if character != '\\' {
            return Some(Escape::Character(character));
        }
        let Some(escaped) = text[at..].chars().next() else {
            return Some(Escape::Bad(start..at));
        };
        at += escaped.len_utf8();
        let value = match escaped {
            '"' | '\\' | '{' | '}' => Some(escaped),
            'n' => Some('\n'),
            't' => Some('\t'),
            'u' if text[at..].starts_with('{') => {
                let end = unicode_end(text.as_bytes(), start);
                let inner = text[at + 1..end].strip_suffix('}');
                at = end;
                inner
                    .filter(|digits| (1..=6).contains(&digits.len()))
                    .and_then(|digits| u32::from_str_radix(digits, 16).ok())
                    .and_then(char::from_u32)
            }
            _ => None,
        };
        Some(value.map_or(Escape::Bad(start..at), Escape::Character))
    })
}
