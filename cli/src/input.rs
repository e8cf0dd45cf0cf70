//! Reads logs line by line: files or standard input, plain or gzip.

use crate::failure::{Failure, Result, why};
use crate::project::STDIN;
use crate::shape;
use flate2::read::MultiGzDecoder;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Bytes that are read, and unpacked, at once.
const BUFFER: usize = 256 * 1024;
/// A longer line is no event: something is wrong with the file.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;
/// The progress is looked at whenever so many lines are done.
pub(crate) const LINES_PER_LOOK: u64 = 4096;
/// How gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The lines of a log.
pub(crate) struct Lines {
    path: PathBuf,
    reader: BufReader<Box<dyn Read>>,
    gzip: bool,
    line: Vec<u8>,
    number: u64,
    /// The last line has no end, and ends in the midst of its JSON.
    is_cut: bool,
    /// Bytes of the file, as it is on disk.
    size: Option<u64>,
    read: Rc<Cell<u64>>,
}

impl Lines {
    /// Opens a file; `-` is standard input. That it is gzip is seen from its first bytes.
    ///
    /// # Errors
    /// Where it can't be read.
    pub(crate) fn open(path: &Path) -> Result<Lines> {
        if let Some(failure) = shape::policy(path) {
            return Err(failure);
        }
        let fail = |error: io::Error| Failure::file("read", path, &error);
        let read = Rc::new(Cell::new(0));
        let (source, size): (Box<dyn Read>, _) = if path == Path::new(STDIN) {
            (Box::new(io::stdin().lock()), None)
        } else {
            let file = File::open(path).map_err(fail)?;
            let metadata = file.metadata().map_err(fail)?;
            if metadata.is_dir() {
                return Err(fail(io::ErrorKind::IsADirectory.into()));
            }
            (Box::new(file), metadata.is_file().then_some(metadata.len()))
        };
        let mut source = Counted { source, read: Rc::clone(&read) };
        let mut start = Vec::with_capacity(GZIP.len());
        source.by_ref().take(GZIP.len() as u64).read_to_end(&mut start).map_err(fail)?;
        let gzip = start == GZIP;
        let source = io::Cursor::new(start).chain(source);
        let source: Box<dyn Read> = if gzip {
            Box::new(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, source)))
        } else {
            Box::new(source)
        };
        let reader = BufReader::with_capacity(BUFFER, source);
        Ok(Lines {
            path: path.to_owned(),
            reader,
            gzip,
            line: Vec::new(),
            number: 0,
            is_cut: false,
            size,
            read,
        })
    }

    /// The next line that isn't blank, without its end, and its number, from 1.
    ///
    /// # Errors
    /// Where the file can't be read further, its gzip is broken or ends too early, or the line is too long.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, &[u8])>> {
        loop {
            self.line.clear();
            let mut limited = (&mut self.reader).take(LONGEST_LINE);
            let read = limited.read_until(b'\n', &mut self.line);
            match read {
                Ok(0) => return Ok(None),
                Ok(_) => self.number += 1,
                Err(error) => return Err(self.broken(&error)),
            }
            let is_open = self.line.last() != Some(&b'\n');
            self.is_cut = is_open && is_cut(&self.line);
            if !is_open {
                self.line.pop();
            } else if self.line.len() as u64 == LONGEST_LINE {
                return Err(self.foreign().unwrap_or_else(|| {
                    Failure::new(format!("{}:{}: the line is longer than 16 MiB", self.shown(), self.number))
                        .help("a log has one JSON object on each line")
                }));
            }
            if let Some(failure) = self.foreign() {
                return Err(failure);
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some((self.number, &self.line)));
            }
        }
    }

    /// At the first line: whether the file is something of which no line can be read.
    fn foreign(&self) -> Option<Failure> {
        if self.number == 1 { shape::foreign(&self.shown(), &self.line) } else { None }
    }

    /// The same, and whether it seems to have been cut.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn next_or_cut(&mut self) -> Result<Option<(u64, &[u8], bool)>> {
        let Some((number, _)) = self.next()? else { return Ok(None) };
        Ok(Some((number, &self.line, self.is_cut)))
    }

    /// Whether the last line that was given seems to have been cut: it is the file's last, and nothing can read it.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The file as the user knows it.
    pub(crate) fn shown(&self) -> String {
        shown(&self.path)
    }

    /// The size of the file and how much of it was read, in bytes as they are on disk.
    pub(crate) fn progress(&self) -> (Option<u64>, u64) {
        (self.size, self.read.get())
    }

    fn broken(&self, error: &io::Error) -> Failure {
        let file = self.shown();
        let after = match self.number {
            0 => String::new(),
            line => format!(", after line {line}"),
        };
        match error.kind() {
            io::ErrorKind::UnexpectedEof if self.gzip => {
                Failure::new(format!("`{file}` ends in the midst of its compressed data{after}"))
                    .help("copy or download the file again")
            }
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData if self.gzip => {
                Failure::new(format!("the compressed data of `{file}` is damaged{after}"))
                    .help("copy or download the file again")
            }
            _ => Failure::new(format!("can't read `{file}`{after}: {}", why(error))),
        }
    }
}

/// All the bytes of a file that holds one thing, plain or gzip; `-` is standard input.
///
/// # Errors
/// Where it can't be read, holds too much to be one thing, or is no text.
pub(crate) fn read_whole(path: &Path) -> Result<Vec<u8>> {
    let mut lines = Lines::open(path)?;
    let mut bytes = Vec::new();
    let read = (&mut lines.reader).take(LONGEST_LINE).read_to_end(&mut bytes);
    read.map_err(|error| lines.broken(&error))?;
    if let Some(failure) = shape::foreign(&lines.shown(), &bytes) {
        return Err(failure);
    }
    if bytes.len() as u64 == LONGEST_LINE {
        return Err(Failure::new(format!("`{}` is longer than 16 MiB", lines.shown())));
    }
    Ok(bytes)
}

/// Refuses a call in which standard input is several files.
///
/// # Errors
/// Where it is.
pub(crate) fn refuse_two_stdins<'p>(inputs: impl IntoIterator<Item = &'p PathBuf>) -> Result<()> {
    if inputs.into_iter().filter(|path| **path == Path::new(STDIN)).count() > 1 {
        return Err(Failure::new("only one of the inputs can be standard input"));
    }
    Ok(())
}

/// A log's path as the user knows it.
pub(crate) fn shown(path: &Path) -> String {
    if path == Path::new(STDIN) { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// What to do about a file whose last line seems to have been cut.
pub(crate) const CUT: &str = "the last line ends in the midst of its JSON: the file seems to have been cut; copy, download or write it again";

/// Whether a line without an end ends in the midst of its JSON.
fn is_cut(line: &[u8]) -> bool {
    let whole = serde_json::from_slice::<serde::de::IgnoredAny>(line);
    line.trim_ascii_start().starts_with(b"{") && whole.is_err_and(|error| error.is_eof())
}

/// Counts the bytes that are read.
struct Counted<R> {
    source: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::is_cut;

    #[test]
    fn what_was_cut() {
        assert!(is_cut(br#"{"id":"e","ty"#) && is_cut(br#" {"#) && is_cut(br#"{"a":{"b":1}"#));
        assert!(!is_cut(b"{}") && !is_cut(b"{]") && !is_cut(b"id,ty") && !is_cut(b""));
    }
}
