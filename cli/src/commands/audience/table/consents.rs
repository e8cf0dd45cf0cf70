//! Consents as a list of records: they become the JSON that stands in a profile's line, and are read as that.

use super::Column;
use super::kind::{Kind, Unit};
use super::leaf::Values;
use comity_runtime::record::write_instant;
use parquet::schema::types::ColumnDescriptor;
use serde_json::{Map, Value};

/// What a consent says.
pub(super) const FIELDS: [&str; 7] = ["purpose", "channel", "source", "confirmed", "id", "time", "withdrawn"];

/// Of each row the consents.
pub(super) struct Lists {
    pub(super) rows: Vec<Vec<Map<String, Value>>>,
}

/// Whether a column can be this field of the records of a list.
pub(super) fn takes(field: &str, kind: Kind, column: &ColumnDescriptor) -> bool {
    column.max_rep_level() == 1
        && match field {
            "purpose" | "channel" | "source" | "id" => kind == Kind::Text,
            "confirmed" | "withdrawn" => kind == Kind::Bool,
            "time" => matches!(kind, Kind::Text | Kind::Instant(_) | Kind::OldInstant),
            _ => false,
        }
}

/// What this field must hold.
pub(super) fn expected(field: &str) -> &'static str {
    match field {
        "confirmed" | "withdrawn" => "true or false",
        "time" => "TIMESTAMP in UTC, or a text such as \"2026-11-27T10:00:00Z\"",
        _ => "text",
    }
}

impl Lists {
    pub(super) fn new(rows: usize) -> Lists {
        Lists { rows: vec![Vec::new(); rows] }
    }

    /// Adds a field of all records of a row.
    pub(super) fn add(&mut self, row: usize, field: &Column, values: &Values, members: &[Option<usize>]) {
        let Some(list) = self.rows.get_mut(row) else { return };
        list.resize(list.len().max(members.len()), Map::new());
        for (record, at) in list.iter_mut().zip(members) {
            if let Some(value) = at.and_then(|at| value(field.kind, values, at)) {
                record.insert(field.name.clone(), value);
            }
        }
    }
}

fn value(kind: Kind, values: &Values, at: usize) -> Option<Value> {
    Some(match (kind, values) {
        (Kind::Bool, Values::Bool(values)) => Value::Bool(values[at]),
        (Kind::Instant(unit), _) => {
            let value = i64::try_from(values.whole(at)?).ok()?;
            let micros = match unit {
                Unit::Milli => value.saturating_mul(1000),
                Unit::Micro => value,
                Unit::Nano => value.div_euclid(1000),
            };
            instant(micros)?
        }
        (Kind::OldInstant, Values::Int96(values)) => instant(values[at].to_micros())?,
        // What isn't UTF-8 is no name of anything.
        _ => Value::String(values.text(at).unwrap_or("\u{fffd}").to_owned()),
    })
}

fn instant(micros: i64) -> Option<Value> {
    let mut text = Vec::new();
    write_instant(&mut text, micros);
    Some(Value::String(String::from_utf8(text).ok()?))
}

/// The list as it stands in a profile's line.
pub(super) fn json(list: &[Map<String, Value>]) -> String {
    serde_json::to_string(list).unwrap_or_default()
}
