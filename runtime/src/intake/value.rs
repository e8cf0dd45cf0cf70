//! Reads one JSON value as a value of a declared type, without an intermediate tree.

use super::MAX_ID;
use super::forms::{self, Malformed};
use super::rejection::{Rejection, did_you_mean, quoted};
use super::scalar::{AnyScalar, Fault, Scalar};
use super::schema::{Form, Schema};
use comity_compiler::types::Currency;
use comity_compiler::value::Value;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// What a value is read for.
#[derive(Clone, Copy)]
pub(super) struct ValueReader<'s> {
    pub(super) schema: &'s Schema,
    pub(super) fault: &'s Fault,
    /// The type.
    pub(super) form: &'s Form,
    /// Whether anything reads it: if not, it is only checked.
    pub(super) keep: bool,
    /// For messages.
    pub(super) place: Place<'s>,
}

/// Where a value stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'s> {
    pub(super) key: &'s str,
    /// The event's name, or whatever else the key belongs to.
    pub(super) owner: Option<&'s str>,
    /// What is found there must not be shown.
    pub(super) personal: bool,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.owner {
            None => write!(f, "`{}`", self.key),
            Some(owner) => write!(f, "`{}` of {owner}", self.key),
        }
    }
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Read {
    Null,
    /// Of the right type, and not needed.
    Checked,
    Value(Value),
}

impl Read {
    /// Each member once, in one order.
    pub(super) fn set(mut members: Vec<Value>) -> Read {
        members.sort_unstable();
        members.dedup();
        Read::Value(Value::Set(members.into()))
    }
}

impl From<i64> for Read {
    fn from(value: i64) -> Read {
        Read::Value(Value::Cell(value.cast_unsigned()))
    }
}

impl From<f64> for Read {
    fn from(value: f64) -> Read {
        // Minus zero and zero are one value.
        Read::Value(Value::Cell((value + 0.0).to_bits()))
    }
}

impl<'s> ValueReader<'s> {
    /// What reads the members of a set.
    pub(super) fn member(self) -> ValueReader<'s> {
        match self.form {
            Form::Set(member) => ValueReader { form: member, ..self },
            _ => self,
        }
    }

    pub(super) fn wrong(&self, found: &Scalar<'_>, hint: Option<String>) -> Rejection {
        let found = if self.place.personal { found.kind().to_owned() } else { found.describe() };
        let hint = if self.place.personal { None } else { hint };
        Rejection::Wrong {
            place: self.place.to_string(),
            expected: self.form.expected(self.schema),
            found,
            hint,
        }
    }

    /// The reason why a required value is refused that isn't there.
    pub(super) fn missing(&self) -> Rejection {
        Rejection::Missing { place: self.place.to_string(), expected: self.form.expected(self.schema) }
    }

    /// What a scalar says, where it is of the type.
    pub(super) fn scalar(&self, scalar: &Scalar<'_>) -> Result<Read, Rejection> {
        let plain = || self.wrong(scalar, None);
        let large = || self.wrong(scalar, Some("it is too large".to_owned()));
        match (self.form, scalar) {
            (_, Scalar::Null) => Ok(Read::Null),
            (Form::Bool, Scalar::Bool(value)) => Ok(i64::from(*value).into()),
            (Form::Int, Scalar::Int(value)) => Ok((*value).into()),
            (Form::Int, Scalar::Large(_)) => Err(large()),
            (Form::Int, Scalar::Float(value)) if value.fract() == 0.0 => {
                whole(*value).map(Into::into).ok_or_else(large)
            }
            (Form::Number | Form::Percent, Scalar::Int(value)) => Ok((*value as f64).into()),
            (Form::Number | Form::Percent, Scalar::Large(value)) => Ok((*value as f64).into()),
            (Form::Number | Form::Percent, Scalar::Float(value)) if value.is_finite() => Ok((*value).into()),
            (Form::Money { .. }, Scalar::Int(_) | Scalar::Float(_)) => {
                Err(self.wrong(scalar, Some("the currency is missing".to_owned())))
            }
            (form, Scalar::Text(text)) => self.text(form, text).map_err(|malformed| match malformed {
                Problem::Malformed(Malformed(hint)) => self.wrong(scalar, hint.map(str::to_owned)),
                Problem::Unknown(hint) => self.wrong(scalar, hint),
            }),
            _ => Err(plain()),
        }
    }

    /// What a text says, where it is of the type.
    pub(super) fn plain_text(&self, text: &str) -> Option<Read> {
        self.text(self.form, text).ok()
    }

    fn text(&self, form: &Form, text: &str) -> Result<Read, Problem> {
        let mut tag = Cow::Borrowed(text);
        match form {
            Form::Percent => return Ok(forms::percent(text)?.into()),
            Form::Money { currency, decimals } => {
                return Ok(forms::money(text, currency, *decimals, false)?.into());
            }
            Form::Duration => return Ok(forms::duration(text)?.into()),
            Form::Time => return Ok(forms::time(text)?.into()),
            Form::Date => return Ok(forms::date(text)?.into()),
            Form::Instant => return Ok(forms::instant(text)?.into()),
            Form::Name(names) => {
                let names = self.schema.names(*names);
                return match names.find(text) {
                    Some(position) => Ok(i64::from(position).into()),
                    None => Err(Problem::Unknown(names.hint(text))),
                };
            }
            Form::Id => {
                check_id(text).map_err(Problem::Malformed)?;
                return Ok(Read::Value(Value::Text(text.into())));
            }
            Form::Text => {}
            Form::Country => forms::country(text)?,
            Form::Language => tag = forms::language(text)?,
            Form::Timezone => {
                if !self.schema.is_zone(text) {
                    return Err(Problem::Unknown(did_you_mean(text, self.schema.zones())));
                }
            }
            Form::Email => forms::email(text)?,
            Form::Phone => forms::phone(text)?,
            Form::Url => forms::url(text)?,
            Form::Bool | Form::Int | Form::Number | Form::Set(_) => return Err(Malformed(None).into()),
        }
        if self.keep { Ok(Read::Value(self.schema.text(&tag))) } else { Ok(Read::Checked) }
    }
}

/// A double without a fraction as a whole number: `61.0`, as tools write the numbers of a column that has gaps. From
/// 2^53 on a double stands for several whole numbers, and nobody knows which was meant.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = (1_i64 << 53) as f64;
    (value.abs() < EXACT).then_some(value as i64)
}

/// Ids are texts of 1 to 1024 bytes.
#[inline]
pub(super) fn check_id(text: &str) -> Result<(), Malformed> {
    match text.len() {
        0 => Err(Malformed(Some("it is empty"))),
        1..=MAX_ID => Ok(()),
        _ => Err(Malformed(Some("it is longer than 1024 bytes"))),
    }
}

enum Problem {
    Malformed(Malformed),
    /// A name that there isn't, and perhaps the one that was meant.
    Unknown(Option<String>),
}

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        Problem::Malformed(malformed)
    }
}

impl<'de> DeserializeSeed<'de> for ValueReader<'_> {
    type Value = Read;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read, D::Error> {
        match self.form {
            Form::Set(_) | Form::Money { .. } => deserializer.deserialize_any(self),
            _ => {
                let scalar = AnyScalar.deserialize(deserializer)?;
                self.scalar(&scalar).map_err(|reason| self.fault.fail(reason))
            }
        }
    }
}

/// Only for the types that can be lists or objects.
impl<'de> Visitor<'de> for ValueReader<'_> {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Read, E> {
        Ok(Read::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Read, E> {
        self.scalar(&Scalar::Bool(value)).map_err(|reason| self.fault.fail(reason))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Read, E> {
        self.scalar(&Scalar::Int(value)).map_err(|reason| self.fault.fail(reason))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Read, E> {
        let scalar = i64::try_from(value).map_or(Scalar::Large(value), Scalar::Int);
        self.scalar(&scalar).map_err(|reason| self.fault.fail(reason))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Read, E> {
        self.scalar(&Scalar::Float(value)).map_err(|reason| self.fault.fail(reason))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Read, E> {
        self.scalar(&Scalar::Text(Cow::Borrowed(text))).map_err(|reason| self.fault.fail(reason))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Read, A::Error> {
        let Form::Set(member) = self.form else {
            return Err(self.fault.fail(self.wrong(&Scalar::List, None)));
        };
        let member = ValueReader { form: member, ..self };
        let mut members = Vec::new();
        while let Some(read) = list.next_element_seed(member)? {
            match read {
                Read::Value(value) => members.push(value),
                Read::Checked => {}
                Read::Null => return Err(self.fault.fail(member.wrong(&Scalar::Null, None))),
            }
        }
        if !self.keep {
            return Ok(Read::Checked);
        }
        Ok(Read::set(members))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Read, A::Error> {
        match self.form {
            Form::Money { currency, decimals } => self.money(object, currency, *decimals),
            _ => Err(self.fault.fail(self.wrong(&Scalar::Object, None))),
        }
    }
}

impl ValueReader<'_> {
    /// `{"amount":"80.00","currency":"EUR"}`
    fn money<'de, A: MapAccess<'de>>(
        &self,
        mut object: A,
        currency: &Currency,
        decimals: u32,
    ) -> Result<Read, A::Error> {
        let fail = |found: String, hint: Option<&str>| {
            let reason = Rejection::Wrong {
                place: self.place.to_string(),
                expected: self.form.expected(self.schema),
                found: if self.place.personal { "another object".to_owned() } else { found },
                hint: hint.map(str::to_owned),
            };
            self.fault.fail::<A::Error>(reason)
        };
        let (mut amount, mut named) = (None, false);
        while let Some(key) = object.next_key::<Cow<'de, str>>()? {
            match &*key {
                "amount" if amount.is_none() => {
                    let read = match object.next_value_seed(AnyScalar)? {
                        Scalar::Text(text) => forms::money(&text, currency, decimals, true),
                        Scalar::Int(units) => forms::money(&units.to_string(), currency, decimals, true),
                        Scalar::Float(_) => Err(Malformed(Some("write the amount as a text"))),
                        _ => Err(Malformed(None)),
                    };
                    match read {
                        Ok(cell) => amount = Some(cell),
                        Err(Malformed(hint)) => return Err(fail("another `amount`".to_owned(), hint)),
                    }
                }
                "currency" if !named => match object.next_value_seed(AnyScalar)? {
                    Scalar::Text(code) if code == currency.code() => named = true,
                    other => return Err(fail(format!("the currency {}", other.describe()), None)),
                },
                "amount" | "currency" => {
                    return Err(self.fault.fail(Rejection::Repeated { place: self.place.to_string() }));
                }
                _ => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        match (amount, named) {
            (Some(cell), true) => Ok(cell.into()),
            (None, _) => Err(fail("an object without `amount`".to_owned(), None)),
            (_, false) => Err(fail("an object without `currency`".to_owned(), None)),
        }
    }
}

/// Reads a text that must be there.
pub(super) struct TextReader<'s, F> {
    pub(super) fault: &'s Fault,
    pub(super) key: &'static str,
    pub(super) expected: &'static str,
    /// Takes what it needs from the text.
    pub(super) take: F,
}

impl<'de, T, F: FnOnce(&str) -> Result<T, Malformed>> DeserializeSeed<'de> for TextReader<'_, F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        let wrong = |found: String, hint: Option<&str>| {
            self.fault.fail(Rejection::Wrong {
                place: format!("`{}`", self.key),
                expected: self.expected.to_owned(),
                found,
                hint: hint.map(str::to_owned),
            })
        };
        match AnyScalar.deserialize(deserializer)? {
            Scalar::Text(text) => (self.take)(&text).map_err(|Malformed(hint)| wrong(quoted(&text), hint)),
            other => Err(wrong(other.describe(), None)),
        }
    }
}
