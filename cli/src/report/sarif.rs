//! Diagnostics as SARIF 2.1.0, the format that code scanners exchange.

use super::{Place, word};
use crate::commands::explain_title;
use crate::project::Loaded;
use comity_compiler::checked::Location;
use comity_compiler::diagnostic::Diagnostic;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(super) fn render(loaded: &Loaded, diagnostics: &[Diagnostic]) -> String {
    let rules: BTreeMap<&str, &str> =
        diagnostics.iter().map(|diagnostic| (diagnostic.code.as_str(), diagnostic.code.page())).collect();
    let described: Vec<Value> = rules
        .iter()
        .map(|(code, page)| {
            let title = Some(explain_title(code, page)).filter(|title| !title.is_empty()).unwrap_or(code);
            json!({
                "id": code,
                "shortDescription": { "text": title },
                "help": { "text": page, "markdown": page },
            })
        })
        .collect();
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| result(loaded, diagnostic)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "comity",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": described,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn result(loaded: &Loaded, diagnostic: &Diagnostic) -> Value {
    let mut message = diagnostic.message.clone();
    for help in &diagnostic.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    let labels = |primary: bool| -> Vec<Value> {
        let labels = diagnostic.labels.iter().filter(|label| label.primary == primary);
        labels.filter_map(|label| location(loaded, label.location, &label.text)).collect()
    };
    let mut result = json!({
        "ruleId": diagnostic.code.as_str(),
        "level": word(diagnostic.severity),
        "message": { "text": message },
        "locations": labels(true),
    });
    let related = labels(false);
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    if let Some(fix) = &diagnostic.fix {
        let changes: Vec<Value> = fix
            .edits
            .iter()
            .filter_map(|edit| {
                let place = Place::of(loaded, edit.location)?;
                Some(json!({
                    "artifactLocation": { "uri": uri(&place.file) },
                    "replacements": [{
                        "deletedRegion": region(&place),
                        "insertedContent": { "text": edit.text },
                    }],
                }))
            })
            .collect();
        result["fixes"] = json!([{ "description": { "text": fix.title }, "artifactChanges": changes }]);
    }
    result
}

fn location(loaded: &Loaded, location: Location, text: &str) -> Option<Value> {
    let place = Place::of(loaded, location)?;
    let mut value = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&place.file) },
            "region": region(&place),
        },
    });
    if !text.is_empty() {
        value["message"] = json!({ "text": text });
    }
    Some(value)
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    })
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    path.bytes().fold(String::new(), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
        uri
    })
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("policies/größe 2.comity"), "policies/gr%C3%B6%C3%9Fe%202.comity");
    }
}
