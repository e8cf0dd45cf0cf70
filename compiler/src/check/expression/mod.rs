//! Expressions: every name resolved, every type known (language reference §4, §5).
//!
//! A type is inferred from the inside out; what is expected from the outside only helps to resolve members and to
//! read literals. What went wrong is an [`ExprKind::Error`] and is silent from there on: one mistake, one
//! diagnostic.

mod aggregate;
mod call;
mod convert;
mod matching;
mod name;
mod operator;

use super::Checker;
use super::scope::Scope;
use crate::checked::{Constant, Expr, ExprKind, Location, print_expression::key};
use crate::diagnostic::at;
use crate::mistakes;
use crate::types::Type;
use comity_grammar::tree::{self, ExprKind as Tree, InSet, SinceUnit, UnaryOperator};

/// An expression for which a diagnostic has been given.
pub(super) fn error(at: Location) -> Expr {
    Expr { kind: ExprKind::Error, ty: Type::Bool, optional: false, at }
}

fn typed(kind: ExprKind, ty: Type, at: Location) -> Expr {
    Expr { kind, ty, optional: false, at }
}

fn optional(kind: ExprKind, ty: Type, at: Location) -> Expr {
    Expr { kind, ty, optional: true, at }
}

/// What parts come to, unless one of them is an error.
fn unless_error<const N: usize>(
    parts: [Expr; N],
    here: Location,
    whole: impl FnOnce([Expr; N]) -> Expr,
) -> Expr {
    if parts.iter().any(Expr::is_error) { error(here) } else { whole(parts) }
}

impl Checker<'_> {
    /// An expression. What is expected is a hint; the caller looks at the type that comes back.
    pub(super) fn expression(
        &mut self,
        scope: &mut Scope,
        expr: &tree::Expr,
        expected: Option<Type>,
    ) -> Expr {
        let mut result = self.infer(scope, expr, expected);
        if result.optional && !scope.facts.is_empty() && scope.facts.contains(&key(&result)) {
            result.optional = false;
        }
        result
    }

    /// An expression of a type, never unknown; `what` names it in messages: "the condition of a segment".
    pub(super) fn value(&mut self, scope: &mut Scope, expr: &tree::Expr, want: Type, what: &str) -> Expr {
        let found = self.expression(scope, expr, Some(want));
        let found = self.fit(found, want, what);
        self.known(found)
    }

    /// A condition, never unknown.
    pub(super) fn condition(&mut self, scope: &mut Scope, expr: &tree::Expr) -> Expr {
        self.value(scope, expr, Type::Bool, "a condition")
    }

    /// What must not be unknown where it stands.
    pub(super) fn known(&mut self, mut expr: Expr) -> Expr {
        if expr.optional && !expr.is_error() {
            self.report(mistakes::may_be_unknown::here(&self.checked, &self.found(&expr)));
            expr.optional = false;
        }
        expr
    }

    fn infer(&mut self, scope: &mut Scope, expr: &tree::Expr, expected: Option<Type>) -> Expr {
        let here = at(scope.file, expr.span);
        match &expr.kind {
            Tree::Error => error(here),
            Tree::Literal(literal) => match self.literal(scope.file, literal, expected) {
                Some((constant, ty)) => typed(ExprKind::Constant(constant), ty, here),
                None => error(here),
            },
            Tree::List(_) => {
                self.report(mistakes::no_such_operation::list_alone(here));
                error(here)
            }
            Tree::Name(name) => self.bare_name(scope, name, expected),
            Tree::Root(root) => self.lone_root(*root, here),
            Tree::Now => typed(ExprKind::Now, Type::Instant, here),
            Tree::Field { base, name } => self.field(scope, base, name, expected, here),
            Tree::Call { callee, arguments } => self.call(scope, callee, arguments, expected, here),
            Tree::Paren(inner) => self.expression(scope, inner, expected),
            Tree::Unary { operator: UnaryOperator::Not, operand } => {
                let operand = self.value(scope, operand, Type::Bool, "what follows `not`");
                unless_error([operand], here, |[operand]| {
                    typed(ExprKind::Not(Box::new(operand)), Type::Bool, here)
                })
            }
            Tree::Unary { operator: UnaryOperator::Negate, operand } => {
                self.negate(scope, operand, expected, here)
            }
            Tree::Binary { operator, operator_span, left, right } => {
                let sign = at(scope.file, *operator_span);
                self.binary(scope, expr, *operator, sign, left, right, expected)
            }
            Tree::Is { subject, known } => self.is_known(scope, subject, *known, here),
            Tree::In { subject, negated, set } => self.is_in(scope, subject, *negated, set, here),
            Tree::If { condition, then, otherwise } => {
                self.choice(scope, condition, then, otherwise, expected, here)
            }
            Tree::Match { subject, arms } => self.matching(scope, subject, arms, expected, here),
            Tree::Aggregate(aggregate) => self.aggregate(scope, aggregate, here),
            Tree::Since { unit, of } => self.since(scope, *unit, of, here),
        }
    }

    fn negate(
        &mut self,
        scope: &mut Scope,
        operand: &tree::Expr,
        expected: Option<Type>,
        here: Location,
    ) -> Expr {
        if let Tree::Literal(literal) = &operand.kind
            && let Some(negative) = negative(literal, here.span)
        {
            return match self.literal(scope.file, &negative, expected) {
                Some((constant, ty)) => typed(ExprKind::Constant(constant), ty, here),
                None => error(here),
            };
        }
        let operand = self.expression(scope, operand, expected);
        let operand = self.known(operand);
        if operand.is_error() {
            return error(here);
        }
        if !super::types::is_quantity(operand.ty) {
            let ty = self.type_name(operand.ty);
            self.report(mistakes::no_such_operation::no_quantity("-", &ty, operand.at));
            return error(here);
        }
        let ty = operand.ty;
        typed(ExprKind::Negate(Box::new(operand)), ty, here)
    }

    fn is_known(&mut self, scope: &mut Scope, subject: &tree::Expr, known: bool, here: Location) -> Expr {
        let subject = self.expression(scope, subject, None);
        if subject.is_error() {
            return error(here);
        }
        if !subject.optional {
            self.never_unknown(&subject, if known { "is known" } else { "is unknown" }, here);
            return error(here);
        }
        let kind = match known {
            true => ExprKind::IsKnown(Box::new(subject)),
            false => ExprKind::IsUnknown(Box::new(subject)),
        };
        typed(kind, Type::Bool, here)
    }

    fn never_unknown(&mut self, subject: &Expr, word: &str, here: Location) {
        let declared = match subject.kind {
            ExprKind::Attribute(id) => Some(&self.checked.attributes[id.index()]),
            _ => None,
        };
        let declared = declared.filter(|attribute| !attribute.optional).map(|attribute| attribute.at);
        self.report(mistakes::never_unknown::here(&self.found(subject), word, here, declared));
    }

    fn is_in(
        &mut self,
        scope: &mut Scope,
        subject: &tree::Expr,
        negated: bool,
        set: &InSet,
        here: Location,
    ) -> Expr {
        let subject = self.expression(scope, subject, None);
        let subject = self.known(subject);
        if subject.is_error() {
            return error(here);
        }
        let kind = match set {
            InSet::Error(_) => return error(here),
            InSet::List { items, span } => {
                if matches!(subject.ty, Type::Set(_)) {
                    let ty = self.type_name(subject.ty);
                    self.report(mistakes::no_such_operation::set_in_list(&ty, subject.at));
                    return error(here);
                }
                if items.is_empty() {
                    self.report(mistakes::literal_wanted::empty_list(at(scope.file, *span)));
                    return error(here);
                }
                let mut constants = Vec::new();
                let before = self.diagnostics.len();
                for item in items {
                    if let Some(constant) = self.constant(scope, item, subject.ty, "a list after `in`") {
                        constants.push(constant);
                    }
                }
                if self.diagnostics.len() > before {
                    return error(here);
                }
                let subject = self.fit_list(subject, &constants);
                ExprKind::InList(Box::new(subject), constants)
            }
            InSet::Range(range) => {
                if !super::types::is_ordered(self, subject.ty) || matches!(subject.ty, Type::Enum(_)) {
                    let ty = self.type_name(subject.ty);
                    self.report(mistakes::no_order::in_range(&ty, subject.at));
                    return error(here);
                }
                let Some((checked, ty)) = self.range(scope.file, range, Some(subject.ty)) else {
                    return error(here);
                };
                if ty != subject.ty && !(ty == Type::Number && subject.ty == Type::Int) {
                    let range_at = at(scope.file, range.span);
                    self.differ(subject.ty, subject.at, ty, range_at, "the value and the range");
                    return error(here);
                }
                let subject = if ty == subject.ty { subject } else { convert::to_number(subject) };
                ExprKind::InRange(Box::new(subject), Box::new(checked))
            }
        };
        let inside = typed(kind, Type::Bool, here);
        if negated { typed(ExprKind::Not(Box::new(inside)), Type::Bool, here) } else { inside }
    }

    /// An int that is compared with numbers becomes one.
    fn fit_list(&mut self, subject: Expr, constants: &[Constant]) -> Expr {
        let numbers = constants.iter().any(|constant| matches!(constant, Constant::Number(_)));
        if numbers && subject.ty == Type::Int { convert::to_number(subject) } else { subject }
    }

    /// A literal or a member of a type; `None` after a diagnostic.
    pub(super) fn constant(
        &mut self,
        scope: &mut Scope,
        expr: &tree::Expr,
        want: Type,
        what: &str,
    ) -> Option<Constant> {
        let value = self.value(scope, expr, want, what);
        match value.kind {
            ExprKind::Error => None,
            ExprKind::Constant(constant) => Some(constant),
            _ => {
                self.report(mistakes::literal_wanted::in_place_of(what, value.at));
                None
            }
        }
    }

    fn choice(
        &mut self,
        scope: &mut Scope,
        condition: &tree::Expr,
        then: &tree::Expr,
        otherwise: &tree::Expr,
        expected: Option<Type>,
        here: Location,
    ) -> Expr {
        let condition = self.condition(scope, condition);
        let then = scope.assuming(&condition, true, |scope| self.expression(scope, then, expected));
        let hint = expected.or((!then.is_error()).then_some(then.ty));
        let otherwise = scope.assuming(&condition, false, |scope| self.expression(scope, otherwise, hint));
        if condition.is_error() || then.is_error() || otherwise.is_error() {
            return error(here);
        }
        let Some((then, otherwise)) =
            self.unify(then, otherwise, "what follows `then` and what follows `else`")
        else {
            return error(here);
        };
        let (ty, unknown) = (then.ty, then.optional || otherwise.optional);
        let kind = ExprKind::If(Box::new(condition), Box::new(then), Box::new(otherwise));
        Expr { kind, ty, optional: unknown, at: here }
    }

    fn since(&mut self, scope: &mut Scope, unit: SinceUnit, of: &tree::Expr, here: Location) -> Expr {
        self.uses_local_time(here, "local dates are counted here");
        let what = match unit {
            SinceUnit::Years => "what follows `years since`",
            SinceUnit::Days => "what follows `days since`",
        };
        let of = self.value(scope, of, Type::Date, what);
        unless_error([of], here, |[of]| {
            let of = Box::new(of);
            let kind = match unit {
                SinceUnit::Years => ExprKind::YearsSince(of),
                SinceUnit::Days => ExprKind::DaysSince(of),
            };
            typed(kind, Type::Int, here)
        })
    }
}

/// A literal with a `-` in front.
fn negative(literal: &tree::Literal, span: comity_grammar::Span) -> Option<tree::Literal> {
    use tree::LiteralKind as Kind;
    let minus = |digits: &str| {
        digits.strip_prefix('-').map_or_else(|| format!("-{digits}").into(), smol_str::SmolStr::new)
    };
    let kind = match &literal.kind {
        Kind::Int(digits) => Kind::Int(minus(digits)),
        Kind::Number(digits) => Kind::Number(minus(digits)),
        Kind::Percent(digits) => Kind::Percent(minus(digits)),
        Kind::Money { amount, currency } => Kind::Money { amount: minus(amount), currency: currency.clone() },
        Kind::Duration { amount, unit, unit_span } => {
            Kind::Duration { amount: minus(amount), unit: *unit, unit_span: *unit_span }
        }
        _ => return None,
    };
    Some(tree::Literal { kind, span })
}
