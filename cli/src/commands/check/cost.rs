//! `--cost`: what an event costs at worst.

use crate::report::{Format, counted};
use crate::table::{grouped, number, right, table};
use comfy_table::{Cell, ContentArrangement, Table};
use comity_compiler::ids::{EventId, ModelId};
use comity_compiler::index::{
    Besides, Cost, CostBesides, Decided, MOST_BYTES_OF_CONDITION, MOST_BYTES_OF_ROWS, Occasion, costs,
    costs_besides,
};
use comity_compiler::model::Body;
use comity_compiler::plan::Plan;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What no row says.
const NOT_COUNTED: &str = "Not counted: what the messages that pass cost further, namely the gates of each channel, choosing among them, deferring \
     and their content; keeping segments up to date; the steps of journeys; reading events and writing records; and \
     how long the texts are that are searched. Together this often takes ten times as long as the steps: `comity \
     bench` measures all of it over a log.\n";

/// One row for each event and placement that proposes messages, and for what else does: tables, or JSON with an object
/// on each line.
pub(super) fn render(plan: &Arc<Plan>, format: Format) -> String {
    let (rows, besides) = (costs(plan), costs_besides(plan));
    if format == Format::Json {
        let rows = rows.iter().map(|cost| object(plan, cost));
        let besides = besides.iter().map(|cost| object_besides(plan, cost));
        return rows.chain(besides).map(|row| format!("{row}\n")).collect();
    }
    let mut text = String::new();
    if rows.is_empty() {
        text += "no event and no placement proposes a message\n";
    } else {
        text += &format!("{}\n", occasions(plan, &rows));
    }
    if !besides.is_empty() {
        text += &format!(
            "Proposed otherwise, where each message is judged by itself:\n{}\n",
            others(plan, &besides)
        );
    }
    if rows.is_empty() && besides.is_empty() {
        return text;
    }
    text +=
        "A step is one comparison or calculation: a thousand of them take about a millionth of a second.\n";
    if !rows.is_empty() {
        let most = memory(MOST_BYTES_OF_ROWS);
        text += &format!(
            "The memory is for all customers together. For each 512 messages it is {most} at most, whatever these ask, \
             and {MOST_BYTES_OF_CONDITION} B for each condition.\n"
        );
    }
    text + NOT_COUNTED
}

fn occasions(plan: &Plan, rows: &[Cost]) -> Table {
    let header = ["on", "messages", "decided", "by themselves", "steps at most", "memory", "goes through"];
    let mut table = table(&header);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    for cost in rows {
        table.add_row([
            Cell::new(occasion(plan, cost.occasion)),
            number(cost.messages as u64),
            Cell::new(decided(cost.decided)),
            number(cost.apart as u64),
            number(cost.steps),
            right(memory(cost.bytes)),
            Cell::new(goes_through(plan, &cost.walks, &cost.models).join("\n")),
        ]);
    }
    table
}

fn others(plan: &Plan, rows: &[CostBesides]) -> Table {
    let mut table = table(&["by", "messages", "steps of one at most", "goes through"]);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    for cost in rows {
        table.add_row([
            Cell::new(match cost.by {
                Besides::Schedules => "schedules (`on every …`)",
                Besides::Segments => "segments (`on enter …`, `on leave …`)",
                Besides::Journeys => "journeys (`send …`)",
            }),
            number(cost.messages as u64),
            number(cost.most_steps),
            Cell::new(goes_through(plan, &cost.walks, &cost.models).join("\n")),
        ]);
    }
    table
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

/// What comes on top of the steps.
fn goes_through(plan: &Plan, walks: &BTreeSet<EventId>, models: &BTreeSet<ModelId>) -> Vec<String> {
    let walks = walks.iter().map(|event| format!("history of {}", plan.events[event.index()].name));
    let models = models.iter().map(|model| {
        let model = &plan.models[model.index()];
        let size = match &model.ensemble.body {
            Body::Trees { trees, .. } => {
                let leaves: usize = trees.iter().map(|tree| tree.leaves.len()).sum();
                format!("{} trees, {} leaves", grouped(trees.len() as u64), grouped(leaves as u64))
            }
            Body::Linear { weights, .. } => format!("{} coefficients", grouped(weights.len() as u64)),
        };
        format!("model {} ({size})", model.name)
    });
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
        "histories": events(plan, &cost.walks),
        "models": models(plan, &cost.models),
    })
}

fn object_besides(plan: &Plan, cost: &CostBesides) -> serde_json::Value {
    json!({
        "event": null,
        "placement": null,
        "besides": match cost.by {
            Besides::Schedules => "schedules",
            Besides::Segments => "segments",
            Besides::Journeys => "journeys",
        },
        "messages": cost.messages,
        "decided": "by_themselves",
        "steps_of_one": cost.most_steps,
        "histories": events(plan, &cost.walks),
        "models": models(plan, &cost.models),
    })
}

fn events<'p>(plan: &'p Plan, ids: &BTreeSet<EventId>) -> Vec<&'p str> {
    ids.iter().map(|event| plan.events[event.index()].name.as_str()).collect()
}

fn models<'p>(plan: &'p Plan, ids: &BTreeSet<ModelId>) -> Vec<&'p str> {
    ids.iter().map(|model| plan.models[model.index()].name.as_str()).collect()
}
