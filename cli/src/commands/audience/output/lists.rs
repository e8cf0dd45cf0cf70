//! Lists of names, packed as Parquet has them.
//!
//! The library's writer takes names one at a time and looks each up in a dictionary that it makes on the way. Here all
//! names are known from the start, so a name is its number among them, and of the format there is only left to pack
//! numbers and levels into bits: dictionary encoding, and the hybrid of run lengths and packed bits, both by
//! <https://parquet.apache.org/docs/file-format/data-pages/encodings/>.

use parquet::basic::Encoding;
use parquet::column::page::{CompressedPage, Page};

/// A page ends with the list in which it comes to so many entries.
const ENTRIES: u32 = 1 << 20;

/// The lists of some customers.
#[derive(Default)]
pub(super) struct Lists {
    /// Those that are full.
    pages: Vec<CompressedPage>,
    /// How many entries are in them.
    entries: u64,
    last: Open,
}

/// A page that isn't full. An entry is a name or, of a list without one, that it is empty.
#[derive(Default)]
struct Open {
    entries: u32,
    /// For each entry whether it goes on with the list before: the *repetition level*.
    goes_on: Bits,
    /// For each whether it is a name, the *definition level*, as runs: how many are alike.
    names: Runs,
    numbers: Bits,
    count: u32,
}

impl Lists {
    /// One more list, of names by their numbers, which are each `width` bits long.
    pub(super) fn push(&mut self, width: u32, numbers: impl Iterator<Item = u32>) {
        let page = &mut self.last;
        let before = page.count;
        for number in numbers {
            page.numbers.push(number.into(), width);
            page.count += 1;
        }
        let length = page.count - before;
        page.entries += length.max(1);
        page.goes_on.push(0, 1);
        page.goes_on.ones(length.saturating_sub(1));
        page.names.push(length > 0, length.max(1));
        if page.entries >= ENTRIES {
            self.close(width);
        }
    }

    /// Ends the page.
    pub(super) fn close(&mut self, width: u32) {
        let page = std::mem::take(&mut self.last);
        if page.entries > 0 {
            self.entries += u64::from(page.entries);
            self.pages.push(page.closed(width));
        }
    }

    /// What follows in the file.
    pub(super) fn append(&mut self, mut after: Lists) {
        self.pages.append(&mut after.pages);
        self.entries += after.entries;
    }

    /// How many bytes the pages have.
    pub(super) fn size(&self) -> usize {
        self.pages.iter().map(CompressedPage::uncompressed_size).sum()
    }

    /// The pages that are closed, and how many entries they have.
    pub(super) fn into_pages(self) -> (Vec<CompressedPage>, u64) {
        (self.pages, self.entries)
    }
}

impl Open {
    fn closed(self, width: u32) -> CompressedPage {
        let mut bytes = Vec::new();
        for levels in [self.goes_on.packed(self.entries, 1), self.names.closed()] {
            bytes.extend_from_slice(&(levels.len() as u32).to_le_bytes());
            bytes.extend_from_slice(&levels);
        }
        bytes.push(width as u8);
        bytes.extend_from_slice(&self.numbers.packed(self.count, width));
        let size = bytes.len();
        let page = Page::DataPage {
            buf: bytes.into(),
            num_values: self.entries,
            encoding: Encoding::RLE_DICTIONARY,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        CompressedPage::new(page, size)
    }
}

/// How many bits it takes to tell so many names apart.
pub(super) fn width(names: usize) -> u32 {
    usize::BITS - names.saturating_sub(1).max(1).leading_zeros()
}

/// Numbers packed into bits, the lowest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    word: u64,
    filled: u32,
}

impl Bits {
    /// A number of 1 to 63 bits.
    fn push(&mut self, number: u64, width: u32) {
        self.word |= number << self.filled;
        self.filled += width;
        if self.filled >= u64::BITS {
            self.bytes.extend_from_slice(&self.word.to_le_bytes());
            self.filled -= u64::BITS;
            self.word = number >> (width - self.filled);
        }
    }

    /// So many bits that are set.
    fn ones(&mut self, mut count: u32) {
        while count > 0 {
            let some = count.min(32);
            self.push((1 << some) - 1, some);
            count -= some;
        }
    }

    /// One run of packed bits of so many numbers: groups of eight, of which the last is filled with zeros.
    fn packed(mut self, count: u32, width: u32) -> Vec<u8> {
        self.bytes.extend_from_slice(&self.word.to_le_bytes());
        let groups = count.div_ceil(8);
        self.bytes.resize((groups * width) as usize, 0);
        let mut run = Vec::with_capacity(self.bytes.len() + 5);
        if count > 0 {
            varint((groups << 1) | 1, &mut run);
            run.append(&mut self.bytes);
        }
        run
    }
}

/// Bits that are often alike.
#[derive(Default)]
struct Runs {
    bytes: Vec<u8>,
    bit: bool,
    length: u32,
}

impl Runs {
    fn push(&mut self, bit: bool, count: u32) {
        if bit != self.bit {
            self.end();
            self.bit = bit;
        }
        self.length += count;
    }

    fn end(&mut self) {
        if self.length > 0 {
            varint(self.length << 1, &mut self.bytes);
            self.bytes.push(self.bit.into());
        }
        self.length = 0;
    }

    fn closed(mut self) -> Vec<u8> {
        self.end();
        self.bytes
    }
}

/// Seven bits to a byte, the lowest first.
fn varint(mut number: u32, bytes: &mut Vec<u8>) {
    while number > 0x7F {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
