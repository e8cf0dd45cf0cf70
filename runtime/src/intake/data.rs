//! Reads the `data` of an event whose type is known, and other objects of known fields.

use super::profile::{Part, misplaced_consents};
use super::rejection::Rejection;
use super::scalar::{AnyScalar, Fault, Scalar};
use super::schema::{EventType, Form, RecordForm, Schema};
use super::value::{Place, Read, ValueReader};
use super::{Changes, Fields, Kind};
use comity_compiler::builtin;
use comity_compiler::ids::*;
use comity_compiler::value::Value;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use smol_str::SmolStr;
use std::cell::RefCell;
use std::fmt;

/// Reads an object by its form.
#[derive(Clone, Copy)]
pub(super) struct RecordReader<'s> {
    pub(super) schema: &'s Schema,
    pub(super) fault: &'s Fault,
    pub(super) record: &'s RecordForm,
    /// Where the keys that the form doesn't have are kept, if somebody asks for them.
    pub(super) strangers: Option<&'s RefCell<Vec<SmolStr>>>,
}

/// What was read of an object.
pub(super) struct Record {
    /// By position.
    pub(super) fields: Fields,
    /// Keys that the form doesn't have.
    pub(super) unknown: u32,
}

/// So many fields of which nothing is known.
pub(super) fn unknown_fields(count: usize) -> Fields {
    (0..count).map(|_| None).collect()
}

/// Which of the fields were read already.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Of the first 64 a bit for each.
    first: u64,
    /// Of the others.
    more: Vec<u64>,
}

impl Seen {
    /// Marks a field and says whether it was marked before.
    #[inline]
    pub(super) fn mark(&mut self, at: usize) -> bool {
        let bit = 1 << (at % 64);
        let word = match at / 64 {
            0 => &mut self.first,
            at => {
                if at > self.more.len() {
                    self.more.resize(at, 0);
                }
                &mut self.more[at - 1]
            }
        };
        let before = *word & bit != 0;
        *word |= bit;
        before
    }

    /// Marks none.
    pub(super) fn clear(&mut self) {
        self.first = 0;
        self.more.clear();
    }

    /// Whether a field is marked.
    pub(super) fn is_marked(&self, at: usize) -> bool {
        let word = match at / 64 {
            0 => Some(&self.first),
            at => self.more.get(at - 1),
        };
        word.is_some_and(|word| word & (1 << (at % 64)) != 0)
    }
}

impl<'s> RecordReader<'s> {
    fn value(&self, at: usize) -> ValueReader<'s> {
        let field = &self.record.fields[at];
        ValueReader {
            schema: self.schema,
            fault: self.fault,
            form: &field.form,
            keep: field.keep,
            place: Place { key: &field.name, owner: Some(&self.record.owner), personal: field.personal },
        }
    }

    /// The reason why something else than an object is refused.
    fn no_object(&self, found: String) -> Rejection {
        not_an_object(&format!("the data of {}", self.record.owner), found)
    }

    /// The reason why an object without this field is refused.
    pub(super) fn missing(&self, at: usize) -> Rejection {
        self.value(at).missing()
    }

    /// What an object without keys says.
    pub(super) fn nothing(&self) -> Result<Record, Rejection> {
        self.finish(unknown_fields(self.record.fields.len()), &Seen::default(), 0)
    }

    /// Whether all that has to be there is.
    #[inline]
    pub(super) fn finish(&self, fields: Fields, seen: &Seen, unknown: u32) -> Result<Record, Rejection> {
        // Nearly always all are there.
        if self.record.required & !seen.first == 0 && self.record.fields.len() <= 64 {
            return Ok(Record { fields, unknown });
        }
        // A null has been refused by now where the field is required.
        match self
            .record
            .fields
            .iter()
            .enumerate()
            .find(|(at, field)| !field.optional && !seen.is_marked(*at))
        {
            Some((at, _)) => Err(self.missing(at)),
            None => Ok(Record { fields, unknown }),
        }
    }
}

fn not_an_object(place: &str, found: String) -> Rejection {
    Rejection::Wrong { place: place.to_owned(), expected: "an object".to_owned(), found, hint: None }
}

impl<'de> DeserializeSeed<'de> for RecordReader<'_> {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_any(ObjectVisitor {
            fault: self.fault,
            empty: || self.nothing(),
            other: |found| self.no_object(found),
            reader: self,
        })
    }
}

/// What reads an object once it is known to be one.
trait ReadObject<'de> {
    type Value;

    fn read<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error>;
}

/// Takes an object or null, and refuses everything else.
struct ObjectVisitor<'s, R, E, O> {
    fault: &'s Fault,
    reader: R,
    empty: E,
    other: O,
}

impl<'de, R, E, O> Visitor<'de> for ObjectVisitor<'_, R, E, O>
where
    R: ReadObject<'de>,
    E: FnOnce() -> Result<R::Value, Rejection>,
    O: FnOnce(String) -> Rejection,
{
    type Value = R::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<F: de::Error>(self) -> Result<R::Value, F> {
        (self.empty)().map_err(|reason| self.fault.fail(reason))
    }

    fn visit_bool<F: de::Error>(self, value: bool) -> Result<R::Value, F> {
        Err(self.fault.fail((self.other)(value.to_string())))
    }

    fn visit_i64<F: de::Error>(self, value: i64) -> Result<R::Value, F> {
        Err(self.fault.fail((self.other)(value.to_string())))
    }

    fn visit_u64<F: de::Error>(self, value: u64) -> Result<R::Value, F> {
        Err(self.fault.fail((self.other)(value.to_string())))
    }

    fn visit_f64<F: de::Error>(self, _: f64) -> Result<R::Value, F> {
        Err(self.fault.fail((self.other)("a number".to_owned())))
    }

    fn visit_str<F: de::Error>(self, _: &str) -> Result<R::Value, F> {
        Err(self.fault.fail((self.other)("a text".to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<R::Value, A::Error> {
        Err(self.fault.fail((self.other)("a list".to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<R::Value, A::Error> {
        self.reader.read(object)
    }
}

impl<'de> ReadObject<'de> for RecordReader<'_> {
    type Value = Record;

    fn read<A: MapAccess<'de>>(self, mut object: A) -> Result<Record, A::Error> {
        let form = &self.record.fields;
        let mut fields = unknown_fields(form.len());
        let (mut seen, mut unknown, mut next) = (Seen::default(), 0_u32, 0);
        // Most senders write the keys always in one order, mostly the policy's.
        while let Some(key) = object.next_key_seed(KeyReader(|key: &str| match form.get(next) {
            Some(field) if *field.name == *key => Ok(next),
            _ => form.iter().position(|field| *field.name == *key).ok_or_else(|| {
                let misspelt = self.record.misspelt(key);
                if let (None, Some(strangers)) = (&misspelt, self.strangers) {
                    strangers.borrow_mut().push(SmolStr::new(key));
                }
                misspelt
            }),
        }))? {
            let at = match key {
                Ok(at) => at,
                Err(Some(misspelt)) => return Err(self.fault.fail(misspelt)),
                Err(None) => {
                    unknown = unknown.saturating_add(1);
                    object.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let value = self.value(at);
            if seen.mark(at) {
                return Err(self.fault.fail(Rejection::Repeated { place: value.place.to_string() }));
            }
            match object.next_value_seed(value)? {
                Read::Value(value) => fields[at] = Some(value),
                Read::Checked => {}
                Read::Null if form[at].optional => {}
                Read::Null => return Err(self.fault.fail(value.missing())),
            }
            next = at + 1;
        }
        self.finish(fields, &seen, unknown).map_err(|reason| self.fault.fail(reason))
    }
}

/// Reads the key of an object and looks it up.
pub(super) struct KeyReader<F>(pub(super) F);

impl<'de, T, F: FnOnce(&str) -> T> DeserializeSeed<'de> for KeyReader<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, T, F: FnOnce(&str) -> T> Visitor<'de> for KeyReader<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<T, E> {
        Ok((self.0)(key))
    }
}

/// Reads an object of attributes.
#[derive(Clone, Copy)]
pub(super) struct AttributesReader<'s> {
    pub(super) schema: &'s Schema,
    pub(super) fault: &'s Fault,
    /// Whether they are the data of `identify` rather than those of a profile.
    pub(super) is_event: bool,
}

impl AttributesReader<'_> {
    /// For messages.
    fn what(&self) -> &'static str {
        if self.is_event { "the data of `identify`" } else { "`attributes`" }
    }

    /// Why a part of a profile is refused that stands among attributes, where it may say that somebody has withdrawn.
    fn misplaced<'de, A: MapAccess<'de>>(
        &self,
        part: Part,
        object: &mut A,
    ) -> Result<Option<Rejection>, A::Error> {
        if !self.is_event {
            object.next_value::<IgnoredAny>()?;
            return Ok((part == Part::Consents).then(misplaced_consents));
        }
        let value = object.next_value_seed(AnyScalar)?;
        Ok(matches!(value, Scalar::List | Scalar::Object).then(|| Rejection::Wrong {
            place: self.what().to_owned(),
            expected: "attributes".to_owned(),
            found: format!("the {} of a profile", part.name()),
            hint: Some(
                "write attributes directly into `data`; who agrees and who withdraws is told by `consent_granted` and \
                 `consent_withdrawn`"
                    .to_owned(),
            ),
        }))
    }
}

impl<'de> DeserializeSeed<'de> for AttributesReader<'_> {
    /// And how many of the attributes the policy doesn't know.
    type Value = (Changes, u32);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(ObjectVisitor {
            fault: self.fault,
            empty: || Ok((Vec::new(), 0)),
            other: |found| not_an_object(self.what(), found),
            reader: self,
        })
    }
}

impl<'de> ReadObject<'de> for AttributesReader<'_> {
    type Value = (Changes, u32);

    fn read<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let (mut attributes, mut seen, mut unknown) = (Vec::new(), Seen::default(), 0_u32);
        while let Some(key) = object
            .next_key_seed(KeyReader(|key: &str| self.schema.attribute(key).ok_or_else(|| Part::of(key))))?
        {
            let id = match key {
                Ok(id) => id,
                Err(part) => {
                    unknown = unknown.saturating_add(1);
                    match part {
                        Some(part) => {
                            if let Some(misplaced) = self.misplaced(part, &mut object)? {
                                return Err(self.fault.fail(misplaced));
                            }
                        }
                        None => _ = object.next_value::<IgnoredAny>()?,
                    }
                    continue;
                }
            };
            let field = &self.schema.attributes[id as usize];
            let place = Place { key: &field.name, owner: Some("the profile"), personal: field.personal };
            if seen.mark(id as usize) {
                return Err(self.fault.fail(Rejection::Repeated { place: place.to_string() }));
            }
            let value = object.next_value_seed(ValueReader {
                schema: self.schema,
                fault: self.fault,
                form: &field.form,
                keep: true,
                place,
            })?;
            let value = match value {
                Read::Value(value) => Some(value),
                Read::Checked | Read::Null => None,
            };
            attributes.push((AttributeId(id), value));
        }
        Ok((attributes, unknown))
    }
}

/// Reads the data of an event of a known type, also where there is none.
pub(super) struct DataReader<'s> {
    pub(super) schema: &'s Schema,
    pub(super) fault: &'s Fault,
    pub(super) ty: EventType,
}

impl<'s> DataReader<'s> {
    /// What reads the data, where it is a record.
    pub(super) fn record(&self) -> Option<RecordReader<'s>> {
        let builtin = &self.schema.builtin;
        let record = match self.ty {
            EventType::Declared(event) => &self.schema.events[event.index()],
            EventType::ConsentGranted => &builtin.granted,
            EventType::ConsentWithdrawn => &builtin.withdrawn,
            EventType::Merge => &builtin.merge,
            EventType::Delivery(event) => &builtin.deliveries[event.index() - builtin::DELIVERED.index()],
            EventType::Identify | EventType::Sent => return None,
        };
        Some(RecordReader { schema: self.schema, fault: self.fault, record, strangers: None })
    }

    /// What reads the data, where it is attributes.
    pub(super) fn attributes(&self) -> Option<AttributesReader<'s>> {
        (self.ty == EventType::Identify).then_some(AttributesReader {
            schema: self.schema,
            fault: self.fault,
            is_event: true,
        })
    }

    /// Of an event without data.
    pub(super) fn nothing(&self) -> Result<(Kind, u32), Rejection> {
        match (self.ty, self.record()) {
            (EventType::Sent, _) => Err(Rejection::Sent),
            (_, None) => Ok((Kind::Identify(Vec::new()), 0)),
            (_, Some(reader)) => self.kind(reader.nothing()?),
        }
    }

    /// What a record of the type says.
    pub(super) fn kind(&self, Record { mut fields, unknown }: Record) -> Result<(Kind, u32), Rejection> {
        let names = |list: usize| self.schema.names(list);
        let mut take = |at: usize| fields.get_mut(at).and_then(Option::take);
        let kind = match self.ty {
            EventType::Declared(event) => Kind::Known { event, fields },
            EventType::ConsentGranted => Kind::ConsentGranted {
                purpose: PurposeId(cell(take(0)).unwrap_or_default()),
                channel: cell(take(1)).map(ChannelId),
                source: take(2),
                confirmed: cell(take(3)) == Some(1),
                receipt: id(take(4)),
            },
            EventType::ConsentWithdrawn => Kind::ConsentWithdrawn {
                purpose: cell(take(0)).map(PurposeId),
                channel: cell(take(1)).map(ChannelId),
                source: take(2),
            },
            EventType::Merge => Kind::Merge { from: id(take(0)).unwrap_or_default() },
            EventType::Delivery(event) => {
                let (send, message, channel) = (id(take(0)), id(take(1)), id(take(2)));
                let lists = self.schema.lists;
                let find = |key: &str, name: Option<&SmolStr>, list: usize| {
                    let found = name.and_then(|name| names(list).find(name));
                    // An older policy can have had what this one lacks: a send tells enough.
                    if found.is_some() || send.is_some() {
                        return Ok(found);
                    }
                    Err(self.no_delivery(event, key, name, list))
                };
                let message = find("message", message.as_ref(), lists.messages)?.map(MessageId);
                let channel = find("channel", channel.as_ref(), lists.channels)?.map(ChannelId);
                Kind::Delivery { event, send, message, channel }
            }
            EventType::Identify | EventType::Sent => Kind::Unknown,
        };
        Ok((kind, unknown))
    }

    /// Without a send, the message and the channel have to be ones that the policy has.
    fn no_delivery(&self, event: EventId, key: &str, name: Option<&SmolStr>, list: usize) -> Rejection {
        let owner = format!("`{}`", builtin::BUILTIN_EVENTS[event.index()].name);
        let place = Place { key, owner: Some(&owner), personal: false }.to_string();
        match name {
            None => Rejection::Missing {
                place,
                expected: "`send` (a record's id), or `message` and `channel`".to_owned(),
            },
            Some(name) => Rejection::Wrong {
                place,
                expected: Form::Name(list).expected(self.schema),
                found: super::rejection::quoted(name),
                hint: self.schema.names(list).hint(name),
            },
        }
    }
}

fn cell(value: Option<Value>) -> Option<u32> {
    match value {
        Some(Value::Cell(cell)) => u32::try_from(cell).ok(),
        _ => None,
    }
}

fn id(value: Option<Value>) -> Option<SmolStr> {
    match value {
        Some(Value::Text(text)) => Some(SmolStr::new(&*text)),
        _ => None,
    }
}

impl<'de> DeserializeSeed<'de> for DataReader<'_> {
    /// And how many fields the policy doesn't know.
    type Value = (Kind, u32);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match (self.record(), self.attributes()) {
            (Some(reader), _) => {
                let record = reader.deserialize(deserializer)?;
                self.kind(record).map_err(|reason| self.fault.fail(reason))
            }
            (None, Some(reader)) => {
                let (attributes, unknown) = reader.deserialize(deserializer)?;
                Ok((Kind::Identify(attributes), unknown))
            }
            (None, None) => Err(self.fault.fail(Rejection::Sent)),
        }
    }
}
