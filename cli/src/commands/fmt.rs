//! `comity fmt`

use crate::Status;
use crate::failure::{Failure, Result};
use crate::output;
use crate::project::{self, Loaded, Nested};
use crate::report::{self, Format, counted};
use crate::terminal::{Style, Terminal, paint};
use similar::{ChangeTag, TextDiff};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What is said of a file that can't be read; all else is no matter of layout.
const SYNTAX: std::ops::RangeInclusive<&str> = "E0001"..="E0029";

/// Lay out policy files in the one canonical way
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity fmt                     the project in this folder
  comity fmt --check             in CI: says what would change, and changes nothing
  comity fmt - < a.comity        from standard input to standard output")]
pub(crate) struct Fmt {
    /// A folder or a `.comity` file; `-` is standard input
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Change nothing; show the differences, and exit with 1 where there are any
    #[arg(long)]
    check: bool,
}

impl Fmt {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        if self.path == Path::new(project::STDIN) {
            return self.stdin(terminal);
        }
        let files = files(&self.path)?;
        let (mut changed, mut broken) = (0, 0);
        for path in &files {
            let loaded = project::load(path)?;
            let Some(Laid { before, after }) = lay_out(&loaded, terminal) else {
                broken += 1;
                continue;
            };
            if before == after {
                continue;
            }
            changed += 1;
            if self.check {
                show(&path.to_string_lossy(), &before, &after, terminal.stdout_color())?;
            } else {
                output::write(path, after.as_bytes())?;
            }
        }
        let all = counted(files.len(), "file");
        let verb = if self.check { "would change" } else { "changed" };
        terminal.note(match (changed, broken) {
            (0, 0) => format!("{all} as {} should be", if files.len() == 1 { "it" } else { "they" }),
            (changed, 0) => format!("{verb} {changed} of {all}"),
            (changed, broken) => {
                format!("{verb} {changed} of {all}; {} can't be read", counted(broken, "file"))
            }
        });
        Ok(if broken > 0 || self.check && changed > 0 { Status::No } else { Status::Done })
    }

    fn stdin(self, terminal: Terminal) -> Result<Status> {
        let loaded = project::load(&self.path)?;
        let Some(Laid { before, after }) = lay_out(&loaded, terminal) else { return Ok(Status::No) };
        if !self.check {
            std::io::stdout().lock().write_all(after.as_bytes())?;
            return Ok(Status::Done);
        }
        if before == after {
            return Ok(Status::Done);
        }
        show("<stdin>", &before, &after, terminal.stdout_color())?;
        Ok(Status::No)
    }
}

/// The files to lay out. A folder needn't be a project: parts of one, and several, are laid out in the same way.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let files = project::policy_files(path, Nested::TakeIn)?;
    if files.is_empty() {
        return Err(Failure::new(format!("there is no policy file in `{}`", path.display()))
            .help("policy files end in `.comity`"));
    }
    Ok(files)
}

/// A file's text, and as it should be.
struct Laid {
    before: String,
    after: String,
}

/// `None` where the file has syntax errors, which are shown.
fn lay_out(loaded: &Loaded, terminal: Terminal) -> Option<Laid> {
    let file = loaded.project.files().first()?;
    let formatted = if file.is_utf8() { comity_grammar::format(&file.text).ok() } else { None };
    match formatted {
        Some(after) => Some(Laid { before: file.text.clone(), after }),
        None => {
            let mut diagnostics = comity_compiler::check(&loaded.project).diagnostics;
            diagnostics.retain(|diagnostic| SYNTAX.contains(&diagnostic.code.as_str()));
            let text = report::render(Format::Human, loaded, &diagnostics, terminal.stderr_color());
            terminal.diagnostics(&text);
            None
        }
    }
}

/// A unified diff.
fn show(name: &str, before: &str, after: &str, color: bool) -> Result<()> {
    let diff = TextDiff::from_lines(before, after);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    writeln!(out, "{}", paint(color, Style::Bold, format_args!("--- {name}")))?;
    writeln!(out, "{}", paint(color, Style::Bold, format_args!("+++ {name} (formatted)")))?;
    for hunk in diff.unified_diff().iter_hunks() {
        writeln!(out, "{}", paint(color, Style::Dim, hunk.header()))?;
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches('\n');
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', Some(Style::Removed)),
                ChangeTag::Insert => ('+', Some(Style::Added)),
                ChangeTag::Equal => (' ', None),
            };
            let line = format!("{sign}{line}");
            match style {
                Some(style) => writeln!(out, "{}", paint(color, style, line))?,
                None => writeln!(out, "{line}")?,
            }
            if change.missing_newline() {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
    }
    out.flush()?;
    Ok(())
}
