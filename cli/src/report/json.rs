//! Diagnostics as NDJSON: a stable shape, described in `docs/commands/check.md`.

use super::{Place, Point, word};
use crate::project::Loaded;
use comity_compiler::checked::Location;
use comity_compiler::diagnostic::Diagnostic;
use serde_json::{Value, json};

pub(super) fn render(loaded: &Loaded, diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| format!("{}\n", object(loaded, diagnostic))).collect()
}

fn object(loaded: &Loaded, diagnostic: &Diagnostic) -> Value {
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|label| {
            let mut object = place(loaded, label.location);
            object["text"] = json!(label.text);
            object["primary"] = json!(label.primary);
            object
        })
        .collect();
    let mut object = diagnostic
        .location()
        .map_or_else(|| json!({ "file": null, "span": null }), |location| place(loaded, location));
    object["code"] = json!(diagnostic.code.as_str());
    object["severity"] = json!(word(diagnostic.severity));
    object["message"] = json!(diagnostic.message);
    object["labels"] = json!(labels);
    object["help"] = json!(diagnostic.help);
    if let Some(fix) = &diagnostic.fix {
        let edits: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| {
                let mut object = place(loaded, edit.location);
                object["text"] = json!(edit.text);
                object
            })
            .collect();
        object["fix"] = json!({ "title": fix.title, "edits": edits });
    }
    object
}

fn place(loaded: &Loaded, location: Location) -> Value {
    match Place::of(loaded, location) {
        Some(place) => {
            json!({ "file": place.file, "span": { "start": point(&place.start), "end": point(&place.end) } })
        }
        None => json!({ "file": null, "span": null }),
    }
}

fn point(point: &Point) -> Value {
    json!({ "line": point.line, "column": point.column, "offset": point.offset })
}
