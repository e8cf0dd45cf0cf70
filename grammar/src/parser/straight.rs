//! Expressions without mistakes, read straight ahead: the next token says what follows, and no rule is tried in vain.
//!
//! It reads what the rules of [`super::expression`] read, and leaves to them what is rare. What it doesn't get through is
//! read anew by them, who know what to say of it.

use super::basic::*;
use super::expression::*;
use super::fault::{Fault, Label};
use super::literal::read_unsigned;
use crate::Span;
use crate::token::{Kind, Token};
use crate::tree::*;
use std::rc::Rc;

/// An expression as the other rules use it.
pub(super) fn expression<'s>() -> Boxed<'s, Expr> {
    let node = recursive(|expression: Expression<'s>| {
        let rules = Rc::new(Rules {
            conditional: conditional(expression.clone()),
            primary: primary(expression.clone()),
            unary: unary(primary(expression.clone())),
            words_operator: words_operator(),
            belongs: belongs(),
            value: value(Label::ListItem),
            expression,
        });
        by_hand(move |input| rules.expression(input))
    });
    node.map(|node| node.expr).boxed()
}

/// Operators that group to the left, each with how tight it binds.
type Operators = fn(Kind) -> Option<(u8, BinaryOperator)>;

/// What stands between these.
type Operand<'s> = fn(&Rules<'s>, &mut Ref<'s, '_>) -> Result<Node, Fault>;

/// What is rare, and what begins an expression anew.
struct Rules<'s> {
    conditional: Boxed<'s, Node>,
    primary: Boxed<'s, Node>,
    unary: Boxed<'s, Node>,
    words_operator: Boxed<'s, (BinaryOperator, Span)>,
    belongs: Boxed<'s, Tail>,
    value: Boxed<'s, Expr>,
    expression: Expression<'s>,
}

impl<'s> Rules<'s> {
    fn expression(&self, input: &mut Ref<'s, '_>) -> Result<Node, Fault> {
        match peek(input).kind {
            Kind::If => input.parse(&self.conditional),
            _ => self.chain(input, connective, 0, Rules::negation),
        }
    }

    /// `a + b * c`, as far as operators bind at least so tight: precedence climbing (Richards and Whitby-Strevens, "BCPL:
    /// The Language and its Compiler", 1979). None of them is the name of something that could follow.
    fn chain(
        &self,
        input: &mut Ref<'s, '_>,
        operators: Operators,
        least: u8,
        operand: Operand<'s>,
    ) -> Result<Node, Fault> {
        let mut left = operand(self, input)?;
        loop {
            let token = peek(input);
            let found = operators(token.kind).filter(|(tightness, _)| *tightness >= least);
            let Some((tightness, operator)) = found else { return Ok(left) };
            input.next_ref();
            let right = self.chain(input, operators, tightness + 1, operand)?;
            left = joined(left, (operator, token), right, |fault| input.emit(fault));
        }
    }

    fn negation(&self, input: &mut Ref<'s, '_>) -> Result<Node, Fault> {
        let not = peek(input);
        if not.kind != Kind::Not {
            return self.comparison(input);
        }
        input.next_ref();
        enter(input)?;
        let operand = self.negation(input)?;
        leave(input);
        let kind = ExprKind::Unary { operator: UnaryOperator::Not, operand: Box::new(operand.expr) };
        Ok(Node::above(kind, since(input, not), operand.depth))
    }

    fn comparison(&self, input: &mut Ref<'s, '_>) -> Result<Node, Fault> {
        let first = peek(input);
        let left = self.otherwise(input)?;
        let next = peek(input);
        let compares = is_comparison(next.kind) || next.kind == Kind::Not && peek_second(input) == Kind::In;
        if !compares {
            return if next.kind == Kind::Assign { Err(Fault::unexpected(next)) } else { Ok(left) };
        }
        let before = input.save();
        match self.tail(input, next) {
            Ok(tail) => Ok(compared(left, tail, since(input, first))),
            Err(_) => {
                input.rewind(before);
                Ok(left)
            }
        }
    }

    /// What follows the left side of a comparison.
    fn tail(&self, input: &mut Ref<'s, '_>, next: Token) -> Result<Tail, Fault> {
        let tail = if let Some(operator) = comparison_operator(next.kind) {
            input.next_ref();
            Tail::Binary(operator, next.span, self.otherwise(input)?)
        } else if let Some(list) = self.in_list(input, next)? {
            list
        } else if matches!(next.kind, Kind::In | Kind::Not | Kind::Is) {
            input.parse(&self.belongs)?
        } else {
            let (operator, span) = input.parse(&self.words_operator)?;
            Tail::Binary(operator, span, self.otherwise(input)?)
        };
        let next = peek(input);
        if is_comparison(next.kind) { Err(Fault::unexpected(next)) } else { Ok(tail) }
    }

    /// `in ["DE", "AT"]`, `not in [gold]`; none where there is something else.
    fn in_list(&self, input: &mut Ref<'s, '_>, next: Token) -> Result<Option<Tail>, Fault> {
        let negated = next.kind == Kind::Not;
        let open = next.index as usize + 1 + usize::from(negated);
        let open = input.full_slice().get(open).copied().filter(|open| open.kind == Kind::OpenBracket);
        let Some(open) = open.filter(|_| negated || next.kind == Kind::In) else { return Ok(None) };
        while peek(input).index <= open.index {
            input.next_ref();
        }
        enter(input)?;
        let mut items = Vec::new();
        while peek(input).kind != Kind::CloseBracket {
            items.push(self.item(input)?);
            match peek(input).kind {
                Kind::Comma => _ = input.next_ref(),
                Kind::CloseBracket => {}
                _ => return Err(Fault::unexpected(peek(input))),
            }
        }
        input.next_ref();
        leave(input);
        let span = since(input, open);
        Ok(Some(Tail::In(negated, InSet::List { items, span })))
    }

    /// A literal or a member.
    fn item(&self, input: &mut Ref<'s, '_>) -> Result<Expr, Fault> {
        let first = peek(input);
        let kind = match first.kind {
            Kind::Int | Kind::Number | Kind::Text => {
                ExprKind::Literal(read_unsigned(input, |_| true, Label::ListItem)?)
            }
            Kind::Name if peek_second(input) != Kind::Dot => {
                input.next_ref();
                ExprKind::Name(name_of(input, first))
            }
            _ => return input.parse(&self.value),
        };
        Ok(Expr { kind, span: since(input, first) })
    }

    /// `a otherwise b otherwise c` groups to the right.
    fn otherwise(&self, input: &mut Ref<'s, '_>) -> Result<Node, Fault> {
        let sum = |input: &mut Ref<'s, '_>| self.chain(input, arithmetic, 0, Rules::unary);
        let mut last = sum(input)?;
        let mut before: Vec<(Node, (BinaryOperator, Token))> = Vec::new();
        loop {
            let token = peek(input);
            let Some(operator) = otherwise_operator(token.kind) else { break };
            input.next_ref();
            let next = sum(input)?;
            before.push((std::mem::replace(&mut last, next), (operator, token)));
        }
        while let Some((left, operator)) = before.pop() {
            last = joined(left, operator, last, |fault| input.emit(fault));
        }
        Ok(last)
    }

    fn unary(&self, input: &mut Ref<'s, '_>) -> Result<Node, Fault> {
        let first = peek(input);
        match first.kind {
            Kind::Minus => input.parse(&self.unary),
            Kind::OpenParen => self.parenthesis(input, first),
            Kind::Profile => self.field(input, first, Root::Profile),
            Kind::Event if peek_second(input) == Kind::Dot => self.field(input, first, Root::Event),
            Kind::True
            | Kind::False
            | Kind::Int
            | Kind::Number
            | Kind::Percent
            | Kind::Duration
            | Kind::Time
            | Kind::Date
            | Kind::Instant
            | Kind::Text => {
                let literal = read_unsigned(input, |_| true, Label::Expression)?;
                Ok(Node::leaf(ExprKind::Literal(literal), since(input, first)))
            }
            Kind::Name if !matches!(peek_second(input), Kind::Dot | Kind::OpenParen) => {
                input.next_ref();
                Ok(Node::leaf(ExprKind::Name(name_of(input, first)), first.span))
            }
            _ => input.parse(&self.primary),
        }
    }

    fn parenthesis(&self, input: &mut Ref<'s, '_>, open: Token) -> Result<Node, Fault> {
        input.next_ref();
        enter(input)?;
        let inner = input.parse(&self.expression)?;
        leave(input);
        let close = peek(input);
        if close.kind != Kind::CloseParen {
            return Err(Fault::unexpected(close));
        }
        input.next_ref();
        let kind = ExprKind::Paren(Box::new(inner.expr));
        Ok(Node::above(kind, since(input, open), inner.depth))
    }

    /// `profile.x`
    fn field(&self, input: &mut Ref<'s, '_>, first: Token, root: Root) -> Result<Node, Fault> {
        input.next_ref();
        let dot = peek(input);
        input.next_ref();
        let field = peek(input);
        if dot.kind != Kind::Dot || !field.kind.is_field() {
            return Err(Fault::unexpected(field));
        }
        input.next_ref();
        let base = Box::new(Expr { kind: ExprKind::Root(root), span: first.span });
        let name = name_of(input, field);
        Ok(Node::above(ExprKind::Field { base, name }, first.span.to(field.span), 0))
    }
}

/// `or`, and tighter `and`.
fn connective(kind: Kind) -> Option<(u8, BinaryOperator)> {
    let or = || or_operator(kind).map(|operator| (0, operator));
    or().or_else(|| and_operator(kind).map(|operator| (1, operator)))
}

/// Sums, and tighter products.
fn arithmetic(kind: Kind) -> Option<(u8, BinaryOperator)> {
    let sum = || sum_operator(kind).map(|operator| (0, operator));
    sum().or_else(|| product_operator(kind).map(|operator| (1, operator)))
}

/// The place of what has been read from a token on.
pub(super) fn since<'s>(input: &mut Ref<'s, '_>, first: Token) -> Span {
    let next = peek(input).index as usize;
    let last = next.checked_sub(1).and_then(|last| input.full_slice().get(last));
    last.map_or(first.span, |last| first.span.to(last.span))
}
