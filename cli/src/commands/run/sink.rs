//! Where records go.

use super::CHUNK;
use super::table::RecordTable;
use crate::failure::Result;
use crate::output::NewFile;
use crate::project::STDIN;
use crate::shape;
use std::io::Write as _;
use std::path::Path;

/// Collects records and writes them in large chunks. What stands in it is always whole lines.
pub(super) struct Sink {
    output: Output,
    buffer: Vec<u8>,
}

enum Output {
    Stdout,
    File(NewFile),
    Table(Box<RecordTable>),
}

impl Sink {
    pub(super) fn open(path: Option<&Path>) -> Result<Sink> {
        let output = match path.filter(|path| *path != Path::new(STDIN)) {
            None => Output::Stdout,
            Some(path) if shape::is_parquet(path) => Output::Table(Box::new(RecordTable::create(path)?)),
            Some(path) => Output::File(NewFile::create(path)?),
        };
        Ok(Sink { output, buffer: Vec::with_capacity(2 * CHUNK) })
    }

    pub(super) fn is_stdout(&self) -> bool {
        matches!(self.output, Output::Stdout)
    }

    /// The buffer, for records to be appended to.
    pub(super) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Writes the buffer out, when it is large enough.
    pub(super) fn drain(&mut self) -> Result<()> {
        if self.buffer.len() < CHUNK { Ok(()) } else { self.flush() }
    }

    /// Writes what is left and puts the file in its place.
    pub(super) fn finish(mut self) -> Result<()> {
        self.flush()?;
        match self.output {
            Output::Stdout => Ok(std::io::stdout().lock().flush()?),
            Output::File(file) => file.finish(),
            Output::Table(table) => table.finish(),
        }
    }

    fn flush(&mut self) -> Result<()> {
        match &mut self.output {
            Output::Stdout => std::io::stdout().lock().write_all(&self.buffer)?,
            Output::File(file) => file.write(&self.buffer)?,
            Output::Table(table) => table.write(&self.buffer)?,
        }
        self.buffer.clear();
        Ok(())
    }
}
