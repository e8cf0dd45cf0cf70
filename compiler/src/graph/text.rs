//! How wide texts are, and how they are broken into lines.
//!
//! The drawing doesn't know the fonts that it will be shown with. Widths are those of Helvetica, which most sans-serif
//! fonts keep to; the drawing then makes each text as wide as was reckoned here.

/// Widths of ASCII from space to `~`, thousandths of the font's size (Adobe Font Metrics of Helvetica).
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// The fonts of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Font {
    /// Headings.
    Bold,
    /// All else in plain words.
    Plain,
    /// The words of the language.
    Mono,
}

/// How wide a text is, in pixels at a font size.
pub(super) fn width(text: &str, font: Font, size: f64) -> f64 {
    let thousandths: f64 = text
        .chars()
        .map(|c| match (font, c) {
            _ if is_wide(c) => 1000.0,
            (Font::Mono, _) => 602.0,
            (_, ' '..='~') => {
                let width = f64::from(HELVETICA[c as usize - ' ' as usize]);
                if font == Font::Bold { width * 1.07 + 6.0 } else { width }
            }
            _ => 610.0,
        })
        .sum();
    thousandths * size / 1000.0
}

/// Scripts whose characters fill a square.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

/// Breaks a text into lines no wider than so many pixels, at spaces where there are any; what doesn't fit on the last
/// line is left out, and `…` says so.
pub(super) fn wrap(text: &str, font: Font, size: f64, widest: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word.to_owned();
        loop {
            let joined = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
            if width(&joined, font, size) <= widest {
                line = joined;
                break;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            // A word that is too long for a line of its own.
            let fits = longest(&word, font, size, widest);
            let rest = word.split_off(fits);
            lines.push(std::mem::replace(&mut word, rest));
            if word.is_empty() {
                break;
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            let fits = longest(last, font, size, widest - width("…", font, size));
            last.truncate(fits);
            last.push('…');
        }
    }
    lines
}

/// How many bytes of a text fit, one character at least.
fn longest(text: &str, font: Font, size: f64, widest: f64) -> usize {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let next = at + c.len_utf8();
        if end > 0 && width(&text[..next], font, size) > widest {
            break;
        }
        end = next;
    }
    end
}
