//! What logs and profiles have that the policy doesn't know: types of events, fields and attributes, by name. A misspelt
//! one is found so.

use crate::failure::nearest;
use crate::report::counted;
use crate::terminal::Terminal;
use comity_runtime::intake::{Event, Kind, ProfileLine};
use comity_runtime::policy::Policy;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// So many different names are counted.
const NAMES: usize = 1000;
/// Of so many events or profiles the unknown fields are looked at; to look at all would take longer than to decide.
const EVENTS: u64 = 10_000;
/// So many names are shown.
const SHOWN: usize = 5;

/// Names that the policy doesn't know, each with how often it came.
pub(in crate::commands) struct Strangers {
    types: BTreeMap<String, u64>,
    fields: BTreeMap<String, u64>,
    /// Of profiles and `identify`.
    unknown: BTreeMap<String, u64>,
    consents: InConsents,
    /// Whether an event has granted consent.
    has_grants: bool,
    /// Events and profiles whose fields were looked at.
    looked: u64,
    events: BTreeMap<String, BTreeSet<String>>,
    attributes: BTreeSet<String>,
}

/// Keys that consents of profiles have and that aren't known, each with how often it came.
#[derive(Default)]
pub(in crate::commands) struct InConsents(BTreeMap<String, u64>);

impl InConsents {
    pub(in crate::commands) fn add(&mut self, keys: &[SmolStr]) {
        for key in keys {
            count(&mut self.0, key.to_string());
        }
    }

    pub(in crate::commands) fn append(&mut self, other: InConsents) {
        for (key, times) in other.0 {
            add(&mut self.0, key, times);
        }
    }

    /// Says which there are. They are ignored, and one may be the sender's word for a withdrawal.
    pub(in crate::commands) fn tell(&self, file: &str, terminal: Terminal) {
        if !self.0.is_empty() {
            let (keys, names) = (counted(self.0.len(), "key"), top(&self.0, |_| None).0);
            terminal.warn(format_args!(
                "{file}: {keys} of consents that Comity doesn't know, and ignores: {names}"
            ));
        }
    }
}

/// An event, as far as its names go.
#[derive(serde::Deserialize)]
struct Named<'l> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'l, str>,
    #[serde(default)]
    data: serde_json::Map<String, serde_json::Value>,
}

/// The attributes that a profile's line gives, by name; of a line without `attributes`, whatever may be meant as such.
pub(in crate::commands) fn attributes_of(line: &[u8]) -> Vec<String> {
    use serde_json::{Map, Value};
    let Ok(mut profile) = serde_json::from_slice::<Map<String, Value>>(line) else { return Vec::new() };
    let attributes = match profile.remove("attributes") {
        Some(Value::Object(attributes)) => attributes,
        Some(_) => return Vec::new(),
        None => profile.into_iter().filter(|(key, _)| key != "subject" && key != "consents").collect(),
    };
    attributes.into_iter().map(|(name, _)| name).collect()
}

impl Strangers {
    pub(in crate::commands) fn new(policy: &Policy) -> Strangers {
        let plan = &policy.plan;
        let fields = |event: &comity_compiler::plan::Event| {
            event.fields.iter().map(|field| field.name.to_string()).collect()
        };
        Strangers {
            types: BTreeMap::new(),
            fields: BTreeMap::new(),
            unknown: BTreeMap::new(),
            consents: InConsents::default(),
            has_grants: false,
            looked: 0,
            events: plan.events.iter().map(|event| (event.name.to_string(), fields(event))).collect(),
            attributes: plan.attributes.iter().map(|attribute| attribute.name.to_string()).collect(),
        }
    }

    /// Looks at an event that has something unknown, and at the line that it was.
    pub(in crate::commands) fn look(&mut self, event: &Event, line: &[u8]) {
        self.has_grants |= matches!(event.kind, Kind::ConsentGranted { .. });
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
        if matches!(event.kind, Kind::Identify(_)) {
            return self.count_attributes(named.data.into_iter().map(|(name, _)| name));
        }
        let known = self.events.get(&*named.kind);
        for field in named.data.keys() {
            if known.is_some_and(|known| !known.contains(field)) {
                count(&mut self.fields, format!("{}.{field}", named.kind));
            }
        }
    }

    /// Looks at a profile that has something unknown, and at the line that it was.
    pub(in crate::commands) fn look_at_profile(&mut self, profile: &ProfileLine, line: &[u8]) {
        self.consents.add(&profile.unknown_in_consents);
        if profile.unknown_attributes == 0 || self.looked >= EVENTS {
            return;
        }
        self.looked += 1;
        self.count_attributes(attributes_of(line));
    }

    /// Whether consent was granted by one of the events that were looked at.
    pub(in crate::commands) fn has_grants(&self) -> bool {
        self.has_grants
    }

    fn count_attributes(&mut self, given: impl IntoIterator<Item = String>) {
        for name in given.into_iter().filter(|name| !self.attributes.contains(name)) {
            count(&mut self.unknown, name);
        }
    }

    /// Says which attributes the policy doesn't know: they are left alone, which is well unless one is misspelt.
    /// So are keys of consents.
    pub(in crate::commands) fn tell_attributes(&self, file: &str, terminal: Terminal) {
        self.consents.tell(file, terminal);
        if self.unknown.is_empty() {
            return;
        }
        let (names, is_slip) = top(&self.unknown, |name| self.near_attribute(name));
        let attributes = counted(self.unknown.len(), "attribute");
        let text = format!("{file}: {attributes} that the policy doesn't know: {}", self.sampled(names));
        if is_slip { terminal.warn(text) } else { terminal.note(text) }
    }

    /// Says which types of event and fields the policy doesn't know, where one may be misspelt. A log mostly has others
    /// besides, of which only the summary tells.
    pub(in crate::commands) fn tell_events(&self, file: &str, terminal: Terminal) {
        let (names, is_slip) = top(&self.types, |name| self.near_type(name));
        if is_slip {
            let types = counted(self.types.len(), "type");
            terminal.warn(format_args!("{file}: {types} of event that the policy doesn't know: {names}"));
        }
        let (names, is_slip) = top(&self.fields, |name| self.near_field(name));
        if is_slip {
            let (fields, names) = (counted(self.fields.len(), "field"), self.sampled(names));
            terminal.warn(format_args!("{file}: {fields} that the policy doesn't know: {names}"));
        }
    }

    fn near_attribute(&self, name: &str) -> Option<String> {
        slip(name, self.attributes.iter().map(String::as_str)).map(str::to_owned)
    }

    fn near_type(&self, name: &str) -> Option<String> {
        slip(name, self.events.keys().map(String::as_str)).map(str::to_owned)
    }

    /// Of the field of an event, with the event's name before it.
    fn near_field(&self, name: &str) -> Option<String> {
        let (event, field) = name.rsplit_once('.')?;
        slip(field, self.events.get(event)?.iter().map(String::as_str)).map(str::to_owned)
    }

    /// The types; empty where there are none.
    pub(in crate::commands) fn types(&self) -> String {
        top(&self.types, |name| self.near_type(name)).0
    }

    /// The fields; empty where there are none.
    pub(in crate::commands) fn fields(&self) -> String {
        let attributes = self.unknown.iter().map(|(name, times)| (format!("profile.{name}"), *times));
        let fields = self.fields.clone().into_iter().chain(attributes).collect();
        let near = |name: &str| match name.strip_prefix("profile.") {
            Some(name) => self.near_attribute(name),
            None => self.near_field(name),
        };
        self.sampled(top(&fields, near).0)
    }

    /// Says so where not all events were looked at.
    fn sampled(&self, names: String) -> String {
        if names.is_empty() || self.looked < EVENTS {
            return names;
        }
        format!("{names} (of the first {} lines with such)", crate::table::grouped(EVENTS))
    }
}

/// The attribute, type of event or field that was probably meant. Other systems know more of a customer, under names of
/// their own (`first_name` beside `last_name`, `street_2`): these are no slips.
pub(in crate::commands) fn slip<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    if name.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    nearest(&name.to_lowercase(), known, |near| (near.chars().count() / 4).clamp(1, 2))
}

fn count(names: &mut BTreeMap<String, u64>, name: String) {
    add(names, name, 1);
}

fn add(names: &mut BTreeMap<String, u64>, name: String, times: u64) {
    if names.len() < NAMES || names.contains_key(&name) {
        *names.entry(name).or_default() += times;
    }
}

/// "`b` 3 (did you mean `c`?), `a` 12 and 4 more": those that may be misspelt first, then the most frequent; and whether one
/// may be.
fn top(names: &BTreeMap<String, u64>, near: impl Fn(&str) -> Option<String>) -> (String, bool) {
    let mut sorted: Vec<_> = names.iter().map(|(name, count)| (near(name), name, *count)).collect();
    sorted.sort_by_key(|(near, name, count)| (near.is_none(), std::cmp::Reverse(*count), *name));
    let is_slip = sorted.first().is_some_and(|(near, ..)| near.is_some());
    let one = |(near, name, count): &(Option<String>, &String, u64)| {
        let meant = near.as_ref().map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
        format!("`{name}` {}{meant}", crate::table::grouped(*count))
    };
    let shown = sorted.iter().take(SHOWN).map(one).collect::<Vec<_>>().join(", ");
    match sorted.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => (format!("{shown} and {more} more"), is_slip),
        None => (shown, is_slip),
    }
}

#[cfg(test)]
mod tests {
    use super::slip;

    #[test]
    fn other_names_are_no_slips() {
        let known = ["tier", "last_name", "email", "street_1", "lifetime_value"];
        let of = |name: &str| slip(name, known.into_iter());
        assert_eq!(of("tir"), Some("tier"));
        assert_eq!(of("emial"), Some("email"));
        assert_eq!(of("lifetimevalue"), Some("lifetime_value"));
        for other in ["first_name", "street_2", "city", "time", "shoe_size"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
