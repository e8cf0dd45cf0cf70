//! What the log has that the policy doesn't know: types of events and fields, by name. A misspelt one is found so.

use comity_runtime::intake::{Event, Kind};
use comity_runtime::policy::Policy;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// So many different names are counted.
const NAMES: usize = 1000;
/// Of so many events the unknown fields are looked at; to look at all would take longer than to decide.
const EVENTS: u64 = 10_000;
/// So many names are shown.
const SHOWN: usize = 5;

/// Names that the policy doesn't know, each with how often it came.
pub(super) struct Strangers {
    types: BTreeMap<String, u64>,
    fields: BTreeMap<String, u64>,
    /// Events whose fields were looked at.
    looked: u64,
    events: BTreeMap<String, BTreeSet<String>>,
    attributes: BTreeSet<String>,
}

/// An event, as far as its names go.
#[derive(serde::Deserialize)]
struct Named<'l> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'l, str>,
    #[serde(default)]
    data: serde_json::Map<String, serde_json::Value>,
}

impl Strangers {
    pub(super) fn new(policy: &Policy) -> Strangers {
        let plan = &policy.plan;
        let fields = |event: &comity_compiler::plan::Event| {
            event.fields.iter().map(|field| field.name.to_string()).collect()
        };
        Strangers {
            types: BTreeMap::new(),
            fields: BTreeMap::new(),
            looked: 0,
            events: plan.events.iter().map(|event| (event.name.to_string(), fields(event))).collect(),
            attributes: plan.attributes.iter().map(|attribute| attribute.name.to_string()).collect(),
        }
    }

    /// Looks at an event that has something unknown, and at the line that it was.
    pub(super) fn look(&mut self, event: &Event, line: &[u8]) {
        let unknown = event.kind == Kind::Unknown;
        if !unknown && (event.unknown_fields == 0 || self.looked >= EVENTS) {
            return;
        }
        let Ok(named) = serde_json::from_slice::<Named<'_>>(line) else { return };
        if unknown {
            count(&mut self.types, named.kind.into_owned());
            return;
        }
        self.looked += 1;
        let identify = matches!(event.kind, Kind::Identify(_));
        let known = if identify { Some(&self.attributes) } else { self.events.get(&*named.kind) };
        for field in named.data.keys() {
            if known.is_some_and(|known| !known.contains(field)) {
                count(
                    &mut self.fields,
                    format!("{}.{field}", if identify { "profile" } else { &*named.kind }),
                );
            }
        }
    }

    /// The types, the most frequent first; empty where there are none.
    pub(super) fn types(&self) -> String {
        top(&self.types)
    }

    /// The fields, the most frequent first; empty where there are none.
    pub(super) fn fields(&self) -> String {
        match top(&self.fields) {
            names if names.is_empty() || self.looked < EVENTS => names,
            names => format!("{names} (of the first {} events with such)", crate::table::grouped(EVENTS)),
        }
    }
}

fn count(names: &mut BTreeMap<String, u64>, name: String) {
    if names.len() < NAMES || names.contains_key(&name) {
        *names.entry(name).or_default() += 1;
    }
}

/// "`a` 12, `b` 3 and 4 more"
fn top(names: &BTreeMap<String, u64>) -> String {
    let mut sorted: Vec<(&String, &u64)> = names.iter().collect();
    sorted.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    let shown: Vec<String> = sorted
        .iter()
        .take(SHOWN)
        .map(|(name, count)| format!("`{name}` {}", crate::table::grouped(**count)))
        .collect();
    match sorted.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", shown.join(", ")),
        None => shown.join(", "),
    }
}
