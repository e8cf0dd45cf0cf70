//! The customers who are found: NDJSON, or Parquet.

mod lists;
mod table;

use crate::failure::Result;
use crate::output::NewFile;
use crate::project::STDIN;
use comity_runtime::audience::{Audience, Target};
use parquet::data_type::ByteArray;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::Path;
use table::{Rows, TableFile};

/// What is written of the customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing.
    Count,
    /// NDJSON
    Lines,
    /// Parquet
    Table,
}

/// What some customers are written as.
#[derive(Default)]
pub(super) struct Written {
    lines: Vec<u8>,
    rows: Rows,
}

/// So many bytes are handed on together.
const TOGETHER: usize = 4 << 20;

impl Written {
    /// Bytes of lines, and of the pages of lists that are full.
    pub(super) fn size(&self) -> usize {
        self.lines.len() + self.rows.lists.iter().map(lists::Lists::size).sum::<usize>()
    }

    /// Whether there is so much that it is handed on.
    pub(super) fn is_large(&self) -> bool {
        self.size() >= TOGETHER
    }
}

/// Writes customers down, on each core.
pub(super) struct Writer {
    form: Form,
    /// Names of segments and messages as JSON.
    names: Vec<Vec<u8>>,
    /// How many of the targets are segments; they come first.
    segments: usize,
    /// How many bits the number of a segment has, and that of a message.
    widths: [u32; 2],
}

impl Writer {
    pub(super) fn new(form: Form, audience: &Audience) -> Writer {
        let names =
            audience.targets().iter().map(|target| format!("\"{}\"", audience.name(*target)).into_bytes());
        let names: Vec<Vec<u8>> = names.collect();
        let segments = segments(audience);
        let widths = [segments, names.len() - segments].map(lists::width);
        Writer { form, names, segments, widths }
    }

    /// Writes a customer with the targets that have found them, a bit for each.
    pub(super) fn write(&self, subject: &str, targets: &[u64], written: &mut Written) {
        match self.form {
            Form::Count => {}
            Form::Lines => self.line(subject, targets, &mut written.lines),
            Form::Table => {
                written.rows.subjects.push(ByteArray::from(subject));
                let starts = [0, self.segments, self.names.len()];
                for (at, lists) in written.rows.lists.iter_mut().enumerate() {
                    let range = starts[at]..starts[at + 1];
                    let numbers = found(targets, range.clone()).map(|target| (target - range.start) as u32);
                    lists.push(self.widths[at], numbers);
                }
            }
        }
    }

    /// No more customers are written there.
    pub(super) fn finish(&self, written: &mut Written) {
        for (lists, width) in written.rows.lists.iter_mut().zip(self.widths) {
            lists.close(width);
        }
    }

    /// The keys in their order, no space: equal runs give equal bytes.
    fn line(&self, subject: &str, targets: &[u64], out: &mut Vec<u8>) {
        out.push(b'{');
        if self.segments < self.names.len() {
            out.extend_from_slice(b"\"messages\":[");
            self.list(targets, self.segments..self.names.len(), out);
        }
        if self.segments > 0 {
            out.extend_from_slice(b"\"segments\":[");
            self.list(targets, 0..self.segments, out);
        }
        out.extend_from_slice(b"\"subject\":");
        if subject.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
            out.push(b'"');
            out.extend_from_slice(subject.as_bytes());
            out.push(b'"');
        } else {
            // A text can always be written, and memory too.
            let _ = serde_json::to_writer(&mut *out, subject);
        }
        out.extend_from_slice(b"}\n");
    }

    fn list(&self, targets: &[u64], range: Range<usize>, out: &mut Vec<u8>) {
        let start = out.len();
        for at in found(targets, range) {
            out.extend_from_slice(&self.names[at]);
            out.push(b',');
        }
        if out.len() > start {
            out.pop();
        }
        out.extend_from_slice(b"],");
    }
}

fn segments(audience: &Audience) -> usize {
    audience.targets().iter().filter(|target| matches!(target, Target::Segment(_))).count()
}

/// The bits that are set, within a range.
fn found(words: &[u64], range: Range<usize>) -> impl Iterator<Item = usize> {
    let first = range.start / 64;
    let words = words[..range.end.div_ceil(64)].iter().enumerate().skip(first);
    words.flat_map(move |(at, word)| {
        let before = range.start.saturating_sub(at * 64);
        let behind = ((at + 1) * 64).saturating_sub(range.end);
        let mut left = word & (u64::MAX << before) & (u64::MAX >> behind);
        std::iter::from_fn(move || {
            let bit = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (bit < 64).then_some(at * 64 + bit)
        })
    })
}

/// Where what is written goes.
pub(super) enum Output {
    Nowhere,
    Stdout,
    File(NewFile),
    Table(Box<TableFile>),
}

impl Output {
    pub(super) fn open(form: Form, path: Option<&Path>, audience: &Audience) -> Result<Output> {
        let path = path.filter(|path| *path != Path::new(STDIN));
        Ok(match (form, path) {
            (Form::Count, _) => Output::Nowhere,
            (_, None) => Output::Stdout,
            (Form::Lines, Some(path)) => Output::File(NewFile::create(path)?),
            (Form::Table, Some(path)) => Output::Table(Box::new(TableFile::create(path, audience)?)),
        })
    }

    pub(super) fn is_stdout(&self) -> bool {
        matches!(self, Output::Stdout)
    }

    pub(super) fn write(&mut self, written: Written) -> Result<()> {
        match self {
            Output::Nowhere => Ok(()),
            Output::Stdout => Ok(io::stdout().lock().write_all(&written.lines)?),
            Output::File(file) => file.write(&written.lines),
            Output::Table(table) => table.write(written.rows),
        }
    }

    /// Puts the file in its place.
    pub(super) fn finish(self) -> Result<()> {
        match self {
            Output::Nowhere => Ok(()),
            Output::Stdout => Ok(io::stdout().lock().flush()?),
            Output::File(file) => file.finish(),
            Output::Table(table) => table.finish(),
        }
    }
}
