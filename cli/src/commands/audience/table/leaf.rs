//! The values of a column, as they stand in the file.

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray, Int96};
use parquet::errors::ParquetError;

/// Values of some rows, with levels that say which of them are there (Melnik and others, "Dremel", 2010).
#[derive(Default)]
pub(super) struct Levels {
    /// How much of the path to each value is there.
    pub(super) definitions: Vec<i16>,
    /// Whether it begins a row (0).
    pub(super) repetitions: Vec<i16>,
}

/// Those that are there.
pub(super) enum Values {
    Bool(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Int96(Vec<Int96>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(Vec<ByteArray>),
    Fixed(Vec<FixedLenByteArray>),
}

/// Reads the values of so many rows, after others.
pub(super) fn read(
    reader: ColumnReader,
    skip: usize,
    count: usize,
) -> Result<(Levels, Values), ParquetError> {
    let mut levels = Levels::default();
    let at = &mut levels;
    let values = match reader {
        ColumnReader::BoolColumnReader(reader) => Values::Bool(rows(reader, skip, count, at)?),
        ColumnReader::Int32ColumnReader(reader) => Values::Int32(rows(reader, skip, count, at)?),
        ColumnReader::Int64ColumnReader(reader) => Values::Int64(rows(reader, skip, count, at)?),
        ColumnReader::Int96ColumnReader(reader) => Values::Int96(rows(reader, skip, count, at)?),
        ColumnReader::FloatColumnReader(reader) => Values::Float(rows(reader, skip, count, at)?),
        ColumnReader::DoubleColumnReader(reader) => Values::Double(rows(reader, skip, count, at)?),
        ColumnReader::ByteArrayColumnReader(reader) => Values::Bytes(rows(reader, skip, count, at)?),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => Values::Fixed(rows(reader, skip, count, at)?),
    };
    Ok((levels, values))
}

fn rows<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    skip: usize,
    count: usize,
    levels: &mut Levels,
) -> Result<Vec<T::T>, ParquetError> {
    let mut values = Vec::new();
    let mut read = 0;
    let mut is_there = skip == 0 || reader.skip_records(skip)? == skip;
    while is_there && read < count {
        let (definitions, repetitions) = (&mut levels.definitions, &mut levels.repetitions);
        let (more, ..) =
            reader.read_records(count - read, Some(definitions), Some(repetitions), &mut values)?;
        is_there = more > 0;
        read += more;
    }
    if read < count {
        return Err(ParquetError::EOF("a column has fewer rows than the file says".to_owned()));
    }
    Ok(values)
}

impl Values {
    pub(super) fn len(&self) -> usize {
        match self {
            Values::Bool(values) => values.len(),
            Values::Int32(values) => values.len(),
            Values::Int64(values) => values.len(),
            Values::Int96(values) => values.len(),
            Values::Float(values) => values.len(),
            Values::Double(values) => values.len(),
            Values::Bytes(values) => values.len(),
            Values::Fixed(values) => values.len(),
        }
    }

    /// A whole number, signed; of a decimal one the digits. `None` beyond 128 bits.
    pub(super) fn whole(&self, at: usize) -> Option<i128> {
        match self {
            Values::Int32(values) => Some(values[at].into()),
            Values::Int64(values) => Some(values[at].into()),
            Values::Bytes(values) => big_endian(values[at].data()),
            Values::Fixed(values) => big_endian(values[at].data()),
            _ => None,
        }
    }

    /// A whole number without a sign.
    pub(super) fn unsigned(&self, at: usize) -> Option<u64> {
        match self {
            Values::Int32(values) => Some(values[at].cast_unsigned().into()),
            Values::Int64(values) => Some(values[at].cast_unsigned()),
            _ => None,
        }
    }

    pub(super) fn double(&self, at: usize) -> Option<f64> {
        match self {
            Values::Float(values) => Some(values[at].into()),
            Values::Double(values) => Some(values[at]),
            _ => None,
        }
    }

    pub(super) fn text(&self, at: usize) -> Option<&str> {
        match self {
            Values::Bytes(values) => std::str::from_utf8(values[at].data()).ok(),
            _ => None,
        }
    }
}

/// Two's complement, the highest byte first.
fn big_endian(bytes: &[u8]) -> Option<i128> {
    let is_negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    let fill = if is_negative { 0xff } else { 0 };
    let more = bytes.len().saturating_sub(16);
    // What is beyond must only be the sign.
    if bytes[..more].iter().any(|byte| *byte != fill)
        || bytes.get(more).is_some_and(|byte| (byte & 0x80 != 0) != is_negative)
    {
        return None;
    }
    let mut wide = [fill; 16];
    wide[16 - (bytes.len() - more)..].copy_from_slice(&bytes[more..]);
    Some(i128::from_be_bytes(wide))
}

#[cfg(test)]
mod tests {
    use super::big_endian;

    #[test]
    fn decimals_of_any_width() {
        assert_eq!(big_endian(&[]), Some(0));
        assert_eq!(big_endian(&[0xff]), Some(-1));
        assert_eq!(big_endian(&[1, 0]), Some(256));
        assert_eq!(big_endian(&[0x80, 0]), Some(-32768));
        let mut wide = [0; 17];
        wide[16] = 7;
        assert_eq!(big_endian(&wide), Some(7));
        wide[0] = 1;
        assert_eq!(big_endian(&wide), None);
        assert_eq!(big_endian(&[0xff; 20]), Some(-1));
        let mut sign = [0; 17];
        sign[1] = 0x80;
        assert_eq!(big_endian(&sign), None);
    }
}
