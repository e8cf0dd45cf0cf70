//! Lets, tables and segments become what they stand for: once for all uses that are alike.

use super::Lowerer;
use super::origins::{Declaration, DeclarationKind};
use super::scope::{Scope, Shared, Uses};
use crate::checked::Expr;
use crate::ids::*;
use rustc_hash::FxHashMap;

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
        let owner = Declaration { kind: DeclarationKind::Let, name: definition.name.clone() };
        let lowered = self.shared(Shared::Let(id), &arguments, scope, |lowerer| {
            let scope = scope.inside(&owner, &arguments);
            let lowered = lowerer.expr(&definition.value, &scope);
            lowerer.as_type(lowered, whole.ty, definition.value.optional)
        });
        lowered.unwrap_or_else(|| self.missing(whole.ty))
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
        let owner = Declaration { kind: DeclarationKind::Segment, name: segment.name.clone() };
        let lowered = self.shared(Shared::Segment(id), &[], scope, |lowerer| {
            lowerer.expr(&segment.condition, &Scope::of(&owner))
        });
        lowered.unwrap_or_else(|| self.b.bool(false))
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
