//! Any JSON value that is not looked into: scalars as they are, lists and objects only by their kind.

use super::rejection::{Rejection, quoted};
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'de> {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond `i64`.
    Large(u64),
    /// With a fraction or an exponent, or beyond `u64`.
    Float(f64),
    Text(Cow<'de, str>),
    List,
    Object,
}

impl Scalar<'_> {
    /// For messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Scalar::Null => "null".to_owned(),
            Scalar::Bool(value) => value.to_string(),
            Scalar::Int(value) => value.to_string(),
            Scalar::Large(value) => value.to_string(),
            Scalar::Float(value) => {
                let number = serde_json::Number::from_f64(*value);
                number.map_or_else(|| "a number that is not finite".to_owned(), |number| number.to_string())
            }
            Scalar::Text(text) => quoted(text),
            Scalar::List => "a list".to_owned(),
            Scalar::Object => "an object".to_owned(),
        }
    }

    /// For messages about what must not be shown.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Scalar::Null => "null",
            Scalar::Bool(_) => "true or false",
            Scalar::Int(_) | Scalar::Large(_) | Scalar::Float(_) => "a number",
            Scalar::Text(_) => "another text",
            Scalar::List => "a list",
            Scalar::Object => "an object",
        }
    }
}

/// Where a reader leaves the reason when it gives up: the errors of serde carry only a text.
#[derive(Default)]
pub(super) struct Fault(RefCell<Option<Rejection>>);

impl Fault {
    /// Remembers the reason; the error only ends the reading.
    pub(super) fn fail<E: de::Error>(&self, reason: Rejection) -> E {
        self.0.borrow_mut().get_or_insert(reason);
        E::custom("")
    }

    /// The reason for an error: the one that was left, or else the text is not JSON.
    pub(super) fn take(&self, error: &serde_json::Error) -> Rejection {
        self.0.borrow_mut().take().unwrap_or_else(|| Rejection::json(error))
    }
}

/// Reads any value.
pub(super) struct AnyScalar;

impl<'de> DeserializeSeed<'de> for AnyScalar {
    type Value = Scalar<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyScalar {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Scalar<'de>, E> {
        Ok(i64::try_from(value).map_or(Scalar::Large(value), Scalar::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Float(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Scalar<'de>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Object)
    }
}
