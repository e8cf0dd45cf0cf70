//! Where records go.

use super::CHUNK;
use crate::failure::Result;
use crate::output::NewFile;
use crate::project::STDIN;
use std::io::Write as _;
use std::path::Path;

/// Collects records and writes them in large chunks. What stands in it is always whole lines.
pub(super) struct Sink {
    /// `None` is standard output.
    file: Option<NewFile>,
    buffer: Vec<u8>,
}

impl Sink {
    pub(super) fn open(path: Option<&Path>) -> Result<Sink> {
        let path = path.filter(|path| *path != Path::new(STDIN));
        let file = path.map(NewFile::create).transpose()?;
        Ok(Sink { file, buffer: Vec::with_capacity(2 * CHUNK) })
    }

    pub(super) fn is_stdout(&self) -> bool {
        self.file.is_none()
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
        match self.file {
            Some(file) => file.finish(),
            None => Ok(std::io::stdout().lock().flush()?),
        }
    }

    fn flush(&mut self) -> Result<()> {
        match &mut self.file {
            Some(file) => file.write(&self.buffer)?,
            None => std::io::stdout().lock().write_all(&self.buffer)?,
        }
        self.buffer.clear();
        Ok(())
    }
}
