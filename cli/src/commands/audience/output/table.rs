//! The customers who are found, as Parquet.

use super::lists::Lists;
use crate::failure::Result;
use crate::parquet_file::{ParquetFile, Written, missing, properties, texts};
use comity_runtime::audience::Audience;
use parquet::basic::{Compression, Encoding, LogicalType, Repetition};
use parquet::column::page::{CompressedPage, Page, PageWriter as _};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::properties::EnabledStatistics;
use parquet::file::writer::{SerializedPageWriter, SerializedRowGroupWriter, TrackedWrite};
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor, Type};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// A group of rows is written when it has so many customers, or so many bytes of lists.
const CUSTOMERS: usize = 1 << 17;
const BYTES: usize = 1 << 25;

/// Some rows of a table.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) subjects: Vec<ByteArray>,
    /// Segments, then messages.
    pub(super) lists: [Lists; 2],
}

/// A Parquet file with the columns `subject`, `segments` and `messages`, of which the last two are lists.
pub(in super::super) struct TableFile {
    file: ParquetFile,
    columns: Vec<ListColumn>,
    waiting: Rows,
}

/// A column of lists.
struct ListColumn {
    /// Which of the two.
    which: usize,
    descriptor: ColumnDescPtr,
    /// The names that can stand in a list.
    names: CompressedPage,
}

impl TableFile {
    pub(super) fn create(path: &Path, audience: &Audience) -> Result<TableFile> {
        let mut segments: Vec<&str> =
            audience.targets().iter().map(|target| audience.name(*target)).collect();
        let messages = segments.split_off(super::segments(audience));
        let mut lists = vec![(0, segments), (1, messages)];
        lists.retain(|(_, names)| !names.is_empty());
        // The least and the greatest name of a list tell nobody anything.
        let properties = properties().set_statistics_enabled(EnabledStatistics::None);
        let properties = properties.set_offset_index_disabled(true);
        let file = ParquetFile::create(path, schema(&lists), properties)?;
        let columns = list_columns(file.writer.schema_descr(), &lists);
        Ok(TableFile { file, columns, waiting: Rows::default() })
    }

    pub(super) fn write(&mut self, rows: Rows) -> Result<()> {
        let waiting = &mut self.waiting;
        waiting.subjects.extend(rows.subjects);
        for (waiting, lists) in waiting.lists.iter_mut().zip(rows.lists) {
            waiting.append(lists);
        }
        let is_full = waiting.subjects.len() >= CUSTOMERS
            || waiting.lists.iter().map(Lists::size).sum::<usize>() >= BYTES;
        if is_full { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        if rows.subjects.is_empty() {
            return Ok(());
        }
        let columns = &self.columns;
        self.file.write(|file| write_group(file.next_row_group()?, rows, columns))
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.file.finish()
    }
}

fn write_group<W: Write + Send>(
    mut group: SerializedRowGroupWriter<'_, W>,
    rows: Rows,
    columns: &[ListColumn],
) -> Written<()> {
    let mut subjects = group.next_column()?.ok_or_else(missing)?;
    subjects.typed::<ByteArrayType>().write_batch(&rows.subjects, None, None)?;
    subjects.close()?;
    let [segments, messages] = rows.lists;
    let mut lists = [Some(segments), Some(messages)];
    for column in columns {
        let lists = lists[column.which].take().ok_or_else(missing)?;
        let (chunk, closed) = column.chunk(lists, rows.subjects.len() as u64)?;
        group.append_column(&bytes::Bytes::from(chunk), closed)?;
    }
    group.close()?;
    Ok(())
}

impl ListColumn {
    /// The column of a group of so many rows: its bytes, and what the end of the file says of it.
    fn chunk(&self, lists: Lists, rows: u64) -> Written<(Vec<u8>, ColumnCloseResult)> {
        let mut sink = TrackedWrite::new(Vec::with_capacity(lists.size()));
        let mut writer = SerializedPageWriter::new(&mut sink);
        let names = CompressedPage::new(self.names.compressed_page().clone(), self.names.uncompressed_size());
        let start = writer.write_page(names)?.bytes_written;
        let (pages, entries) = lists.into_pages();
        for page in pages {
            writer.write_page(page)?;
        }
        writer.close()?;
        let bytes = sink.into_inner()?;
        let size = bytes.len() as u64;
        let metadata = ColumnChunkMetaData::builder(self.descriptor.clone())
            .set_compression(Compression::UNCOMPRESSED)
            .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY])
            .set_total_compressed_size(size as i64)
            .set_total_uncompressed_size(size as i64)
            .set_num_values(entries as i64)
            .set_dictionary_page_offset(Some(0))
            .set_data_page_offset(start as i64)
            .build()?;
        let closed = ColumnCloseResult {
            bytes_written: size,
            rows_written: rows,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((bytes, closed))
    }
}

fn list_columns(schema: &SchemaDescriptor, lists: &[(usize, Vec<&str>)]) -> Vec<ListColumn> {
    // The first column is that of the subjects.
    let descriptors = schema.columns().iter().skip(1);
    let columns = descriptors.zip(lists).map(|(descriptor, (which, names))| ListColumn {
        which: *which,
        descriptor: descriptor.clone(),
        names: dictionary(names),
    });
    columns.collect()
}

/// The names, each with its length before it.
fn dictionary(names: &[&str]) -> CompressedPage {
    let mut bytes = Vec::new();
    for name in names {
        bytes.extend_from_slice(&(name.len() as u32).to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
    }
    let size = bytes.len();
    let page = Page::DictionaryPage {
        buf: bytes.into(),
        num_values: names.len() as u32,
        encoding: Encoding::PLAIN,
        is_sorted: false,
    };
    CompressedPage::new(page, size)
}

fn schema(lists: &[(usize, Vec<&str>)]) -> Written<Type> {
    let text = |name: &str| texts(name, Repetition::REQUIRED);
    let mut columns = vec![Arc::new(text("subject")?)];
    for (which, _) in lists {
        let element = Arc::new(text("element")?);
        let list = Type::group_type_builder("list").with_repetition(Repetition::REPEATED);
        let list = Arc::new(list.with_fields(vec![element]).build()?);
        let column = Type::group_type_builder(["segments", "messages"][*which]);
        let column = column.with_repetition(Repetition::REQUIRED).with_logical_type(Some(LogicalType::List));
        columns.push(Arc::new(column.with_fields(vec![list]).build()?));
    }
    Type::group_type_builder("audience").with_fields(columns).build()
}

#[cfg(test)]
mod tests {
    use super::super::lists::width;
    use super::*;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::record::{ListAccessor as _, RowAccessor as _};
    use proptest::prelude::*;

    /// What a library reads of a group of rows with these lists, whose pages end before some rows.
    fn read_again(names: &[&str], rows: &[(Vec<u32>, bool)]) -> Vec<Vec<String>> {
        let lists = [(1, names.to_vec())];
        let (schema, properties) = (Arc::new(schema(&lists).unwrap()), Arc::new(properties().build()));
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
        let columns = list_columns(writer.schema_descr(), &lists);
        let mut written = Rows::default();
        for (at, (numbers, ends_page)) in rows.iter().enumerate() {
            if *ends_page {
                written.lists[1].close(width(names.len()));
            }
            written.subjects.push(ByteArray::from(format!("c{at}").as_str()));
            written.lists[1].push(width(names.len()), numbers.iter().copied());
        }
        written.lists[1].close(width(names.len()));
        write_group(writer.next_row_group().unwrap(), written, &columns).unwrap();
        let file = bytes::Bytes::from(writer.into_inner().unwrap());
        let reader = SerializedFileReader::new(file).unwrap();
        let rows = reader.get_row_iter(None).unwrap().map(|row| {
            let row = row.unwrap();
            let list = row.get_list(1).unwrap();
            (0..list.len()).map(|at| list.get_string(at).unwrap().clone()).collect()
        });
        rows.collect()
    }

    proptest! {
        #[test]
        fn lists_are_read_as_they_were_written(
            (count, rows) in (1_usize..700).prop_flat_map(|count| {
                let list = |most| proptest::collection::vec(0..count as u32, 0..most);
                let list = prop_oneof![list(1), list(3), list(200)];
                (Just(count), proptest::collection::vec((list, proptest::bool::weighted(0.1)), 1..80))
            }),
        ) {
            let names: Vec<String> = (0..count).map(|at| "name".repeat(at % 3) + &at.to_string()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let wanted: Vec<Vec<&str>> =
                rows.iter().map(|(numbers, _)| numbers.iter().map(|number| names[*number as usize]).collect()).collect();
            prop_assert_eq!(read_again(&names, &rows), wanted);
        }
    }

    #[test]
    fn a_page_ends_by_itself() {
        let rows = vec![((0..1_000).collect(), false); 2_500];
        let names: Vec<String> = (0..1_000).map(|at| at.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut lists = Lists::default();
        rows.iter()
            .for_each(|(numbers, _): &(Vec<u32>, _)| lists.push(width(1_000), numbers.iter().copied()));
        lists.close(width(1_000));
        let (pages, entries) = lists.into_pages();
        assert_eq!((pages.len(), entries), (3, 2_500_000));
        assert!(read_again(&names, &rows).iter().all(|list| *list == names));
    }
}
