//! Questions to the history (reference §5.1): which part of it is kept, and what is asked of that.

use super::Lowerer;
use super::scope::Scope;
use crate::checked::{Aggregate, Expr, Pattern, Within};
use crate::ids::*;
use crate::plan::{Comparison, Fold, Op, Source, Window, WindowSpan};
use crate::types::Type;
use comity_grammar::tree::Fold as Question;

impl Lowerer<'_> {
    /// The answer to a question, where `whole` is the expression that asks it.
    pub(super) fn aggregate(&mut self, asked: &Aggregate, whole: &Expr, scope: &Scope<'_>) -> ExprId {
        let (fold, ty, optional) = match asked.fold {
            Question::Count => (Fold::Count, Type::Int, false),
            Question::Any | Question::No => (Fold::Any, Type::Bool, false),
            Question::Sum => (Fold::Sum, whole.ty, false),
            Question::Distinct => (Fold::Distinct, Type::Int, false),
            Question::Average => (Fold::Average, whole.ty, true),
            Question::Min => (Fold::Min, whole.ty, true),
            Question::Max => (Fold::Max, whole.ty, true),
            Question::Last => (Fold::Last, whole.ty, true),
            Question::First => (Fold::First, whole.ty, true),
            Question::TimeSinceLast => (Fold::LastTime, Type::Instant, true),
            Question::TimeSinceFirst => (Fold::FirstTime, Type::Instant, true),
        };
        let span = match asked.within {
            Within::Ever => WindowSpan::Ever,
            Within::Rolling(length) => WindowSpan::Rolling(length),
            Within::Calendar(calendar) => WindowSpan::Calendar(calendar),
        };
        let condition = self.pattern(&asked.pattern, scope);
        let answer = if self.b.as_constant(condition) == Some(0) {
            // No event is ever such.
            if optional { self.b.unknown(ty) } else { self.b.constant(0, ty) }
        } else {
            let (own, further) = self.split(condition);
            let stream = StreamId::at(self.b.streams.intern((asked.pattern.event, own)));
            let window = Window { stream, filter: further, fold, field: asked.field, span, ty, optional };
            let window = WindowId::at(self.b.windows.intern(window));
            self.notes.needs.entry(window).or_default().insert((whole.at, scope.owner.clone()));
            let slot = self.b.slot(Source::Window(window), ty, optional);
            self.notes.slots.add(slot, whole.at);
            slot
        };
        match asked.fold {
            Question::No => self.b.not(answer),
            Question::TimeSinceLast | Question::TimeSinceFirst => {
                let known = self.b.known(answer);
                let now = self.b.slot(Source::Now, Type::Instant, false);
                let since = self.b.operation(Op::Subtract(now, answer), Type::Duration);
                let unknown = self.b.unknown(Type::Duration);
                self.b.choose(known, since, unknown, false)
            }
            _ => answer,
        }
    }

    /// What a pattern asks of an event of its type.
    pub(super) fn pattern(&mut self, pattern: &Pattern, scope: &Scope<'_>) -> ExprId {
        let mut condition = self.b.bool(true);
        let fields = self.checked.events.get(pattern.event.index()).map_or(&[][..], |event| &event.fields);
        if let Some(message) = pattern.message
            && let Some(position) = fields.iter().position(|field| field.name == "message")
        {
            let field = self.b.slot(Source::Field(position as u32), Type::Message, fields[position].optional);
            let message = self.b.constant(message.0.into(), Type::Message);
            condition = self.b.compare(Comparison::Equal, field, message);
        }
        if let Some(filter) = &pattern.filter {
            let filter = self.expr(filter, &Scope { event: Some(pattern.event), ..*scope });
            condition = self.b.and(condition, filter);
        }
        condition
    }

    /// A condition on an event as what only its own fields decide, and the rest.
    pub(super) fn split(&mut self, condition: ExprId) -> (Option<ExprId>, Option<ExprId>) {
        let (mut own, mut further) = (Vec::new(), Vec::new());
        for (conjunct, negated) in self.b.conjuncts(condition, false) {
            let side = if self.b.fields_only(conjunct) { &mut own } else { &mut further };
            side.push(if negated { self.b.not(conjunct) } else { conjunct });
        }
        (self.conjunction(own), self.conjunction(further))
    }

    /// All of them, in an order that doesn't depend on how they were written.
    fn conjunction(&mut self, mut conjuncts: Vec<ExprId>) -> Option<ExprId> {
        conjuncts.sort_by_key(|conjunct| self.b.mark(*conjunct));
        let all = self.b.all(conjuncts);
        (self.b.as_constant(all) != Some(1)).then_some(all)
    }
}
