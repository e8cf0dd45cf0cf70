//! Records as Parquet: a row for each line, a column for each key.

use crate::failure::{Failure, Result};
use crate::parquet_file::{ParquetFile, Written, missing, properties, texts};
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// A group of rows is written when it has so many, or so many bytes of texts.
const ROWS: usize = 1 << 16;
const BYTES: usize = 1 << 25;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of which many rows have the same.
    Text,
    /// Of which each row has its own.
    Hash,
    /// What isn't one value of one type, as it stands in the line.
    Json,
    Instant,
    Number,
    Count,
    Bool,
}

/// The keys that records have (interfaces §3), in the order in which they are looked for in a table.
const COLUMNS: [(&str, Kind); 33] = [
    ("time", Kind::Instant),
    ("subject", Kind::Text),
    ("kind", Kind::Text),
    ("message", Kind::Text),
    ("channel", Kind::Text),
    ("placement", Kind::Text),
    ("class", Kind::Text),
    ("reason", Kind::Text),
    ("until", Kind::Instant),
    ("frees", Kind::Instant),
    ("score", Kind::Number),
    ("cost", Kind::Text),
    ("late", Kind::Bool),
    ("segment", Kind::Text),
    ("journey", Kind::Text),
    ("instance", Kind::Text),
    ("state", Kind::Text),
    ("experiment", Kind::Text),
    ("arm", Kind::Text),
    ("arms", Kind::Json),
    ("share", Kind::Number),
    ("event", Kind::Text),
    ("attribute", Kind::Text),
    ("value", Kind::Json),
    ("index", Kind::Count),
    ("content", Kind::Json),
    ("cause", Kind::Json),
    ("basis", Kind::Json),
    ("channels", Kind::Json),
    ("data", Kind::Json),
    ("policy", Kind::Text),
    ("id", Kind::Hash),
    ("prev", Kind::Hash),
];

/// A table of records.
pub(super) struct RecordTable {
    file: ParquetFile,
    columns: Vec<Column>,
    rows: usize,
    /// Bytes of texts.
    size: usize,
}

/// What stands in a column, of the rows that aren't written yet.
struct Column {
    name: &'static str,
    kind: Kind,
    /// For each row whether there is a value: the *definition level*.
    levels: Vec<i16>,
    values: Values,
}

enum Values {
    /// One after the other, and where each ends.
    Texts(Vec<u8>, Vec<usize>),
    /// Instants in µs, and counts.
    Ints(Vec<i64>),
    Numbers(Vec<f64>),
    Bools(Vec<bool>),
}

impl RecordTable {
    pub(super) fn create(path: &Path) -> Result<RecordTable> {
        let mut properties = properties().set_dictionary_enabled(false);
        for (name, _) in COLUMNS.iter().filter(|(_, kind)| matches!(kind, Kind::Text | Kind::Json)) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(*name), true);
        }
        let file = ParquetFile::create(path, schema(), properties)?;
        let columns =
            COLUMNS.map(|(name, kind)| Column { name, kind, levels: Vec::new(), values: kind.none() });
        Ok(RecordTable { file, columns: columns.into(), rows: 0, size: 0 })
    }

    /// Adds records, given as whole lines.
    pub(super) fn write(&mut self, lines: &[u8]) -> Result<()> {
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            self.add(line).map_err(|why| {
                Failure::new(format!("a record can't be a row of the table: {why}"))
                    .help("write NDJSON: name the file `.ndjson`")
            })?;
            if self.rows >= ROWS || self.size >= BYTES {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn add(&mut self, line: &[u8]) -> std::result::Result<(), String> {
        let members: BTreeMap<&str, &RawValue> =
            serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let mut known = 0;
        for column in &mut self.columns {
            let value = members.get(column.name);
            column.levels.push(value.is_some().into());
            if let Some(value) = value {
                self.size += column.values.push(value.get(), column.kind)?;
                known += 1;
            }
        }
        self.rows += 1;
        if known == members.len() { Ok(()) } else { Err("it has a key that has no column".to_owned()) }
    }

    fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        (self.rows, self.size) = (0, 0);
        let columns = &mut self.columns;
        self.file.write(|file| write_group(file, columns))
    }

    /// Writes what is left and puts the file in its place.
    pub(super) fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.file.finish()
    }
}

impl Kind {
    fn none(self) -> Values {
        match self {
            Kind::Text | Kind::Hash | Kind::Json => Values::Texts(Vec::new(), Vec::new()),
            Kind::Instant | Kind::Count => Values::Ints(Vec::new()),
            Kind::Number => Values::Numbers(Vec::new()),
            Kind::Bool => Values::Bools(Vec::new()),
        }
    }
}

impl Values {
    /// Adds a value as it stands in a line. Gives how many bytes of text it has.
    fn push(&mut self, json: &str, kind: Kind) -> std::result::Result<usize, String> {
        let read = |error: serde_json::Error| error.to_string();
        match self {
            Values::Texts(bytes, ends) => {
                let before = bytes.len();
                match kind {
                    Kind::Json => bytes.extend_from_slice(json.as_bytes()),
                    _ => bytes
                        .extend_from_slice(serde_json::from_str::<String>(json).map_err(read)?.as_bytes()),
                }
                ends.push(bytes.len());
                return Ok(bytes.len() - before);
            }
            Values::Ints(values) if kind == Kind::Instant => {
                let at = json.trim_matches('"').parse::<jiff::Timestamp>();
                values.push(at.map_err(|error| error.to_string())?.as_microsecond());
            }
            Values::Ints(values) => values.push(serde_json::from_str(json).map_err(read)?),
            Values::Numbers(values) => values.push(serde_json::from_str(json).map_err(read)?),
            Values::Bools(values) => values.push(serde_json::from_str(json).map_err(read)?),
        }
        Ok(0)
    }
}

fn write_group<W: Write + Send>(file: &mut SerializedFileWriter<W>, columns: &mut [Column]) -> Written<()> {
    let mut group = file.next_row_group()?;
    for column in columns {
        let levels = std::mem::take(&mut column.levels);
        let writer = group.next_column()?.ok_or_else(missing)?;
        match std::mem::replace(&mut column.values, column.kind.none()) {
            Values::Texts(bytes, ends) => {
                let bytes = bytes::Bytes::from(bytes);
                let starts = std::iter::once(0).chain(ends.iter().copied());
                let texts = starts.zip(&ends).map(|(start, end)| ByteArray::from(bytes.slice(start..*end)));
                write::<ByteArrayType>(writer, &texts.collect::<Vec<_>>(), &levels)?;
            }
            Values::Ints(values) => write::<Int64Type>(writer, &values, &levels)?,
            Values::Numbers(values) => write::<DoubleType>(writer, &values, &levels)?,
            Values::Bools(values) => write::<BoolType>(writer, &values, &levels)?,
        }
    }
    group.close()?;
    Ok(())
}

fn write<T: DataType>(
    mut column: SerializedColumnWriter<'_>,
    values: &[T::T],
    levels: &[i16],
) -> Written<()> {
    column.typed::<T>().write_batch(values, Some(levels), None)?;
    column.close()
}

fn schema() -> Written<Type> {
    let column = |(name, kind): (&str, Kind)| {
        let of =
            |physical| Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        match kind {
            Kind::Text | Kind::Hash | Kind::Json => texts(name, Repetition::OPTIONAL),
            Kind::Instant => {
                let instant = LogicalType::timestamp(true, TimeUnit::MICROS);
                of(Physical::INT64).with_logical_type(Some(instant)).build()
            }
            Kind::Number => of(Physical::DOUBLE).build(),
            Kind::Count => of(Physical::INT64).build(),
            Kind::Bool => of(Physical::BOOLEAN).build(),
        }
    };
    let columns: Written<Vec<_>> = COLUMNS.into_iter().map(|named| column(named).map(Arc::new)).collect();
    Type::group_type_builder("records").with_fields(columns?).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::RowAccessor as _;

    #[test]
    fn rows_come_in_groups() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.parquet");
        let mut table = RecordTable::create(&path).unwrap();
        let rows = ROWS as i64 + 10;
        for at in 0..rows {
            table.write(format!("{{\"index\":{at}}}\n").as_bytes()).unwrap();
        }
        assert_eq!(table.rows, 10);
        table.finish().unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        let at = COLUMNS.iter().position(|(name, _)| *name == "index").unwrap();
        let found = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().get_long(at).unwrap());
        assert!(found.eq(0..rows));
    }

    #[test]
    fn what_has_no_column_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut table = RecordTable::create(&folder.path().join("r.parquet")).unwrap();
        for (line, why) in [
            ("{\"colour\":1}", "a key that has no column"),
            ("{\"late\":\"x\"}", "expected a boolean"),
            ("{\"time\":\"now\"}", "a record can't be a row"),
        ] {
            assert!(table.write(line.as_bytes()).unwrap_err().to_string().contains(why));
        }
    }
}
