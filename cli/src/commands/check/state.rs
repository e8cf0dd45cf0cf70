//! `--state`: what the rules make the runtime remember of a customer.

use crate::project::Loaded;
use crate::report::{Format, Place};
use comfy_table::{ContentArrangement, Table};
use comity_compiler::lower::{Origins, StateRow, state_report};
use comity_compiler::plan::Plan;
use serde_json::json;

/// One row for each kept part of the history: a table, or JSON with an object on each line.
pub(super) fn render(loaded: &Loaded, plan: &Plan, origins: &Origins, format: Format) -> String {
    let rows = state_report(plan, origins);
    if format == Format::Json {
        return rows.iter().map(|row| format!("{}\n", object(loaded, row))).collect();
    }
    if rows.is_empty() {
        return "no rule looks at the history: nothing of it is kept\n".to_owned();
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(vec!["event", "where", "fields", "kept", "needed by"]);
    for row in &rows {
        table.add_row(vec![
            row.event.to_string(),
            row.filter.clone().unwrap_or_default(),
            row.fields.join(", "),
            row.horizon.clone(),
            needed_by(loaded, row).join("\n"),
        ]);
    }
    format!("{table}\n")
}

/// Each declaration with its places.
fn needed_by(loaded: &Loaded, row: &StateRow) -> Vec<String> {
    let places = row.needed_by.iter().map(|(location, declaration)| match Place::of(loaded, *location) {
        Some(place) => format!("{declaration} ({}:{})", place.file, place.start.line),
        None => declaration.to_string(),
    });
    let mut places: Vec<String> = places.collect();
    places.dedup();
    places
}

fn object(loaded: &Loaded, row: &StateRow) -> serde_json::Value {
    let needed_by: Vec<_> = row
        .needed_by
        .iter()
        .map(|(location, declaration)| {
            let place = Place::of(loaded, *location);
            json!({
                "declaration": declaration.to_string(),
                "file": place.as_ref().map(|place| place.file.as_str()),
                "line": place.as_ref().map(|place| place.start.line),
            })
        })
        .collect();
    json!({
        "event": row.event.as_str(),
        "filter": row.filter,
        "fields": row.fields.iter().map(|field| field.as_str()).collect::<Vec<_>>(),
        "kept": row.horizon,
        "needed_by": needed_by,
    })
}
