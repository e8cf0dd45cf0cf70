//! Profiles as NDJSON: lines, some thousand at a time.

use super::work::{Lines as Chunk, Task};
use crate::failure::Result;
use crate::input::Lines;
use std::path::Path;

/// Bytes of lines that are judged together.
const TOGETHER: usize = 1 << 20;

/// Gives all lines of a file, plain or gzip, or of standard input.
pub(super) fn read(path: &Path, give: &mut dyn FnMut(Task) -> bool) -> Result<()> {
    let mut lines = Lines::open(path)?;
    let mut chunk = Chunk::default();
    while let Some((number, line)) = lines.next()? {
        chunk.bytes.extend_from_slice(line);
        chunk.ends.push((number, chunk.bytes.len()));
        if chunk.bytes.len() >= TOGETHER {
            chunk.progress = lines.progress();
            if !give(Task::Lines(std::mem::take(&mut chunk))) {
                return Ok(());
            }
        }
    }
    chunk.progress = lines.progress();
    chunk.is_cut = lines.is_cut();
    if !chunk.ends.is_empty() {
        give(Task::Lines(chunk));
    }
    Ok(())
}
