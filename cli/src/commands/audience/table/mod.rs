//! Profiles as a Parquet file: a column for the customer's id, one for each attribute, one for consents.
//!
//! Only the columns that something asks for are read, a part of a row group at a time, each part by one core. The types
//! of all columns that the policy knows are checked before anything is read.

mod consents;
mod kind;
mod leaf;
mod read;

pub(super) use read::Reader;

use super::work::Task;
use crate::failure::{Failure, Result, meant};
use crate::shape;
use comity_compiler::ids::AttributeId;
use comity_runtime::audience::Audience;
use comity_runtime::intake::{misplaced_in_attributes, misspelt_in_profile};
use kind::Kind;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;

/// How Parquet begins and ends.
pub(super) const MAGIC: &[u8] = b"PAR1";

/// So many rows are read and judged together at most.
const TOGETHER: u64 = 1 << 16;

/// The keys of a profile.
const SUBJECT: &str = "subject";
const ATTRIBUTES: &str = "attributes";
const CONSENTS: &str = "consents";

/// A Parquet file with profiles.
pub(super) struct Table {
    path: PathBuf,
    /// How many rows each row group has.
    groups: Vec<u64>,
    subject: Column,
    /// In the order of [`Audience::attributes`]; `None` where the file doesn't have it.
    attributes: Vec<Option<Column>>,
    consents: Consents,
    strangers: Vec<String>,
    /// Fields of the records of a list that no consent has.
    unknown_in_consents: Vec<String>,
    /// Attributes that are asked for and not in the file.
    missing: Vec<String>,
    /// Whether consents matter and have no column.
    lacks_consents: bool,
}

/// A column as it is read.
#[derive(Clone, Debug)]
struct Column {
    /// As it is shown.
    name: String,
    /// Its place among the leaves of the schema.
    leaf: usize,
    kind: Kind,
}

/// Where consents stand.
enum Consents {
    /// Nowhere, or nobody asks.
    None,
    /// As the JSON of a profile's line.
    Json(Column),
    /// In a list of records: the columns of their fields.
    List(Vec<Column>),
}

/// Some rows of a row group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    group: usize,
    skip: u64,
    count: u64,
    /// Before them in the file.
    before: u64,
    /// How many rows are done after them, and how many there are.
    pub(super) end: u64,
    pub(super) all: u64,
}

impl Rows {
    /// Their numbers, as people count.
    pub(super) fn numbers(self) -> impl Iterator<Item = u64> {
        (self.before..self.end).map(|before| before.saturating_add(1))
    }
}

/// Opens a file if it is Parquet.
///
/// # Errors
/// Where it is, but damaged, or its columns aren't those of profiles.
pub(super) fn open(path: &Path, audience: &Audience) -> Result<Option<Table>> {
    if path == Path::new(crate::project::STDIN) {
        return Ok(None);
    }
    let fail = |error: std::io::Error| Failure::file("read", path, &error);
    let mut file = File::open(path).map_err(fail)?;
    if !file.metadata().map_err(fail)?.is_file() {
        // A pipe can be read, but not looked into; of a folder whoever reads it says so.
        return Ok(None);
    }
    let shown = path.display();
    let mut start = Vec::new();
    file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut start).map_err(fail)?;
    if start == b"PARE" {
        return Err(
            Failure::new(format!("`{shown}` is encrypted Parquet")).help("write it without encryption")
        );
    }
    if start != MAGIC {
        return match shape::is_parquet(path) {
            true => Err(Failure::new(format!("`{shown}` is not Parquet, whatever its name says"))
                .help("profiles are Parquet, or NDJSON: one JSON object on each line")),
            false => Ok(None),
        };
    }
    let length = file.seek(SeekFrom::End(0)).map_err(fail)?;
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(length.saturating_sub(MAGIC.len() as u64))).map_err(fail)?;
    file.by_ref().read_to_end(&mut end).map_err(fail)?;
    if end != MAGIC || length < 12 {
        return Err(Failure::new(format!("`{shown}` is cut short: it ends before the end of Parquet"))
            .help("copy, download or write the file again"));
    }
    let reader = reader(path)?;
    let metadata = reader.metadata();
    let groups = metadata.row_groups().iter().map(|group| group.num_rows().max(0).cast_unsigned()).collect();
    let table = Table::new(path, groups, metadata.file_metadata().schema_descr().columns(), audience)?;
    for column in table.columns() {
        let chunks = metadata.row_groups().iter().filter_map(|group| group.columns().get(column.leaf));
        if let Some(codec) = chunks.map(|chunk| chunk.compression()).find_map(unread) {
            let failure = Failure::new(format!(
                "{shown}: column `{}` is compressed with {codec}, which isn't read",
                column.name
            ));
            return Err(failure.help("write the file with snappy, zstd or gzip, or uncompressed"));
        }
    }
    Ok(Some(table))
}

/// Opens a file for one core.
fn reader(path: &Path) -> Result<SerializedFileReader<File>> {
    let file = File::open(path).map_err(|error| Failure::file("read", path, &error))?;
    guarded(path, || SerializedFileReader::new(file))
}

thread_local! {
    /// Whether this thread does something with a file that may be damaged in any way.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Does something with a file that may be damaged in any way. The library panics at some of these ways, which is told as
/// an error and not as a fault of Comity.
fn guarded<T>(path: &Path, work: impl FnOnce() -> std::result::Result<T, ParquetError>) -> Result<T> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let told = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                told(panic);
            }
        }));
    });
    GUARDED.set(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(false);
    match done {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(damaged(path, &error)),
        Err(_) => Err(damaged(path, &ParquetError::General("its parts contradict each other".to_owned()))),
    }
}

fn damaged(path: &Path, error: &ParquetError) -> Failure {
    let text = error.to_string();
    let shown = path.display();
    let why = ["Parquet error: ", "EOF: ", "NYI: "].iter().find_map(|start| text.strip_prefix(start));
    Failure::new(format!("`{shown}` is damaged: {}", why.unwrap_or(&text)))
        .help("copy, download or write the file again")
}

impl Table {
    fn new(
        path: &Path,
        groups: Vec<u64>,
        leaves: &[std::sync::Arc<ColumnDescriptor>],
        audience: &Audience,
    ) -> Result<Table> {
        let shown = path.display();
        let policy = audience.policy();
        let (mut subject, mut json, mut list, mut no_consents) = (None, None, Vec::new(), None);
        let mut found: BTreeMap<AttributeId, Column> = BTreeMap::new();
        let (mut empty, mut has_empty_consents) = (BTreeSet::new(), false);
        let (mut strangers, mut unknown_in_consents) = (Vec::new(), Vec::new());
        for (leaf, descriptor) in leaves.iter().enumerate() {
            let path = descriptor.path().parts();
            let (first, rest) = match path {
                [first, name, rest @ ..] if first == ATTRIBUTES => (name, rest),
                [first, rest @ ..] => (first, rest),
                [] => continue,
            };
            let is_own = path.len() == rest.len() + 1;
            let name = path[..path.len() - rest.len()].join(".");
            let column = |kind| Column { name: name.clone(), leaf, kind };
            let kind = kind::of(descriptor);
            let wrong = |expected: &str| {
                let found = kind::describe(descriptor);
                Failure::new(format!("{shown}: column `{name}` must hold {expected}, and holds {found}"))
            };
            match first.as_str() {
                SUBJECT if is_own => match kind {
                    Ok(kind) if kind.is_id() && rest.is_empty() => subject = Some(column(kind)),
                    _ => return Err(wrong("ids: texts or whole numbers").help(CAST)),
                },
                // Nothing is known of anybody: tools write so what has no value at all.
                CONSENTS if is_own && kind::is_empty(descriptor) => has_empty_consents = true,
                CONSENTS if is_own && rest.is_empty() => match kind {
                    Ok(Kind::Text) => json = Some(column(Kind::Text)),
                    _ => return Err(wrong("JSON as a text, or a list of records")),
                },
                CONSENTS if is_own => {
                    let field = rest.last().cloned().unwrap_or_default();
                    match kind {
                        Ok(kind) if consents::takes(&field, kind, descriptor) => {
                            list.push(Column { name: field, leaf, kind });
                        }
                        _ if !consents::FIELDS.contains(&field.as_str()) => {
                            if let Some(misspelt) = policy.schema.misspelt_in_consent(&field) {
                                return Err(Failure::new(format!("{shown}: {misspelt}")));
                            }
                            no_consents.get_or_insert_with(|| wrong("JSON as a text, or a list of records"));
                            unknown_in_consents.push(field);
                        }
                        // A record that is no list has no members.
                        _ if descriptor.max_rep_level() == 1 => {
                            let (expected, found) =
                                (consents::expected(&field), kind::describe_member(descriptor));
                            return Err(Failure::new(format!(
                                "{shown}: `{CONSENTS}[].{field}` must hold {expected}, and holds {found}"
                            ))
                            .help(CAST));
                        }
                        _ => return Err(wrong("JSON as a text, or a list of records")),
                    }
                }
                ATTRIBUTES if is_own && rest.is_empty() => {
                    if !kind::is_empty(descriptor) {
                        return Err(wrong("a struct with a column for each attribute")
                            .help("write each attribute as a column of its own"));
                    }
                }
                other => {
                    let Some(attribute) = policy.schema.attribute_named(other) else {
                        if let Some(misspelt) = misspelt_in_profile(other).filter(|_| is_own) {
                            return Err(Failure::new(format!("{shown}: {misspelt}"))
                                .help("rename the column, or leave it out if it is something else"));
                        }
                        if let Some(misplaced) = misplaced_in_attributes(other).filter(|_| !is_own) {
                            return Err(Failure::new(format!("{shown}: {misplaced}"))
                                .help("make it a column of its own, `consents`"));
                        }
                        if strangers.last() != Some(&name) {
                            strangers.push(name);
                        }
                        continue;
                    };
                    if kind::is_empty(descriptor) {
                        empty.insert(attribute);
                        continue;
                    }
                    let ty = policy.plan.attributes[attribute.index()].ty;
                    let help = || {
                        let expected = policy.schema.expected(attribute);
                        wrong(&expected).help(kind::help(ty))
                    };
                    let kind = kind.map_err(|_| help())?;
                    if !kind.fits(ty, descriptor, rest) {
                        return Err(help());
                    }
                    if found.insert(attribute, column(kind)).is_some() {
                        return Err(Failure::new(format!(
                            "{shown}: two columns are the attribute `{other}`"
                        ))
                        .help("leave one of them out"));
                    }
                }
            }
        }
        let Some(subject) = subject else {
            let failure = Failure::new(format!("{shown} has no column `{SUBJECT}` with the customers' ids"));
            let help = "rename the column that has them, for instance `SELECT customer_id AS subject, …`";
            let names = strangers.iter().map(|name: &String| name.as_str());
            let near = meant(SUBJECT, names, "it has").filter(|help| help.starts_with("did"));
            return Err(near.into_iter().fold(failure, Failure::help).help(help));
        };
        if let Some(failure) = no_consents
            && json.is_none()
            && list.is_empty()
            && !has_empty_consents
        {
            return Err(
                failure.help("write it as in NDJSON: records with `purpose`, `channel`, `source` and so on")
            );
        }
        let mut missing = Vec::new();
        let attributes = audience.attributes().map(|attribute| {
            let column = found.remove(&attribute);
            if column.is_none() && !empty.contains(&attribute) {
                missing.push(policy.plan.attributes[attribute.index()].name.to_string());
            }
            column
        });
        let attributes = attributes.collect();
        let mut lacks_consents = false;
        let consents = match (audience.asks_for_consents(), json, list) {
            (true, Some(column), _) => Consents::Json(column),
            (true, None, columns) if !columns.is_empty() => Consents::List(columns),
            (true, None, _) => {
                lacks_consents = !has_empty_consents;
                if lacks_consents && audience.notes().purposes.is_empty() {
                    missing.push(CONSENTS.to_owned());
                }
                Consents::None
            }
            (false, ..) => Consents::None,
        };
        if !matches!(consents, Consents::List(_)) {
            unknown_in_consents.clear();
        }
        Ok(Table {
            path: path.to_owned(),
            groups,
            subject,
            attributes,
            consents,
            strangers,
            unknown_in_consents,
            missing,
            lacks_consents,
        })
    }

    /// Gives all rows, some at a time.
    pub(super) fn tasks(&self, give: &mut dyn FnMut(Task) -> bool) {
        let all = self.groups.iter().fold(0_u64, |all, rows| all.saturating_add(*rows));
        let mut before = 0_u64;
        for (group, rows) in self.groups.iter().enumerate() {
            // Of about the same size.
            let each = rows.div_ceil(rows.div_ceil(TOGETHER).max(1)).max(1);
            let mut skip = 0;
            while skip < *rows {
                let count = each.min(rows - skip);
                let end = before.saturating_add(count);
                if !give(Task::Rows(Rows { group, skip, count, before, end, all })) {
                    return;
                }
                (skip, before) = (skip + count, end);
            }
        }
    }

    /// Those that are read.
    fn columns(&self) -> impl Iterator<Item = &Column> {
        let consents = match &self.consents {
            Consents::None => &[][..],
            Consents::Json(column) => std::slice::from_ref(column),
            Consents::List(columns) => columns,
        };
        std::iter::once(&self.subject).chain(self.attributes.iter().flatten()).chain(consents)
    }

    /// Columns that the policy doesn't know.
    pub(super) fn strangers(&self) -> &[String] {
        &self.strangers
    }

    /// Fields of consents that aren't known, where consents are read.
    pub(super) fn unknown_in_consents(&self) -> &[String] {
        &self.unknown_in_consents
    }

    /// Whether consents matter and have no column.
    pub(super) fn lacks_consents(&self) -> bool {
        self.lacks_consents
    }

    /// What is asked for and has no column.
    pub(super) fn missing(&self) -> &[String] {
        &self.missing
    }
}

/// How a column is compressed, where that isn't read.
fn unread(codec: Compression) -> Option<&'static str> {
    match codec {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_) | Compression::ZSTD(_) => None,
        Compression::BROTLI(_) => Some("Brotli"),
        Compression::LZ4 | Compression::LZ4_RAW => Some("LZ4"),
        Compression::LZO => Some("LZO"),
    }
}

const CAST: &str = "cast the column when the file is written";
