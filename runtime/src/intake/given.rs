//! Values that don't come as JSON: those of columns of a table. They mean what the same values mean in a profile's line.

use super::profile::{ConsentLine, ConsentsReader};
use super::rejection::Rejection;
use super::scalar::{Fault, Scalar};
use super::schema::Schema;
use super::value::{Place, Read, ValueReader, check_id};
use comity_compiler::ids::*;
use comity_compiler::value::Value;
use serde::de::DeserializeSeed as _;
use serde_json::Deserializer;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::cell::RefCell;

/// A value as it was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given<'t> {
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number beyond [`Given::Int`].
    Large(u64),
    /// Any number.
    Number(f64),
    /// A text, also one that stands for something else: money, a date, a member of an enum.
    Text(&'t str),
}

impl<'t> Given<'t> {
    fn scalar(self) -> Scalar<'t> {
        match self {
            Given::Bool(value) => Scalar::Bool(value),
            Given::Int(value) => Scalar::Int(value),
            Given::Large(value) => Scalar::Large(value),
            Given::Number(value) => Scalar::Float(value),
            Given::Text(text) => Scalar::Text(Cow::Borrowed(text)),
        }
    }
}

impl Schema {
    /// The attribute of this name.
    pub fn attribute_named(&self, name: &str) -> Option<AttributeId> {
        self.attribute(name).map(AttributeId)
    }

    /// What an attribute needs, in words: "a whole number".
    pub fn expected(&self, attribute: AttributeId) -> String {
        self.attributes[attribute.index()].form.expected(self)
    }

    /// A value of an attribute that is no set.
    ///
    /// # Errors
    /// Where it isn't what the attribute needs.
    pub fn given(&self, attribute: AttributeId, given: Given<'_>) -> Result<Value, Rejection> {
        let fault = Fault::default();
        let reader = self.reader(attribute, &fault);
        match reader.scalar(&given.scalar())? {
            Read::Value(value) => Ok(value),
            Read::Checked | Read::Null => Err(reader.missing()),
        }
    }

    /// A value of an attribute that is a set; `None` is a member of which nothing is known.
    ///
    /// # Errors
    /// Where a member isn't what the attribute needs.
    pub fn given_set<'t>(
        &self,
        attribute: AttributeId,
        members: impl Iterator<Item = Option<Given<'t>>>,
    ) -> Result<Value, Rejection> {
        let fault = Fault::default();
        let reader = self.reader(attribute, &fault).member();
        let mut values = Vec::new();
        for member in members {
            match reader.scalar(&member.map_or(Scalar::Null, Given::scalar))? {
                Read::Value(value) => values.push(value),
                Read::Checked | Read::Null => return Err(reader.wrong(&Scalar::Null, None)),
            }
        }
        values.sort_unstable();
        values.dedup();
        Ok(Value::Set(values.into()))
    }

    /// The consents of a customer, as the list that stands in a profile's line, and their keys that no consent has.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn consents(&self, json: &str) -> Result<(Vec<ConsentLine>, Vec<SmolStr>), Rejection> {
        let (fault, strangers) = (Fault::default(), RefCell::default());
        let mut json = Deserializer::from_str(json);
        let read = ConsentsReader { schema: self, fault: &fault, strangers: &strangers }
            .deserialize(&mut json)
            .and_then(|read| json.end().map(|()| read))
            .map_err(|error| fault.take(&error))?;
        Ok((read, strangers.into_inner()))
    }

    /// Whether a text can be a customer's id.
    ///
    /// # Errors
    /// Where it can't.
    pub fn check_subject(&self, text: &str) -> Result<(), Rejection> {
        check_id(text).map_err(|malformed| Rejection::Wrong {
            place: "`subject`".to_owned(),
            expected: "a text of 1 to 1024 bytes".to_owned(),
            found: if text.is_empty() { "\"\"".to_owned() } else { "a longer one".to_owned() },
            hint: malformed.0.map(str::to_owned),
        })
    }

    fn reader<'s>(&'s self, attribute: AttributeId, fault: &'s Fault) -> ValueReader<'s> {
        let field = &self.attributes[attribute.index()];
        let place = Place { key: &field.name, owner: Some("the profile"), personal: field.personal };
        ValueReader { schema: self, fault, form: &field.form, keep: true, place }
    }
}
