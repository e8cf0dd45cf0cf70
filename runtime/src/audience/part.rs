//! Customers as columns.

use super::Audience;
use super::build::Wanted;
use crate::intake::{ConsentLine, ProfileLine};
use comity_compiler::ids::AttributeId;
use comity_compiler::index::columns::{cell, key};
use comity_compiler::types::Type;
use comity_compiler::value::Value;
use smol_str::SmolStr;

/// Some customers, one after the other.
#[derive(Clone, Debug)]
pub struct Part {
    pub(super) subjects: Vec<SmolStr>,
    pub(super) columns: Vec<Column>,
    /// Where they matter: of each customer.
    pub(super) consents: Vec<Box<[ConsentLine]>>,
    asks_for_consents: bool,
    /// By attribute: its column.
    places: Box<[Option<u32>]>,
}

/// One attribute of all customers of a part.
#[derive(Clone, Debug)]
pub struct Column {
    ty: Type,
    /// What it is where nothing is known.
    default: Option<Value>,
    /// How many texts the policy names: those that it doesn't name come after them.
    named: u64,
    keeps_texts: bool,
    pub(super) keys: Vec<i64>,
    /// A bit for each key, the lowest first; of begun words the rest is 0.
    pub(super) known: Vec<u64>,
    /// Texts that the policy doesn't name, and sets.
    values: Vec<Value>,
}

impl Column {
    fn new(wanted: &Wanted, named: usize) -> Column {
        Column {
            ty: wanted.ty,
            default: wanted.default.clone(),
            named: named as u64,
            keeps_texts: wanted.keeps_texts,
            keys: Vec::new(),
            known: Vec::new(),
            values: Vec::new(),
        }
    }

    /// How many values it has.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Adds a value; `None` is what stands where nothing is known.
    pub fn push(&mut self, value: Option<&Value>) {
        let default = self.default.take();
        match value.or(default.as_ref()) {
            Some(value) => {
                let key = self.key_of(value);
                self.push_key(key, true);
            }
            None => self.push_key(0, false),
        }
        self.default = default;
    }

    /// Adds what a cell says fully.
    #[inline]
    pub fn push_cell(&mut self, cell: u64) {
        self.push_key(key(self.ty, cell), true);
    }

    fn push_key(&mut self, key: i64, known: bool) {
        let at = self.keys.len();
        self.keys.push(key);
        if at.is_multiple_of(64) {
            self.known.push(0);
        }
        self.known[at / 64] |= u64::from(known) << (at % 64);
    }

    /// Makes the last value another one.
    fn replace_last(&mut self, value: &Value) {
        let key = self.key_of(value);
        let Some(last) = self.keys.len().checked_sub(1) else { return };
        self.keys[last] = key;
        self.known[last / 64] |= 1 << (last % 64);
    }

    fn key_of(&mut self, value: &Value) -> i64 {
        match value {
            Value::Cell(cell) => key(self.ty, *cell),
            // All that the policy doesn't name are alike, where nobody asks what they say.
            Value::Text(_) if !self.keeps_texts => self.named as i64,
            Value::Text(_) => {
                self.values.push(value.clone());
                (self.named + self.values.len() as u64 - 1) as i64
            }
            Value::Set(members) if members.is_empty() => 0,
            Value::Set(_) => {
                self.values.push(value.clone());
                self.values.len() as i64
            }
        }
    }

    /// A value; `None` is unknown.
    pub(super) fn value(&self, row: usize) -> Option<Value> {
        let (key, known) = (self.keys[row], self.known[row / 64] >> (row % 64) & 1 == 1);
        if !known {
            return None;
        }
        Some(match self.ty {
            Type::Set(_) => match usize::try_from(key - 1) {
                Ok(at) => self.values[at].clone(),
                Err(_) => Value::Set([].into()),
            },
            _ if self.ty.is_text() && key >= self.named as i64 => {
                self.values.get((key as u64 - self.named) as usize).cloned().unwrap_or(Value::Text("".into()))
            }
            ty => Value::Cell(cell(ty, key)),
        })
    }
}

impl Part {
    /// Nobody.
    pub fn new(audience: &Audience) -> Part {
        let plan = &audience.policy.plan;
        let wanted = &audience.sieve.columns;
        let mut places = vec![None; plan.attributes.len()];
        for (at, wanted) in (0..).zip(wanted) {
            places[wanted.attribute.index()] = Some(at);
        }
        Part {
            subjects: Vec::new(),
            columns: wanted.iter().map(|wanted| Column::new(wanted, plan.texts.len())).collect(),
            consents: Vec::new(),
            asks_for_consents: audience.asks_for_consents(),
            places: places.into(),
        }
    }

    /// How many customers it has.
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// A customer's id.
    pub fn subject(&self, row: usize) -> &SmolStr {
        &self.subjects[row]
    }

    /// Takes the ids, to hand them on.
    pub fn into_subjects(self) -> Vec<SmolStr> {
        self.subjects
    }

    pub(super) fn column(&self, attribute: AttributeId) -> Option<&Column> {
        self.places.get(attribute.index()).copied().flatten().map(|at| &self.columns[at as usize])
    }

    /// Adds a customer.
    pub fn push(&mut self, line: ProfileLine) {
        self.subjects.push(line.subject);
        self.columns.iter_mut().for_each(|column| column.push(None));
        for (attribute, value) in line.attributes {
            if let (Some(column), Some(value)) = (self.places[attribute.index()], value) {
                self.columns[column as usize].replace_last(&value);
            }
        }
        if self.asks_for_consents {
            self.consents.push(line.consents.into());
        }
    }

    /// Its columns, in the order of [`Audience::attributes`], to be filled: as long as there are subjects.
    pub fn columns_mut(&mut self) -> &mut [Column] {
        &mut self.columns
    }

    /// Adds an id; the columns, and the consents where they matter, must get as many values.
    pub fn push_subject(&mut self, subject: SmolStr) {
        self.subjects.push(subject);
    }

    /// Adds the consents of a customer.
    pub fn push_consents(&mut self, consents: Vec<ConsentLine>) {
        if self.asks_for_consents {
            self.consents.push(consents.into());
        }
    }
}
