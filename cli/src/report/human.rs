//! Diagnostics for people, by miette.

use super::excerpts::Excerpts;
use super::{Place, counted};
use crate::project::Loaded;
use comity_compiler::diagnostic::{Diagnostic, Label, Severity};
use comity_compiler::ids::FileId;
use comity_compiler::limits::SHOWN;
use comity_grammar::Span;
use miette::{LabeledSpan, MietteHandler, MietteHandlerOpts, NamedSource, ReportHandler as _, SourceCode};
use std::fmt;
use std::fmt::Write as _;

/// Lines are this wide where there is no terminal.
const WIDTH: usize = 100;
/// Lines of the source that are longer, in bytes, aren't shown: nobody would find the mark under them, and miette
/// doesn't go beyond 65,535 columns.
const LONGEST: usize = 4000;

/// Something to be shown at its places in the source.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) message: String,
    pub(crate) code: Option<&'static str>,
    pub(crate) severity: Severity,
    pub(crate) labels: Vec<Label>,
    pub(crate) help: Option<String>,
}

impl Finding {
    fn of(diagnostic: &Diagnostic) -> Finding {
        Finding {
            message: diagnostic.message.clone(),
            code: Some(diagnostic.code.as_str()),
            severity: diagnostic.severity,
            labels: diagnostic.labels.clone(),
            help: help(diagnostic),
        }
    }
}

pub(super) fn render(loaded: &Loaded, diagnostics: &[Diagnostic], color: bool) -> String {
    let (shown, left_off) = most_important(diagnostics);
    let findings: Vec<Finding> = shown.into_iter().map(Finding::of).collect();
    let mut out = render_findings(loaded, &findings, color);
    if let Some(left_off) = left_off {
        let _ = writeln!(out, "… and {left_off} more; `comity check --format json` has all of them");
    }
    out
}

/// As many as anyone reads, errors before warnings, and how many there are beside: "12 errors and 3 warnings".
fn most_important(diagnostics: &[Diagnostic]) -> (Vec<&Diagnostic>, Option<String>) {
    let errors = diagnostics.iter().filter(|one| one.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    let (shown_errors, shown_warnings) = (errors.min(SHOWN), warnings.min(SHOWN - errors.min(SHOWN)));
    let (mut free_errors, mut free_warnings) = (shown_errors, shown_warnings);
    let shown = diagnostics.iter().filter(|one| {
        let free = match one.severity {
            Severity::Error => &mut free_errors,
            Severity::Warning => &mut free_warnings,
        };
        let fits = *free > 0;
        *free = free.saturating_sub(1);
        fits
    });
    let left_off = [(errors - shown_errors, "error"), (warnings - shown_warnings, "warning")];
    let left_off: Vec<String> =
        left_off.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(*count, noun)).collect();
    (shown.collect(), (!left_off.is_empty()).then(|| left_off.join(" and ")))
}

/// Findings one after the other.
pub(crate) fn render_findings(loaded: &Loaded, findings: &[Finding], color: bool) -> String {
    let mut options = MietteHandlerOpts::new()
        .force_graphical(true)
        .terminal_links(false)
        .unicode(true)
        .color(color)
        .context_lines(1)
        .tab_width(4)
        .break_words(false);
    if !std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        options = options.width(WIDTH);
    }
    let handler = options.build();
    let sources = Sources { loaded, texts: Vec::new() };
    render_all(&handler, sources, findings)
}

fn render_all(handler: &MietteHandler, mut sources: Sources<'_>, findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let shown = Shown::of(&mut sources, finding);
        let _ = writeln!(out, "{}", Handled(handler, &shown));
    }
    out
}

/// The texts that were shown, each held once.
struct Sources<'l> {
    loaded: &'l Loaded,
    texts: Vec<(FileId, Source)>,
}

type Source = NamedSource<Excerpts>;

impl Sources<'_> {
    fn get(&mut self, id: FileId) -> Option<Source> {
        if let Some((_, source)) = self.texts.iter().find(|(known, _)| *known == id) {
            return Some(source.clone());
        }
        let (path, text) = self.loaded.project.file(id)?;
        let source = NamedSource::new(self.loaded.shown(path), Excerpts::of(text));
        self.texts.push((id, source.clone()));
        Some(source)
    }
}

/// A diagnostic as miette wants it: about one file, with those of the other files related to it.
#[derive(Debug, Default)]
struct Shown {
    message: String,
    /// Without one, it only shows further places.
    code: Option<&'static str>,
    severity: Option<miette::Severity>,
    source: Option<Source>,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
    related: Vec<Shown>,
}

impl Shown {
    fn of(sources: &mut Sources<'_>, finding: &Finding) -> Shown {
        let home = finding.labels.iter().find(|label| label.primary).or(finding.labels.first());
        let home = home.map(|label| label.location.file);
        let mut others: Vec<FileId> = finding
            .labels
            .iter()
            .map(|label| label.location.file)
            .filter(|file| Some(*file) != home)
            .collect();
        others.dedup();
        let about = |sources: &mut Sources<'_>, file: FileId, message: &str| {
            let text = sources.loaded.project.file(file).map_or("", |(_, text)| text);
            let labels: Vec<&Label> =
                finding.labels.iter().filter(|label| label.location.file == file).collect();
            let hidden = labels.iter().find(|label| long(text, label.location.span));
            let shown = Shown { message: message.to_owned(), ..Shown::default() };
            match hidden {
                Some(label) => Shown { message: located(sources.loaded, label, message), ..shown },
                None => Shown {
                    labels: labels.iter().map(|label| labeled(label, text)).collect(),
                    source: sources.get(file),
                    ..shown
                },
            }
        };
        let related =
            others.into_iter().map(|file| about(sources, file, "the other place is here")).collect();
        let shown = match home {
            Some(file) => about(sources, file, &finding.message),
            None => Shown { message: finding.message.clone(), ..Shown::default() },
        };
        Shown {
            code: finding.code,
            severity: Some(match finding.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            }),
            help: finding.help.clone(),
            related,
            ..shown
        }
    }
}

/// The message with the place after it, for where the source can't be shown.
fn located(loaded: &Loaded, label: &Label, message: &str) -> String {
    match Place::of(loaded, label.location) {
        Some(place) => format!("{message} ({}:{}:{})", place.file, place.start.line, place.start.column),
        None => message.to_owned(),
    }
}

/// Whether a line that would be shown is too long: one of the span, before or after it.
fn long(text: &str, span: Span) -> bool {
    let (start, end) = ((span.start as usize).min(text.len()), (span.end as usize).min(text.len()));
    let bytes = text.as_bytes();
    let newline = |byte: &u8| *byte == b'\n';
    let before = bytes[..start].iter().rev().enumerate().filter(|(_, byte)| newline(byte));
    let from = before.map(|(distance, _)| start - distance).nth(1).unwrap_or(0);
    let after = bytes[end..].iter().enumerate().filter(|(_, byte)| newline(byte));
    let to = after.map(|(distance, _)| end + distance).nth(1).unwrap_or(bytes.len());
    bytes[from..to.max(from)].split(newline).any(|line| line.len() > LONGEST)
}

/// What to do; a mend that `--fix` applies says so.
fn help(diagnostic: &Diagnostic) -> Option<String> {
    let mut help = diagnostic.help.clone();
    if let Some(fix) = &diagnostic.fix {
        match help.iter_mut().find(|help| help.contains(&fix.title)) {
            Some(help) => help.push_str(" (`--fix` does it)"),
            None => help.push(format!("{} (`--fix` does it)", fix.title)),
        }
    }
    (!help.is_empty()).then(|| help.join("\n"))
}

fn labeled(label: &Label, text: &str) -> LabeledSpan {
    let span = label.location.span;
    let (mut start, mut end) = ((span.start as usize).min(text.len()), (span.end as usize).min(text.len()));
    // What is missing at the end of the file is missing after its last word.
    let last = text.trim_end().len();
    if start >= last {
        (start, end) = (last, last);
    }
    end = end.max(start);
    let words = (!label.text.is_empty()).then(|| label.text.clone());
    if label.primary {
        LabeledSpan::new_primary_with_span(words, (start, end - start))
    } else {
        LabeledSpan::new_with_span(words, (start, end - start))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        // What only shows a further place is neither.
        Some(self.severity.unwrap_or(miette::Severity::Advice))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = _>>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        let related = self.related.iter().map(|other| other as &dyn miette::Diagnostic);
        (!self.related.is_empty()).then(|| Box::new(related) as Box<dyn Iterator<Item = _>>)
    }
}

/// Lets a handler write what only it can.
struct Handled<'a>(&'a MietteHandler, &'a Shown);

impl fmt::Display for Handled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug(self.1, f)
    }
}
