//! Reads a customer's profile: attributes, and consents as they were imported.

use super::data::{AttributesReader, KeyReader, Record, RecordReader};
use super::envelope::{object, rescue};
use super::rejection::{Rejected, Rejection, nearest, quoted};
use super::scalar::Fault;
use super::schema::Schema;
use super::value::{TextReader, check_id};
use super::{Attributes, Changes};
use comity_compiler::ids::*;
use comity_compiler::value::Value;
use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;
use smol_str::SmolStr;
use std::cell::RefCell;
use std::fmt;

/// A customer as one line of a profiles file tells of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProfileLine {
    /// The customer.
    pub subject: SmolStr,
    /// What it says of attributes.
    pub attributes: Attributes,
    /// In the order of the line.
    pub consents: Vec<ConsentLine>,
    /// How many attributes it had that the policy doesn't know; of a line without `attributes`, how many other keys.
    pub unknown_attributes: u32,
    /// Keys of its consents that no consent has, each as often as it stands there.
    pub unknown_in_consents: Vec<SmolStr>,
}

/// A consent in a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsentLine {
    /// Always there where it is a grant; without it the withdrawal is for all purposes.
    pub purpose: Option<PurposeId>,
    /// On this channel, or on all.
    pub channel: Option<ChannelId>,
    /// Where it was given.
    pub source: Option<Value>,
    /// Whether it was confirmed (double opt-in).
    pub confirmed: bool,
    /// The receipt's id.
    pub receipt: Option<SmolStr>,
    /// µs since 1970-01-01T00:00:00Z.
    pub time: Option<i64>,
    /// Whether it was withdrawn rather than given.
    pub withdrawn: bool,
}

const SUBJECT: &str = "a text of 1 to 1024 bytes";

impl Schema {
    /// Reads one profile, `{"subject":"c42","attributes":{…},"consents":[{…}]}`.
    ///
    /// # Errors
    /// Whatever is wrong with it; the customer, where readable, is in the error.
    pub fn profile(&self, line: &[u8]) -> Result<ProfileLine, Box<Rejected>> {
        let mut profile = ProfileLine::default();
        self.profile_into(line, &mut profile).map(|()| profile)
    }

    /// The same, into one that was read before, in the room that it has.
    ///
    /// # Errors
    /// As there; what it says then has no meaning.
    pub fn profile_into(&self, line: &[u8], profile: &mut ProfileLine) -> Result<(), Box<Rejected>> {
        if self.scan_profile(line, profile).is_none() {
            *profile = self.any_profile(line)?;
        }
        Ok(())
    }

    /// Reads one profile, however it is written: what [`Schema::profile`] means.
    ///
    /// # Errors
    /// As there.
    pub fn any_profile(&self, line: &[u8]) -> Result<ProfileLine, Box<Rejected>> {
        self.read_profile(line).map_err(|reason| Box::new(rescue(line, reason)))
    }

    /// Reads an object of attributes alone, and how many of them the policy doesn't know.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn attributes(&self, json: &[u8]) -> Result<(Changes, u32), Rejection> {
        let text = object(json, "attributes")?;
        let fault = Fault::default();
        let mut json = Deserializer::from_str(text);
        AttributesReader { schema: self, fault: &fault, is_event: false }
            .deserialize(&mut json)
            .and_then(|read| json.end().map(|()| read))
            .map_err(|error| fault.take(&error))
    }

    fn read_profile(&self, line: &[u8]) -> Result<ProfileLine, Rejection> {
        let text = object(line, "a profile")?;
        let fault = Fault::default();
        let mut json = Deserializer::from_str(text);
        json.deserialize_map(ProfileVisitor { schema: self, fault: &fault })
            .and_then(|profile| json.end().map(|()| profile))
            .map_err(|error| fault.take(&error))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Subject,
    Attributes,
    Consents,
    Other,
}

impl Key {
    fn of(name: &str) -> Key {
        match name {
            "subject" => Key::Subject,
            "attributes" => Key::Attributes,
            "consents" => Key::Consents,
            _ => Key::Other,
        }
    }
}

/// Which key of a profile is nearly this one, that none is. What stands under it would be ignored: all that is known of
/// the customer, or that they want no messages. Apart from the scanner, which hardly ever asks.
#[cold]
pub(super) fn nearly(key: &str) -> Option<&'static str> {
    const GUARDED: [&str; 2] = ["attributes", "consents"];
    // Nothing else can be near: most keys of other systems need no closer look. `content` and `attribution` are none.
    if !(7..=12).contains(&key.len()) {
        return None;
    }
    nearest(key, GUARDED.into_iter(), (key.len() / 4).min(2))
}

/// Why a key of a profile, or a column of a table of profiles, is refused that isn't known: one that is nearly `attributes`
/// or `consents`.
pub fn misspelt_in_profile(key: &str) -> Option<Rejection> {
    let hint = format!("did you mean {:?}?", nearly(key)?);
    Some(Rejection::Misspelt { key: quoted(key), owner: "a profile".to_owned(), hint })
}

/// A part of a profile that can stand in the wrong place: among attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Attributes,
    Consents,
}

impl Part {
    /// What a key that is no attribute may stand for.
    #[inline]
    pub(super) fn of(key: &str) -> Option<Part> {
        match key.len() {
            7 | 8 if ["consents", "consent"].iter().any(|name| key.eq_ignore_ascii_case(name)) => {
                Some(Part::Consents)
            }
            10 if key.eq_ignore_ascii_case("attributes") => Some(Part::Attributes),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Part::Attributes => "`attributes`",
            Part::Consents => "`consents`",
        }
    }
}

/// Why a column of the struct `attributes` is refused that isn't an attribute: it holds the consents.
pub fn misplaced_in_attributes(key: &str) -> Option<Rejection> {
    (Part::of(key) == Some(Part::Consents)).then(misplaced_consents)
}

/// Why consents among the attributes are refused.
pub(super) fn misplaced_consents() -> Rejection {
    Rejection::Misspelt {
        key: quoted("consents"),
        owner: "`attributes`".to_owned(),
        hint: "write it beside them: {\"subject\":…,\"attributes\":{…},\"consents\":[…]}".to_owned(),
    }
}

struct ProfileVisitor<'s> {
    schema: &'s Schema,
    fault: &'s Fault,
}

impl<'de> Visitor<'de> for ProfileVisitor<'_> {
    type Value = ProfileLine;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<ProfileLine, A::Error> {
        let ProfileVisitor { schema, fault } = self;
        let (mut subject, mut attributes, mut consents) = (None, None::<(Changes, u32)>, None);
        let repeated = |key: &str| fault.fail(Rejection::Repeated { place: format!("`{key}`") });
        let (mut beside, mut others) = (None, 0_u32);
        let strangers = RefCell::default();
        let mut key_of = |name: &str| {
            let key = Key::of(name);
            if key == Key::Other {
                others = others.saturating_add(1);
                if let Some(misspelt) = misspelt_in_profile(name) {
                    return Err(misspelt);
                }
                if schema.attribute_named(name).is_some() {
                    beside.get_or_insert_with(|| SmolStr::new(name));
                }
            }
            Ok(key)
        };
        while let Some(key) = object.next_key_seed(KeyReader(&mut key_of))? {
            match key.map_err(|misspelt| fault.fail(misspelt))? {
                Key::Subject if subject.is_some() => return Err(repeated("subject")),
                Key::Attributes if attributes.is_some() => return Err(repeated("attributes")),
                Key::Consents if consents.is_some() => return Err(repeated("consents")),
                Key::Subject => {
                    let take = |text: &str| check_id(text).map(|()| SmolStr::new(text));
                    let reader = TextReader { fault, key: "subject", expected: SUBJECT, take };
                    subject = Some(object.next_value_seed(reader)?);
                }
                Key::Attributes => {
                    let reader = AttributesReader { schema, fault, is_event: false };
                    attributes = Some(object.next_value_seed(reader)?);
                }
                Key::Consents => {
                    let reader = ConsentsReader { schema, fault, strangers: &strangers };
                    consents = Some(object.next_value_seed(reader)?);
                }
                Key::Other => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        let missing = || Rejection::Missing { place: "`subject`".to_owned(), expected: SUBJECT.to_owned() };
        let subject = subject.ok_or_else(|| fault.fail(missing()))?;
        if let (None, Some(name)) = (&attributes, beside) {
            // Nobody is meant to have no attributes whose attributes stand there.
            return Err(fault.fail(Rejection::Wrong {
                place: "`attributes`".to_owned(),
                expected: "an object of all that is known of the customer".to_owned(),
                found: format!("`{name}` beside `subject`"),
                hint: Some(format!("write {{\"subject\":\"{subject}\",\"attributes\":{{\"{name}\":…}}}}")),
            }));
        }
        // What stands beside attributes is left alone; without them it may be meant as such.
        let (given, unknown_attributes) = attributes.unwrap_or_else(|| (Changes::new(), others));
        let mut attributes = Attributes::default();
        attributes.clear(&schema.blank);
        for (id, value) in given {
            // The reader has refused what is given twice.
            _ = attributes.give(id.index(), value);
        }
        Ok(ProfileLine {
            subject,
            attributes,
            consents: consents.unwrap_or_default(),
            unknown_attributes,
            unknown_in_consents: strangers.into_inner(),
        })
    }
}

/// Reads the list of consents.
pub(super) struct ConsentsReader<'s> {
    pub(super) schema: &'s Schema,
    pub(super) fault: &'s Fault,
    /// Gets the keys that no consent has.
    pub(super) strangers: &'s RefCell<Vec<SmolStr>>,
}

impl ConsentsReader<'_> {
    fn wrong<E: serde::de::Error>(&self, found: &str) -> E {
        self.fault.fail(Rejection::Wrong {
            place: "`consents`".to_owned(),
            expected: "a list of objects".to_owned(),
            found: found.to_owned(),
            hint: None,
        })
    }
}

impl<'de> DeserializeSeed<'de> for ConsentsReader<'_> {
    type Value = Vec<ConsentLine>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ConsentsReader<'_> {
    type Value = Vec<ConsentLine>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Err(self.wrong(&value.to_string()))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Err(self.wrong(&value.to_string()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Err(self.wrong(&value.to_string()))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Err(self.wrong("a number"))
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(self.wrong("a text"))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.wrong("an object"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut consents = Vec::new();
        let reader = RecordReader {
            schema: self.schema,
            fault: self.fault,
            record: &self.schema.builtin.consent,
            strangers: Some(self.strangers),
        };
        while let Some(record) = list.next_element_seed(reader)? {
            let consent = consent(record);
            if !is_complete(&consent) {
                return Err(self.fault.fail(reader.missing(0)));
            }
            consents.push(consent);
        }
        Ok(consents)
    }
}

/// Whether a consent says all that it has to: what a grant is for.
pub(super) fn is_complete(consent: &ConsentLine) -> bool {
    consent.purpose.is_some() || consent.withdrawn
}

pub(super) fn consent(Record { mut fields, .. }: Record) -> ConsentLine {
    let mut take = |at: usize| fields.get_mut(at).and_then(Option::take);
    ConsentLine {
        purpose: cell(take(0)).map(PurposeId::at),
        channel: cell(take(1)).map(ChannelId::at),
        source: take(2),
        confirmed: cell(take(3)) == Some(1),
        receipt: match take(4) {
            Some(Value::Text(text)) => Some(SmolStr::new(&*text)),
            _ => None,
        },
        time: match take(5) {
            Some(Value::Cell(cell)) => Some(cell.cast_signed()),
            _ => None,
        },
        withdrawn: cell(take(6)) == Some(1),
    }
}

fn cell(value: Option<Value>) -> Option<usize> {
    match value {
        Some(Value::Cell(cell)) => usize::try_from(cell).ok(),
        _ => None,
    }
}
