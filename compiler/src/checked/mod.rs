//! The checked policy: every name resolved, every expression typed, every declaration once.
//!
//! Tables of named things are ordered by name ([`crate::ids`]). Where something was wrong, a diagnostic has said
//! so and what remains here is as complete as it can be: an [`ExprKind::Error`] stands for what could not be
//! understood. Only a policy without errors is lowered to a plan.

#![allow(missing_docs)] // Fields mirror the syntax tree, with names and types resolved.

mod definition;
mod expression;
mod journey;
mod message;
mod print;
pub(crate) mod print_expression;
mod print_journey;
mod test;
mod visit;
mod visit_journey;

pub(crate) use definition::Definition;
pub use expression::*;
pub use journey::*;
pub use message::*;
pub use print::print;
pub use test::*;

use crate::ids::*;
use crate::model::Ensemble;
use crate::types::{Currency, Type};
use comity_grammar::Span;
use comity_grammar::tree;
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A place in the policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Location {
    pub file: FileId,
    pub span: Span,
}

/// A whole policy.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The policy's name.
    pub name: SmolStr,
    pub enums: Vec<Enum>,
    pub attributes: Vec<Attribute>,
    /// The attribute named `timezone`, where it has that type and isn't optional.
    pub timezone: Option<AttributeId>,
    /// The attribute named `language`, where it has that type.
    pub language: Option<AttributeId>,
    /// The built-in ones first.
    pub events: Vec<Event>,
    pub segments: Vec<Segment>,
    pub lets: Vec<Let>,
    pub tables: Vec<Table>,
    pub channels: Vec<Channel>,
    pub placements: Vec<Placement>,
    /// By name; `rank` is in each.
    pub classes: Vec<Class>,
    pub purposes: Vec<Purpose>,
    /// By name.
    pub tags: Vec<SmolStr>,
    pub messages: Vec<Message>,
    pub caps: Vec<Cap>,
    pub suppressions: Vec<Suppress>,
    pub arbitrate: Option<Arbitrate>,
    pub holdouts: Vec<Holdout>,
    pub experiments: Vec<Experiment>,
    /// Features checked; not run yet.
    pub models: Vec<Model>,
    pub journeys: Vec<Journey>,
    /// In the order of file and place.
    pub stops: Vec<Stop>,
    /// Names and types checked; not proved yet.
    pub invariants: Vec<Invariant>,
    /// In the order of file and place.
    pub tests: Vec<Test>,
}

impl Checked {
    /// A type as the author writes it.
    pub(crate) fn type_name(&self, ty: Type) -> String {
        print_expression::Printer { checked: Some(self), parameters: &[] }.ty(ty)
    }

    /// The messages that some journey sends.
    pub(crate) fn sent_by_journeys(&self) -> BTreeSet<MessageId> {
        let statements = self.journeys.iter().flat_map(|journey| journey.statements());
        let sent = statements.filter_map(|statement| match &statement.kind {
            StatementKind::Send(send) => Some(send.message),
            _ => None,
        });
        sent.collect()
    }
}

/// `invariant NAME: SELECTOR requires CONDITION`
#[derive(Clone, Debug)]
pub struct Invariant {
    pub name: SmolStr,
    pub at: Location,
    pub selector: crate::plan::Selector,
    /// May use `message.x` and `channel`.
    pub condition: Expr,
}

#[derive(Clone, Debug)]
pub struct Enum {
    pub name: SmolStr,
    pub at: Location,
    pub ordered: bool,
    pub members: Vec<SmolStr>,
}

#[derive(Clone, Debug)]
pub struct Attribute {
    pub name: SmolStr,
    pub at: Location,
    pub ty: Type,
    pub optional: bool,
    pub default: Option<Constant>,
    pub personal: bool,
    /// Empty: any purpose.
    pub only_for: Vec<PurposeId>,
}

#[derive(Clone, Debug)]
pub struct Event {
    pub name: SmolStr,
    /// `None` for a built-in one.
    pub at: Option<Location>,
    pub only_for: Vec<PurposeId>,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: SmolStr,
    /// `None` in a built-in event.
    pub at: Option<Location>,
    pub ty: Type,
    pub optional: bool,
    pub only_for: Vec<PurposeId>,
}

#[derive(Clone, Debug)]
pub struct Segment {
    pub name: SmolStr,
    pub at: Location,
    pub condition: Expr,
}

#[derive(Clone, Debug)]
pub struct Let {
    pub name: SmolStr,
    pub at: Location,
    pub parameters: Vec<Parameter>,
    pub value: Expr,
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: SmolStr,
    pub ty: Type,
    pub optional: bool,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub name: SmolStr,
    pub at: Location,
    pub parameters: Vec<Parameter>,
    pub result: Type,
    pub result_optional: bool,
    /// Tried top-down; together they cover everything.
    pub rows: Vec<TableRow>,
}

#[derive(Clone, Debug)]
pub struct TableRow {
    /// One for each parameter.
    pub cells: Vec<Cell>,
    pub result: Expr,
}

/// What a column or an arm asks of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// `_` or `else`
    Any,
    Is(Constant),
    In(Range),
}

#[derive(Clone, Debug)]
pub struct Channel {
    pub name: SmolStr,
    pub at: Location,
    pub kind: ChannelKind,
    pub quiet: Vec<Quiet>,
    /// µs; 0 without `spread`.
    pub spread: i64,
    /// 10⁻⁹ of the major unit.
    pub cost: Option<(i64, Currency)>,
}

pub use crate::plan::ChannelKind;

#[derive(Clone, Debug)]
pub struct Quiet {
    /// µs of the local day.
    pub from: i64,
    pub to: i64,
    /// Bit 0 is monday; all seven where none is named.
    pub weekdays: u8,
    pub when: Option<Expr>,
}

#[derive(Clone, Debug)]
pub struct Placement {
    pub name: SmolStr,
    pub at: Location,
    pub channel: ChannelId,
    pub show: u32,
    /// A message attribute's name.
    pub distinct: Option<SmolStr>,
}

#[derive(Clone, Debug)]
pub struct Class {
    pub name: SmolStr,
    pub at: Location,
    /// 0 is the first in `rank`.
    pub rank: u32,
    pub ignores_quiet: bool,
    pub ignores_caps: bool,
    pub ignores_suppression: bool,
    pub ignores_holdout: bool,
}

#[derive(Clone, Debug)]
pub struct Purpose {
    pub name: SmolStr,
    pub at: Location,
    pub rules: Vec<ConsentRule>,
}

#[derive(Clone, Debug)]
pub struct ConsentRule {
    pub mode: tree::ConsentMode,
    pub channels: Vec<ChannelId>,
    pub when: Option<Expr>,
    pub at: Location,
}

#[derive(Clone, Debug)]
pub struct Cap {
    pub name: SmolStr,
    pub at: Location,
    pub limit: u32,
    pub span: crate::plan::CapSpan,
    pub selector: crate::plan::Selector,
    pub per: Option<crate::plan::CapPer>,
}

/// In the order of file and place.
#[derive(Clone, Debug)]
pub struct Suppress {
    /// `FILE:LINE`, the file by its path in the project.
    pub name: SmolStr,
    pub at: Location,
    pub selector: crate::plan::Selector,
    /// May use `message.x` and `channel`.
    pub condition: Expr,
}

#[derive(Clone, Debug)]
pub struct Arbitrate {
    pub at: Location,
    /// May use the score roots ([`ExprKind::Propensity`] …), `message.x` and `channel`.
    pub score: Option<Expr>,
    pub picks: Vec<crate::plan::Pick>,
}

#[derive(Clone, Debug)]
pub struct Holdout {
    pub name: SmolStr,
    pub at: Location,
    /// 0 to 1.
    pub share: f64,
    pub classes: Vec<ClassId>,
    pub salt: SmolStr,
}

#[derive(Clone, Debug)]
pub struct Experiment {
    pub name: SmolStr,
    pub at: Location,
    pub arms: Vec<(SmolStr, f64)>,
    pub salt: SmolStr,
    pub goal: Option<Goal>,
}

#[derive(Clone, Debug)]
pub struct Model {
    pub name: SmolStr,
    pub at: Location,
    /// Numbers, amounts, members or truth values.
    pub features: Vec<(SmolStr, Expr)>,
    /// By position in the model's rows: the feature as a position above; none where the model never looks at it.
    pub row: Vec<Option<usize>>,
    /// What answers; `None` where something is wrong with the model.
    pub ensemble: Option<Arc<Ensemble>>,
}
