//! Lets, tables and segments as one kind of thing.

use super::{Checked, Expr, ExprKind, Location};
use crate::ids::*;
use smol_str::SmolStr;

/// Something that is defined by expressions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Definition {
    Let(LetId),
    Table(TableId),
    Segment(SegmentId),
}

impl Definition {
    /// The definition that an expression is the name of.
    pub(crate) fn named_by(kind: &ExprKind) -> Option<Definition> {
        match kind {
            ExprKind::Let(id, _) => Some(Definition::Let(*id)),
            ExprKind::Table(id, _) => Some(Definition::Table(*id)),
            ExprKind::Segment(id) => Some(Definition::Segment(*id)),
            _ => None,
        }
    }

    /// Its name.
    pub(crate) fn name(self, checked: &Checked) -> &SmolStr {
        match self {
            Definition::Let(id) => &checked.lets[id.index()].name,
            Definition::Table(id) => &checked.tables[id.index()].name,
            Definition::Segment(id) => &checked.segments[id.index()].name,
        }
    }

    /// Where it is declared.
    pub(crate) fn at(self, checked: &Checked) -> Location {
        match self {
            Definition::Let(id) => checked.lets[id.index()].at,
            Definition::Table(id) => checked.tables[id.index()].at,
            Definition::Segment(id) => checked.segments[id.index()].at,
        }
    }

    /// The expressions that define it: of a table, the results of its rows.
    pub(crate) fn bodies(self, checked: &Checked) -> Vec<&Expr> {
        match self {
            Definition::Let(id) => vec![&checked.lets[id.index()].value],
            Definition::Table(id) => checked.tables[id.index()].rows.iter().map(|row| &row.result).collect(),
            Definition::Segment(id) => vec![&checked.segments[id.index()].condition],
        }
    }
}
