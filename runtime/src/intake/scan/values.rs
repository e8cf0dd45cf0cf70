//! What stands in the data of an event, and in the attributes and consents of a profile.

use super::cursor::Scanner;
use crate::intake::data::{DataReader, Record, RecordReader, Seen, unknown_fields};
use crate::intake::profile::Part;
use crate::intake::scalar::Fault;
use crate::intake::schema::{FieldForm, Form, Order, RecordForm, Schema};
use crate::intake::value::{Place, Read, ValueReader};
use crate::intake::words::Word;
use crate::intake::{Changes, Fields, Kind};
use comity_compiler::ids::AttributeId;
use comity_compiler::value::Value;
use std::cell::Cell;

impl<'l> Scanner<'l> {
    /// The data of an event.
    #[inline]
    pub(super) fn data(&mut self, reader: &DataReader<'_>, room: &mut Fields) -> Option<(Kind, u32)> {
        match reader.record() {
            Some(record) => {
                let record = self.record(&record, room)?;
                reader.kind(record).ok()
            }
            None => {
                reader.attributes()?;
                let (mut changes, mut seen) = (Changes::new(), Seen::default());
                let unknown = self.attributes(reader.schema, reader.fault, |at, value| {
                    changes.push((AttributeId::at(at), value));
                    (!seen.mark(at)).then_some(())
                })?;
                Some((Kind::Identify(changes), unknown))
            }
        }
    }

    /// An entry of a profile's consents.
    pub(super) fn consent(&mut self, schema: &Schema, fault: &Fault) -> Option<Record> {
        // It leaves lines with other keys alone.
        let reader = RecordReader { schema, fault, record: &schema.builtin.consent, strangers: None };
        self.record(&reader, &mut Fields::default())
    }

    /// An object of known fields.
    fn record(&mut self, reader: &RecordReader<'_>, room: &mut Fields) -> Option<Record> {
        let RecordForm { fields: form, order, .. } = reader.record;
        let mut fields = std::mem::take(room);
        if fields.len() == form.len() {
            fields.fill(None);
        } else {
            fields = unknown_fields(form.len());
        }
        let (mut seen, mut unknown, mut last) = (Seen::default(), 0_u32, None);
        self.object(|scanner| {
            let find = |key: &str| form.iter().position(|field| *field.name == *key);
            let Some(at) = scanner.known_key(form, order, last, find)? else {
                if !reader.record.guarded.is_empty() {
                    // It may be misspelt.
                    return None;
                }
                unknown = unknown.saturating_add(1);
                return scanner.skip(0);
            };
            last = Some(at);
            if seen.mark(at) {
                return None;
            }
            let field = &form[at];
            if let Some(cell) = scanner.cell(reader.schema, &field.form) {
                if field.keep {
                    fields[at] = Some(Value::Cell(cell));
                }
                return Some(());
            }
            match scanner.value(reader.schema, reader.fault, field, field.keep)? {
                Read::Value(value) => fields[at] = Some(value),
                Read::Checked => {}
                Read::Null if field.optional => {}
                Read::Null => return None,
            }
            Some(())
        })?;
        reader.finish(fields, &seen, unknown).ok()
    }

    /// Attributes; what is done with each gets its position. Gives how many of them the policy doesn't know.
    #[inline]
    pub(super) fn attributes(
        &mut self,
        schema: &Schema,
        fault: &Fault,
        mut give: impl FnMut(usize, Option<Value>) -> Option<()>,
    ) -> Option<u32> {
        let (form, order) = (&schema.attributes[..], &schema.attribute_order);
        let (mut unknown, mut last) = (0_u32, None);
        self.object(|scanner| {
            let part = Cell::new(false);
            let find = |key: &str| {
                let at = schema.attribute(key);
                part.set(at.is_none() && Part::of(key).is_some());
                at.map(|at| at as usize)
            };
            let Some(at) = scanner.known_key(form, order, last, find)? else {
                if part.get() {
                    // It may be what a customer has agreed to, which isn't an attribute.
                    return None;
                }
                unknown = unknown.saturating_add(1);
                return scanner.skip(0);
            };
            last = Some(at);
            let field = &form[at];
            if let Some(cell) = scanner.cell(schema, &field.form) {
                return give(at, Some(Value::Cell(cell)));
            }
            match scanner.value(schema, fault, field, true)? {
                Read::Value(value) => give(at, Some(value)),
                Read::Checked | Read::Null => give(at, None),
            }
        })?;
        Some(unknown)
    }

    /// The next key, as the position of its field; `None` inside where it is unknown. `last` is the field before it.
    #[inline]
    fn known_key(
        &mut self,
        form: &[FieldForm],
        order: &Order,
        last: Option<usize>,
        find: impl Fn(&str) -> Option<usize>,
    ) -> Option<Option<usize>> {
        let guess = order.behind(last);
        if form.get(guess).is_some_and(|field| self.has_key(&field.quoted)) {
            return Some(Some(guess));
        }
        let at = find(self.key()?);
        if let Some(at) = at {
            order.comes(at, last);
        }
        Some(at)
    }

    /// The cell of a value of the types that most fields have, as nearly all senders write it. Where it is something else
    /// nothing has been read, and [`Scanner::value`] looks closer.
    #[inline(always)] // Twice, for which it is written: the call takes as long as what it does.
    fn cell(&mut self, schema: &Schema, form: &Form) -> Option<u64> {
        match form {
            Form::Name(names) => self.named(|name| schema.names(*names).position(name)),
            Form::Country => self.named(|code| schema.country(code)),
            Form::Language => self.named(|tag| schema.language(tag)),
            Form::Int => Some(self.digits()?.cast_unsigned()),
            Form::Number => Some(self.double()?.to_bits()),
            Form::Bool if self.has(b"true") => Some(1),
            Form::Bool if self.has(b"false") => Some(0),
            _ => None,
        }
    }

    /// A short text that names something; where it doesn't, nothing has been read.
    #[inline]
    fn named(&mut self, find: impl FnOnce(Word) -> Option<u32>) -> Option<u64> {
        let before = self.place();
        let found = self.word().and_then(find);
        if found.is_none() {
            self.go_back(before);
        }
        found.map(u64::from)
    }

    /// A value of a declared type.
    fn value(&mut self, schema: &Schema, fault: &Fault, field: &FieldForm, keep: bool) -> Option<Read> {
        if field.form == Form::Text && self.next()? == b'"' {
            let text = self.text()?;
            return Some(if keep { Read::Value(schema.text(text)) } else { Read::Checked });
        }
        let place = Place { key: &field.name, owner: None, personal: true };
        let reader = ValueReader { schema, fault, form: &field.form, keep, place };
        match (self.next()?, &field.form) {
            (b'"', _) => reader.plain_text(self.text()?),
            (b'[', Form::Set(member)) => {
                let member = ValueReader { form: member, ..reader };
                let mut members: Vec<Value> = Vec::new();
                self.list(|scanner| match member.scalar(&scanner.scalar()?).ok()? {
                    Read::Value(value) => {
                        members.push(value);
                        Some(())
                    }
                    Read::Checked => Some(()),
                    Read::Null => None,
                })?;
                Some(if keep { Read::set(members) } else { Read::Checked })
            }
            _ => reader.scalar(&self.scalar()?).ok(),
        }
    }
}
