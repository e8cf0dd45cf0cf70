//! Measurements as one JSON object.

use super::human::per;
use super::measure::{Measured, Run};
use crate::commands::decider::Engine;
use serde_json::{Map, Value, json};

pub(super) fn render(measured: &Measured) -> String {
    let stages = &measured.stages;
    let (mean, most) = measured.state;
    let object = json!({
        "policy": measured.policy,
        "messages": measured.messages,
        "rounds": measured.rounds,
        "events": measured.events,
        "rejected": measured.rejected,
        "decisions": measured.decisions,
        "customers": measured.customers,
        "engines": measured.runs.iter().map(|(engine, one)| (name(*engine), run(measured, one))).collect::<Map<_, _>>(),
        "code_bytes": measured.code,
        "state_bytes": { "mean": mean, "max": most },
        "compile_ns": {
            "parse": stages.parse,
            "check": stages.check,
            "lower": stages.lower,
            "code": stages.code,
            "ready": stages.ready,
            "total": stages.total,
        },
    });
    format!("{object}\n")
}

/// As `--engine` has it.
fn name(engine: Engine) -> String {
    match engine {
        Engine::Jit => "jit".to_owned(),
        Engine::Interpreter => "interpreter".to_owned(),
    }
}

fn run(measured: &Measured, run: &Run) -> Value {
    let (events, decisions) = (measured.events as f64, measured.decisions as f64);
    json!({
        "ns_per_event": per(run.time, events),
        "ns_per_decision": per(run.time, decisions),
        "allocations_per_event": per(run.allocations, events),
        "allocations_per_decision": per(run.allocations, decisions),
    })
}
