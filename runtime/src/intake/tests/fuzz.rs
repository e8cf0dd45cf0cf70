//! Lines made at random, then damaged: never a panic, and always what the plain decoder says.

use super::*;
use crate::policy::Policy;
use crate::profile::Profile;
use crate::state::pack;
use comity_compiler::engine::Engine;
use proptest::prelude::*;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use std::sync::{Arc, LazyLock};

/// JSON for a field, mostly of the right type.
fn json() -> impl Strategy<Value = String> {
    let good: Vec<&str> = vec![
        "true",
        "false",
        "null",
        "0",
        "-3",
        "7",
        "0.15",
        "2.5",
        "1e3",
        "9223372036854775807",
        "9223372036854775808",
        "\"15%\"",
        "\"80.00 EUR\"",
        "\"500 JPY\"",
        "\"80 EUR\"",
        "\"-0.05 EUR\"",
        r#"{"amount":"19.99","currency":"EUR"}"#,
        r#"{"currency":"JPY","amount":5}"#,
        "\"24h\"",
        "\"PT30M\"",
        "\"P1D\"",
        "\"21:00\"",
        "\"2026-11-27\"",
        "\"2026-11-02T10:00:00Z\"",
        "\"2026-11-02T10:00:00.25+01:00\"",
        "\"shoes\"",
        "\"hats\"",
        "\"x\"",
        "\"\"",
        r#""a\u00e4\n\"b""#,
        r#""\ud83d\ude00""#,
        r#""\ud83d""#,
        "\"DE\"",
        "\"AT\"",
        "\"de\"",
        "\"en-GB\"",
        "\"DE-at\"",
        "\"Europe/Berlin\"",
        "\"UTC\"",
        "\"ada@shop.example\"",
        "\"+4915112345678\"",
        "\"https://shop.example/\"",
        "\"gold\"",
        "\"bronze\"",
        "[]",
        "[\"shoes\",\"x\",\"x\"]",
        "[3,1,2,1]",
        "[\"gold\",\"bronze\"]",
        "{}",
        "[[],{}]",
        "\"marketing\"",
        "\"care\"",
        "\"email\"",
        "\"push\"",
        "\"cart_email\"",
        "\"s_1\"",
        "\"c1\"",
        "1e999",
    ];
    proptest::sample::select(good).prop_map(str::to_owned)
}

fn keys() -> Vec<String> {
    let plan = shop();
    let fields = plan.events.iter().flat_map(|event| &event.fields).map(|field| field.name.to_string());
    let attributes = plan.attributes.iter().map(|attribute| attribute.name.to_string());
    fields
        .chain(attributes)
        .chain(["from", "id", "new", "spread", "opt_out", "consents", "Attributes"].map(str::to_owned))
        .collect()
}

fn data() -> impl Strategy<Value = String> {
    let pair = (proptest::sample::select(keys()), json());
    let object = proptest::collection::vec(pair, 0..5).prop_map(|pairs| {
        let pairs: Vec<String> = pairs.into_iter().map(|(key, json)| format!("{key:?}:{json}")).collect();
        format!("{{{}}}", pairs.join(","))
    });
    let purchase = (json(), json(), json())
        .prop_map(|(a, b, c)| format!(r#"{{"order":{a},"category":{b},"amount":{c}}}"#));
    prop_oneof![4 => object, 2 => purchase, 1 => json()]
}

fn line() -> impl Strategy<Value = String> {
    let types: Vec<String> =
        shop().events.iter().map(|event| event.name.to_string()).chain(["new".to_owned()]).collect();
    let member = |key: &'static str, value: String| format!("{key:?}:{value}");
    let parts = (proptest::sample::select(types), data(), json(), any::<[bool; 4]>());
    parts
        .prop_flat_map(move |(ty, data, other, odd)| {
            let pick = |odd: bool, usual: &str| if odd { other.clone() } else { usual.to_owned() };
            let members = vec![
                member("id", pick(odd[0] && odd[1] && odd[2], "\"e1\"")),
                member("type", format!("{ty:?}")),
                member("subject", pick(odd[1] && odd[2] && odd[3], "\"c1\"")),
                member("time", pick(odd[0] && odd[2] && odd[3], "\"2026-11-02T10:00:00Z\"")),
                member("data", data),
                member("extra", other.clone()),
            ];
            Just(members).prop_shuffle()
        })
        .prop_map(|members| format!("{{{}}}", members.join(",")))
}

/// Whether some object in it has a key twice.
struct Distinct(bool);

impl<'de> serde::Deserialize<'de> for Distinct {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Distinct;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Distinct, E> {
                Ok(Distinct(true))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Distinct, E> {
                Ok(Distinct(true))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Distinct, E> {
                Ok(Distinct(true))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Distinct, E> {
                Ok(Distinct(true))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Distinct, E> {
                Ok(Distinct(true))
            }

            fn visit_str<E>(self, _: &str) -> Result<Distinct, E> {
                Ok(Distinct(true))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Distinct, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Distinct(true))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Distinct, A::Error> {
                let (mut keys, mut distinct) = (std::collections::BTreeSet::new(), true);
                while let Some(key) = object.next_key::<String>()? {
                    distinct &= keys.insert(key);
                    distinct &= object.next_value::<Distinct>()?.0;
                }
                Ok(Distinct(distinct))
            }
        }
        deserializer.deserialize_any(Keys)
    }
}

/// Lines of profiles, their keys in any order.
fn profile() -> impl Strategy<Value = String> {
    let consent = (json(), json(), json(), any::<[bool; 3]>()).prop_map(|(purpose, time, other, odd)| {
        let purpose = if odd[0] { purpose } else { "\"care\"".to_owned() };
        let time = if odd[1] { time } else { "\"2026-11-02T10:00:00Z\"".to_owned() };
        let last = if odd[2] { format!(",\"withdrawn\":{other}") } else { String::new() };
        format!(r#"{{"purpose":{purpose},"channel":"email","time":{time}{last}}}"#)
    });
    let consents = proptest::collection::vec(consent, 0..3).prop_map(|all| format!("[{}]", all.join(",")));
    let parts = (data(), prop_oneof![4 => consents, 1 => json()], json(), any::<[bool; 4]>());
    parts
        .prop_flat_map(|(attributes, consents, other, odd)| {
            let subject = if odd[0] && odd[1] { other.clone() } else { "\"c1\"".to_owned() };
            // Now and then an attribute stands beside them.
            let attributes = match odd[2] && odd[3] {
                true => format!("\"tier\":{attributes}"),
                false => format!("\"attributes\":{attributes}"),
            };
            let extra = if odd[1] && odd[3] { "consent" } else { "extra" };
            let members = vec![
                format!("\"subject\":{subject}"),
                attributes,
                format!("\"consents\":{consents}"),
                format!("\"{extra}\":{other}"),
            ];
            Just(members).prop_shuffle()
        })
        .prop_map(|members| format!("{{{}}}", members.join(",")))
}

fn sorted(mut event: Event) -> Event {
    if let Kind::Identify(attributes) = &mut event.kind {
        attributes.sort();
    }
    event
}

/// Holds for any bytes.
fn agrees(plan: &Plan, schema: &Schema, line: &[u8]) {
    // In room that holds something else, as it is left of an event before.
    let room = vec![Some(comity_compiler::value::Value::Cell(7)); 4];
    if let Some(scanned) = schema.scan(line, room.into()) {
        assert_eq!(Ok(scanned), schema.any_event(line));
    }
    let fast = schema.event(line).ok().map(sorted);
    // What the tree cannot hold (a lone surrogate, 1e999) may stand only where it is skipped.
    if serde_json::from_slice::<serde_json::Value>(line).is_err() {
        assert!(fast.is_none() || serde_json::from_slice::<IgnoredAny>(line).is_ok());
        return;
    }
    match serde_json::from_slice::<Distinct>(line) {
        // A key that is known and stands twice is refused; of the unknown ones nothing is said.
        Ok(Distinct(false)) => assert!(fast.is_none() || reference::decode(plan, line).is_some()),
        _ => assert_eq!(fast, reference::decode(plan, line)),
    }
}

/// Each of a line's wounds: a place, a byte, and what is done there.
type Wound = (usize, u8, u8);

fn damaged(line: String, wounds: Vec<Wound>) -> Vec<u8> {
    let mut bytes = line.into_bytes();
    for (at, byte, how) in wounds {
        let at = at % bytes.len().max(1);
        match how {
            0 if at < bytes.len() => bytes[at] = byte,
            1 => bytes.insert(at, b"\"{}[],:\\-.0e"[usize::from(byte) % 12]),
            2 => bytes.truncate(at),
            _ if at < bytes.len() => _ = bytes.remove(at),
            _ => {}
        }
    }
    bytes
}

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::new(Engine::interpreter(Arc::new(shop()))));

fn wounds() -> impl Strategy<Value = Vec<Wound>> {
    proptest::collection::vec((any::<usize>(), any::<u8>(), 0..4_u8), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn profiles_are_read_alike(line in profile(), wounds in wounds()) {
        let schema = Schema::new(&shop());
        let line = damaged(line, wounds);
        let mut room = ProfileLine::default();
        let scanned = schema.scan_profile(&line, &mut room).map(|()| room);
        let reference = schema.any_profile(&line);
        prop_assert_eq!(schema.profile(&line), reference.clone());
        if let Some(scanned) = scanned {
            prop_assert_eq!(Ok(scanned), reference);
        }
    }

    #[test]
    fn who_is_imported_at_once_is_as_who_is_imported_into_nothing(line in profile()) {
        let policy = &*POLICY;
        let Ok(line) = policy.schema.profile(line.as_bytes()) else { return Ok(()) };
        let mut profile = Profile::new(policy, line.subject.clone());
        profile.import(policy, line.clone());
        let imported = Profile::imported(policy, line);
        prop_assert_eq!(imported.zone.name(), profile.zone.name());
        prop_assert_eq!(pack(policy, &imported), pack(policy, &profile));
    }

    #[test]
    fn agrees_with_the_plain_decoder(line in line()) {
        let plan = shop();
        agrees(&plan, &Schema::new(&plan), line.as_bytes());
    }

    #[test]
    fn damage_does_no_harm(line in line(), wounds in wounds()) {
        let plan = shop();
        agrees(&plan, &Schema::new(&plan), &damaged(line, wounds));
    }

    #[test]
    fn any_bytes_at_all(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let schema = Schema::new(&shop());
        prop_assert!(schema.event(&bytes).is_err());
        prop_assert!(schema.profile(&bytes).is_err());
    }
}
