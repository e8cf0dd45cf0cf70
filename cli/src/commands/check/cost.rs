//! `--cost`: what an event costs at worst.

use crate::report::{Format, counted};
use crate::table::{number, right, table};
use comfy_table::{Cell, ContentArrangement};
use comity_compiler::index::{Cost, Decided, MOST_BYTES_OF_CONDITION, MOST_BYTES_OF_ROWS, Occasion, costs};
use comity_compiler::plan::Plan;
use serde_json::json;
use std::sync::Arc;

/// What no row says.
const BESIDES: &str = "Not counted: keeping segments up to date, the messages that they and schedules propose, journeys, and how \
                       long the texts are that are searched.\n";

/// One row for each event and placement that proposes messages: a table, or JSON with an object on each line.
pub(super) fn render(plan: &Arc<Plan>, format: Format) -> String {
    let rows = costs(plan);
    if format == Format::Json {
        return rows.iter().map(|cost| format!("{}\n", object(plan, cost))).collect();
    }
    if rows.is_empty() {
        return format!("no event and no placement proposes a message\n{BESIDES}");
    }
    let header = ["on", "messages", "decided", "by themselves", "steps at most", "memory", "goes through"];
    let mut table = table(&header);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    for cost in &rows {
        table.add_row([
            Cell::new(occasion(plan, cost.occasion)),
            number(cost.messages as u64),
            Cell::new(decided(cost.decided)),
            number(cost.apart as u64),
            number(cost.steps),
            right(memory(cost.bytes)),
            Cell::new(goes_through(plan, cost).join("\n")),
        ]);
    }
    let most = memory(MOST_BYTES_OF_ROWS);
    format!(
        "{table}\nA step is one comparison or calculation: a thousand of them take about a millionth of a second.\nThe memory is \
         for all customers together. For each 512 messages it is {most} at most, whatever these ask, and \
         {MOST_BYTES_OF_CONDITION} B for each condition.\n{BESIDES}"
    )
}

fn occasion(plan: &Plan, occasion: Occasion) -> String {
    match occasion {
        Occasion::Event(event) => plan.events[event.index()].name.to_string(),
        Occasion::Placement(placement) => format!("placement {}", plan.placements[placement.index()].name),
    }
}

fn decided(decided: Option<Decided>) -> String {
    match decided {
        None => "by themselves".to_owned(),
        Some(Decided::Straight) => "one by one".to_owned(),
        Some(Decided::Rows { rows, parts: 1 }) => format!("by {}", counted(rows, "row")),
        Some(Decided::Rows { rows, parts }) => format!("by {} of {parts} parts", counted(rows, "row")),
    }
}

/// What has no limit that the policy knows.
fn goes_through(plan: &Plan, cost: &Cost) -> Vec<String> {
    let walks = cost.walks.iter().map(|event| format!("history of {}", plan.events[event.index()].name));
    let models = cost.models.iter().map(|model| format!("model {}", plan.models[model.index()].name));
    walks.chain(models).collect()
}

fn memory(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

fn object(plan: &Plan, cost: &Cost) -> serde_json::Value {
    let (event, placement) = match cost.occasion {
        Occasion::Event(event) => (Some(plan.events[event.index()].name.as_str()), None),
        Occasion::Placement(placement) => (None, Some(plan.placements[placement.index()].name.as_str())),
    };
    let (decided, rows, parts) = match cost.decided {
        None => ("by_themselves", None, None),
        Some(Decided::Straight) => ("one_by_one", None, None),
        Some(Decided::Rows { rows, parts }) => ("by_rows", Some(rows), Some(parts)),
    };
    let walks: Vec<&str> = cost.walks.iter().map(|event| plan.events[event.index()].name.as_str()).collect();
    let models: Vec<&str> =
        cost.models.iter().map(|model| plan.models[model.index()].name.as_str()).collect();
    json!({
        "event": event,
        "placement": placement,
        "messages": cost.messages,
        "decided": decided,
        "rows": rows,
        "parts": parts,
        "by_themselves": cost.apart,
        "steps": cost.steps,
        "bytes": cost.bytes,
        "histories": walks,
        "models": models,
    })
}
