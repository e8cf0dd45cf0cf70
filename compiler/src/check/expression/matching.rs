//! `match`, and the cells that it shares with tables (language reference §5, §6).

use super::super::Checker;
use super::super::coverage::{self, Column};
use super::super::scope::Scope;
use super::convert::to_number;
use super::error;
use crate::checked::{Cell, Expr, ExprKind, Location};
use crate::diagnostic::at;
use crate::ids::FileId;
use crate::mistakes;
use crate::types::Type;
use comity_grammar::tree::{self, CellKind, MatchArm};

impl Checker<'_> {
    pub(super) fn matching(
        &mut self,
        scope: &mut Scope,
        subject: &tree::Expr,
        arms: &[MatchArm],
        expected: Option<Type>,
        here: Location,
    ) -> Expr {
        let subject = self.expression(scope, subject, None);
        let subject = self.known(subject);
        let mut cells = Vec::new();
        let mut values: Vec<Expr> = Vec::new();
        let mut failed = subject.is_error();
        let mut hint = expected;
        for (position, arm) in arms.iter().enumerate() {
            if matches!(arm.pattern.kind, CellKind::Else) && position + 1 < arms.len() {
                let place = at(scope.file, arm.pattern.span);
                self.report(mistakes::cell_misfit::else_not_last(place));
                failed = true;
            }
            let cell =
                if subject.is_error() { None } else { self.cell(scope.file, &arm.pattern, subject.ty) };
            failed |= cell.is_none();
            cells.push(cell.unwrap_or(Cell::Any));
            let value = self.expression(scope, &arm.value, hint);
            failed |= value.is_error();
            if !value.is_error() {
                hint = hint.or(Some(value.ty));
            }
            values.push(value);
        }
        if failed {
            return error(here);
        }
        if values.is_empty() {
            self.report(mistakes::match_gap::empty(here));
            return error(here);
        }
        if !self.covers_subject(&subject, &cells, arms, scope.file, here) {
            return error(here);
        }
        let Some(values) = self.one_type(values, "the arms of the `match`") else { return error(here) };
        let (ty, unknown) = (values[0].ty, values.iter().any(|value| value.optional));
        let arms = cells.into_iter().zip(values).collect();
        Expr { kind: ExprKind::Match(Box::new(subject), arms), ty, optional: unknown, at: here }
    }

    /// Values of one type, ints as numbers where one is a number. `None` after a diagnostic.
    fn one_type(&mut self, values: Vec<Expr>, what: &str) -> Option<Vec<Expr>> {
        let number = values.iter().any(|value| value.ty == Type::Number);
        let want = if number && values[0].ty == Type::Int { Type::Number } else { values[0].ty };
        let first = values[0].at;
        let mut same = Vec::new();
        for value in values {
            same.push(match (value.ty, want) {
                (one, other) if one == other => value,
                (Type::Int, Type::Number) => to_number(value),
                (other, _) => {
                    self.differ(want, first, other, value.at, what);
                    return None;
                }
            });
        }
        Some(same)
    }

    fn covers_subject(
        &mut self,
        subject: &Expr,
        cells: &[Cell],
        arms: &[MatchArm],
        file: FileId,
        here: Location,
    ) -> bool {
        let rows: Vec<Vec<Cell>> = cells.iter().map(|cell| vec![cell.clone()]).collect();
        let columns = [Column::new(self, subject.ty, &rows, 0)];
        if let Some(position) = coverage::unreachable(&columns, &rows) {
            let place = at(file, arms[position].pattern.span);
            self.report(mistakes::unreached_row::arm(place));
            return false;
        }
        if let Some(missing) = coverage::uncovered(&columns, &rows) {
            self.report(mistakes::match_gap::uncovered(self.quote(subject.at), &missing[0], here));
            return false;
        }
        true
    }

    /// What a column or an arm asks of a value of a type. `None` after a diagnostic.
    pub(in crate::check) fn cell(&mut self, file: FileId, cell: &tree::Cell, ty: Type) -> Option<Cell> {
        let here = at(file, cell.span);
        match &cell.kind {
            CellKind::Error => None,
            CellKind::Any | CellKind::Else => Some(Cell::Any),
            CellKind::Literal(literal) => {
                let (constant, found) = self.literal(file, literal, Some(ty))?;
                if found == ty {
                    return Some(Cell::Is(constant));
                }
                self.wrong_cell(here, ty, found);
                None
            }
            CellKind::Range(range) => {
                let (range, found) = self.range(file, range, Some(ty))?;
                if found == ty {
                    return Some(Cell::In(range));
                }
                self.wrong_cell(here, ty, found);
                None
            }
            CellKind::Name(path) => {
                if self.foreign(file, path) {
                    return None;
                }
                if let Some(constant) = self.member(file, path, ty) {
                    return Some(Cell::Is(constant));
                }
                let (name, here) = (path.to_string(), at(file, path.span()));
                let name = name.as_str();
                let members = self.member_names(file, ty);
                let wanted = self.type_name(ty);
                let members: Vec<&str> = members.iter().map(|member| member.as_str()).collect();
                let bare = members.iter().find(|member| path.package.is_some() && **member == path.name.text);
                let problem = match members.is_empty() {
                    false if bare.is_some() => {
                        mistakes::unknown_name::member_of_project(name, &path.name.text, here)
                    }
                    true => mistakes::cell_misfit::name(name, &wanted, here),
                    false => mistakes::unknown_name::member(&self.checked, ty, name, here, &members),
                };
                self.report(problem);
                None
            }
        }
    }

    fn wrong_cell(&mut self, here: Location, want: Type, found: Type) {
        let problem = mistakes::cell_misfit::other_type(&self.checked, want, &self.found_at(found, here));
        self.report(problem);
    }
}
