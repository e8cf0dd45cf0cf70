//! Reads the lines that nearly all senders write, in one pass that the schema drives.
//!
//! It knows less than the reader in [`envelope`](super::envelope): no escapes in texts, no data before the type, no
//! objects within the data. Whatever it doesn't know, or finds wrong, it leaves alone, and the other reads the
//! line from its beginning. So it never judges an event, and what it returns is what the other would have
//! (`tests/fuzz.rs` holds the two together).

use super::data::{AttributesReader, DataReader, Record, RecordReader, Seen, unknown_fields};
use super::envelope::Key;
use super::scalar::{Fault, Scalar};
use super::schema::{FieldForm, Form, Schema};
use super::value::{Place, Read, ValueReader, check_id};
use super::{Attributes, Event, Kind, forms};
use comity_compiler::ids::AttributeId;
use comity_compiler::value::Value;
use smol_str::SmolStr;
use std::borrow::Cow;

/// Objects and lists that the policy doesn't know are skipped to this depth.
const DEEPEST: u32 = 32;

/// The keys of CloudEvents as they mostly come, with quotes and colon.
const USUAL: [(&str, Key); 5] = [
    ("\"id\":", Key::Id),
    ("\"type\":", Key::Type),
    ("\"subject\":", Key::Subject),
    ("\"time\":", Key::Time),
    ("\"data\":", Key::Data),
];

impl Schema {
    /// Reads one event, where it is written as usual.
    pub(super) fn scan(&self, line: &[u8]) -> Option<Event> {
        let mut scanner = Scanner { text: std::str::from_utf8(line).ok()?, at: 0 };
        let (mut id, mut ty, mut subject, mut time, mut data) = (None, None, None, None, None);
        let (mut version, mut source) = (false, false);
        let mut usual = 0;
        scanner.object(|scanner| {
            let key = match USUAL.get(usual) {
                Some((quoted, key)) if scanner.has(quoted) => *key,
                _ => Key::of(scanner.key()?),
            };
            usual = USUAL.iter().position(|(_, one)| *one == key).map_or(usual, |at| at + 1);
            match key {
                Key::Id => once(&mut id, name(scanner.text()?)?),
                Key::Subject => once(&mut subject, name(scanner.text()?)?),
                Key::Time => once(&mut time, forms::instant(scanner.text()?).ok()?),
                Key::Type => {
                    let name = scanner.text().filter(|name| !name.is_empty())?;
                    once(&mut ty, self.types.get(name).copied())
                }
                Key::Data => {
                    let read = match ty? {
                        Some(ty) => {
                            let fault = Fault::default();
                            scanner.data(&DataReader { schema: self, fault: &fault, ty })?
                        }
                        None => {
                            scanner.skip(0)?;
                            (Kind::Unknown, 0)
                        }
                    };
                    once(&mut data, read)
                }
                Key::Specversion if !version && scanner.text()? == "1.0" => {
                    version = true;
                    Some(())
                }
                Key::Source if !source => {
                    source = true;
                    scanner.text().map(|_| ())
                }
                Key::Specversion | Key::Source => None,
                Key::Other => scanner.skip(0),
            }
        })?;
        scanner.end()?;
        let (kind, unknown_fields) = data?;
        let subject: SmolStr = subject?;
        if matches!(&kind, Kind::Merge { from } if *from == subject) {
            return None;
        }
        Some(Event { id: id?, subject, time: time?, kind, unknown_fields })
    }
}

/// Puts a value where none is yet.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

fn name(text: &str) -> Option<SmolStr> {
    check_id(text).ok().map(|()| SmolStr::new(text))
}

/// Goes over a line; `None` is whatever it doesn't understand.
struct Scanner<'l> {
    text: &'l str,
    at: usize,
}

impl<'l> Scanner<'l> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The next character that isn't space must be this one.
    fn expect(&mut self, byte: u8) -> Option<()> {
        self.skip_space();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Whether the next character that isn't space is this one; if so, it is behind us.
    fn takes(&mut self, byte: u8) -> bool {
        self.expect(byte).is_some()
    }

    fn end(&mut self) -> Option<()> {
        self.skip_space();
        self.peek().is_none().then_some(())
    }

    /// A text without escapes.
    fn text(&mut self) -> Option<&'l str> {
        self.expect(b'"')?;
        let rest = self.text.as_bytes().get(self.at..)?;
        let length = plain(rest);
        if *rest.get(length)? != b'"' {
            return None;
        }
        let text = self.text.get(self.at..self.at + length)?;
        self.at += length + 1;
        Some(text)
    }

    /// Whether exactly this comes next; if so, it is behind us.
    fn has(&mut self, text: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let has = rest.starts_with(text.as_bytes());
        self.at += if has { text.len() } else { 0 };
        has
    }

    fn key(&mut self) -> Option<&'l str> {
        let key = self.text()?;
        self.expect(b':')?;
        Some(key)
    }

    /// An object; what is done with each member reads its key and its value.
    fn object(&mut self, mut member: impl FnMut(&mut Scanner<'l>) -> Option<()>) -> Option<()> {
        self.expect(b'{')?;
        if self.takes(b'}') {
            return Some(());
        }
        loop {
            member(self)?;
            if !self.takes(b',') {
                return self.expect(b'}');
            }
        }
    }

    /// A list; what is done with each member reads it.
    fn list(&mut self, mut member: impl FnMut(&mut Scanner<'l>) -> Option<()>) -> Option<()> {
        self.expect(b'[')?;
        if self.takes(b']') {
            return Some(());
        }
        loop {
            member(self)?;
            if !self.takes(b',') {
                return self.expect(b']');
            }
        }
    }

    fn scalar(&mut self) -> Option<Scalar<'l>> {
        self.skip_space();
        match self.peek()? {
            b'"' => Some(Scalar::Text(Cow::Borrowed(self.text()?))),
            b't' => self.word("true", Scalar::Bool(true)),
            b'f' => self.word("false", Scalar::Bool(false)),
            b'n' => self.word("null", Scalar::Null),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str, scalar: Scalar<'l>) -> Option<Scalar<'l>> {
        let rest = self.text.as_bytes().get(self.at..)?;
        rest.starts_with(word.as_bytes()).then(|| self.at += word.len())?;
        Some(scalar)
    }

    /// An integer of up to 18 digits is read here; everything else that can stand in a number is given to the library.
    fn number(&mut self) -> Option<Scalar<'l>> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let is_part = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.iter().take_while(is_part).count();
        let token = self.text.get(self.at..self.at + length)?;
        self.at += length;
        let digits = token.strip_prefix('-').unwrap_or(token).as_bytes();
        let is_short = matches!(digits, [b'1'..=b'9', ..] if digits.len() <= 18) || token == "0";
        if !is_short || !digits.iter().all(u8::is_ascii_digit) {
            let number: serde_json::Number = serde_json::from_str(token).ok()?;
            let whole = || number.as_i64().map(Scalar::Int).or_else(|| number.as_u64().map(Scalar::Large));
            return whole().or_else(|| number.as_f64().map(Scalar::Float));
        }
        let magnitude = digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
        Some(Scalar::Int(if digits.len() < token.len() { -magnitude } else { magnitude }))
    }

    /// Anything that the policy doesn't know.
    fn skip(&mut self, depth: u32) -> Option<()> {
        self.skip_space();
        match self.peek()? {
            b'{' | b'[' if depth == DEEPEST => None,
            b'{' => self.object(|scanner| {
                scanner.key()?;
                scanner.skip(depth + 1)
            }),
            b'[' => self.list(|scanner| scanner.skip(depth + 1)),
            _ => self.scalar().map(|_| ()),
        }
    }

    fn data(&mut self, reader: &DataReader<'_>) -> Option<(Kind, u32)> {
        match reader.record() {
            Some(record) => {
                let record = self.record(&record)?;
                reader.kind(record).ok()
            }
            None => {
                let attributes = reader.attributes()?;
                let (attributes, unknown) = self.attributes(&attributes)?;
                Some((Kind::Identify(attributes), unknown))
            }
        }
    }

    /// The fields of an event.
    fn record(&mut self, reader: &RecordReader<'_>) -> Option<Record> {
        let form = &reader.record.fields;
        let mut fields = unknown_fields(form.len());
        let (mut seen, mut unknown, mut next) = (Seen::default(), 0_u32, 0);
        self.object(|scanner| {
            // Most senders write the keys always in one order, mostly the policy's.
            let at = if form.get(next).is_some_and(|field| scanner.has(&field.quoted)) {
                next
            } else {
                let key = scanner.key()?;
                let Some(at) = form.iter().position(|field| *field.name == *key) else {
                    unknown = unknown.saturating_add(1);
                    return scanner.skip(0);
                };
                at
            };
            next = at + 1;
            if seen.mark(at) {
                return None;
            }
            let field = &form[at];
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

    fn attributes(&mut self, reader: &AttributesReader<'_>) -> Option<(Attributes, u32)> {
        let (mut attributes, mut seen, mut unknown) = (Vec::new(), Seen::default(), 0_u32);
        self.object(|scanner| {
            let key = scanner.key()?;
            let Some(id) = reader.schema.attribute_ids.get(key).copied() else {
                unknown = unknown.saturating_add(1);
                return scanner.skip(0);
            };
            if seen.mark(id as usize) {
                return None;
            }
            let field = &reader.schema.attributes[id as usize];
            let value = match scanner.value(reader.schema, reader.fault, field, true)? {
                Read::Value(value) => Some(value),
                Read::Checked | Read::Null => None,
            };
            attributes.push((AttributeId(id), value));
            Some(())
        })?;
        Some((attributes, unknown))
    }

    /// A value of a declared type.
    fn value(&mut self, schema: &Schema, fault: &Fault, field: &FieldForm, keep: bool) -> Option<Read> {
        let place = Place { key: &field.name, owner: None, personal: true };
        let reader = ValueReader { schema, fault, form: &field.form, keep, place };
        self.skip_space();
        match (self.peek()?, &field.form) {
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

/// How many bytes come before the first that ends a text or can't stand in one as it is.
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // The highest bit of each byte of the result is set where that of the word is 0; above such a byte it can be
    // set wrongly, which doesn't matter to who looks for the first. (S. E. Anderson, Bit Twiddling Hacks)
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5c)) | control;
        let found = found & (ONES * 0x80);
        if found != 0 {
            return at * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let ends = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
    words.len() * 8 + rest.iter().position(ends).unwrap_or(rest.len())
}
