//! Lets, tables and segments become what they stand for: once for all uses that are alike.

use super::Lowerer;
use super::origins::{Declaration, DeclarationKind};
use super::scope::{Scope, Shared, Uses};
use crate::checked::{Expr, ExprKind, Let};
use crate::ids::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// What something came to, by message and channel as far as it depends on them.
#[derive(Default)]
pub(super) struct Results {
    uses: Uses,
    lowered: FxHashMap<(Option<MessageId>, Option<ChannelId>), ExprId>,
}

impl Lowerer<'_> {
    /// What `lower` gives, unless that is known already; `None` within itself, which only a policy with errors
    /// asks for.
    pub(super) fn shared(
        &mut self,
        what: Shared,
        arguments: &[ExprId],
        scope: &Scope<'_>,
        lower: impl FnOnce(&mut Self) -> ExprId,
    ) -> Option<ExprId> {
        let key = (what, Box::from(arguments));
        if let Some(known) = self.shared.get(&key)
            && let Some(&lowered) = known.lowered.get(&known.uses.key(scope))
        {
            self.uses |= known.uses;
            return Some(lowered);
        }
        if self.active.contains(&what) {
            return None;
        }
        let outer = std::mem::take(&mut self.uses);
        self.active.push(what);
        let lowered = lower(self);
        self.active.pop();
        let results = self.shared.entry(key).or_default();
        results.uses = self.uses;
        results.lowered.insert(results.uses.key(scope), lowered);
        self.uses |= outer;
        Some(lowered)
    }

    pub(super) fn inline_let(
        &mut self,
        id: LetId,
        arguments: &[Expr],
        whole: &Expr,
        scope: &Scope<'_>,
    ) -> ExprId {
        let Some(definition) = self.checked.lets.get(id.index()) else { return self.missing(whole.ty) };
        let types = definition.parameters.iter().map(|parameter| parameter.ty);
        let arguments = self.arguments(arguments, types.collect(), scope);
        let lowered = self.of_let(id, definition, &arguments, scope);
        lowered.unwrap_or_else(|| self.missing(whole.ty))
    }

    fn of_let(
        &mut self,
        id: LetId,
        definition: &Let,
        arguments: &[ExprId],
        scope: &Scope<'_>,
    ) -> Option<ExprId> {
        if arguments.is_empty() {
            self.prepare(Shared::Let(id), scope);
        }
        let owner = Declaration { kind: DeclarationKind::Let, name: definition.name.clone() };
        self.shared(Shared::Let(id), arguments, scope, |lowerer| {
            lowerer.expr(&definition.value, &scope.inside(&owner, arguments))
        })
    }

    pub(super) fn inline_table(
        &mut self,
        id: TableId,
        arguments: &[Expr],
        whole: &Expr,
        scope: &Scope<'_>,
    ) -> ExprId {
        let Some(table) = self.checked.tables.get(id.index()) else { return self.missing(whole.ty) };
        let types = table.parameters.iter().map(|parameter| parameter.ty);
        let arguments = self.arguments(arguments, types.collect(), scope);
        let owner = Declaration { kind: DeclarationKind::Table, name: table.name.clone() };
        let lowered = self.shared(Shared::Table(id), &arguments, scope, |lowerer| {
            let scope = scope.inside(&owner, &arguments);
            let mut rows = Vec::with_capacity(table.rows.len());
            for row in &table.rows {
                let mut condition = lowerer.b.bool(true);
                for (cell, argument) in row.cells.iter().zip(&arguments) {
                    let asked = lowerer.asks(cell, *argument);
                    condition = lowerer.b.and(condition, asked);
                }
                let result = lowerer.expr(&row.result, &scope);
                rows.push((condition, lowerer.as_type(result, table.result, row.result.optional)));
            }
            lowerer.first_of(rows, table.result, table.result_optional)
        });
        lowered.unwrap_or_else(|| self.missing(whole.ty))
    }

    /// A segment is its condition.
    pub(super) fn inline_segment(&mut self, id: SegmentId, scope: &Scope<'_>) -> ExprId {
        let Some(segment) = self.checked.segments.get(id.index()) else { return self.b.bool(false) };
        self.prepare(Shared::Segment(id), scope);
        let owner = Declaration { kind: DeclarationKind::Segment, name: segment.name.clone() };
        let lowered = self.shared(Shared::Segment(id), &[], scope, |lowerer| {
            lowerer.expr(&segment.condition, &Scope::of(&owner))
        });
        lowered.unwrap_or_else(|| self.b.bool(false))
    }

    /// Lowers first what a definition names, and what that names, as far as it needs no arguments: long chains of
    /// definitions need no stack.
    fn prepare(&mut self, what: Shared, scope: &Scope<'_>) {
        let mut seen = FxHashSet::default();
        let mut pending = vec![(what, false)];
        while let Some((next, names_done)) = pending.pop() {
            if !names_done {
                if !self.is_known(next, scope) && !self.active.contains(&next) && seen.insert(next) {
                    pending.push((next, true));
                    pending.extend(self.named_by(next).into_iter().map(|named| (named, false)));
                }
                continue;
            }
            match next {
                _ if next == what => {}
                Shared::Let(id) => match self.checked.lets.get(id.index()) {
                    Some(definition) if definition.parameters.is_empty() => {
                        self.of_let(id, definition, &[], scope);
                    }
                    _ => {}
                },
                Shared::Segment(id) => {
                    self.inline_segment(id, scope);
                }
                Shared::Table(_) | Shared::Suppress(_) => {}
            }
        }
    }

    /// Whether something without arguments has been lowered for this scope.
    fn is_known(&self, what: Shared, scope: &Scope<'_>) -> bool {
        let results = self.shared.get(&(what, Box::default()));
        results.is_some_and(|results| results.lowered.contains_key(&results.uses.key(scope)))
    }

    /// The definitions that a definition names.
    fn named_by(&self, what: Shared) -> Vec<Shared> {
        let checked = self.checked;
        let mut pending: Vec<&Expr> = match what {
            Shared::Let(id) => {
                checked.lets.get(id.index()).map(|definition| &definition.value).into_iter().collect()
            }
            Shared::Segment(id) => {
                checked.segments.get(id.index()).map(|segment| &segment.condition).into_iter().collect()
            }
            Shared::Table(id) => {
                let rows = checked.tables.get(id.index()).map_or(&[][..], |table| &table.rows);
                rows.iter().map(|row| &row.result).collect()
            }
            Shared::Suppress(_) => Vec::new(),
        };
        let mut named = Vec::new();
        while let Some(expr) = pending.pop() {
            match expr.kind {
                ExprKind::Let(id, _) => named.push(Shared::Let(id)),
                ExprKind::Table(id, _) => named.push(Shared::Table(id)),
                ExprKind::Segment(id) => named.push(Shared::Segment(id)),
                _ => {}
            }
            pending.extend(expr.children());
        }
        named
    }

    fn arguments(
        &mut self,
        arguments: &[Expr],
        types: Vec<crate::types::Type>,
        scope: &Scope<'_>,
    ) -> Vec<ExprId> {
        let mut lowered = Vec::with_capacity(arguments.len());
        for (argument, ty) in arguments.iter().zip(types) {
            let value = self.expr(argument, scope);
            lowered.push(self.as_type(value, ty, argument.optional));
        }
        lowered
    }
}
