//! The customers who are found: NDJSON, or Parquet.

use crate::failure::{Failure, Result};
use crate::input::shown;
use crate::output::NewFile;
use crate::project::STDIN;
use comity_runtime::audience::{Audience, Target};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

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

/// A group of rows of a table is written when it has so many names.
const GROUP: usize = 1 << 20;

/// What some customers are written as.
#[derive(Default)]
pub(super) struct Written {
    lines: Vec<u8>,
    subjects: Vec<ByteArray>,
    /// Segments, then messages: what stands in the lists, by position among the targets of the kind, and how many are in
    /// each list.
    lists: [(Vec<u32>, Vec<u32>); 2],
}

/// Writes customers down, on each core.
pub(super) struct Writer {
    form: Form,
    /// Names of segments and messages as JSON.
    names: Vec<Vec<u8>>,
    /// How many of the targets are segments; they come first.
    segments: usize,
}

impl Writer {
    pub(super) fn new(form: Form, audience: &Audience) -> Writer {
        let names =
            audience.targets().iter().map(|target| format!("\"{}\"", audience.name(*target)).into_bytes());
        Writer { form, names: names.collect(), segments: segments(audience) }
    }

    /// Writes a customer with the targets that have found them, a bit for each.
    pub(super) fn write(&self, subject: &str, targets: &[u64], written: &mut Written) {
        match self.form {
            Form::Count => {}
            Form::Lines => self.line(subject, targets, &mut written.lines),
            Form::Table => {
                written.subjects.push(ByteArray::from(subject));
                let [segments, messages] = &mut written.lists;
                let before = (segments.0.len(), messages.0.len());
                each(targets, |at| match at.checked_sub(self.segments) {
                    None => segments.0.push(at as u32),
                    Some(message) => messages.0.push(message as u32),
                });
                segments.1.push((segments.0.len() - before.0) as u32);
                messages.1.push((messages.0.len() - before.1) as u32);
            }
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

    fn list(&self, targets: &[u64], range: std::ops::Range<usize>, out: &mut Vec<u8>) {
        let start = out.len();
        each(targets, |at| {
            if range.contains(&at) {
                out.extend_from_slice(&self.names[at]);
                out.push(b',');
            }
        });
        if out.len() > start {
            out.pop();
        }
        out.extend_from_slice(b"],");
    }
}

fn segments(audience: &Audience) -> usize {
    audience.targets().iter().filter(|target| matches!(target, Target::Segment(_))).count()
}

/// Calls with the position of each bit that is set.
fn each(words: &[u64], mut call: impl FnMut(usize)) {
    for (at, word) in words.iter().enumerate() {
        let mut left = *word;
        while left != 0 {
            call(at * 64 + left.trailing_zeros() as usize);
            left &= left - 1;
        }
    }
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
        if let (Form::Lines, Some(path)) = (form, path)
            && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"))
        {
            let failure = Failure::new(format!("{}: customers aren't written as gzip", shown(path)));
            return Err(failure.help("leave `.gz` out, or pipe them: `comity audience … | gzip > FILE`"));
        }
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
            Output::Table(table) => table.write(written),
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

/// A Parquet file with the columns `subject`, `segments` and `messages`, of which the last two are lists.
pub(super) struct TableFile {
    writer: SerializedFileWriter<NewFile>,
    path: String,
    /// Of the lists that there are: which of the two, and the names that can stand in it.
    lists: Vec<(usize, Vec<ByteArray>)>,
    waiting: Written,
}

impl TableFile {
    fn create(path: &Path, audience: &Audience) -> Result<TableFile> {
        let file = NewFile::create(path)?;
        let names = audience.targets().iter().map(|target| ByteArray::from(audience.name(*target)));
        let mut segment_names: Vec<ByteArray> = names.collect();
        let message_names = segment_names.split_off(segments(audience));
        let mut lists = vec![(0, segment_names), (1, message_names)];
        lists.retain(|(_, names)| !names.is_empty());
        let shown = path.display().to_string();
        let writer = schema(&lists).and_then(|schema| {
            let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
            // The least and the greatest name of a list tell nobody anything, and take a third of the time.
            let properties = properties.set_statistics_enabled(EnabledStatistics::None);
            let properties = properties.set_created_by(format!("comity {}", env!("CARGO_PKG_VERSION")));
            SerializedFileWriter::new(file, schema, Arc::new(properties.build()))
        });
        let writer = writer.map_err(|error| failed(&shown, &error))?;
        Ok(TableFile { writer, path: shown, lists, waiting: Written::default() })
    }

    fn write(&mut self, written: Written) -> Result<()> {
        let waiting = &mut self.waiting;
        waiting.subjects.extend(written.subjects);
        for (waiting, list) in waiting.lists.iter_mut().zip(written.lists) {
            waiting.0.extend(list.0);
            waiting.1.extend(list.1);
        }
        if waiting.subjects.len() + waiting.lists.iter().map(|list| list.0.len()).sum::<usize>() < GROUP {
            return Ok(());
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        let Written { subjects, lists, .. } = std::mem::take(&mut self.waiting);
        if subjects.is_empty() {
            return Ok(());
        }
        let group = self.writer.next_row_group();
        let written = group.and_then(|group| write_group(group, &subjects, &self.lists, &lists));
        written.map_err(|error| failed(&self.path, &error))
    }

    fn finish(mut self) -> Result<()> {
        self.flush()?;
        let path = self.path;
        // Which writes the end of the file.
        let file = self.writer.into_inner();
        file.map_err(|error| failed(&path, &error))?.finish()
    }
}

fn write_group(
    mut group: SerializedRowGroupWriter<'_, NewFile>,
    subjects: &[ByteArray],
    lists: &[(usize, Vec<ByteArray>)],
    written: &[(Vec<u32>, Vec<u32>); 2],
) -> std::result::Result<(), ParquetError> {
    let missing = || ParquetError::General("a column is missing".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    column.typed::<ByteArrayType>().write_batch(subjects, None, None)?;
    column.close()?;
    for (which, names) in lists {
        let (members, lengths) = &written[*which];
        let values: Vec<ByteArray> = members.iter().map(|at| names[*at as usize].clone()).collect();
        let (mut definitions, mut repetitions) = (Vec::new(), Vec::new());
        for length in lengths {
            // An empty list is there, but nothing in it.
            definitions.extend(std::iter::repeat_n(i16::from(*length > 0), (*length).max(1) as usize));
            repetitions.push(0);
            repetitions.extend(std::iter::repeat_n(1, length.saturating_sub(1) as usize));
        }
        let mut column = group.next_column()?.ok_or_else(missing)?;
        column.typed::<ByteArrayType>().write_batch(&values, Some(&definitions), Some(&repetitions))?;
        column.close()?;
    }
    group.close()?;
    Ok(())
}

fn schema(lists: &[(usize, Vec<ByteArray>)]) -> std::result::Result<TypePtr, ParquetError> {
    let text = |name: &str| {
        let column = Type::primitive_type_builder(name, Physical::BYTE_ARRAY);
        column.with_repetition(Repetition::REQUIRED).with_logical_type(Some(LogicalType::String)).build()
    };
    let mut columns = vec![Arc::new(text("subject")?)];
    for (which, _) in lists {
        let element = Arc::new(text("element")?);
        let list = Type::group_type_builder("list").with_repetition(Repetition::REPEATED);
        let list = Arc::new(list.with_fields(vec![element]).build()?);
        let column = Type::group_type_builder(["segments", "messages"][*which]);
        let column = column.with_repetition(Repetition::REQUIRED).with_logical_type(Some(LogicalType::List));
        columns.push(Arc::new(column.with_fields(vec![list]).build()?));
    }
    Ok(Arc::new(Type::group_type_builder("audience").with_fields(columns).build()?))
}

fn failed(path: &str, error: &ParquetError) -> Failure {
    Failure::new(format!("can't write `{path}`: {error}"))
}
