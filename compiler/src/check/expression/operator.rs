//! Operators between two operands (language reference §4: the table of operations).

use super::super::Checker;
use super::super::scope::Scope;
use super::convert::to_number;
use super::{error, optional, typed, unless_error};
use crate::checked::{Arithmetic, Expr, ExprKind, Location};
use crate::diagnostic::at;
use crate::mistakes;
use crate::plan::Comparison;
use crate::types::Type;
use comity_grammar::Span;
use comity_grammar::tree::{self, BinaryOperator as Operator, ExprKind as Tree, LiteralKind};

/// What an operation on two types gives.
struct Outcome {
    ty: Type,
    /// Unknown where something is divided by zero.
    unknown: bool,
}

impl Checker<'_> {
    #[allow(clippy::too_many_arguments)] // The parts of one node.
    pub(super) fn binary(
        &mut self,
        scope: &mut Scope,
        whole: &tree::Expr,
        operator: Operator,
        sign: Location,
        left: &tree::Expr,
        right: &tree::Expr,
        expected: Option<Type>,
    ) -> Expr {
        let here = at(scope.file, whole.span);
        match operator {
            Operator::And | Operator::Or => self.connective(scope, whole, operator),
            Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessEqual
            | Operator::Greater
            | Operator::GreaterEqual => self.comparison(scope, comparison(operator), sign, left, right, here),
            Operator::Otherwise => self.otherwise(scope, left, right, expected, here),
            Operator::Add => self.arithmetic(scope, Arithmetic::Add, sign, left, right, here),
            Operator::Subtract => self.arithmetic(scope, Arithmetic::Subtract, sign, left, right, here),
            Operator::Multiply => self.arithmetic(scope, Arithmetic::Multiply, sign, left, right, here),
            Operator::Divide => self.arithmetic(scope, Arithmetic::Divide, sign, left, right, here),
            Operator::Contains => self.contains(scope, left, right, here),
            Operator::ContainsAll | Operator::Overlaps => self.sets(scope, operator, left, right, here),
            Operator::StartsWith | Operator::EndsWith => self.affix(scope, operator, left, right, here),
            Operator::Matches => self.matches(scope, left, right, here),
        }
    }

    /// `and` and `or`; a long row of them is walked, not descended into.
    fn connective(&mut self, scope: &mut Scope, whole: &tree::Expr, operator: Operator) -> Expr {
        let mut operands = Vec::new();
        let mut first = whole;
        while let Tree::Binary { operator: other, left, right, .. } = &first.kind
            && *other == operator
        {
            operands.push(&**right);
            first = left;
        }
        let what = if operator == Operator::And { "each side of `and`" } else { "each side of `or`" };
        let before = scope.facts.len();
        let next = operands.last().map_or(first.span.end, |next| next.span.start);
        let alone = Span::new(first.span.start as usize, next as usize);
        let mut result = self.side(scope, first, operator, what, alone);
        let mut end = first.span.end;
        let mut failed = result.is_error();
        scope.facts.extend(super::super::scope::shown(&result, operator == Operator::And));
        for operand in operands.into_iter().rev() {
            let alone = Span::new(end as usize, operand.span.end as usize);
            end = operand.span.end;
            let operand = self.side(scope, operand, operator, what, alone);
            failed |= operand.is_error();
            scope.facts.extend(super::super::scope::shown(&operand, operator == Operator::And));
            let here = Location { file: scope.file, span: result.at.span.to(operand.at.span) };
            let (a, b) = (Box::new(result), Box::new(operand));
            let kind = if operator == Operator::And { ExprKind::And(a, b) } else { ExprKind::Or(a, b) };
            result = typed(kind, Type::Bool, here);
        }
        scope.facts.truncate(before);
        if failed { error(result.at) } else { result }
    }

    /// One side of `and` or `or`; `alone` is that side with the word that joins it to the others.
    fn side(
        &mut self,
        scope: &mut Scope,
        side: &tree::Expr,
        operator: Operator,
        what: &str,
        alone: Span,
    ) -> Expr {
        let before = self.diagnostics.len();
        let result = self.value(scope, side, Type::Bool, what);
        let says_nothing =
            matches!(side.kind, Tree::Is { known, .. } if known == (operator == Operator::And));
        if says_nothing && self.diagnostics.len() > before {
            let problem = self.diagnostics.pop();
            let alone = at(scope.file, alone);
            self.diagnostics.extend(problem.map(|one| mistakes::never_unknown::beside_others(one, alone)));
        }
        result
    }

    /// Both operands; the one that says its type first, so that a member or a literal finds its type in the other.
    fn pair(&mut self, scope: &mut Scope, left: &tree::Expr, right: &tree::Expr) -> Option<(Expr, Expr)> {
        let right_first = self.needs_hint(scope, left) && !self.needs_hint(scope, right);
        let (first, second) = if right_first { (right, left) } else { (left, right) };
        // What a part of the customer is compared with says which one can be meant, should it be misspelt.
        let likely = match &first.kind {
            Tree::Field { .. } => self.literal_type(second),
            _ => None,
        };
        let one = self.expression(scope, first, likely);
        if one.is_error() && self.needs_hint(scope, second) {
            return None;
        }
        let hint = (!one.is_error()).then_some(one.ty);
        let other = self.expression(scope, second, hint);
        if one.is_error() || other.is_error() {
            return None;
        }
        Some(if right_first { (other, one) } else { (one, other) })
    }

    fn comparison(
        &mut self,
        scope: &mut Scope,
        comparison: Comparison,
        sign: Location,
        left: &tree::Expr,
        right: &tree::Expr,
        here: Location,
    ) -> Expr {
        let list = match (&left.kind, &right.kind) {
            (_, Tree::List(_)) => Some(right),
            (Tree::List(_), _) => Some(left),
            _ => None,
        };
        if let (Some(list), Comparison::Equal | Comparison::NotEqual) = (list, comparison) {
            let equal = comparison == Comparison::Equal;
            let list = at(scope.file, list.span);
            self.report(mistakes::no_such_operation::compared_with_list(equal, sign, list));
            return error(here);
        }
        let Some((left, right)) = self.pair(scope, left, right) else { return error(here) };
        let Some((left, right)) = self.unify(left, right, "the two sides of the comparison") else {
            return error(here);
        };
        let (left, right) = (self.known(left), self.known(right));
        let ty = left.ty;
        if let Type::Set(_) = ty {
            self.report(mistakes::no_such_operation::sets_compared(sign));
            return error(here);
        }
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if !equality && !super::super::types::is_ordered(self, ty) {
            self.report(mistakes::no_order::compared(&self.checked, ty, sign));
            return error(here);
        }
        typed(ExprKind::Compare(comparison, Box::new(left), Box::new(right)), Type::Bool, here)
    }

    fn otherwise(
        &mut self,
        scope: &mut Scope,
        left: &tree::Expr,
        right: &tree::Expr,
        expected: Option<Type>,
        here: Location,
    ) -> Expr {
        let subject = self.expression(scope, left, expected);
        let hint = if subject.is_error() { expected } else { Some(subject.ty) };
        let default = self.expression(scope, right, hint);
        if subject.is_error() || default.is_error() {
            return error(here);
        }
        if !subject.optional {
            self.never_unknown(&subject, "otherwise", here);
            return error(here);
        }
        let default = self.known(default);
        let Some((subject, default)) = self.unify(subject, default, "the value and its default") else {
            return error(here);
        };
        if let Some(first) = mistakes::calculated_default::first(right) {
            let written = |span| self.quote(at(scope.file, span)).unwrap_or_else(|| "…".to_owned());
            let rest = Span::new(first.end as usize, right.span.end as usize);
            let [value, first, rest] = [left.span, first, rest].map(written);
            self.report(mistakes::calculated_default::here(default.at, &value, &first, rest.trim()));
        }
        let ty = subject.ty;
        typed(ExprKind::Otherwise(Box::new(subject), Box::new(default)), ty, here)
    }

    #[allow(clippy::too_many_arguments)] // The parts of one node.
    fn arithmetic(
        &mut self,
        scope: &mut Scope,
        operation: Arithmetic,
        sign: Location,
        left: &tree::Expr,
        right: &tree::Expr,
        here: Location,
    ) -> Expr {
        let left = self.expression(scope, left, None);
        let right = self.expression(scope, right, None);
        if left.is_error() || right.is_error() {
            return error(here);
        }
        let Some(outcome) = outcome(operation, left.ty, right.ty) else {
            self.no_such_operation(operation, sign, &left, &right);
            return error(here);
        };
        let (left, right) = (self.known(left), self.known(right));
        // A unit stands on the left, and an int beside a number or a unit is a number.
        let (mut left, mut right) = match (operation, left.ty, right.ty) {
            (
                Arithmetic::Multiply,
                Type::Int | Type::Number,
                Type::Money(_) | Type::Duration | Type::Percent,
            )
            | (Arithmetic::Multiply, Type::Percent, Type::Money(_)) => (right, left),
            _ => (left, right),
        };
        if left.ty == Type::Int && right.ty != Type::Int {
            left = to_number(left);
        }
        if right.ty == Type::Int && left.ty != Type::Int {
            right = to_number(right);
        }
        let kind = ExprKind::Arithmetic(operation, Box::new(left), Box::new(right));
        match outcome.unknown {
            true => optional(kind, outcome.ty, here),
            false => typed(kind, outcome.ty, here),
        }
    }

    fn no_such_operation(&mut self, operation: Arithmetic, sign: Location, left: &Expr, right: &Expr) {
        let (one, other) = (self.found(left), self.found(right));
        self.report(match (left.ty, right.ty) {
            (Type::Money(a), Type::Money(b)) if a != b => {
                mistakes::two_currencies::amounts(&self.checked, "the two amounts", &one, &other)
            }
            _ => mistakes::no_such_operation::arithmetic(&self.checked, operation, &one, &other, sign),
        });
    }

    fn contains(&mut self, scope: &mut Scope, left: &tree::Expr, right: &tree::Expr, here: Location) -> Expr {
        let whole = self.expression(scope, left, None);
        let whole = self.known(whole);
        if whole.is_error() {
            return error(here);
        }
        let member = match whole.ty {
            Type::Set(element) => element.ty(),
            Type::Text => Type::Text,
            other => {
                let name = self.type_name(other);
                self.report(mistakes::no_such_operation::contains_nothing(&name, whole.at));
                return error(here);
            }
        };
        let part = self.value(scope, right, member, "what follows `contains`");
        unless_error([whole, part], here, |[whole, part]| {
            typed(ExprKind::Contains(Box::new(whole), Box::new(part)), Type::Bool, here)
        })
    }

    fn sets(
        &mut self,
        scope: &mut Scope,
        operator: Operator,
        left: &tree::Expr,
        right: &tree::Expr,
        here: Location,
    ) -> Expr {
        let a = self.expression(scope, left, None);
        let b = self.expression(scope, right, None);
        if a.is_error() || b.is_error() {
            return error(here);
        }
        let word = if operator == Operator::Overlaps { "overlaps" } else { "contains all" };
        for side in [&a, &b] {
            if !matches!(side.ty, Type::Set(_)) {
                let name = self.type_name(side.ty);
                self.report(mistakes::no_such_operation::not_a_set(word, &name, side.at));
                return error(here);
            }
        }
        let Some((a, b)) = self.unify(a, b, "the two sets") else { return error(here) };
        let (a, b) = (Box::new(a), Box::new(b));
        let kind = if operator == Operator::Overlaps {
            ExprKind::Overlaps(a, b)
        } else {
            ExprKind::ContainsAll(a, b)
        };
        typed(kind, Type::Bool, here)
    }

    /// A text or one of its kin, for operators that read letters.
    pub(super) fn letters(&mut self, scope: &mut Scope, expr: &tree::Expr, what: &str) -> Expr {
        let found = self.expression(scope, expr, Some(Type::Text));
        let found = if found.ty.is_text() { found } else { self.fit(found, Type::Text, what) };
        self.known(found)
    }

    fn affix(
        &mut self,
        scope: &mut Scope,
        operator: Operator,
        left: &tree::Expr,
        right: &tree::Expr,
        here: Location,
    ) -> Expr {
        let word = if operator == Operator::StartsWith { "`starts with`" } else { "`ends with`" };
        let a = self.letters(scope, left, &format!("what stands before {word}"));
        let b = self.letters(scope, right, &format!("what follows {word}"));
        unless_error([a, b], here, |[a, b]| {
            let (a, b) = (Box::new(a), Box::new(b));
            let starts = operator == Operator::StartsWith;
            typed(
                if starts { ExprKind::StartsWith(a, b) } else { ExprKind::EndsWith(a, b) },
                Type::Bool,
                here,
            )
        })
    }

    fn matches(&mut self, scope: &mut Scope, left: &tree::Expr, right: &tree::Expr, here: Location) -> Expr {
        let text = self.letters(scope, left, "what stands before `matches`");
        let mut pattern = right;
        while let Tree::Paren(inner) = &pattern.kind {
            pattern = inner;
        }
        let place = at(scope.file, right.span);
        let Tree::Literal(tree::Literal { kind: LiteralKind::Text(regex), .. }) = &pattern.kind else {
            if pattern.kind != Tree::Error {
                self.report(mistakes::bad_pattern::not_written_out(place));
            }
            return error(here);
        };
        // The limit keeps a policy's machine-independent cost small; patterns of a few hundred signs pass.
        const LIMIT: usize = 1 << 20;
        let built = regex::RegexBuilder::new(&regex.value).size_limit(LIMIT).build();
        if let Err(problem) = built {
            self.report(match problem {
                regex::Error::CompiledTooBig(_) => mistakes::bad_pattern::too_large(place),
                other => {
                    let text = other.to_string();
                    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    mistakes::bad_pattern::unreadable(place, reason)
                }
            });
            return error(here);
        }
        let regex = regex.value.clone();
        unless_error([text], here, |[text]| typed(ExprKind::Matches(Box::new(text), regex), Type::Bool, here))
    }
}

fn comparison(operator: Operator) -> Comparison {
    match operator {
        Operator::NotEqual => Comparison::NotEqual,
        Operator::Less => Comparison::Less,
        Operator::LessEqual => Comparison::LessEqual,
        Operator::Greater => Comparison::Greater,
        Operator::GreaterEqual => Comparison::GreaterEqual,
        _ => Comparison::Equal,
    }
}

/// The table of §4; `None` where there is no such operation.
fn outcome(operation: Arithmetic, a: Type, b: Type) -> Option<Outcome> {
    use Arithmetic::{Add, Divide, Multiply, Subtract};
    use Type::{Date, Duration, Instant, Int, Money, Number, Percent};
    let gives = |ty| Some(Outcome { ty, unknown: false });
    let may = |ty| Some(Outcome { ty, unknown: true });
    match (operation, a, b) {
        (Add | Subtract | Multiply, Int, Int) => gives(Int),
        (Add | Subtract | Multiply, Int | Number, Int | Number) => gives(Number),
        (Add | Subtract, Percent, Percent) | (Multiply, Percent, Percent) => gives(Percent),
        (Multiply, Percent, Int | Number) | (Multiply, Int | Number, Percent) => gives(Number),
        (Add | Subtract, Money(one), Money(other)) if one == other => gives(a),
        (Multiply, Money(_), Int | Number | Percent) => gives(a),
        (Multiply, Int | Number | Percent, Money(_)) => gives(b),
        (Add | Subtract, Duration, Duration) => gives(Duration),
        (Multiply, Duration, Int | Number) | (Multiply, Int | Number, Duration) => gives(Duration),
        (Subtract, Instant, Instant) => gives(Duration),
        (Add | Subtract, Instant, Duration) => gives(Instant),
        (Subtract, Date, Date) => gives(Int),
        (Divide, Int | Number, Int | Number) | (Divide, Percent, Percent) | (Divide, Duration, Duration) => {
            may(Number)
        }
        (Divide, Money(one), Money(other)) if one == other => may(Number),
        (Divide, Money(_) | Duration, Int | Number) => may(a),
        _ => None,
    }
}
