//! How the body is written. Small numbers take few bytes, and instants are told by their distance from the
//! customer's own: most are near.

use crate::policy::Policy;
use comity_compiler::plan::Plan;
use comity_compiler::types::Type;
use comity_compiler::value::Value;

/// Writes the body of a state.
///
/// | | |
/// | --- | --- |
/// | number | LEB128; with a sign: zigzag before |
/// | instant | 0 for the beginning of time, 1 for never, else the distance (µs) from the customer's `now` and 2 |
/// | text | its length and its bytes |
/// | id | the double of its length and its bytes; of a send's usual id: 1 and the sixteen bytes that it stands for |
/// | value | what its type leaves open: a double its bits, a text its place among those that rules ask for, or its bytes |
pub(crate) struct Writer<'p> {
    pub(crate) policy: &'p Policy,
    pub(crate) plan: &'p Plan,
    out: &'p mut Vec<u8>,
    now: i64,
}

impl<'p> Writer<'p> {
    pub(super) fn new(policy: &'p Policy, out: &'p mut Vec<u8>, now: i64) -> Writer<'p> {
        Writer { policy, plan: &policy.plan, out, now: if now == i64::MIN { 0 } else { now } }
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.out.push(byte);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    pub(crate) fn number(&mut self, number: u64) {
        varint(self.out, number);
    }

    pub(crate) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    pub(crate) fn signed(&mut self, number: i64) {
        self.number(zigzag(number));
    }

    /// A number that may be missing.
    pub(crate) fn optional(&mut self, number: Option<u32>) {
        self.number(number.map_or(0, |number| u64::from(number) + 1));
    }

    pub(crate) fn wide(&mut self, number: i128) {
        let mut rest = ((number << 1) ^ (number >> 127)) as u128;
        while rest >= 0x80 {
            self.out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.out.push(rest as u8);
    }

    /// µs
    pub(crate) fn instant(&mut self, instant: i64) {
        self.instant_near(instant, self.now);
    }

    /// The same where another instant is nearer than the customer's.
    pub(crate) fn instant_near(&mut self, instant: i64, near: i64) {
        match (instant, zigzag(instant.wrapping_sub(near))) {
            (i64::MIN, _) => self.number(0),
            (i64::MAX, _) => self.number(1),
            (_, distance @ ..super::read::FAR) => self.number(distance + 2),
            (_, distance) => {
                self.number(u64::MAX);
                self.number(distance - super::read::FAR);
            }
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    pub(crate) fn optional_text(&mut self, text: Option<&str>) {
        self.number(text.map_or(0, |text| text.len() as u64 + 1));
        self.bytes(text.unwrap_or_default().as_bytes());
    }

    pub(crate) fn id(&mut self, id: &str) {
        match send_id(id.as_bytes()) {
            Some(bytes) => {
                self.number(1);
                self.bytes(&bytes);
            }
            None => {
                self.number(2 * id.len() as u64);
                self.bytes(id.as_bytes());
            }
        }
    }

    pub(crate) fn value(&mut self, ty: Type, value: &Value) {
        match (ty, value) {
            (Type::Set(element), Value::Set(members)) => self.members(element.ty(), members.iter()),
            (ty, Value::Cell(text)) if ty.is_text() => match self.policy.texts.place(*text) {
                Some(place) => self.number(place.wrapping_mul(2) | 1),
                None => self.unplaced(super::texts::text(self.plan, *text)),
            },
            (_, Value::Text(text)) => self.unplaced(text),
            (ty, Value::Cell(cell)) => self.cell(ty, *cell),
            // No value of another type is a set.
            (_, Value::Set(_)) => self.number(0),
        }
    }

    fn unplaced(&mut self, text: &str) {
        self.number(2 * text.len() as u64);
        self.bytes(text.as_bytes());
    }

    /// Different values in an order that doesn't depend on the numbers of texts.
    pub(crate) fn members<'v>(&mut self, ty: Type, members: impl Iterator<Item = &'v Value>) {
        let mut members: Vec<&Value> = members.collect();
        self.count(members.len());
        let (plan, texts) = (self.plan, &self.policy.texts);
        members.sort_unstable_by_key(|member| texts.key(plan, ty, member));
        members.into_iter().for_each(|member| self.value(ty, member));
    }

    /// A value that is a cell, and no text.
    pub(crate) fn cell(&mut self, ty: Type, cell: u64) {
        match ty {
            Type::Number | Type::Percent => self.bytes(&cell.to_le_bytes()),
            Type::Int | Type::Money(_) | Type::Duration | Type::Time | Type::Date => self.signed(cell as i64),
            Type::Instant => self.instant(cell as i64),
            _ => self.number(cell),
        }
    }

    /// Which of some things are there.
    pub(crate) fn presence(&mut self, present: impl Iterator<Item = bool>) {
        let (mut byte, mut bits) = (0, 0);
        for present in present {
            byte |= u8::from(present) << bits;
            bits += 1;
            if bits == 8 {
                self.out.push(byte);
                (byte, bits) = (0, 0);
            }
        }
        if bits > 0 {
            self.out.push(byte);
        }
    }
}

/// LEB128.
pub(super) fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Numbers near 0 become small.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// What a send's id stands for ([`crate::record::effect_id`]).
fn send_id(id: &[u8]) -> Option<[u8; 16]> {
    let digits = id.strip_prefix(b"s_").filter(|digits| digits.len() == 32)?;
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 16];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}
