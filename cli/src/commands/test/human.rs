//! What came of tests, for people: each with a mark, then those that failed with the reasons.

use super::Run;
use crate::report::{Finding, render_findings};
use crate::terminal::{Style, paint};
use comity_compiler::checked::{Location, Test};
use comity_compiler::diagnostic::{Label, Severity};
use comity_runtime::testing::{Disagreement, Outcome, tell};
use std::fmt::Write as _;

pub(super) fn render(run: &Run<'_>, color: bool) -> String {
    let mut out = String::new();
    let mut file = None;
    for (test, outcome) in &run.results {
        let (name, _) = run.place(test);
        if file.as_ref() != Some(&name) {
            let _ = writeln!(
                out,
                "{}{}",
                if file.is_some() { "\n" } else { "" },
                paint(color, Style::Bold, &name)
            );
            file = Some(name);
        }
        let mark = match outcome.passed() {
            true => paint(color, Style::Added, "✓"),
            false => paint(color, Style::Error, "✗"),
        };
        let _ = writeln!(out, "  {mark} {}", test.title);
    }
    for (test, outcome) in run.results.iter().filter(|(_, outcome)| !outcome.passed()) {
        failed(run, test, outcome, color, &mut out);
    }
    out
}

fn failed(run: &Run<'_>, test: &Test, outcome: &Outcome, color: bool, out: &mut String) {
    let _ = writeln!(out, "\n{}\n", paint(color, Style::Error, format!("✗ {}", test.title)));
    if let Some(disagreement) = &outcome.disagreement {
        out.push_str(render_findings(run.loaded, &[disagreeing(disagreement)], color).trim_end());
        out.push('\n');
    } else {
        for (index, failure) in outcome.failures.iter().enumerate() {
            let finding = finding(format!("expected: {}", failure.expected), failure.at, &failure.found);
            let text = render_findings(run.loaded, &[finding], color);
            let _ = write!(out, "{}{}", if index > 0 { "\n" } else { "" }, text.trim_end_matches('\n'));
            out.push('\n');
            let mut heading = paint(color, Style::Help, "why:");
            for line in &failure.why {
                let _ = writeln!(out, "  {heading} {line}");
                heading = "    ".to_owned();
            }
        }
    }
    if outcome.log.is_empty() {
        let _ = writeln!(out, "  nothing happened in this test");
        return;
    }
    let _ = writeln!(out, "  {}", paint(color, Style::Help, "what happened:"));
    for one in &outcome.log {
        let _ = writeln!(out, "    {}  {}", one.when, tell(&run.policy.plan, &one.effect));
    }
}

fn finding(message: String, at: Location, label: &str) -> Finding {
    let label = Label { location: at, text: label.to_owned(), primary: true };
    Finding { message, code: None, severity: Severity::Error, labels: vec![label], help: None }
}

/// The engines part: that is a mistake in Comity, not in the policy.
fn disagreeing(disagreement: &Disagreement) -> Finding {
    let side = |name: &str, lines: &[String]| match lines {
        [] => format!("{name}: nothing"),
        lines => format!("{name}:\n  {}", lines.join("\n  ")),
    };
    let help = format!(
        "{}\n{}\nthis is a mistake in Comity, not in the policy: please report it",
        side("interpreter", &disagreement.interpreter),
        side("machine code", &disagreement.jit)
    );
    let message = "the two engines disagree".to_owned();
    Finding { help: Some(help), ..finding(message, disagreement.at, "from here on") }
}
