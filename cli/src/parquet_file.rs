//! Tables in Parquet that come into being as a whole.

use crate::failure::{Failure, Result};
use crate::output::NewFile;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};
use std::path::Path;
use std::sync::Arc;

/// What the library says.
pub(crate) type Written<T> = std::result::Result<T, ParquetError>;

/// A table that is being written.
pub(crate) struct ParquetFile {
    pub(crate) writer: SerializedFileWriter<NewFile>,
    path: String,
}

impl ParquetFile {
    /// # Errors
    /// Where the file can't be written.
    pub(crate) fn create(
        path: &Path,
        schema: Written<Type>,
        properties: WriterPropertiesBuilder,
    ) -> Result<ParquetFile> {
        let file = NewFile::create(path)?;
        let path = path.display().to_string();
        let properties = properties.set_created_by(format!("comity {}", env!("CARGO_PKG_VERSION")));
        let properties = Arc::new(properties.build());
        let writer =
            schema.and_then(|schema| SerializedFileWriter::new(file, TypePtr::new(schema), properties));
        let writer = writer.map_err(|error| failed(&path, &error))?;
        Ok(ParquetFile { writer, path })
    }

    /// Writes a group of rows.
    ///
    /// # Errors
    /// Where it can't be written.
    pub(crate) fn write(
        &mut self,
        group: impl FnOnce(&mut SerializedFileWriter<NewFile>) -> Written<()>,
    ) -> Result<()> {
        group(&mut self.writer).map_err(|error| failed(&self.path, &error))
    }

    /// Writes the end, without which nobody can read the file, and puts it in its place.
    ///
    /// # Errors
    /// Where that can't be done.
    pub(crate) fn finish(self) -> Result<()> {
        let file = self.writer.into_inner();
        file.map_err(|error| failed(&self.path, &error))?.finish()
    }
}

/// What all tables are written by.
pub(crate) fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_compression(Compression::SNAPPY)
}

/// A column of texts.
pub(crate) fn texts(name: &str, repetition: Repetition) -> Written<Type> {
    let column = Type::primitive_type_builder(name, Physical::BYTE_ARRAY);
    column.with_repetition(repetition).with_logical_type(Some(LogicalType::String)).build()
}

/// Says that a library's list of columns isn't the one that it was given.
pub(crate) fn missing() -> ParquetError {
    ParquetError::General("a column is missing".to_owned())
}

fn failed(path: &str, error: &ParquetError) -> Failure {
    if let ParquetError::External(error) = error
        && let Some(error) = error.downcast_ref::<std::io::Error>()
    {
        return Failure::file("write", Path::new(path), error);
    }
    Failure::new(format!("can't write `{path}`: {error}"))
}
