//! What came of tests as JUnit XML, which CI servers show: one suite for each file.

use super::Run;
use crate::report::Place;
use comity_compiler::graph::markup;
use comity_runtime::testing::tell;
use std::fmt::Write as _;
use std::time::Duration;

pub(super) fn render(run: &Run<'_>) -> String {
    // In the order of the policy, whichever was done first.
    let mut suites: Vec<(String, std::ops::Range<usize>)> = Vec::new();
    for (position, (test, _)) in run.results.iter().enumerate() {
        let (file, _) = run.place(test);
        match suites.last_mut() {
            Some((last, tests)) if *last == file => tests.end = position + 1,
            _ => suites.push((file, position..position + 1)),
        }
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all = 0..run.results.len();
    let _ = writeln!(out, "<testsuites {}>", counts(run, &run.policy.plan.policy, all));
    for (file, tests) in suites {
        let _ = writeln!(out, "  <testsuite {}>", counts(run, &file, tests.clone()));
        for position in tests {
            case(run, position, &mut out);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// Of a policy that can't run: an error in place of its tests.
pub(super) fn broken(summary: &str, text: &str) -> String {
    let counts = "tests=\"1\" failures=\"0\" errors=\"1\"";
    let (summary, text) = (markup(summary), markup(text));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"comity check\" {counts}>\n    \
         <testcase classname=\"comity check\" name=\"the policy compiles\">\n      \
         <error message=\"{summary}\">{text}</error>\n    </testcase>\n  </testsuite>\n</testsuites>\n"
    )
}

/// How many tests there are, how many of them failed, and how long they took.
fn counts(run: &Run<'_>, name: &str, tests: std::ops::Range<usize>) -> String {
    let (all, name) = (tests.len(), markup(name));
    let results = run.results.get(tests.clone()).unwrap_or_default();
    let failed = results.iter().filter(|(_, outcome)| !outcome.passed()).count();
    let time: Duration = run.times.get(tests).unwrap_or_default().iter().sum();
    let time = time.as_secs_f64();
    format!("name=\"{name}\" tests=\"{all}\" failures=\"{failed}\" time=\"{time:.6}\"")
}

fn case(run: &Run<'_>, position: usize, out: &mut String) {
    let Some((test, outcome)) = run.results.get(position) else { return };
    let (file, line) = run.place(test);
    let (file, title) = (markup(&file), markup(&test.title));
    let time = run.times.get(position).copied().unwrap_or_default().as_secs_f64();
    let _ = write!(
        out,
        "    <testcase classname=\"{file}\" name=\"{title}\" file=\"{file}\" line=\"{line}\" time=\"{time:.6}\""
    );
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
        let text = markup(&text);
        let _ = writeln!(out, "      <failure message=\"the two engines disagree\">{text}</failure>");
    }
    for failure in &outcome.failures {
        let at = Place::of(run.loaded, failure.at)
            .map_or_else(String::new, |place| format!("{}:{}: ", place.file, place.start.line));
        let message = markup(&format!("expected: {}; {}", failure.expected, failure.found));
        let why: String = failure.why.iter().map(|line| format!("{line}\n")).collect();
        let text =
            format!("{at}expected: {}\n{}\n{why}\nwhat happened:\n{log}", failure.expected, failure.found);
        let _ = writeln!(out, "      <failure message=\"{message}\">{}</failure>", markup(&text));
    }
    out.push_str("    </testcase>\n");
}
