//! Which words are keywords: a hash table with open addressing, which is filled when this crate is compiled.

use super::Kind;

/// A power of two, several times as many as there are keywords.
const SLOTS: usize = 1024;

/// For each slot one more than the position of the word that lies there, or zero.
static TABLE: [u8; SLOTS] = table();

/// The kind of a word that is a keyword somewhere.
pub(super) fn keyword(word: &str) -> Option<Kind> {
    let mut slot = slot(word.as_bytes());
    loop {
        let (keyword, kind) = Kind::KEYWORDS[(TABLE[slot] as usize).checked_sub(1)?];
        if keyword == word {
            return Some(kind);
        }
        slot = (slot + 1) % SLOTS;
    }
}

/// Where a word is looked for first: by its length and three of its letters.
const fn slot(word: &[u8]) -> usize {
    let [first, .., last] = word else { return 0 };
    let key = u32::from_le_bytes([*first, word[word.len() / 2], *last, word.len() as u8]);
    (key.wrapping_mul(0x9e37_79b1) >> 16) as usize % SLOTS
}

const fn table() -> [u8; SLOTS] {
    let mut table = [0; SLOTS];
    let mut position = 0;
    while position < Kind::KEYWORDS.len() {
        let mut slot = slot(Kind::KEYWORDS[position].0.as_bytes());
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        position += 1;
        table[slot] = position as u8;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_found_and_nothing_else() {
        assert!(Kind::KEYWORDS.len() < u8::MAX as usize);
        for (word, kind) in Kind::KEYWORDS {
            assert_eq!(keyword(word), Some(*kind));
            assert_eq!(keyword(&format!("{word}_")), None);
            assert_eq!(keyword(&word[1..]).map(Kind::text), is_keyword(&word[1..]));
        }
        assert_eq!(keyword(""), None);
    }

    fn is_keyword(word: &str) -> Option<&str> {
        Kind::KEYWORDS.iter().find(|(keyword, _)| *keyword == word).map(|(keyword, _)| *keyword)
    }
}
