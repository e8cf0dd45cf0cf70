//! Lets, tables and segments: checked when they are first needed, so that each is known where it is used, and a
//! definition that leads back to itself is found (language reference §6).

mod order;

use super::Checker;
use super::coverage::{self, Column};
use super::expression::error;
use super::scope::Scope;
use super::time::TimeUse;
use super::types::TypePlace;
use crate::checked::{Cell, Definition, Expr, ExprKind, Let, Location, Parameter, Segment, Table, TableRow};
use crate::diagnostic::at;
use crate::ids::*;
use crate::mistakes::defined_by_itself::Step;
use crate::mistakes::{self, declared_twice};
use crate::types::Type;
use comity_grammar::tree;
use std::rc::Rc;

/// How far a definition has come.
#[derive(Clone, Debug)]
pub(super) enum Progress {
    Busy,
    Done(Summary),
}

/// What users of a definition must know of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    /// Whether it asks the history.
    pub(super) asks: bool,
    /// How it depends on the passing of time.
    pub(super) time: TimeUse,
}

/// Definitions that need each other deeper than this are in a circle, or hopeless.
const DEEPEST: usize = 64;

impl<'t> Checker<'t> {
    /// Gives every definition its place, so that ids are good from the start.
    pub(super) fn announce_definitions(&mut self) {
        let names = self.names;
        for one in &names.lets {
            let name = one.full.clone();
            self.checked.lets.push(Let { name, at: one.at, parameters: Vec::new(), value: error(one.at) });
        }
        for one in &names.tables {
            let name = one.full.clone();
            self.checked.tables.push(Table {
                name,
                at: one.at,
                parameters: Vec::new(),
                result: Type::Bool,
                result_optional: false,
                rows: Vec::new(),
            });
        }
        for one in &names.segments {
            let name = one.full.clone();
            self.checked.segments.push(Segment { name, at: one.at, condition: error(one.at) });
        }
    }

    /// Checks all definitions, those first that others are likely to need.
    pub(super) fn definitions(&mut self) {
        for definition in order::order(self.names) {
            let here = definition.at(&self.checked);
            self.ensure(definition, here);
        }
    }

    pub(super) fn ensure_let(&mut self, id: LetId, from: Location) -> bool {
        self.ensure(Definition::Let(id), from)
    }

    pub(super) fn ensure_table(&mut self, id: TableId, from: Location) -> bool {
        self.ensure(Definition::Table(id), from)
    }

    pub(super) fn ensure_segment(&mut self, id: SegmentId, from: Location) -> bool {
        self.ensure(Definition::Segment(id), from)
    }

    /// What users of a finished definition must know.
    pub(super) fn summary(&self, definition: Definition) -> Summary {
        match self.progress.get(&definition) {
            Some(Progress::Done(summary)) => summary.clone(),
            _ => Summary::default(),
        }
    }

    /// Whether a definition can be used; false in a circle, after a diagnostic.
    fn ensure(&mut self, definition: Definition, from: Location) -> bool {
        match self.progress.get(&definition) {
            Some(Progress::Done(_)) => return true,
            Some(Progress::Busy) => {
                self.circle(definition, from);
                return false;
            }
            None if self.stack.len() >= DEEPEST => {
                self.circle(definition, from);
                return false;
            }
            None => {}
        }
        self.progress.insert(definition, Progress::Busy);
        self.stack.push((definition, from));
        let bodies: Vec<Expr> = match definition {
            Definition::Let(id) => vec![self.check_let(id)],
            Definition::Segment(id) => vec![self.check_segment(id)],
            Definition::Table(id) => self.check_table(id),
        };
        self.stack.pop();
        let mut summary = Summary::default();
        for body in &bodies {
            summary.asks |= body
                .find(&mut |expr| match &expr.kind {
                    ExprKind::Aggregate(_) => Some(()),
                    kind => self.summary(Definition::named_by(kind)?).asks.then_some(()),
                })
                .is_some();
            summary.time.merge(self.time_use(body));
        }
        if let Definition::Segment(_) = definition {
            self.segment_time(&summary.time);
            // Whoever uses the segment has nothing to add.
            summary.time = TimeUse::default();
        }
        self.progress.insert(definition, Progress::Done(summary));
        true
    }

    /// A definition that leads back to itself.
    fn circle(&mut self, definition: Definition, from: Location) {
        let start = self.stack.iter().position(|(one, _)| *one == definition).unwrap_or(0);
        let step = |(definition, named_at): &(Definition, Location)| Step {
            name: definition.name(&self.checked).clone(),
            at: definition.at(&self.checked),
            named_at: *named_at,
        };
        let steps: Vec<Step> = self.stack[start..].iter().map(step).collect();
        self.report(mistakes::defined_by_itself::circle(&steps, from));
    }

    fn check_let(&mut self, id: LetId) -> Expr {
        let names = self.names;
        let one = &names.lets[id.index()];
        let before = self.diagnostics.len();
        let parameters = self.parameters(one.file, &one.node.parameters, TypePlace::Parameter);
        if self.diagnostics.len() > before {
            // What is worked out from them can't be known.
            return error(one.at);
        }
        self.checked.lets[id.index()].parameters = parameters.clone();
        let mut scope = Scope::customer(one.file, "a `let`");
        scope.parameters = parameters.into();
        self.checked.lets[id.index()].value = error(one.at);
        let value = self.expression(&mut scope, &one.node.value, None);
        self.checked.lets[id.index()].value = value.clone();
        value
    }

    fn check_segment(&mut self, id: SegmentId) -> Expr {
        let names = self.names;
        let one = &names.segments[id.index()];
        let mut scope = Scope::customer(one.file, "a segment");
        let condition = self.value(&mut scope, &one.node.condition, Type::Bool, "the condition of a segment");
        self.checked.segments[id.index()].condition = condition.clone();
        condition
    }

    /// Parameters with their types; one whose type can't be read has an error's type and is silent.
    fn parameters(
        &mut self,
        file: FileId,
        parameters: &[tree::Parameter],
        place: TypePlace,
    ) -> Vec<Parameter> {
        let mut checked: Vec<Parameter> = Vec::new();
        for parameter in parameters {
            let name = parameter.name.text.clone();
            if let Some(first) = checked.iter().position(|one| one.name == name) {
                let first = at(file, parameters[first].name.span);
                self.report(declared_twice::part(&name, at(file, parameter.name.span), first));
            }
            let (ty, optional) = self.written_type(file, &parameter.ty, place).unwrap_or((Type::Bool, false));
            checked.push(Parameter { name, ty, optional });
        }
        checked
    }

    fn check_table(&mut self, id: TableId) -> Vec<Expr> {
        let names = self.names;
        let one = &names.tables[id.index()];
        let (file, node) = (one.file, one.node);
        let before = self.diagnostics.len();
        let parameters = self.parameters(file, &node.parameters, TypePlace::Column);
        let result = self.written_type(file, &node.result, TypePlace::Result);
        let signature_good = self.diagnostics.len() == before;
        let (result, result_optional) = result.unwrap_or((Type::Bool, false));
        let table = &mut self.checked.tables[id.index()];
        (table.parameters, table.result, table.result_optional) =
            (parameters.clone(), result, result_optional);
        if !signature_good {
            self.broken_tables.insert(id);
            return Vec::new();
        }
        let mut scope = Scope::customer(file, "a table");
        scope.parameters = Rc::from(parameters.clone());
        let mut rows = Vec::new();
        let mut whole = true;
        for row in &node.rows {
            let here = at(file, row.span);
            if row.cells.len() != parameters.len() {
                let (found, wanted) = (row.cells.len(), parameters.len());
                self.report(mistakes::cell_misfit::count(found, wanted, here, one.at));
                whole = false;
                continue;
            }
            let cells: Vec<Option<Cell>> = row
                .cells
                .iter()
                .zip(&parameters)
                .map(|(cell, parameter)| self.cell(file, cell, parameter.ty))
                .collect();
            let value = self.expression(&mut scope, &row.result, Some(result));
            let value = self.fit(value, result, "the result of the table");
            let value = if result_optional { value } else { self.known(value) };
            let cells: Option<Vec<Cell>> = cells.into_iter().collect();
            match cells {
                Some(cells) => rows.push((TableRow { cells, result: value }, row.span)),
                None => whole = false,
            }
        }
        if whole {
            self.covers(one.at, file, &parameters, &rows);
        }
        let rows: Vec<TableRow> = rows.into_iter().map(|(row, _)| row).collect();
        let bodies = rows.iter().map(|row| row.result.clone()).collect();
        self.checked.tables[id.index()].rows = rows;
        bodies
    }

    /// Whether the rows take every combination, and each of them some.
    fn covers(
        &mut self,
        here: Location,
        file: FileId,
        parameters: &[Parameter],
        rows: &[(TableRow, comity_grammar::Span)],
    ) {
        let cells: Vec<Vec<Cell>> = rows.iter().map(|(row, _)| row.cells.clone()).collect();
        let columns: Vec<Column> = parameters
            .iter()
            .enumerate()
            .map(|(position, parameter)| Column::new(self, parameter.ty, &cells, position))
            .collect();
        if let Some(row) = coverage::unreachable(&columns, &cells) {
            self.report(mistakes::unreached_row::row(at(file, rows[row].1)));
        }
        if let Some(missing) = coverage::uncovered(&columns, &cells) {
            let names = parameters.iter().map(|parameter| parameter.name.as_str());
            self.report(mistakes::table_gap::uncovered(names.zip(&missing), here));
        }
    }
}
