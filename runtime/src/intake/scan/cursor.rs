//! Goes over the JSON of a line. `None` is whatever it doesn't understand, or what is no JSON.

use crate::intake::scalar::Scalar;
use crate::intake::words::Word;
use std::borrow::Cow;

/// Objects and lists that the policy doesn't know are skipped to this depth.
const DEEPEST: u32 = 32;

/// A line, and how far it has been read.
pub(super) struct Scanner<'l> {
    text: &'l str,
    at: usize,
}

/// A key as it stands in a line, with quotes and colon, to be compared by words.
pub(in crate::intake) struct Quoted {
    text: Box<str>,
    begins: u128,
    mask: u128,
    /// Of a longer one that two words cover, the second.
    ends: Option<u128>,
}

impl Quoted {
    /// Of a name.
    pub(in crate::intake) fn new(name: &str) -> Quoted {
        let text: Box<str> = format!("\"{name}\":").into();
        let mut begins = [0; 16];
        let length = text.len().min(begins.len());
        begins[..length].copy_from_slice(&text.as_bytes()[..length]);
        let mask = u128::MAX >> (8 * (begins.len() - length));
        let two = text.len() > begins.len() && text.len() <= 2 * begins.len();
        let ends = text.as_bytes().last_chunk().filter(|_| two).map(|last| u128::from_le_bytes(*last));
        Quoted { text, begins: u128::from_le_bytes(begins), mask, ends }
    }

    #[inline]
    fn begins(&self, rest: &[u8]) -> bool {
        let length = self.text.len();
        match rest.first_chunk() {
            Some(first) if u128::from_le_bytes(*first) & self.mask != self.begins => false,
            Some(_) if length <= size_of::<u128>() => true,
            Some(_) if let Some(ends) = self.ends => {
                rest.get(..length).and_then(<[u8]>::last_chunk).map(|last| u128::from_le_bytes(*last))
                    == Some(ends)
            }
            _ => rest.starts_with(self.text.as_bytes()),
        }
    }
}

impl<'l> Scanner<'l> {
    pub(super) fn new(text: &'l str) -> Scanner<'l> {
        Scanner { text, at: 0 }
    }

    #[inline]
    fn rest(&self) -> &'l [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The next byte.
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that isn't space, which is not taken.
    #[inline]
    pub(super) fn next(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    /// The next byte that isn't space must be this one.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Option<()> {
        self.takes(byte).then_some(())
    }

    /// Whether the next byte that isn't space is this one; if so, it is behind us.
    #[inline]
    fn takes(&mut self, byte: u8) -> bool {
        let takes = self.peek() == Some(byte) || self.next() == Some(byte);
        self.at += usize::from(takes);
        takes
    }

    /// How far the line has been read.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// As if what lies behind a place had not been read.
    pub(super) fn go_back(&mut self, place: usize) {
        self.at = place;
    }

    /// Nothing may follow but space.
    pub(super) fn end(&mut self) -> Option<()> {
        self.next().is_none().then_some(())
    }

    /// A text without escapes.
    #[inline]
    pub(super) fn text(&mut self) -> Option<&'l str> {
        let from = self.at_text()?;
        let length = self.bytes()?.len();
        self.text.get(from..from + length)
    }

    /// The same as its bytes, where it comes next.
    #[inline]
    pub(super) fn bytes(&mut self) -> Option<&'l [u8]> {
        let rest = self.text.as_bytes().get(self.at + 1..)?;
        let length = plain(rest);
        let (text, rest) = rest.split_at_checked(length)?;
        if *rest.first()? != b'"' {
            return None;
        }
        self.at += length + 2;
        Some(text)
    }

    /// A short text without escapes, where it comes next; where something else does, nothing has been read.
    #[inline]
    pub(super) fn word(&mut self) -> Option<Word> {
        let (b'"', rest) = self.rest().split_first()? else { return None };
        let bytes = u128::from_le_bytes(*rest.first_chunk()?);
        // Most end in the first half.
        let length = ending(bytes as u64).or_else(|| Some(8 + ending((bytes >> 64) as u64)?))?;
        if rest.get(length as usize) != Some(&b'"') {
            return None;
        }
        self.at += length as usize + 2;
        Some(Word::within(bytes, length))
    }

    /// Where the text begins that comes next.
    #[inline]
    fn at_text(&mut self) -> Option<usize> {
        let is_next = self.peek() == Some(b'"') || self.next() == Some(b'"');
        is_next.then_some(self.at + 1)
    }

    /// Whether exactly this comes next; if so, it is behind us.
    #[inline]
    pub(super) fn has<const N: usize>(&mut self, text: &[u8; N]) -> bool {
        let has = self.rest().first_chunk() == Some(text);
        self.at += if has { N } else { 0 };
        has
    }

    /// The same of a key.
    #[inline]
    pub(super) fn has_key(&mut self, key: &Quoted) -> bool {
        let has = key.begins(self.rest());
        self.at += if has { key.text.len() } else { 0 };
        has
    }

    #[inline]
    pub(super) fn key(&mut self) -> Option<&'l str> {
        let key = self.text()?;
        self.expect(b':')?;
        Some(key)
    }

    /// An object; what is done with each member reads its key and its value.
    #[inline]
    pub(super) fn object(&mut self, mut member: impl FnMut(&mut Scanner<'l>) -> Option<()>) -> Option<()> {
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
    #[inline]
    pub(super) fn list(&mut self, mut member: impl FnMut(&mut Scanner<'l>) -> Option<()>) -> Option<()> {
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

    #[inline]
    pub(super) fn scalar(&mut self) -> Option<Scalar<'l>> {
        match self.next()? {
            b'"' => Some(Scalar::Text(Cow::Borrowed(self.text()?))),
            b't' => self.has(b"true").then_some(Scalar::Bool(true)),
            b'f' => self.has(b"false").then_some(Scalar::Bool(false)),
            b'n' => self.has(b"null").then_some(Scalar::Null),
            _ => self.number(),
        }
    }

    /// A whole number of few digits, if there is one.
    #[inline]
    pub(super) fn digits(&mut self) -> Option<i64> {
        let rest = self.rest();
        let sign = usize::from(rest.first() == Some(&b'-'));
        let (value, count) = whole(rest.get(sign..)?)?;
        let length = sign + count;
        if rest.get(length).is_some_and(|byte| is_of_number(*byte)) || (sign > 0 && value == 0) {
            return None;
        }
        self.at += length;
        Some(if sign > 0 { -value } else { value })
    }

    /// A number of few digits as a double, zero as the positive one, if there is one.
    #[inline]
    pub(super) fn double(&mut self) -> Option<f64> {
        let short = short(self.rest())?;
        self.at += short.length;
        Some(short.double())
    }

    /// Numbers of few digits are read here; all others are given to the library.
    #[inline]
    fn number(&mut self) -> Option<Scalar<'l>> {
        let Some(short) = short(self.rest()) else { return self.any_number() };
        self.at += short.length;
        Some(if short.decimals == 0 { Scalar::Int(short.value) } else { Scalar::Float(short.double()) })
    }

    #[cold]
    fn any_number(&mut self) -> Option<Scalar<'l>> {
        let length = self.rest().iter().take_while(|byte| is_of_number(**byte)).count();
        let token = self.text.get(self.at..self.at + length)?;
        self.at += length;
        let number: serde_json::Number = serde_json::from_str(token).ok()?;
        let whole = || number.as_i64().map(Scalar::Int).or_else(|| number.as_u64().map(Scalar::Large));
        whole().or_else(|| number.as_f64().map(Scalar::Float))
    }

    /// Anything that the policy doesn't know.
    pub(super) fn skip(&mut self, depth: u32) -> Option<()> {
        match self.next()? {
            b'{' | b'[' if depth == DEEPEST => None,
            b'{' => self.object(|scanner| {
                scanner.key()?;
                scanner.skip(depth + 1)
            }),
            b'[' => self.list(|scanner| scanner.skip(depth + 1)),
            _ => self.scalar().map(|_| ()),
        }
    }
}

fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

/// A number of few digits, without an exponent.
#[derive(Clone, Copy)]
struct Short {
    /// With its decimals, as if the point weren't there.
    value: i64,
    decimals: usize,
    /// In bytes.
    length: usize,
}

/// So many digits fit a double.
const MOST: usize = 15;

/// A whole number below 2^53 and a power of ten up to 10^22 are doubles, so that their quotient, rounded once, is the
/// double nearest to what is written (W. D. Clinger, How to Read Floating Point Numbers Accurately, 1990).
impl Short {
    #[inline]
    fn double(self) -> f64 {
        // An index within bounds: there are no more decimals than digits.
        self.value as f64 / POWERS.get(self.decimals).map_or(f64::NAN, |power| *power as f64)
    }
}

/// The number that comes first, if it has few digits and no exponent; a negative zero is left to others.
#[inline]
fn short(bytes: &[u8]) -> Option<Short> {
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let (mut value, count) = whole(bytes.get(sign..)?)?;
    let (mut decimals, mut length) = (0, sign + count);
    if bytes.get(length) == Some(&b'.') {
        let (more, count) = leading(bytes.get(length + 1..)?);
        value = value.wrapping_mul(*POWERS.get(count)?).wrapping_add(more);
        (decimals, length) = (count, length + if count > 0 { count + 1 } else { 0 });
    }
    let ends = bytes.get(length).is_none_or(|byte| !is_of_number(*byte));
    if count + decimals > MOST || !ends || (sign > 0 && value == 0) {
        return None;
    }
    Some(Short { value: if sign > 0 { -value } else { value }, decimals, length })
}

/// A whole number without a sign that comes first, if it has few digits, and how many.
#[inline]
fn whole(bytes: &[u8]) -> Option<(i64, usize)> {
    let (value, count) = leading(bytes);
    // `0` stands alone.
    let is_one = count == 1 || (count > 1 && count <= MOST && bytes.first() != Some(&b'0'));
    is_one.then_some((value, count))
}

/// The powers of ten that fit with as many digits.
const POWERS: [i64; MOST + 1] = {
    let mut powers = [1; MOST + 1];
    let mut at = 1;
    while at <= MOST {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// The digits that come first, as a number, and how many they are; what is more than [`MOST`] digits has any value.
#[inline]
fn leading(bytes: &[u8]) -> (i64, usize) {
    // Up to seven at once: digits by digits, pairs by pairs, fours by fours (D. Lemire, Quickly parsing eight digits).
    if let Some(chunk) = bytes.first_chunk() {
        let digits = u64::from_le_bytes(*chunk) ^ 0x3030_3030_3030_3030;
        let others = (digits.wrapping_add(0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080;
        if others != 0 {
            let bits = others.trailing_zeros() & !7;
            // Zeros in front; of no digits the shift is in two, for one of all bits is none.
            let digits = digits << (56 - bits) << 8;
            let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
            let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
            let value = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff;
            return (value.cast_signed(), bits as usize / 8);
        }
    }
    let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let value = bytes[..count]
        .iter()
        .fold(0, |value: i64, byte| value.wrapping_mul(10).wrapping_add(i64::from(byte - b'0')));
    (value, count)
}

/// How many bytes come before the first that ends a text or can't stand in one as it is.
#[inline]
fn plain(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (at, word) in words.iter().enumerate() {
        if let Some(found) = ending(u64::from_le_bytes(*word)) {
            return at * size_of::<u64>() + found as usize;
        }
    }
    let ends = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
    bytes.len() - rest.len() + rest.iter().position(ends).unwrap_or(rest.len())
}

/// The first of the bytes of a word that ends a text or can't stand in one as it is.
#[inline]
fn ending(word: u64) -> Option<u32> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    // The highest bit of each byte of the result is set where that of the word is 0; above such a byte it can be
    // set wrongly, which doesn't matter to who looks for the first. (S. E. Anderson, Bit Twiddling Hacks)
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let found = zero(word ^ (ONES * 0x22)) | zero(word ^ (ONES * 0x5c)) | control;
    let found = found & (ONES * 0x80);
    (found != 0).then(|| found.trailing_zeros() / 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_the_library(token: &str) -> Option<Scalar<'_>> {
        Scanner::new(token).any_number()
    }

    fn scanned(token: &str) -> Option<Scalar<'_>> {
        let mut scanner = Scanner::new(token);
        scanner.scalar().filter(|_| scanner.end().is_some())
    }

    /// Told apart by their bits, as `PartialEq` of doubles doesn't.
    fn bits(scalar: &Option<Scalar<'_>>) -> Option<u64> {
        match scalar {
            Some(Scalar::Float(value)) => Some(value.to_bits()),
            _ => None,
        }
    }

    fn agrees(token: &str) {
        let (mine, other) = (scanned(token), by_the_library(token));
        assert_eq!(mine, other, "{token}");
        assert_eq!(bits(&mine), bits(&other), "{token}");
    }

    #[test]
    fn odd_numbers() {
        let tokens = [
            "0",
            "-0",
            "-0.0",
            "0.0",
            "00",
            "01",
            "-01",
            "-",
            "",
            ".5",
            "5.",
            "5.e1",
            "1e3",
            "1E-3",
            "1.5e3",
            "0.1",
            "999999999999999",
            "9999999999999999",
            "0.999999999999999",
            "0.000000000000001",
            "0.0000000000000001",
            "123456789012345.6",
            "9007199254740993",
            "9007199254740993.5",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            "1-2",
            "1+2",
            "1.2.3",
            "--1",
            "+1",
            "1e999",
        ];
        tokens.into_iter().for_each(agrees);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5000))]

        #[test]
        fn numbers_are_read_as_the_library_reads_them(token in "-?[0-9]{1,18}(\\.[0-9]{0,18})?") {
            agrees(&token);
        }

        #[test]
        fn doubles_are_read_as_they_were_written(value: f64) {
            agrees(&value.to_string());
            agrees(&format!("{value:?}"));
            agrees(&format!("{value:.3}"));
        }

        #[test]
        fn keys_are_those_that_are_there(name in "[a-z_]{0,24}", other in "[a-z_\":]{0,30}") {
            let key = Quoted::new(&name);
            for text in [format!("\"{name}\":{other}"), other.clone(), format!("\"{other}"), format!("\"{name}")] {
                assert_eq!(key.begins(text.as_bytes()), text.starts_with(&format!("\"{name}\":")), "{text}");
            }
        }
    }
}
