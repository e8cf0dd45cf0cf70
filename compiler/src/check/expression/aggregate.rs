//! Questions to the history (language reference §5.1).

use super::super::Checker;
use super::super::scope::Scope;
use super::super::types::{is_ordered, is_quantity};
use super::{error, typed};
use crate::builtin::is_delivery;
use crate::checked::Definition;
use crate::checked::{Aggregate, Expr, ExprKind, Location, Pattern, Within};
use crate::diagnostic::at;
use crate::mistakes;
use crate::plan::Calendar;
use crate::resolve::Symbol;
use crate::types::Type;
use comity_grammar::tree::{self, CalendarSpan, Fold};
use smol_str::SmolStr;

impl Checker<'_> {
    pub(super) fn aggregate(
        &mut self,
        scope: &mut Scope,
        aggregate: &tree::Aggregate,
        here: Location,
    ) -> Expr {
        if scope.fields.is_some() {
            let place = at(scope.file, aggregate.fold_span);
            self.report(mistakes::question_in_where::asked(place));
            return error(here);
        }
        // `count of purchase.amount` reads like the name of another project's event.
        if let Some(tree::Path { package: Some(event), name }) = &aggregate.pattern.event
            && self.names.dependency(scope.file, &event.text).is_none()
            && let Some(Symbol::Event(_)) = self.names.symbol(scope.file, &event.text)
        {
            let word = self.quote(at(scope.file, aggregate.fold_span)).unwrap_or_default();
            let place =
                at(scope.file, comity_grammar::Span::new(event.span.end as usize, name.span.end as usize));
            self.report(mistakes::unanswerable_question::needs_no_field(
                &word,
                &event.text,
                &name.text,
                place,
            ));
            return error(here);
        }
        let pattern = self.pattern(scope, &aggregate.pattern);
        let within = self.within(scope, aggregate.within.as_ref());
        let (Some(pattern), Some(within)) = (pattern, within) else { return error(here) };
        let fold = aggregate.fold;
        let wants_field = matches!(
            fold,
            Fold::Sum | Fold::Average | Fold::Min | Fold::Max | Fold::Distinct | Fold::Last | Fold::First
        );
        let event = self.checked.events[pattern.event.index()].clone();
        let fold_word = self.quote(at(scope.file, aggregate.fold_span)).unwrap_or_default();
        let (field, ty) = match (&aggregate.field, wants_field) {
            (Some(name), true) => {
                let Some(position) = event.fields.iter().position(|field| field.name == name.text) else {
                    if !self.broken_events.contains(&pattern.event) {
                        self.no_field(scope.file, fold, &event, name);
                    }
                    return error(here);
                };
                (Some(position as u32), event.fields[position].ty)
            }
            (None, false) => (None, Type::Bool),
            (Some(name), false) => {
                let dot = pattern.at.span.end as usize;
                let place = at(scope.file, comity_grammar::Span::new(dot, name.span.end as usize));
                self.report(mistakes::unanswerable_question::needs_no_field(
                    &fold_word,
                    &event.name,
                    &name.text,
                    place,
                ));
                return error(here);
            }
            (None, true) => {
                self.report(mistakes::unanswerable_question::needs_a_field(&fold_word, &event, pattern.at));
                return error(here);
            }
        };
        if !self.foldable(fold, &fold_word, ty, &aggregate.field, scope) {
            return error(here);
        }
        let (ty, unknown) = match fold {
            Fold::Count | Fold::Distinct => (Type::Int, false),
            Fold::Any | Fold::No => (Type::Bool, false),
            Fold::Sum => (ty, false),
            Fold::Average if matches!(ty, Type::Money(_)) => (ty, true),
            Fold::Average => (Type::Number, true),
            Fold::Min | Fold::Max | Fold::Last | Fold::First => (ty, true),
            Fold::TimeSinceLast | Fold::TimeSinceFirst => (Type::Duration, true),
        };
        let question = Aggregate { fold, pattern, field, within };
        Expr { optional: unknown, ..typed(ExprKind::Aggregate(Box::new(question)), ty, here) }
    }

    fn foldable(
        &mut self,
        fold: Fold,
        word: &str,
        ty: Type,
        name: &Option<tree::Name>,
        scope: &Scope,
    ) -> bool {
        let (possible, needs) = foldable(self, fold, ty);
        if !possible && let Some(name) = name {
            let ty = self.type_name(ty);
            let place = at(scope.file, name.span);
            self.report(mistakes::unanswerable_question::wrong_field(word, needs, &name.text, &ty, place));
        }
        possible
    }

    fn no_field(
        &mut self,
        file: crate::ids::FileId,
        fold: Fold,
        event: &crate::checked::Event,
        name: &tree::Name,
    ) {
        let usable = |ty| foldable(self, fold, ty).0;
        self.report(mistakes::unknown_part::of_event(event, &name.text, at(file, name.span), usable));
    }

    fn within(&mut self, scope: &Scope, within: Option<&tree::Within>) -> Option<Within> {
        match within {
            None => Some(Within::Ever),
            Some(tree::Within::Error(_)) => None,
            Some(tree::Within::Rolling(literal)) => {
                self.positive_duration(scope.file, literal, "what follows `within`").map(Within::Rolling)
            }
            Some(tree::Within::Calendar(span, place)) => {
                self.uses_local_time(at(scope.file, *place), "a calendar span is used here");
                Some(Within::Calendar(match span {
                    CalendarSpan::Today => Calendar::Day,
                    CalendarSpan::Week => Calendar::Week,
                    CalendarSpan::Month => Calendar::Month,
                    CalendarSpan::Quarter => Calendar::Quarter,
                    CalendarSpan::Year => Calendar::Year,
                }))
            }
        }
    }

    /// An event, optionally of one message, optionally filtered. `None` after a diagnostic.
    pub(in crate::check) fn pattern(&mut self, scope: &Scope, pattern: &tree::Pattern) -> Option<Pattern> {
        let here = at(scope.file, pattern.span);
        let path = pattern.event.as_ref()?;
        let event = self.lookup(scope.file, path, "an event", |symbol| match symbol {
            Symbol::Event(id) => Some(id),
            _ => None,
        });
        let message = match &pattern.message {
            None => None,
            Some(message) => {
                let found = self.message_id(scope.file, message);
                match event {
                    Some(event) if !is_delivery(event) => {
                        let name = &self.checked.events[event.index()].name;
                        let place = at(scope.file, message.span());
                        self.report(mistakes::not_about_a_message::event(name, place));
                        return None;
                    }
                    _ => Some(found?),
                }
            }
        };
        let event = event?;
        let filter = match &pattern.filter {
            None => None,
            Some(filter) => {
                let mut inner = scope.clone();
                inner.fields = Some(event);
                let checked = self.condition(&mut inner, filter);
                if checked.is_error() {
                    return None;
                }
                if let Some((place, name)) = self.hidden_question(&checked) {
                    self.report(mistakes::question_in_where::hidden(&name, place));
                    return None;
                }
                Some(Box::new(checked))
            }
        };
        Some(Pattern { event, message, filter, at: here })
    }

    /// A let, segment or table in a filter that asks the history.
    fn hidden_question(&self, filter: &Expr) -> Option<(Location, SmolStr)> {
        filter.find(&mut |expr| {
            let definition = Definition::named_by(&expr.kind)?;
            self.summary(definition).asks.then(|| (expr.at, definition.name(&self.checked).clone()))
        })
    }
}

/// Whether a question can be asked of values of a type, and what it needs.
fn foldable(checker: &Checker<'_>, fold: Fold, ty: Type) -> (bool, &'static str) {
    match fold {
        Fold::Sum => (is_quantity(ty), "numbers or amounts"),
        Fold::Average => {
            (matches!(ty, Type::Int | Type::Number | Type::Percent | Type::Money(_)), "numbers or amounts")
        }
        Fold::Min | Fold::Max => (is_ordered(checker, ty), "values with an order"),
        Fold::Distinct | Fold::Last | Fold::First => {
            (!matches!(ty, Type::Set(_)) || fold != Fold::Distinct, "single values")
        }
        _ => (true, ""),
    }
}
