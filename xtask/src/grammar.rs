//! Writes the manual's page of the grammar from the norm, `grammar/comity.pest`: each rule in EBNF, with what its
//! comment says, under the headings of the norm.

use pest_meta::ast::Expr;
use pest_meta::parser::{self, Rule as MetaRule};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "\
# The grammar

<!-- Written by `cargo xtask grammar` from `grammar/comity.pest`, which is the norm: change it there. -->

This page says exactly which texts can be read. A word in quotes stands for itself; `a?` may be left out, `a*` may
repeat or be left out, `a+` repeats; `a | b` is one of them, the first that fits; `a - b` is an `a` that doesn't begin
like a `b`. Between any two parts there may be white space and comments, but not within words, numbers and texts.

Nesting (brackets, braces, `if`, `match`, `not`, unary `-`, `since`) is at most 64 deep, and an expression has at most
500 operators in a row.
";

/// Writes the page.
///
/// # Errors
/// What couldn't be read or written.
pub(crate) fn write() -> Result<(), String> {
    let target = root().join("docs/src/language/grammar.md");
    std::fs::write(&target, page()?).map_err(|error| format!("{}: {error}", target.display()))
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn page() -> Result<String, String> {
    let path = root().join("grammar/comity.pest");
    let norm = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let pairs = parser::parse(MetaRule::grammar_rules, &norm).map_err(|error| error.to_string())?;
    let rules = parser::consume_rules(pairs).map_err(|errors| format!("{errors:?}"))?;
    let rules: BTreeMap<String, Expr> = rules.into_iter().map(|rule| (rule.name, rule.expr)).collect();
    let mut out = HEAD.to_owned();
    let mut comment: Vec<&str> = Vec::new();
    let mut open = false;
    for line in norm.lines() {
        if let Some(title) = line.strip_prefix("// ") {
            close(&mut out, &mut open);
            // The marks of words are written as the words.
            if line.contains("Keywords") {
                break;
            }
            let section = title.starts_with('-');
            let title = title.trim_matches(['-', ' ']);
            let (title, says) = title.split_once(". ").unwrap_or((title, ""));
            let _ = write!(out, "\n{} {title}\n", if section { "##" } else { "###" });
            if !says.is_empty() {
                let _ = write!(out, "\n{says}\n");
            }
        } else if let Some(says) = line.strip_prefix("/// ") {
            comment.push(says);
        } else if let Some((name, _)) = line.split_once(" = ")
            && let Some(expr) = rules.get(name.trim())
            && !line.starts_with(' ')
        {
            let name = name.trim();
            if literal(name, &rules).is_some() || matches!(name, "WHITESPACE" | "COMMENT") {
                comment.clear();
                continue;
            }
            if !comment.is_empty() {
                close(&mut out, &mut open);
                let _ = write!(out, "\n{}\n", comment.join(" "));
                comment.clear();
            }
            if !open {
                out.push_str("\n<pre>\n");
                open = true;
            }
            let _ =
                writeln!(out, "<a id=\"rule-{name}\"></a>{name:<16} = {}", text(expr, &rules, Level::Choice));
        }
    }
    close(&mut out, &mut open);
    Ok(out)
}

fn close(out: &mut String, open: &mut bool) {
    if std::mem::take(open) {
        out.push_str("</pre>\n");
    }
}

/// The text of a rule that is one fixed mark or word.
fn literal<'r>(name: &str, rules: &'r BTreeMap<String, Expr>) -> Option<&'r str> {
    match rules.get(name)? {
        Expr::Str(text) => Some(text),
        // `"when" ~ !part`, `"." ~ !"."`
        Expr::Seq(first, second) => match (&**first, &**second) {
            (Expr::Str(text), Expr::NegPred(_)) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// What an expression stands in: there it may need parentheses.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Choice,
    Sequence,
    Repeated,
}

fn text(expr: &Expr, rules: &BTreeMap<String, Expr>, level: Level) -> String {
    let within = |own: Level, text: String| if level > own { format!("({text})") } else { text };
    let repeated = |inner: &Expr, sign: &str| format!("{}{sign}", text(inner, rules, Level::Repeated));
    match expr {
        Expr::Str(text) | Expr::Insens(text) => quoted(text),
        Expr::Range(first, last) => format!("{}…{}", quoted(first), quoted(last)),
        Expr::Ident(name) => match (literal(name, rules), name.as_str()) {
            (Some(text), _) => quoted(text),
            (_, "ASCII_DIGIT") => "digit".to_owned(),
            (_, "ASCII_HEX_DIGIT") => "hexadecimal-digit".to_owned(),
            (_, "ASCII_ALPHA_LOWER") => "small-letter".to_owned(),
            (_, "ASCII_ALPHA_UPPER") => "capital-letter".to_owned(),
            (_, "ASCII_ALPHANUMERIC") => "letter-or-digit".to_owned(),
            (_, "ANY") => "any-character".to_owned(),
            (_, "SOI") => "beginning-of-the-file".to_owned(),
            (_, "EOI") => "end-of-the-file".to_owned(),
            _ => format!("<a href=\"#rule-{name}\">{name}</a>"),
        },
        Expr::Seq(..) => {
            let mut parts = Vec::new();
            sequence(expr, &mut parts);
            let count =
                parts.iter().filter(|part| !matches!(part, Expr::NegPred(_) | Expr::PosPred(_))).count();
            let inner =
                if count == 1 && !matches!(parts[0], Expr::NegPred(_)) { level } else { Level::Sequence };
            let mut written: Vec<String> = Vec::new();
            let mut without: Vec<String> = Vec::new();
            for part in parts {
                match part {
                    Expr::NegPred(inner) => without.push(text(inner, rules, Level::Repeated)),
                    Expr::PosPred(_) => {}
                    _ => {
                        let mut one = text(part, rules, inner);
                        without.drain(..).for_each(|other| one.push_str(&format!(" - {other}")));
                        written.push(one);
                    }
                }
            }
            // What may not follow separates words; the introduction says so.
            match &written[..] {
                [only] => only.clone(),
                _ => within(Level::Sequence, written.join(" ")),
            }
        }
        Expr::Choice(..) => {
            let mut all = Vec::new();
            choices(expr, &mut all);
            let all: Vec<String> = all.iter().map(|one| text(one, rules, Level::Choice)).collect();
            within(Level::Choice, all.join(" | "))
        }
        Expr::Opt(inner) => repeated(inner, "?"),
        Expr::Rep(inner) => repeated(inner, "*"),
        Expr::RepOnce(inner) => repeated(inner, "+"),
        Expr::RepExact(inner, count) => repeated(inner, &format!(" × {count}")),
        Expr::RepMin(inner, least) => repeated(inner, &format!(" × {least} or more")),
        Expr::RepMax(inner, most) => repeated(inner, &format!(" × 0 to {most}")),
        Expr::RepMinMax(inner, least, most) => repeated(inner, &format!(" × {least} to {most}")),
        _ => String::new(),
    }
}

fn sequence<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Seq(first, second) => {
            sequence(first, parts);
            sequence(second, parts);
        }
        other => parts.push(other),
    }
}

fn choices<'e>(expr: &'e Expr, all: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Choice(first, second) => {
            choices(first, all);
            choices(second, all);
        }
        other => all.push(other),
    }
}

/// As it is written, in quotes that it doesn't have itself, safe for HTML.
fn quoted(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|character| match character {
            '\n' => "line-feed".to_owned(),
            '\r' => "carriage-return".to_owned(),
            '\u{feff}' => "U+FEFF".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '&' => "&amp;".to_owned(),
            other => other.to_string(),
        })
        .collect();
    match text {
        "\n" | "\r" | "\u{feff}" => shown,
        _ if text.contains('"') => format!("'{shown}'"),
        _ => format!("\"{shown}\""),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_manual_has_the_grammar_of_the_norm() {
        let target = super::root().join("docs/src/language/grammar.md");
        let written = std::fs::read_to_string(target).unwrap();
        assert!(written == super::page().unwrap(), "write it anew: cargo xtask grammar");
    }
}
