//! Checked policies, plans and events of any kind.

use super::text;
use comity_compiler::diagnostic::render;
use comity_compiler::engine::Engine;
use comity_compiler::ids::PlacementId;
use comity_compiler::plan::Plan;
use comity_compiler::source::{Project, SourceFile};
use comity_runtime::policy::Policy;
use comity_runtime::record::verify_chain;
use comity_runtime::replay::Replay;
use comity_runtime::step::Detail;
use serde_json::Value;
use std::sync::{Arc, OnceLock};

/// The policy that events and templates are tried with.
const SHOP: &str = include_str!("../../../docs/base.comity");

/// 2026-11-02T09:00:00Z, µs.
const MORNING: i64 = 1_793_610_000_000_000;

/// Every diagnostic can be shown; a policy without errors has a valid plan.
///
/// # Panics
/// Where that isn't so.
pub fn check(data: &[u8]) {
    let project = Project::single(SourceFile::from_bytes("policy.comity", data));
    let compiled = comity_compiler::compile(&project);
    for diagnostic in &compiled.analysis.diagnostics {
        assert!(!render(&project, diagnostic).is_empty());
    }
    if let Some(plan) = compiled.plan {
        plan.validate().expect("the plan of a checked policy is valid");
    }
}

/// Whatever is a valid plan can be run. An input is a plan as JSON, or edits of the plan of the manual's shop.
///
/// # Panics
/// Where that isn't so.
pub fn plan(data: &[u8]) {
    static SHOP_PLAN: OnceLock<Value> = OnceLock::new();
    let decoded = if data.first() == Some(&b'{') {
        Plan::decode(data)
    } else {
        let shop = SHOP_PLAN.get_or_init(|| {
            let plan = &policy(SHOP).expect("the manual's shop has no errors").plan;
            serde_json::to_value(&**plan).expect("a plan can be written")
        });
        let mut edited = shop.clone();
        data.chunks_exact(4).take(8).for_each(|edit| self::edit(&mut edited, edit));
        Plan::decode(&serde_json::to_vec(&edited).expect("JSON can be written"))
    };
    let Ok(plan) = decoded else { return };
    let written = serde_json::to_vec(&plan).expect("a plan can be written");
    assert!(Plan::decode(&written).as_ref() == Ok(&plan), "a plan that was written is read as another one");
    let names: Vec<String> = plan.events.iter().map(|event| event.name.to_string()).collect();
    let policy = Arc::new(Policy::new(Engine::interpreter(Arc::new(plan))));
    let mut lines = String::new();
    for name in &names {
        lines.push_str(&format!(
            "{{\"type\":{name:?},\"subject\":\"c\",\"time\":\"2026-11-02T09:00:00Z\",\"data\":{{}}}}\n"
        ));
    }
    decide(&policy, lines.as_bytes());
}

/// Changes one value within another: two bytes say which, two say how.
fn edit(value: &mut Value, edit: &[u8]) {
    let (which, how, with) = (u16::from_le_bytes([edit[0], edit[1]]), edit[2], edit[3]);
    let count = size(value);
    let mut steps = usize::from(which) % count;
    let place = nth(value, &mut steps).expect("there are so many");
    match (how % 8, &mut *place) {
        (0, Value::Array(items)) if !items.is_empty() => drop(items.remove(usize::from(with) % items.len())),
        (1, Value::Array(items)) if !items.is_empty() => {
            let item = items[usize::from(with) % items.len()].clone();
            items.push(item);
        }
        (2, Value::Array(items)) => items.clear(),
        (3, Value::Array(items)) => items.reverse(),
        (4, _) => *place = Value::Null,
        (5, Value::Number(number)) => {
            let near = number.as_i64().unwrap_or_default().wrapping_add(i64::from(with as i8));
            *place = near.into();
        }
        (6, Value::Number(_)) => *place = [0, -1, i64::MAX, i64::MIN, 1 << 31][usize::from(with) % 5].into(),
        (7, Value::String(text)) => text.push(char::from(with)),
        (_, Value::Bool(yes)) => *yes = !*yes,
        (_, Value::Number(_)) => *place = with.into(),
        _ => {}
    }
}

/// How many values there are in one, itself included.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum::<usize>(),
        _ => 0,
    }
}

fn nth<'v>(value: &'v mut Value, steps: &mut usize) -> Option<&'v mut Value> {
    if *steps == 0 {
        return Some(value);
    }
    *steps -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, steps)),
        Value::Object(fields) => fields.values_mut().find_map(|field| nth(field, steps)),
        _ => None,
    }
}

/// Whatever the lines are, those that are events are decided on, the others rejected; what comes out is a chain.
///
/// # Panics
/// Where that isn't so.
pub fn events(data: &[u8]) {
    static POLICY: OnceLock<Arc<Policy>> = OnceLock::new();
    let policy = POLICY.get_or_init(|| policy(SHOP).expect("the manual's shop has no errors"));
    assert_eq!(policy.schema.profile(data), policy.schema.any_profile(data));
    for line in data.split(|byte| *byte == b'\n') {
        assert_eq!(policy.schema.event(line), policy.schema.any_event(line));
    }
    decide(policy, data);
}

/// Whatever stands in a content field, it is an error or becomes content.
///
/// # Panics
/// Where that isn't so.
pub fn templates(data: &[u8]) {
    let template = text(data);
    let shop = format!(
        "{SHOP}\nmessage note {{ class service purpose servicing on purchase via push content push {{ text \"{template}\" }} }}\n\
         message greeting {{ class service purpose servicing at home_hero content home_hero {{ text \"{template}\" }} }}\n"
    );
    let Some(policy) = policy(&shop) else { return };
    let lines = concat!(
        r#"{"type":"identify","subject":"c","time":"2026-11-02T08:00:00Z","data":{"push_token":"t","first_name":"Ada","language":"de"}}"#,
        "\n",
        r#"{"type":"purchase","subject":"c","time":"2026-11-02T09:00:00Z","data":{"order":"o","category":"shoes","amount":"80.00 EUR"}}"#,
    );
    decide(&policy, lines.as_bytes());
}

fn policy(text: &str) -> Option<Arc<Policy>> {
    let project = Project::single(SourceFile::new("policy.comity", text));
    let plan = comity_compiler::compile(&project).plan?;
    Some(Arc::new(Policy::new(Engine::interpreter(plan))))
}

/// Runs lines, then asks for each placement, then waits for a week.
fn decide(policy: &Arc<Policy>, lines: &[u8]) {
    let mut out = Vec::new();
    let mut replay = Replay::new(Arc::clone(policy), Detail { blocked: true, redact: false });
    for (index, line) in lines.split(|byte| *byte == b'\n').enumerate() {
        let place = index as u64 + 1;
        match policy.schema.event(line) {
            Ok(event) => replay.event(place, event, &mut out),
            Err(rejected) => replay.reject(place, &rejected, &mut out),
        }
    }
    replay.finish(None, &mut out);
    let at = replay.clock().unwrap_or(MORNING);
    for index in 0..policy.plan.placements.len() {
        replay.decide("c", PlacementId::at(index), at, &mut out);
    }
    replay.finish(Some(at.saturating_add(7 * 86_400_000_000)), &mut out);
    let records = out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    if let Err(error) = verify_chain(records) {
        panic!("the records are no chain: {error}");
    }
}
