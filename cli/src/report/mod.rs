//! Diagnostics as people and other programs want them.

mod excerpts;
mod github;
mod human;
mod json;
mod sarif;

pub(crate) use human::{Finding, render_findings};

use crate::project::Loaded;
use crate::terminal::Terminal;
use comity_compiler::checked::Location;
use comity_compiler::diagnostic::{Diagnostic, Severity, line_and_column};

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people: the places in the source with what is to be seen there
    #[default]
    Human,
    /// One JSON object per line for each diagnostic
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// All diagnostics in a format.
pub(crate) fn render(format: Format, loaded: &Loaded, diagnostics: &[Diagnostic], color: bool) -> String {
    match format {
        Format::Human => human::render(loaded, diagnostics, color),
        Format::Json => json::render(loaded, diagnostics),
        Format::Sarif => sarif::render(loaded, diagnostics),
        Format::Github => github::render(loaded, diagnostics),
    }
}

/// How many there are of each kind: "2 errors, 1 warning in 3 files"; `None` where there are none.
pub(crate) fn summary(diagnostics: &[Diagnostic]) -> Option<String> {
    let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let kinds: Vec<String> = [(count(Severity::Error), "error"), (count(Severity::Warning), "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| counted(count, noun))
        .collect();
    let mut files: Vec<_> = diagnostics.iter().filter_map(Diagnostic::location).map(|at| at.file).collect();
    files.sort_unstable();
    files.dedup();
    let place = match files.len() {
        0 => String::new(),
        count => format!(" in {}", counted(count, "file")),
    };
    (!kinds.is_empty()).then(|| format!("{}{place}", kinds.join(", ")))
}

/// Shows what is wrong with a policy that nothing can be done with.
pub(crate) fn refuse(loaded: &Loaded, diagnostics: &[Diagnostic], terminal: Terminal) {
    terminal.diagnostics(&render(Format::Human, loaded, diagnostics, terminal.stderr_color()));
    conclude(loaded, diagnostics, terminal);
}

/// Says how many diagnostics there are; of a file that was read without its project also that.
pub(crate) fn conclude(loaded: &Loaded, diagnostics: &[Diagnostic], terminal: Terminal) {
    let Some(summary) = summary(diagnostics) else { return };
    terminal.note(summary);
    tell_project(loaded, terminal);
}

/// Of a file that was read without its project, says so.
pub(crate) fn tell_project(loaded: &Loaded, terminal: Terminal) {
    if let Some((file, project)) = loaded.project_around() {
        terminal.note(format_args!(
            "only `{}` was read: for the whole project give its folder, `{}`",
            file.display(),
            project.display()
        ));
    }
}

/// "1 file", "2 files"
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A location with its file as the user knows it, and where it begins and ends.
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) start: Point,
    end: Point,
}

/// A position in a file: line and column from 1, in characters; offset from 0, in bytes.
pub(crate) struct Point {
    pub(crate) line: usize,
    pub(crate) column: usize,
    offset: usize,
}

impl Place {
    /// `None` where there is no such file.
    pub(crate) fn of(loaded: &Loaded, location: Location) -> Option<Place> {
        let (path, text) = loaded.project.file(location.file)?;
        let point = |offset: u32| {
            let (line, column) = line_and_column(text, offset);
            Point { line, column, offset: offset as usize }
        };
        let (start, end) = (point(location.span.start), point(location.span.end));
        Some(Place { file: loaded.shown(path), start, end })
    }
}
