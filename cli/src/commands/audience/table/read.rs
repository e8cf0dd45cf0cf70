//! Rows of a Parquet file become customers.

use super::consents;
use super::kind::{Kind, Unit};
use super::leaf::{self, Levels, Values};
use super::{Column, Consents, Rows, Table, guarded, reader};
use crate::commands::audience::work::Done;
use crate::failure::Result;
use comity_compiler::ids::AttributeId;
use comity_compiler::types::Type;
use comity_compiler::value::Value;
use comity_runtime::audience::{self, Audience, Part};
use comity_runtime::intake::Given;
use parquet::basic::Repetition;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use std::collections::{HashMap, HashSet};
use std::fs::File;

/// So many different texts of a column are remembered.
const REMEMBERED: usize = 4096;

/// Reads rows, on one core.
pub(in super::super) struct Reader<'a> {
    table: &'a Table,
    audience: &'a Audience,
    file: SerializedFileReader<File>,
    /// Of each attribute the texts that came before, with what they mean.
    texts: Vec<HashMap<Box<str>, Value>>,
}

/// What is wrong with some rows.
struct Wrong<'d> {
    done: &'d mut Done,
    /// Rows that were refused already, by position.
    rows: HashSet<usize>,
    /// Of each the position, the column and the reason.
    found: Vec<(usize, String, String)>,
}

impl Wrong<'_> {
    fn refuse(&mut self, row: usize, column: &str, why: String) {
        if self.rows.insert(row) {
            self.found.push((row, column.to_owned(), why));
        }
    }

    /// Tells them by row and not by column; `before` is how many rows come before these in the file.
    fn tell(mut self, before: u64) {
        self.found.sort();
        for (row, column, why) in self.found {
            let row = before.saturating_add(row as u64 + 1);
            self.done.refused.add(|| format!(": row {row},"), format!("column `{column}`: {why}"));
        }
    }
}

impl<'a> Reader<'a> {
    pub(in super::super) fn open(table: &'a Table, audience: &'a Audience) -> Result<Reader<'a>> {
        let texts = table.attributes.iter().map(|_| HashMap::new()).collect();
        Ok(Reader { table, audience, file: reader(&table.path)?, texts })
    }

    /// Reads some rows.
    ///
    /// # Errors
    /// Where the file is damaged.
    pub(in super::super) fn read(&mut self, rows: Rows, done: &mut Done) -> Result<Part> {
        let path = &self.table.path;
        let mut part = Part::new(self.audience);
        let mut wrong = Wrong { done, rows: HashSet::new(), found: Vec::new() };
        let (table, audience, texts) = (self.table, self.audience, &mut self.texts);
        let file = &self.file;
        guarded(path, || {
            let group = file.get_row_group(rows.group)?;
            let mut columns = Group { group: &*group, rows };
            subjects(&mut columns, table, audience, &mut part, &mut wrong)?;
            let attributes = table.attributes.iter().zip(audience.attributes()).zip(texts);
            for (at, ((column, attribute), texts)) in attributes.enumerate() {
                let filled = &mut part.columns_mut()[at];
                match column {
                    Some(column) => {
                        let values = columns.read(column)?;
                        let filler = Filler { audience, attribute, column, texts };
                        filler.fill(&values, filled, &mut wrong)?;
                    }
                    None => (0..rows.count).for_each(|_| filled.push(None)),
                }
            }
            if audience.asks_for_consents() {
                consents_of(&mut columns, table, audience, &mut part, &mut wrong)?;
            }
            Ok(())
        })?;
        wrong.tell(rows.before);
        Ok(part)
    }
}

/// A row group, of which some rows are read.
struct Group<'g> {
    group: &'g dyn RowGroupReader,
    rows: Rows,
}

/// A column of some rows.
struct Read {
    levels: Levels,
    values: Values,
    /// How much of the path is there where the value is.
    full: i16,
    /// How much of the path is there where a member of a list is, be it null.
    member: i16,
    repeated: bool,
    rows: usize,
}

impl Group<'_> {
    fn read(&mut self, column: &Column) -> std::result::Result<Read, ParquetError> {
        let descriptor = self.group.metadata().column(column.leaf).column_descr_ptr();
        let reader = self.group.get_column_reader(column.leaf)?;
        let (skip, rows) = (self.rows.skip as usize, self.rows.count as usize);
        let (levels, values) = leaf::read(reader, skip, rows)?;
        let full = descriptor.max_def_level();
        let member = member_level(self.group, descriptor.path().parts());
        let read = Read { levels, values, full, member, repeated: descriptor.max_rep_level() > 0, rows };
        let there = match full {
            0 if !read.repeated => rows,
            _ => read.levels.definitions.iter().filter(|level| **level == full).count(),
        };
        if there != read.values.len() || (!read.repeated && full > 0 && read.levels.definitions.len() != rows)
        {
            return Err(ParquetError::General(
                "a column says of values that they are there which are not".to_owned(),
            ));
        }
        Ok(read)
    }
}

/// How much of the path of a column is there where a member of its innermost list is, be it null.
fn member_level(group: &dyn RowGroupReader, path: &[String]) -> i16 {
    let schema = group.metadata().schema_descr();
    let (mut at, mut level, mut member) = (schema.root_schema(), 0, 0);
    for part in path {
        // The path is one of this schema.
        let Some(next) = at.get_fields().iter().find(|field| field.name() == part) else { break };
        at = next;
        let info = at.get_basic_info();
        let repetition = if info.has_repetition() { info.repetition() } else { Repetition::REQUIRED };
        level += i16::from(repetition != Repetition::REQUIRED);
        if repetition == Repetition::REPEATED {
            member = level;
        }
        if at.is_primitive() {
            break;
        }
    }
    member
}

impl Read {
    /// Calls with each row, and the position of its value where there is one.
    fn each(&self, mut call: impl FnMut(usize, Option<usize>)) {
        if self.full == 0 {
            (0..self.rows).for_each(|row| call(row, Some(row)));
            return;
        }
        let mut next = 0;
        for (row, level) in self.levels.definitions.iter().enumerate() {
            let is_there = *level == self.full;
            call(row, is_there.then_some(next));
            next += usize::from(is_there);
        }
    }

    /// Calls with each row, and the positions of the members of its list; a member of which nothing is known has none.
    /// Whether the list itself is there isn't told: who has none has an empty one.
    fn each_list(
        &self,
        mut call: impl FnMut(usize, &[Option<usize>]),
    ) -> std::result::Result<(), ParquetError> {
        let (mut row, mut next, mut members) = (0, 0, Vec::new());
        for (at, level) in self.levels.definitions.iter().enumerate() {
            if at > 0 && self.levels.repetitions.get(at) == Some(&0) {
                call(row, &members);
                members.clear();
                row += 1;
            }
            if *level == self.full {
                members.push(Some(next));
                next += 1;
            } else if *level >= self.member {
                members.push(None);
            }
        }
        if self.rows > 0 {
            call(row, &members);
        }
        if row + 1 == self.rows || self.rows == 0 {
            return Ok(());
        }
        Err(ParquetError::General("a list has another number of rows than the file says".to_owned()))
    }
}

/// The ids.
fn subjects(
    columns: &mut Group<'_>,
    table: &Table,
    audience: &Audience,
    part: &mut Part,
    wrong: &mut Wrong<'_>,
) -> std::result::Result<(), ParquetError> {
    let read = columns.read(&table.subject)?;
    let name = &table.subject.name;
    let mut digits = String::new();
    read.each(|row, at| {
        let id = match at.map(|at| (table.subject.kind, at)) {
            Some((Kind::Text, at)) => read.values.text(at).ok_or("not UTF-8"),
            Some((kind, at)) => {
                digits.clear();
                let number = match kind {
                    Kind::Unsigned => read.values.unsigned(at).map(i128::from),
                    _ => read.values.whole(at),
                };
                digits.push_str(&number.unwrap_or_default().to_string());
                Ok(digits.as_str())
            }
            None => Err("it is missing: every customer needs an id"),
        };
        let id = id.unwrap_or_else(|why| {
            wrong.refuse(row, name, why.to_owned());
            "?"
        });
        if let Err(why) = audience.policy().schema.check_subject(id) {
            wrong.refuse(row, name, why.to_string());
        }
        part.push_subject(id.into());
    });
    Ok(())
}

fn consents_of(
    columns: &mut Group<'_>,
    table: &Table,
    audience: &Audience,
    part: &mut Part,
    wrong: &mut Wrong<'_>,
) -> std::result::Result<(), ParquetError> {
    let schema = &audience.policy().schema;
    let rows = columns.rows.count as usize;
    let mut push = |row: usize, json: Option<&str>| {
        let consents = json.map_or_else(|| Ok(Default::default()), |json| schema.consents(json));
        let (consents, unknown) = consents.unwrap_or_else(|why| {
            wrong.refuse(row, super::CONSENTS, why.to_string());
            Default::default()
        });
        wrong.done.in_consents.add(&unknown);
        part.push_consents(consents);
    };
    match &table.consents {
        Consents::None => (0..rows).for_each(|row| push(row, None)),
        Consents::Json(column) => {
            let read = columns.read(column)?;
            read.each(|row, at| push(row, at.map(|at| read.values.text(at).unwrap_or("not UTF-8"))));
        }
        Consents::List(fields) => {
            let mut lists = consents::Lists::new(rows);
            for field in fields {
                let read = columns.read(field)?;
                read.each_list(|row, members| lists.add(row, field, &read.values, members))?;
            }
            for (row, list) in lists.rows.iter().enumerate() {
                push(row, Some(&consents::json(list)));
            }
        }
    }
    Ok(())
}

/// Fills a column with the values of one attribute.
struct Filler<'f> {
    audience: &'f Audience,
    attribute: AttributeId,
    column: &'f Column,
    texts: &'f mut HashMap<Box<str>, Value>,
}

impl Filler<'_> {
    fn fill(
        mut self,
        read: &Read,
        filled: &mut audience::Column,
        wrong: &mut Wrong<'_>,
    ) -> std::result::Result<(), ParquetError> {
        let ty = self.audience.policy().plan.attributes[self.attribute.index()].ty;
        let name = &self.column.name;
        if let Type::Set(_) = ty {
            return read.each_list(|row, members| match self.set(&read.values, members) {
                Ok(value) => filled.push(Some(&value)),
                Err(why) => {
                    wrong.refuse(row, name, why);
                    filled.push(None);
                }
            });
        }
        read.each(|row, at| {
            let Some(at) = at else { return filled.push(None) };
            let why = match self.column.kind {
                Kind::Text => match self.text(&read.values, at) {
                    Ok(Value::Cell(cell)) => return filled.push_cell(*cell),
                    Ok(value) => return filled.push(Some(value)),
                    Err(why) => why,
                },
                kind @ (Kind::Float | Kind::Decimal(_)) if ty == Type::Int => {
                    match self.whole(kind, &read.values, at) {
                        Ok(cell) => return filled.push_cell(cell),
                        Err(why) => why,
                    }
                }
                kind => match cell(kind, ty, &read.values, at) {
                    Ok(cell) => return filled.push_cell(cell),
                    Err(what) => self.expected(what),
                },
            };
            wrong.refuse(row, name, why);
            filled.push(None);
        });
        Ok(())
    }

    fn expected(&self, found: &str) -> String {
        format!("expected {}, found {found}", self.audience.policy().schema.expected(self.attribute))
    }

    /// A whole number of a column that could have fractions, as a cell.
    fn whole(&self, kind: Kind, values: &Values, at: usize) -> std::result::Result<u64, String> {
        let number = match kind {
            Kind::Decimal(scale) => {
                let digits = values.whole(at).ok_or_else(|| self.expected(LARGE))?;
                if let Ok(whole) = minor_units(digits, scale, 0) {
                    return Ok(whole.cast_unsigned());
                }
                double(digits, scale)
            }
            _ => values.double(at),
        };
        let given = Given::Number(number.unwrap_or(f64::NAN));
        match self.audience.policy().schema.given(self.attribute, given) {
            Ok(Value::Cell(cell)) if kind == Kind::Float => Ok(cell),
            // It has so many decimals that a double has lost them.
            Ok(_) => Err(self.expected("one with decimals")),
            Err(why) => Err(why.to_string()),
        }
    }

    /// What a text means; the usual ones are looked up once.
    fn text(&mut self, values: &Values, at: usize) -> std::result::Result<&Value, String> {
        let Some(text) = values.text(at) else { return Err("not UTF-8".to_owned()) };
        // Looked up twice where it is known: the borrow of one look can't be given away where the other may follow.
        if !self.texts.contains_key(text) {
            let schema = &self.audience.policy().schema;
            let value = schema.given(self.attribute, Given::Text(text)).map_err(|why| why.to_string())?;
            if self.texts.len() >= REMEMBERED {
                self.texts.clear();
            }
            self.texts.insert(text.into(), value);
        }
        self.texts.get(text).ok_or_else(String::new)
    }

    fn set(&self, values: &Values, members: &[Option<usize>]) -> std::result::Result<Value, String> {
        let schema = &self.audience.policy().schema;
        let mut is_text = true;
        let given = members.iter().map(|at| {
            at.map(|at| match self.column.kind {
                Kind::Text => values.text(at).map_or_else(
                    || {
                        is_text = false;
                        Given::Text("")
                    },
                    Given::Text,
                ),
                Kind::Unsigned => Given::Large(values.unsigned(at).unwrap_or_default()),
                _ => Given::Int(values.whole(at).unwrap_or_default() as i64),
            })
        });
        let given: Vec<Option<Given<'_>>> = given.map(|given| given.map(small)).collect();
        if !is_text {
            return Err("not UTF-8".to_owned());
        }
        schema.given_set(self.attribute, given.into_iter()).map_err(|why| why.to_string())
    }
}

fn small(given: Given<'_>) -> Given<'_> {
    match given {
        Given::Large(value) => i64::try_from(value).map_or(given, Given::Int),
        other => other,
    }
}

/// The cell of a value that is no text; what it is where it can't be one.
fn cell(kind: Kind, ty: Type, values: &Values, at: usize) -> std::result::Result<u64, &'static str> {
    let whole = || values.whole(at).and_then(|value| i64::try_from(value).ok());
    let number = |value: f64| {
        // Minus zero and zero are one value.
        if value.is_finite() { Ok((value + 0.0).to_bits()) } else { Err("a number that is not finite") }
    };
    let large = LARGE;
    match kind {
        Kind::Bool => match values {
            Values::Bool(values) => Ok(u64::from(values[at])),
            _ => Err("something else"),
        },
        Kind::Int if ty.is_float() => number(whole().ok_or(large)? as f64),
        Kind::Int | Kind::Date => Ok(whole().ok_or(large)?.cast_unsigned()),
        Kind::Unsigned => {
            let value = values.unsigned(at).ok_or(large)?;
            match ty.is_float() {
                true => number(value as f64),
                false => i64::try_from(value).map(i64::cast_unsigned).map_err(|_| large),
            }
        }
        Kind::Float => number(values.double(at).ok_or("something else")?),
        Kind::Time(unit) => {
            const DAY: i64 = 24 * 3_600_000_000;
            let time = micros(whole().ok_or(large)?, unit).filter(|time| (0..DAY).contains(time));
            time.map(i64::cast_unsigned).ok_or("one that no clock shows")
        }
        Kind::Instant(unit) => micros(whole().ok_or(large)?, unit).map(i64::cast_unsigned).ok_or(large),
        Kind::OldInstant => match values {
            Values::Int96(values) => Ok(values[at].to_micros().cast_unsigned()),
            _ => Err("something else"),
        },
        Kind::Decimal(scale) => {
            let digits = values.whole(at).ok_or(large)?;
            match ty {
                Type::Money(currency) => {
                    minor_units(digits, scale, currency.decimals()).map(i64::cast_unsigned)
                }
                _ => number(double(digits, scale).ok_or(large)?),
            }
        }
        Kind::Text => Err("a text"),
    }
}

const LARGE: &str = "one that is too large";

/// Digits with so many decimals, as they are read from a text: the nearest double.
fn double(digits: i128, scale: u32) -> Option<f64> {
    format!("{digits}e-{scale}").parse().ok()
}

fn micros(value: i64, unit: Unit) -> Option<i64> {
    match unit {
        Unit::Milli => value.checked_mul(1000),
        Unit::Micro => Some(value),
        Unit::Nano => Some(value.div_euclid(1000)),
    }
}

/// Digits with so many decimals as an amount of minor units, of which there are so many decimals.
fn minor_units(digits: i128, scale: u32, decimals: u32) -> std::result::Result<i64, &'static str> {
    let large = LARGE;
    let power = |exponent: u32| 10_i128.checked_pow(exponent).ok_or(large);
    let units = if scale <= decimals {
        digits.checked_mul(power(decimals - scale)?).ok_or(large)?
    } else {
        let unit = power(scale - decimals)?;
        if digits % unit != 0 {
            return Err("one with more decimals");
        }
        digits / unit
    };
    i64::try_from(units).map_err(|_| large)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_decimals() {
        assert_eq!(minor_units(8000, 2, 2), Ok(8000));
        assert_eq!(minor_units(80, 0, 2), Ok(8000));
        assert_eq!(minor_units(-800_000, 4, 2), Ok(-8000));
        assert_eq!(minor_units(800_001, 4, 2), Err("one with more decimals"));
        assert_eq!(minor_units(i128::MAX, 0, 2), Err("one that is too large"));
        assert_eq!(minor_units(1, 60, 2), Err("one that is too large"));
    }
}
