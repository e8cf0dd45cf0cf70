//! What came of tests as JUnit XML, which CI servers show: one suite for each file.

use super::Run;
use crate::report::Place;
use comity_compiler::checked::Test;
use comity_runtime::testing::{Outcome, tell};
use std::fmt::Write as _;

pub(super) fn render(run: &Run<'_>) -> String {
    let mut suites: Vec<(String, Vec<&(&Test, Outcome)>)> = Vec::new();
    for result in &run.results {
        let (file, _) = run.place(result.0);
        match suites.last_mut() {
            Some((last, tests)) if *last == file => tests.push(result),
            _ => suites.push((file, vec![result])),
        }
    }
    let (all, failed) = (run.results.len(), run.failed());
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let policy = escaped(&run.policy.plan.policy);
    let _ = writeln!(out, "<testsuites name=\"{policy}\" tests=\"{all}\" failures=\"{failed}\">");
    for (file, tests) in suites {
        let failed = tests.iter().filter(|(_, outcome)| !outcome.passed()).count();
        let (all, name) = (tests.len(), escaped(&file));
        let _ = writeln!(out, "  <testsuite name=\"{name}\" tests=\"{all}\" failures=\"{failed}\">");
        for (test, outcome) in tests {
            case(run, test, outcome, &mut out);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(run: &Run<'_>, test: &Test, outcome: &Outcome, out: &mut String) {
    let (file, line) = run.place(test);
    let (file, title) = (escaped(&file), escaped(&test.title));
    let _ =
        write!(out, "    <testcase classname=\"{file}\" name=\"{title}\" file=\"{file}\" line=\"{line}\"");
    if outcome.passed() {
        out.push_str("/>\n");
        return;
    }
    out.push_str(">\n");
    let log: String = outcome
        .log
        .iter()
        .map(|one| format!("{}  {}\n", one.when, tell(&run.policy.plan, &one.effect)))
        .collect();
    if let Some(disagreement) = &outcome.disagreement {
        let text = format!(
            "interpreter:\n{}\n\nmachine code:\n{}\n",
            disagreement.interpreter.join("\n"),
            disagreement.jit.join("\n")
        );
        let text = escaped(&text);
        let _ = writeln!(out, "      <failure message=\"the two engines disagree\">{text}</failure>");
    }
    for failure in &outcome.failures {
        let at = Place::of(run.loaded, failure.at)
            .map_or_else(String::new, |place| format!("{}:{}: ", place.file, place.start.line));
        let message = escaped(&format!("expected: {}; {}", failure.expected, failure.found));
        let why: String = failure.why.iter().map(|line| format!("{line}\n")).collect();
        let text =
            format!("{at}expected: {}\n{}\n{why}\nwhat happened:\n{log}", failure.expected, failure.found);
        let _ = writeln!(out, "      <failure message=\"{message}\">{}</failure>", escaped(&text));
    }
    out.push_str("    </testcase>\n");
}

/// As XML has it; control characters, which XML can't have at all, are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn texts_become_xml() {
        assert_eq!(escaped("a < b & \"c\" > d\u{1b}\u{0}é"), "a &lt; b &amp; &quot;c&quot; &gt; dé");
    }
}
