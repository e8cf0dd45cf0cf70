//! The attributes that a line gives, read straight into a flat record of those that a customer has.

use super::Changes;
use super::data::Seen;
use crate::profile::Record;
use comity_compiler::frame::Frame;
use comity_compiler::ids::{AttributeId, SlotId};
use comity_compiler::value::Value;

/// What a line says of the attributes of a customer of whom nothing else is known.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// With what the policy says where nothing is known.
    record: Record,
    given: Seen,
    /// Whether some are said to be unknown.
    has_unknown: bool,
}

impl Attributes {
    /// None is given.
    pub(super) fn clear(&mut self, blank: &Record) {
        self.record.become_as(blank);
        self.given.clear();
        self.has_unknown = false;
    }

    /// An attribute is given, `None` for unknown; it must not have been given before.
    #[inline(always)] // What is given is mostly known to be a cell.
    pub(super) fn give(&mut self, at: usize, value: Option<Value>) -> Option<()> {
        if self.given.mark(at) {
            return None;
        }
        match value {
            Some(Value::Cell(cell)) => self.record.set_cell(at, cell),
            value => {
                self.has_unknown |= value.is_none();
                self.record.set(at, value, i64::MIN);
            }
        }
        Some(())
    }

    /// Whether an attribute is given, be it as unknown.
    pub fn gives(&self, id: AttributeId) -> bool {
        self.given.is_marked(id.index())
    }

    /// Whether none is given.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Those that are given, ascending by id; `None` makes one unknown, or gives it its default back.
    pub fn iter(&self) -> impl Iterator<Item = (AttributeId, Option<Value>)> {
        let given = (0..self.record.len()).filter(|at| self.given.is_marked(*at));
        given.map(|at| (AttributeId::at(at), self.record.get(at)))
    }

    /// Fills the slots of attributes in a frame, those that aren't filled: with what is given, and with what the policy
    /// says where nothing is.
    #[inline]
    pub fn fill(&self, slots: &[(SlotId, AttributeId)], frame: &mut Frame) {
        self.record.fill(slots, frame);
    }

    /// Whether an attribute is known.
    pub fn is_known(&self, id: AttributeId) -> bool {
        self.record.cell(id.index()).is_some() || self.record.other(id.index()).is_some()
    }

    /// The record of a customer of whom this is known, where no attribute is said to be unknown.
    pub(crate) fn into_record(self) -> Result<Record, Attributes> {
        if self.has_unknown { Err(self) } else { Ok(self.record) }
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Attributes) -> bool {
        self.iter().eq(other.iter())
    }
}

impl IntoIterator for Attributes {
    type Item = (AttributeId, Option<Value>);
    type IntoIter = <Changes as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Changes>().into_iter()
    }
}
