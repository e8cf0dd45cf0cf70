//! `comity check`

mod cost;
mod fix;
mod print;
mod state;

use crate::Status;
use crate::failure::{Failure, Result};
use crate::project::{self, Loaded};
use crate::report::{self, Format, counted};
use crate::terminal::Terminal;
use comity_compiler::diagnostic::{Diagnostic, Severity};
use comity_compiler::{Compiled, compile};
use fix::Outcome;
use print::Form;
use std::io::Write as _;
use std::path::PathBuf;

/// Check a policy: syntax, names, types, units, consent
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity check                                   the project in this folder
  comity check shop --deny warnings              in CI
  comity check shop --format sarif > comity.sarif
  comity check shop --state                      what is kept of the customers' history, and for whom
  comity check shop --cost                       what each event costs at worst")]
pub(crate) struct Check {
    /// A project's folder or a single `.comity` file; `-` is standard input
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How diagnostics are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Treat warnings as errors
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Apply the mends that need no thought, then check again
    #[arg(long)]
    fix: bool,
    /// Show what is kept of the customers' history, for how long and which places need it
    #[arg(long, conflicts_with = "print")]
    state: bool,
    /// Show what an event or a placement's request costs at worst: messages, steps, memory
    #[arg(long, conflicts_with_all = ["print", "state"])]
    cost: bool,
    /// Print a form between the stages of the compiler
    #[arg(long, value_enum, value_name = "FORM")]
    print: Option<Form>,
}

/// What else is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Deny {
    /// All warnings
    Warnings,
}

impl Check {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        let is_asked = self.state || self.cost || self.print.is_some();
        if is_asked && matches!(self.format, Format::Sarif | Format::Github) {
            return Err(Failure::new(
                "`--state`, `--cost` and `--print` have no form for programs that show diagnostics",
            )
            .help("leave `--format` out, or write `--format json`"));
        }
        let mut loaded = project::load(&self.path)?;
        if self.fix {
            match fix::apply(&self.path, &mut loaded)? {
                Outcome::Applied { mends, files } => {
                    let (mends, files) = (counted(mends, "mend"), counted(files, "file"));
                    terminal.note(format_args!("applied {mends} in {files}"));
                }
                Outcome::Nothing => terminal.note("there is nothing that mends itself"),
                Outcome::Worse => {
                    terminal.note("nothing was written: after the mends more would be wrong than before");
                }
            }
        }
        let mut compiled = compile(&loaded.project);
        if self.deny.is_some() {
            deny(&mut compiled.analysis.diagnostics);
        }
        let extra = self.extra(&loaded, &compiled)?;
        let diagnostics = &compiled.analysis.diagnostics;
        let is_table = self.state || self.cost;
        if is_asked && (extra.is_some() || self.format == Format::Human) {
            // Below hundreds of warnings nobody would find the table.
            let is_shown = |one: &&Diagnostic| !is_table || one.severity == Severity::Error;
            let shown: Vec<Diagnostic> = diagnostics.iter().filter(is_shown).cloned().collect();
            let text = report::render(Format::Human, &loaded, &shown, terminal.stderr_color());
            terminal.diagnostics(&text);
            std::io::stdout().lock().write_all(extra.unwrap_or_default().as_bytes())?;
        } else {
            let text = report::render(self.format, &loaded, diagnostics, terminal.stdout_color());
            std::io::stdout().lock().write_all(text.as_bytes())?;
        }
        let is_left_out = is_table && diagnostics.iter().any(|one| one.severity == Severity::Warning);
        match report::summary(diagnostics) {
            Some(summary) if is_left_out => {
                let all = if compiled.analysis.has_errors() { " all" } else { "" };
                terminal.note(format_args!("{summary}; `comity check` shows them{all}"));
                report::tell_project(&loaded, terminal);
            }
            _ => report::conclude(&loaded, diagnostics, terminal),
        }
        if diagnostics.is_empty() {
            let files = counted(loaded.project.files().len(), "file");
            terminal.note(format_args!("nothing is wrong in {files}"));
        }
        Ok(if compiled.analysis.has_errors() { Status::No } else { Status::Done })
    }

    /// What is asked for beside the diagnostics, as far as errors allow.
    fn extra(&self, loaded: &Loaded, compiled: &Compiled) -> Result<Option<String>> {
        match (self.print, &compiled.plan) {
            (Some(form), _) => print::render(loaded, compiled, form),
            (None, Some(plan)) if self.state => {
                Ok(Some(state::render(loaded, plan, &compiled.origins, self.format)))
            }
            (None, Some(plan)) if self.cost => Ok(Some(cost::render(plan, self.format))),
            (None, _) => Ok(None),
        }
    }
}

fn deny(diagnostics: &mut [Diagnostic]) {
    for diagnostic in diagnostics {
        diagnostic.severity = Severity::Error;
    }
}
