//! `comity explain`

use crate::Status;
use crate::failure::{Failure, Result};
use crate::terminal::{Style, Terminal, paint};
use comity_compiler::diagnostic::{CODES, explain};
use std::fmt::Write as _;
use std::io::Write as _;

/// Show the manual page of a diagnostic
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  comity explain E0123
  comity explain --list")]
pub(crate) struct Explain {
    /// The code that `comity check` shows
    #[arg(required_unless_present = "list")]
    code: Option<String>,
    /// List all codes
    #[arg(long, conflicts_with = "code")]
    list: bool,
}

impl Explain {
    pub(crate) fn run(self, terminal: Terminal) -> Result<Status> {
        let color = terminal.stdout_color();
        let text = match self.code {
            None => list(color),
            Some(code) => match explain(&code) {
                Some(page) => styled(page, color),
                None => return Err(unknown(&code)),
            },
        };
        std::io::stdout().lock().write_all(text.as_bytes())?;
        Ok(Status::Done)
    }
}

/// Every code with the heading of its page.
fn list(color: bool) -> String {
    let mut out = String::new();
    for code in CODES {
        let title = title(code.as_str(), code.page());
        let _ = writeln!(out, "{}  {title}", paint(color, Style::Bold, code.as_str()));
    }
    out
}

/// What a page is headed by, without its code.
pub(crate) fn title<'p>(code: &str, page: &'p str) -> &'p str {
    let heading = page.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or_default();
    heading.strip_prefix(code).unwrap_or(heading).trim_start_matches([':', ' ', '—', '–', '-']).trim()
}

/// A page as a terminal shows it: headings and code stand out, and the marks for them are gone.
fn styled(page: &str, color: bool) -> String {
    if !color {
        return page.to_owned();
    }
    let mut out = String::new();
    let mut code = false;
    for line in page.lines() {
        if line.starts_with("```") {
            code = !code;
            continue;
        }
        let line = match line {
            _ if code => format!("    {}", paint(true, Style::Help, line)),
            _ if line.starts_with('#') => paint(true, Style::Bold, line.trim_start_matches(['#', ' '])),
            _ => line.to_owned(),
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn unknown(code: &str) -> Failure {
    let failure = Failure::new(format!("there is no diagnostic `{code}`"));
    let wanted = code.to_ascii_uppercase();
    let near: Vec<String> = nearest(&wanted).iter().map(|code| format!("`{code}`")).collect();
    let failure = match near.as_slice() {
        [] => failure,
        near => failure.help(format!("the nearest codes are {}", near.join(", "))),
    };
    failure.help("`comity explain --list` shows them all")
}

/// The three codes that are most like what was asked for: same kind, then nearest number.
fn nearest(wanted: &str) -> Vec<&'static str> {
    let number = |code: &str| code.get(1..).and_then(|digits| digits.parse::<u32>().ok());
    let Some(sought) = number(wanted) else { return Vec::new() };
    let mut codes: Vec<_> = CODES
        .iter()
        .map(|code| code.as_str())
        .filter_map(|code| {
            let distance = number(code)?.abs_diff(sought);
            Some((code.as_bytes()[0] != wanted.as_bytes()[0], distance, code))
        })
        .collect();
    codes.sort_unstable();
    codes.into_iter().take(3).map(|(_, _, code)| code).collect()
}
