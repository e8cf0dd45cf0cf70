//! Reads the lines that nearly all senders write, in one pass that the schema drives.
//!
//! It knows less than the readers in [`envelope`](super::envelope) and [`profile`](super::profile): no escapes in
//! texts, no data before the type, no objects within the data. Whatever it doesn't know, or finds wrong, it leaves
//! alone, and the others read the line from its beginning. So it never judges a line, and what it returns is what the
//! others would have (`tests/fuzz.rs` holds them together).

mod cursor;
mod values;

pub(super) use cursor::Quoted;

use super::data::DataReader;
use super::envelope::Key;
use super::profile::{consent, is_complete, nearly};
use super::scalar::Fault;
use super::schema::Schema;
use super::value::check_id;
use super::{Event, Fields, Kind, ProfileLine, forms};
use cursor::Scanner;
use smol_str::SmolStr;

/// Where the keys of CloudEvents stand in their usual order.
const FIRST: u32 = 0;

/// The key that mostly comes next, behind so many others.
#[inline]
fn usual(scanner: &mut Scanner<'_>, next: u32) -> Option<Key> {
    match next {
        FIRST => scanner.has(b"\"id\":").then_some(Key::Id),
        1 => scanner.has(b"\"type\":").then_some(Key::Type),
        2 => scanner.has(b"\"subject\":").then_some(Key::Subject),
        3 => scanner.has(b"\"time\":").then_some(Key::Time),
        4 => scanner.has(b"\"data\":").then_some(Key::Data),
        _ => None,
    }
}

/// What mostly comes behind a key; behind others what would have come there.
fn behind(key: Key, next: u32) -> u32 {
    match key {
        Key::Id => 1,
        Key::Type => 2,
        Key::Subject => 3,
        Key::Time => 4,
        Key::Data => 5,
        Key::Specversion | Key::Source | Key::Other => next,
    }
}

impl Schema {
    /// Reads one event, where it is written as usual.
    pub(super) fn scan(&self, line: &[u8], mut room: Fields) -> Option<Event> {
        let mut scanner = Scanner::new(std::str::from_utf8(line).ok()?);
        let (mut id, mut ty, mut subject, mut time, mut data) = (None, None, None, None, None);
        let (mut version, mut source) = (false, false);
        let mut next = FIRST;
        scanner.object(|scanner| {
            let key = match usual(scanner, next) {
                Some(key) => key,
                None => Key::of(scanner.key()?),
            };
            next = behind(key, next);
            match key {
                Key::Id => once(&mut id, name(scanner.text()?)?),
                Key::Subject => once(&mut subject, name(scanner.text()?)?),
                Key::Time => once(&mut time, forms::instant(scanner.text()?).ok()?),
                Key::Type => {
                    let name = scanner.text().filter(|name| !name.is_empty())?;
                    once(&mut ty, self.event_type(name))
                }
                Key::Data => {
                    let read = match ty? {
                        Some(ty) => {
                            let fault = Fault::default();
                            scanner.data(&DataReader { schema: self, fault: &fault, ty }, &mut room)?
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

    /// Reads one profile, where it is written as usual; else nothing can be said of the room.
    pub(super) fn scan_profile(&self, line: &[u8], room: &mut ProfileLine) -> Option<()> {
        let mut scanner = Scanner::new(std::str::from_utf8(line).ok()?);
        let fault = Fault::default();
        let ProfileLine { subject, attributes, consents, unknown_attributes, unknown_in_consents } = room;
        attributes.clear(&self.blank);
        consents.clear();
        *unknown_attributes = 0;
        unknown_in_consents.clear();
        let (mut named, mut has_attributes, mut has_consents, mut others) = (None, None, None, false);
        scanner.object(|scanner| match scanner.key()? {
            "subject" => once(&mut named, name(scanner.text()?)?),
            "attributes" => {
                once(&mut has_attributes, ())?;
                *unknown_attributes =
                    scanner.attributes(self, &fault, |at, value| attributes.give(at, value))?;
                Some(())
            }
            "consents" => {
                once(&mut has_consents, ())?;
                scanner.list(|scanner| {
                    consents.push(consent(scanner.consent(self, &fault)?));
                    is_complete(consents.last()?).then_some(())
                })
            }
            other => {
                if nearly(other).is_some() {
                    return None;
                }
                others = true;
                scanner.skip(0)
            }
        })?;
        scanner.end()?;
        if others && has_attributes.is_none() {
            return None;
        }
        *subject = named?;
        Some(())
    }
}

/// Puts a value where none is yet.
#[inline]
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

#[inline]
fn name(text: &str) -> Option<SmolStr> {
    check_id(text).ok().map(|()| SmolStr::new(text))
}
