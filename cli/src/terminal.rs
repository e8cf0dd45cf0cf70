//! What is said beside the result: on standard error, in colour where one looks at it.

use crate::failure::Failure;
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};

/// Whether to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Also into files and pipes
    Always,
    /// Never
    Never,
}

/// How to speak to whoever called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    color: Color,
    quiet: bool,
}

/// Colours and weights, as the escape codes of terminals.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Style {
    Bold,
    Dim,
    Error,
    Warning,
    Help,
    Added,
    Removed,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Error => "1;31",
            Style::Warning => "1;33",
            Style::Help => "1;36",
            Style::Added => "32",
            Style::Removed => "31",
        }
    }
}

/// A text in a style, where there are colours.
pub(crate) fn paint(color: bool, style: Style, text: impl Display) -> String {
    if color { format!("\u{1b}[{}m{text}\u{1b}[0m", style.code()) } else { text.to_string() }
}

impl Terminal {
    pub(crate) fn new(color: Color, quiet: bool) -> Terminal {
        Terminal { color, quiet }
    }

    /// Whether results are coloured.
    pub(crate) fn stdout_color(self) -> bool {
        self.colored(std::io::stdout().is_terminal())
    }

    /// Whether what is said beside them is.
    pub(crate) fn stderr_color(self) -> bool {
        self.colored(std::io::stderr().is_terminal())
    }

    fn colored(self, terminal: bool) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if set("NO_COLOR") => false,
            Color::Auto if set("CLICOLOR_FORCE") => true,
            Color::Auto => terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        }
    }

    /// Whether to show how far the work has come.
    pub(crate) fn shows_progress(self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Says something in passing.
    pub(crate) fn note(self, text: impl Display) {
        if !self.quiet {
            say(text);
        }
    }

    /// Says what has to be known of the result; even when quiet.
    pub(crate) fn caveat(self, text: impl Display) {
        say(text);
    }

    /// Says what is wrong, but stops nothing; even when quiet.
    pub(crate) fn warn(self, text: impl Display) {
        say(format_args!("{}: {text}", paint(self.stderr_color(), Style::Warning, "warning")));
    }

    /// Says why the answer is no.
    pub(crate) fn error(self, text: impl Display) {
        say(format_args!("{}: {text}", paint(self.stderr_color(), Style::Error, "error")));
    }

    /// Shows the diagnostics of a policy, even when quiet.
    pub(crate) fn diagnostics(self, text: &str) {
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// Says why the command could not be carried out.
    pub(crate) fn failure(self, failure: &Failure) {
        let color = self.stderr_color();
        say(format_args!("{}: {failure}", paint(color, Style::Error, "error")));
        for help in failure.helps() {
            say(format_args!("  {}: {help}", paint(color, Style::Help, "help")));
        }
    }
}

/// Where nobody listens to standard error, nothing can be done about it.
fn say(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
