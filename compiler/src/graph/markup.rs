//! Texts of users in markup: one treatment for all that is drawn or written as XML or HTML.

/// As text and in attributes. What XML has no sign for becomes a space.
pub fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::markup;

    #[test]
    fn texts_become_markup() {
        assert_eq!(
            markup("a < b & \"c\" > 'd'\u{1b}\u{0}\u{ffff}é"),
            "a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;   é"
        );
    }
}
