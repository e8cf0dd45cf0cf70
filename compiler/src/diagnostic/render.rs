//! Diagnostics as plain text: for snapshots, logs and editors without more.

use super::{Diagnostic, Label, Severity, line_and_column};
use crate::source::Project;
use std::fmt::Write;

/// One diagnostic as plain text: message, each place with its line and what is to be seen there, help.
pub fn render(project: &Project, diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut out = format!("{severity}[{}]: {}\n", diagnostic.code, diagnostic.message);
    for label in &diagnostic.labels {
        place(&mut out, project, label);
    }
    for help in &diagnostic.help {
        let _ = writeln!(out, "  help: {help}");
    }
    if let Some(fix) = &diagnostic.fix {
        let _ = writeln!(out, "  fix: {}", fix.title);
    }
    out
}

fn place(out: &mut String, project: &Project, label: &Label) {
    let Some((path, text)) = project.file(label.location.file) else { return };
    let span = label.location.span;
    let (line, column) = line_and_column(text, span.start);
    let source = text.lines().nth(line - 1).unwrap_or_default();
    let rest = source.chars().count().saturating_sub(column - 1);
    let wanted = text
        .get(span.range())
        .map_or(1, |spanned| spanned.lines().next().unwrap_or_default().chars().count());
    let width = wanted.min(rest).max(1);
    let mark = if label.primary { "^" } else { "-" };
    let _ = writeln!(out, "  {path}:{line}:{column}");
    let _ = writeln!(out, "  | {source}");
    let indent: String =
        source.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let _ = writeln!(out, "{}", format!("  | {indent}{} {}", mark.repeat(width), label.text).trim_end());
}
