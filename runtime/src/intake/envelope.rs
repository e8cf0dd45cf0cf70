//! Reads an event's line: the attributes of CloudEvents around the data.

use super::data::{DataReader, KeyReader};
use super::rejection::{Rejected, Rejection};
use super::scalar::{AnyScalar, Fault, Scalar};
use super::schema::{EventType, Schema};
use super::value::{TextReader, check_id};
use super::{Event, Fields, Kind, forms};
use crate::intake::forms::Malformed;
use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Deserializer;
use serde_json::value::RawValue;
use smol_str::SmolStr;
use std::fmt;

const ID: &str = "a text of 1 to 1024 bytes";
const TIME: &str = "an instant such as \"2026-11-27T10:00:00Z\"";

impl Schema {
    /// Reads one event.
    ///
    /// # Errors
    /// Whatever is wrong with the line; what can be read of it all the same is in the error.
    pub fn event(&self, line: &[u8]) -> Result<Event, Box<Rejected>> {
        self.event_in(line, Fields::default())
    }

    /// The same, in room that is left of an event before: what [`Kind::Known`] holds of one that was taken.
    ///
    /// # Errors
    /// As there.
    pub fn event_in(&self, line: &[u8], room: Fields) -> Result<Event, Box<Rejected>> {
        match self.scan(line, room) {
            Some(event) => Ok(event),
            None => self.any_event(line),
        }
    }

    /// Reads one event, however it is written: what [`Schema::event`] means.
    ///
    /// # Errors
    /// As there.
    pub fn any_event(&self, line: &[u8]) -> Result<Event, Box<Rejected>> {
        let read = || {
            let text = object(line, "an event")?;
            let fault = Fault::default();
            let mut json = Deserializer::from_str(text);
            json.deserialize_map(EventVisitor { schema: self, fault: &fault })
                .and_then(|event| json.end().map(|()| event))
                .map_err(|error| fault.take(&error))
        };
        read().map_err(|reason| Box::new(rescue(line, reason)))
    }
}

/// The text of bytes that hold one JSON object.
pub(super) fn object<'l>(line: &'l [u8], what: &str) -> Result<&'l str, Rejection> {
    let text =
        std::str::from_utf8(line).map_err(|error| Rejection::Utf8 { byte: error.valid_up_to() + 1 })?;
    // A mark at the beginning of a file is no part of its first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.bytes().find(|byte| !byte.is_ascii_whitespace()) == Some(b'{') {
        return Ok(text);
    }
    let mut json = Deserializer::from_str(text);
    match AnyScalar.deserialize(&mut json).and_then(|scalar| json.end().map(|()| scalar)) {
        Ok(scalar) => Err(Rejection::Wrong {
            place: "the line".to_owned(),
            expected: format!("{what} as a JSON object"),
            found: scalar.describe(),
            hint: None,
        }),
        Err(error) => Err(Rejection::json(&error)),
    }
}

/// The keys of CloudEvents that mean something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Id,
    Type,
    Subject,
    Time,
    Data,
    Specversion,
    Source,
    Other,
}

impl Key {
    pub(super) fn of(name: &str) -> Key {
        match name {
            "id" => Key::Id,
            "type" => Key::Type,
            "subject" => Key::Subject,
            "time" => Key::Time,
            "data" => Key::Data,
            "specversion" => Key::Specversion,
            "source" => Key::Source,
            _ => Key::Other,
        }
    }
}

struct EventVisitor<'s> {
    schema: &'s Schema,
    fault: &'s Fault,
}

/// Data that was read, or that waits until the type is known.
enum Data<'de> {
    Read((Kind, u32)),
    Waiting(&'de RawValue),
}

impl<'s> EventVisitor<'s> {
    fn text<T>(
        &self,
        key: &'static str,
        expected: &'static str,
        take: impl FnOnce(&str) -> Result<T, Malformed>,
    ) -> TextReader<'s, impl FnOnce(&str) -> Result<T, Malformed>> {
        TextReader { fault: self.fault, key, expected, take }
    }

    fn data(&self, ty: EventType) -> DataReader<'s> {
        DataReader { schema: self.schema, fault: self.fault, ty }
    }

    fn missing(&self, key: &str, expected: &str) -> Rejection {
        Rejection::Missing { place: format!("`{key}`"), expected: expected.to_owned() }
    }
}

impl<'de> Visitor<'de> for EventVisitor<'_> {
    type Value = Event;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Event, A::Error> {
        let (mut id, mut subject, mut time, mut data) = (None, None, None, None);
        // Outside: whether it was given; inside: whether the policy knows it.
        let mut ty: Option<Option<EventType>> = None;
        let (mut version, mut source) = (false, false);
        let repeated = |key: &str| self.fault.fail(Rejection::Repeated { place: format!("`{key}`") });
        while let Some(key) = object.next_key_seed(KeyReader(Key::of))? {
            match key {
                Key::Id if id.is_some() => return Err(repeated("id")),
                Key::Type if ty.is_some() => return Err(repeated("type")),
                Key::Subject if subject.is_some() => return Err(repeated("subject")),
                Key::Time if time.is_some() => return Err(repeated("time")),
                Key::Data if data.is_some() => return Err(repeated("data")),
                Key::Specversion if version => return Err(repeated("specversion")),
                Key::Source if source => return Err(repeated("source")),
                Key::Id => id = Some(object.next_value_seed(self.text("id", ID, name))?),
                Key::Subject => subject = Some(object.next_value_seed(self.text("subject", ID, name))?),
                Key::Time => time = Some(object.next_value_seed(self.text("time", TIME, forms::instant))?),
                Key::Type => {
                    let find = |name: &str| match name {
                        "" => Err(Malformed(Some("it is empty"))),
                        name => Ok(self.schema.event_type(name)),
                    };
                    ty = Some(object.next_value_seed(self.text("type", "the name of an event", find))?);
                }
                Key::Data => {
                    data = Some(match ty {
                        Some(Some(ty)) => Data::Read(object.next_value_seed(self.data(ty))?),
                        Some(None) => {
                            object.next_value::<IgnoredAny>()?;
                            Data::Read((Kind::Unknown, 0))
                        }
                        None => Data::Waiting(object.next_value()?),
                    });
                }
                Key::Specversion => {
                    let supported = |version: &str| match version {
                        "1.0" => Ok(()),
                        _ => Err(Malformed(None)),
                    };
                    object.next_value_seed(self.text("specversion", "\"1.0\"", supported))?;
                    version = true;
                }
                Key::Source => {
                    object.next_value_seed(self.text("source", "a text", |_| Ok(())))?;
                    source = true;
                }
                Key::Other => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        let missing = |key: &str, expected: &str| self.fault.fail(self.missing(key, expected));
        let id = id.ok_or_else(|| missing("id", ID))?;
        let ty = ty.ok_or_else(|| missing("type", "the name of an event"))?;
        let subject: SmolStr = subject.ok_or_else(|| missing("subject", ID))?;
        let time = time.ok_or_else(|| missing("time", TIME))?;
        let (kind, unknown_fields) = match (data, ty) {
            (Some(Data::Read(read)), _) => read,
            (_, None) => (Kind::Unknown, 0),
            (Some(Data::Waiting(raw)), Some(ty)) => {
                let mut json = Deserializer::from_str(raw.get());
                self.data(ty).deserialize(&mut json).map_err(|error| {
                    let reason = self.fault.take(&error);
                    self.fault.fail(reason)
                })?
            }
            (None, Some(ty)) => self.data(ty).nothing().map_err(|reason| self.fault.fail(reason))?,
        };
        if matches!(&kind, Kind::Merge { from } if *from == subject) {
            return Err(self.fault.fail(Rejection::MergedWithItself));
        }
        Ok(Event { id, subject, time, kind, unknown_fields })
    }
}

fn name(text: &str) -> Result<SmolStr, Malformed> {
    check_id(text).map(|()| SmolStr::new(text))
}

/// Reads what can still be read of a refused line, up to where it breaks.
pub(super) fn rescue(line: &[u8], reason: Rejection) -> Rejected {
    let mut rejected = Rejected { id: None, subject: None, time: None, reason };
    let valid = match std::str::from_utf8(line) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&line[..error.valid_up_to()]).unwrap_or_default(),
    };
    // Whatever ends the reading has been reported.
    let _ = Deserializer::from_str(valid.strip_prefix('\u{feff}').unwrap_or(valid))
        .deserialize_map(RescueVisitor(&mut rejected));
    rejected
}

struct RescueVisitor<'r>(&'r mut Rejected);

impl<'de> Visitor<'de> for RescueVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(key) = object.next_key_seed(KeyReader(Key::of))? {
            let text = match object.next_value_seed(AnyScalar)? {
                Scalar::Text(text) => text,
                _ => continue,
            };
            match key {
                Key::Id => self.0.id = self.0.id.take().or_else(|| name(&text).ok()),
                Key::Subject => self.0.subject = self.0.subject.take().or_else(|| name(&text).ok()),
                Key::Time => self.0.time = self.0.time.take().or_else(|| forms::instant(&text).ok()),
                _ => {}
            }
        }
        Ok(())
    }
}
