//! What came of tests as NDJSON: one object for each test, in the order of the text.

use super::Run;
use crate::report::Place;
use comity_compiler::checked::Location;
use comity_runtime::testing::tell;
use serde_json::{Value, json};

pub(super) fn render(run: &Run<'_>) -> String {
    let mut out = String::new();
    for (test, outcome) in &run.results {
        let (file, line) = run.place(test);
        let mut object = json!({
            "test": test.title,
            "file": file,
            "line": line,
            "passed": outcome.passed(),
            "failures": outcome.failures.iter().map(|failure| {
                let mut object = place(run, failure.at);
                object["expected"] = json!(failure.expected);
                object["found"] = json!(failure.found);
                object["why"] = json!(failure.why);
                object
            }).collect::<Vec<_>>(),
            "log": outcome.log.iter().map(|one| {
                json!({ "local": one.when, "what": tell(&run.policy.plan, &one.effect) })
            }).collect::<Vec<_>>(),
        });
        if let Some(disagreement) = &outcome.disagreement {
            let mut parts = place(run, disagreement.at);
            parts["interpreter"] = json!(disagreement.interpreter);
            parts["jit"] = json!(disagreement.jit);
            object["disagreement"] = parts;
        }
        out.push_str(&format!("{object}\n"));
    }
    out
}

fn place(run: &Run<'_>, at: Location) -> Value {
    let (file, line) =
        Place::of(run.loaded, at).map_or_else(Default::default, |place| (place.file, place.start.line));
    json!({ "file": file, "line": line })
}
