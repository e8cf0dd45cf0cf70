//! Texts that a policy knows, found by what they say.
//!
//! Nearly all of them are short. A text of up to 16 bytes is told by its length and one word, which are hashed and
//! compared without a look at one byte after the other. What is looked up comes from outside, but what lies in the table
//! is the policy's, so that nobody outside can make it slow.

use rustc_hash::FxHashMap;

/// Numbers of texts.
pub(super) struct Words {
    /// A power of two of places, at most half of them taken; an entry is at its place, or behind it.
    table: Box<[Entry]>,
    /// The texts that are longer.
    long: FxHashMap<Box<[u8]>, u32>,
}

#[derive(Clone, Copy)]
struct Entry {
    word: Word,
    id: u32,
}

/// A short text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// Its bytes, the first one lowest.
    text: u128,
    /// [`FREE`] where there is no entry.
    length: u32,
}

const LONGEST: usize = size_of::<u128>();
const FREE: u32 = u32::MAX;

impl Word {
    /// Of a text, unless it is longer.
    #[inline]
    pub(super) fn of(text: &[u8]) -> Option<Word> {
        // Two that overlap have the same bytes where they do.
        let from = |begins: u128, ends: u128, size: usize| begins | ends << (8 * (text.len() - size));
        let both = match *text {
            _ if text.len() > LONGEST => return None,
            [] => 0,
            [a] => a.into(),
            [a, b] => u16::from_le_bytes([a, b]).into(),
            [a, b, c] => u32::from_le_bytes([a, b, c, 0]).into(),
            _ => match (text.first_chunk(), text.last_chunk()) {
                (Some(begins), Some(ends)) => {
                    from(u64::from_le_bytes(*begins).into(), u64::from_le_bytes(*ends).into(), 8)
                }
                _ => {
                    let (begins, ends) = (text.first_chunk()?, text.last_chunk()?);
                    from(u32::from_le_bytes(*begins).into(), u32::from_le_bytes(*ends).into(), 4)
                }
            },
        };
        Some(Word { text: both, length: text.len() as u32 })
    }

    /// Of the first bytes of some, fewer than all of them.
    #[inline]
    pub(super) fn within(bytes: u128, length: u32) -> Word {
        Word { text: bytes & !(u128::MAX << (8 * length)), length }
    }

    /// A number whose high bits depend on all of it.
    #[inline]
    fn hash(self) -> u64 {
        const FIRST: u64 = 0x9e37_79b9_7f4a_7c15;
        const SECOND: u64 = 0xd6e8_feb8_6659_fd93;
        let (begins, ends) = (self.text as u64, (self.text >> 64) as u64);
        let mixed = begins.wrapping_mul(FIRST).rotate_left(32) ^ ends ^ u64::from(self.length);
        mixed.wrapping_mul(SECOND)
    }
}

impl Words {
    /// Of texts with their numbers; of equal ones the last counts.
    pub(super) fn new<T: AsRef<str>>(texts: impl IntoIterator<Item = (u32, T)>) -> Words {
        let (mut short, mut long) = (Vec::new(), FxHashMap::default());
        for (id, text) in texts {
            let text = text.as_ref().as_bytes();
            match Word::of(text) {
                Some(word) => short.push(Entry { word, id }),
                None => _ = long.insert(text.into(), id),
            }
        }
        let free = Entry { word: Word { text: 0, length: FREE }, id: 0 };
        let places = (short.len() * 2).next_power_of_two().max(2);
        let mut words = Words { table: vec![free; places].into(), long };
        for entry in short {
            let place = words.place(entry.word);
            words.table[place] = entry;
        }
        words
    }

    /// The number of a text.
    #[inline]
    pub(super) fn find(&self, text: &[u8]) -> Option<u32> {
        match Word::of(text) {
            Some(word) => self.find_word(word),
            None => self.long.get(text).copied(),
        }
    }

    /// The same of a short one.
    #[inline]
    pub(super) fn find_word(&self, word: Word) -> Option<u32> {
        let entry = self.table.get(self.place(word))?;
        (entry.word.length != FREE).then_some(entry.id)
    }

    /// Where a text is, or would be.
    #[inline]
    fn place(&self, word: Word) -> usize {
        let last = self.table.len() - 1;
        let mut place = (word.hash() >> 32) as usize & last;
        while self.table[place].word.length != FREE && self.table[place].word != word {
            place = (place + 1) & last;
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_it_knows_and_nothing_else() {
        let mut texts: Vec<String> =
            (0..40).map(|length| "abcdefghij".repeat(4)[..length].to_owned()).collect();
        texts.extend((0..500).map(|number| format!("category_{number}")));
        texts.extend(["\0", "\0\0", "a\0", "ä", "äöü", "aaaa", "aaaabaaa"].map(str::to_owned));
        let words = Words::new((0..).zip(&texts));
        for (id, text) in (0..).zip(&texts) {
            assert_eq!(words.find(text.as_bytes()), Some(id), "{text:?}");
            if let Some(bytes) = format!("{text}\"{text}0123456789abcdef").as_bytes().first_chunk()
                && text.len() < LONGEST
            {
                let word = Word::within(u128::from_le_bytes(*bytes), text.len() as u32);
                assert_eq!(words.find_word(word), Some(id), "{text:?}");
            }
        }
        for text in [
            "b",
            "abd",
            "\0\0\0",
            "aaaaaaa",
            "aaaabaa",
            "category_500",
            "abcdefghijabcdefghii",
            "categoryy_1",
        ] {
            assert_eq!(words.find(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(Words::new([] as [(u32, &str); 0]).find(b""), None);
        let twice = Words::new([(1, "one"), (2, "one")]);
        assert_eq!(twice.find(b"one"), Some(2));
    }
}
