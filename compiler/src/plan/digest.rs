//! The version of a policy: a hash of what its plan says.
//!
//! Expressions, conditions, slots, windows and texts are numbered as they come. The hash is of what they are, not of their
//! numbers: each has a digest of its own, with those of what it is made of in the place of numbers, as in a Merkle tree
//! (Merkle, "A digital signature based on a conventional encryption function", 1987). So two plans that say the same
//! have the same version, and where one message has changed only its digest is made anew.

use super::{Node, Op, Plan};
use crate::engine::Need;
use crate::ids::*;
use serde::Serialize;
use serde::ser::{self, Impossible};
use sha2::{Digest, Sha256};
use std::fmt;

/// The digest of a part.
pub(crate) type Part = [u8; 32];

/// The digests of a plan's parts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Digests {
    /// By expression.
    exprs: Vec<Part>,
    /// By message.
    messages: Vec<Part>,
    /// Of all else.
    rest: Part,
}

impl Plan {
    /// The policy's version: SHA-256 of what the plan says, whichever way it is numbered.
    pub fn hash(&self) -> [u8; 32] {
        Digests::of(self).version()
    }
}

impl Digests {
    /// Of a whole plan.
    pub(crate) fn of(plan: &Plan) -> Digests {
        let mut digests = Digests::default();
        digests.extend(plan);
        digests.messages = plan.messages.iter().map(|message| digests.part(plan, &**message)).collect();
        let Plan {
            format,
            policy,
            texts: _,
            texts_in_order: _,
            regexes: _,
            enums,
            attributes,
            timezone,
            language,
            events,
            exprs: _,
            slots: _,
            atoms: _,
            streams: _,
            windows: _,
            segments,
            channels,
            placements,
            classes,
            purposes,
            tags,
            messages: _,
            caps,
            suppressions,
            picks,
            holdouts,
            experiments,
            journeys,
            stops,
            models,
        } = plan;
        let vocabulary = (format, policy, enums, attributes, timezone, language, events);
        let rules = (segments, channels, placements, classes, purposes, tags, caps, suppressions, picks);
        let rest = (holdouts, experiments, journeys, stops, models);
        // Texts and what is kept of the past follow from who asks for them.
        digests.rest = digests.part(plan, &(vocabulary, rules, rest));
        digests
    }

    /// The version.
    pub(crate) fn version(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.rest);
        hash.update(self.messages.as_flattened());
        hash.finalize().into()
    }

    /// Of some expressions only, with what they are made of.
    pub(crate) fn of_exprs(plan: &Plan, exprs: impl IntoIterator<Item = ExprId>) -> Digests {
        let mut digests = Digests { exprs: vec![[0; 32]; plan.exprs.len()], ..Digests::default() };
        for id in &Need::of(plan, exprs).nodes {
            digests.exprs[id.index()] = digests.of_node(plan, plan.expr(*id));
        }
        digests
    }

    /// Of an expression that the plan had when the digests were made.
    pub(crate) fn expr(&self, id: ExprId) -> Part {
        self.exprs[id.index()]
    }

    /// After some messages have changed.
    pub(crate) fn update(&mut self, plan: &Plan, messages: &[MessageId]) {
        for message in messages {
            self.messages[message.index()] = self.part(plan, &*plan.messages[message.index()]);
        }
    }

    /// With the expressions that are new. Operands come before what uses them, and the filters of windows before those
    /// who ask the windows.
    pub(crate) fn extend(&mut self, plan: &Plan) {
        self.exprs.reserve(plan.exprs.len() - self.exprs.len());
        for node in &plan.exprs[self.exprs.len()..] {
            self.exprs.push(self.of_node(plan, node));
        }
    }

    fn of_node(&self, plan: &Plan, node: &Node) -> Part {
        match &node.op {
            // Of the many that say the same, each asks for what a slot is.
            Op::Slot(slot) => self.part(plan, &("slot", slot)),
            Op::Constant(cell) if node.ty.is_text() => {
                self.part(plan, &("text", node.ty, TextId(*cell as u32)))
            }
            Op::In(a, cells) if plan.expr(*a).ty.is_text() => {
                let texts =
                    plan.in_order(plan.expr(*a).ty, cells).into_iter().map(|cell| TextId(cell as u32));
                self.part(plan, &("in texts", a, texts.collect::<Vec<_>>()))
            }
            _ => self.part(plan, node),
        }
    }

    fn part(&self, plan: &Plan, part: &impl Serialize) -> Part {
        let mut writer = Writer { plan, digests: self, bytes: Vec::with_capacity(256), reference: None };
        let written = part.serialize(&mut writer);
        debug_assert!(written.is_ok(), "nothing in a plan is of a kind that the writer refuses");
        Sha256::digest(&writer.bytes).into()
    }
}

/// A number that stands for something that has a digest.
#[derive(Clone, Copy)]
enum Reference {
    Expr,
    Atom,
    Slot,
    Window,
    Stream,
    Text,
    Regex,
}

/// Writes parts as bytes from which they could be read again: numbers in little-endian order, lengths before what is
/// that long, variants by their position.
struct Writer<'a> {
    plan: &'a Plan,
    digests: &'a Digests,
    bytes: Vec<u8>,
    /// What the next number is.
    reference: Option<Reference>,
}

impl Writer<'_> {
    fn length(&mut self, length: usize) {
        self.bytes.extend_from_slice(&(length as u64).to_le_bytes());
    }

    /// What a number stands for; a plan that isn't valid can have numbers that stand for nothing.
    fn refer(&mut self, reference: Reference, number: u32) -> Result<(), Refused> {
        let (plan, at) = (self.plan, number as usize);
        match reference {
            Reference::Expr => match self.digests.exprs.get(at) {
                Some(digest) => {
                    self.bytes.extend_from_slice(digest);
                    Ok(())
                }
                None => self.content(None::<ExprId>, number),
            },
            // When it can change follows from what it says.
            Reference::Atom => self.content(plan.atoms.get(at).map(|atom| atom.expr), number),
            Reference::Slot => self.content(plan.slots.get(at), number),
            Reference::Window => self.content(plan.windows.get(at), number),
            // What is kept of it, and how long, follows from who asks for it.
            Reference::Stream => {
                self.content(plan.streams.get(at).map(|stream| (stream.event, stream.filter)), number)
            }
            Reference::Text => self.content(plan.texts.get(at), number),
            Reference::Regex => self.content(plan.regexes.get(at), number),
        }
    }

    /// What stands there, or the number that stands for nothing.
    fn content(&mut self, part: Option<impl Serialize>, number: u32) -> Result<(), Refused> {
        match part {
            Some(part) => part.serialize(self),
            None => {
                self.bytes.extend_from_slice(&number.to_le_bytes());
                Ok(())
            }
        }
    }
}

/// What no plan holds.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no part of a plan")
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Refused {
        Refused
    }
}

type Written = Result<(), Refused>;

macro_rules! numbers {
    ($($name:ident: $ty:ty),*) => {$(
        fn $name(self, value: $ty) -> Written {
            self.bytes.extend_from_slice(&value.to_le_bytes());
            Ok(())
        }
    )*};
}

impl ser::Serializer for &mut Writer<'_> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Impossible<(), Refused>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_u8: u8,
        serialize_u16: u16, serialize_u64: u64, serialize_f32: f32, serialize_f64: f64
    }

    fn serialize_u32(self, value: u32) -> Written {
        if let Some(reference) = self.reference.take() {
            return self.refer(reference, value);
        }
        self.bytes.extend_from_slice(&value.to_le_bytes());
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Written {
        self.serialize_u8(value.into())
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_u32(value.into())
    }

    fn serialize_str(self, value: &str) -> Written {
        self.serialize_bytes(value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.length(value.len());
        self.bytes.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> Written {
        self.serialize_u8(0)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        self.bytes.push(1);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Written {
        self.serialize_u32(index)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Written {
        self.reference = match name {
            "ExprId" => Some(Reference::Expr),
            "AtomId" => Some(Reference::Atom),
            "SlotId" => Some(Reference::Slot),
            "WindowId" => Some(Reference::Window),
            "StreamId" => Some(Reference::Stream),
            "TextId" => Some(Reference::Text),
            "RegexId" => Some(Reference::Regex),
            _ => None,
        };
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Written {
        self.serialize_u32(index)?;
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self, Refused> {
        self.length(length.ok_or(Refused)?);
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Refused> {
        self.serialize_u32(index)?;
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Refused> {
        Err(Refused)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Refused> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Refused> {
        self.serialize_u32(index)?;
        Ok(self)
    }
}

macro_rules! compounds {
    ($($trait:ident: $method:ident($($key:ty)?)),* $(,)?) => {$(
        impl ser::$trait for &mut Writer<'_> {
            type Ok = ();
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(&mut self, $(_: $key,)? value: &T) -> Written {
                value.serialize(&mut **self)
            }

            fn end(self) -> Written {
                Ok(())
            }
        }
    )*};
}

compounds! {
    SerializeSeq: serialize_element(),
    SerializeTuple: serialize_element(),
    SerializeTupleStruct: serialize_field(),
    SerializeTupleVariant: serialize_field(),
    SerializeStruct: serialize_field(&'static str),
    SerializeStructVariant: serialize_field(&'static str),
}
