//! The syntax tree as an outline for people: one line per node of a body, expressions as one s-expression.

mod declaration;
mod expression;
mod journey;

use crate::tree::{File, Name, Path, Text};
use std::fmt::Write;

/// Prints a file's tree: what `comity check --print ast` shows.
pub fn print(file: &File) -> String {
    let mut outline = Outline { text: String::new(), indent: 0 };
    for declaration in &file.declarations {
        declaration::print(&mut outline, declaration);
    }
    outline.text
}

/// Lines, each indented by its depth.
struct Outline {
    text: String,
    indent: usize,
}

impl Outline {
    fn line(&mut self, line: impl AsRef<str>) {
        let _ = writeln!(self.text, "{:indent$}{}", "", line.as_ref(), indent = 2 * self.indent);
    }

    /// A line and, one level deeper, what belongs to it.
    fn node(&mut self, line: impl AsRef<str>, inner: impl FnOnce(&mut Self)) {
        self.line(line);
        self.indent += 1;
        inner(self);
        self.indent -= 1;
    }
}

fn name(name: &Name) -> String {
    if name.text.is_empty() { "<no name>".to_owned() } else { name.text.to_string() }
}

fn path(path: &Path) -> String {
    match &path.package {
        Some(package) => format!("{}.{}", package.text, path.name.text),
        None => name(&path.name),
    }
}

fn names(all: &[Name]) -> String {
    all.iter().map(name).collect::<Vec<_>>().join(" ")
}

fn paths(all: &[Path]) -> String {
    all.iter().map(path).collect::<Vec<_>>().join(" ")
}

fn text(text: &Text) -> String {
    format!("{:?}", text.value)
}

/// ` word rest`, if there is a rest.
fn with(word: &str, rest: &str) -> String {
    if rest.is_empty() { String::new() } else { format!(" ({word} {rest})") }
}
