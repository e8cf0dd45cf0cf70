//! Expressions (language reference §5): one rule per level, from the loosest to the tightest.

use super::basic::*;
use super::fault::{Fault, Label};
use super::history;
use super::literal::*;
use crate::token::{Kind, Token};
use crate::tree::*;
use crate::{Span, SyntaxError, SyntaxErrorKind as E};
use chumsky::recursive::{Direct, Recursive};

/// How deep the tree of an expression may get by chains of operators such as `a + b + c`.
const CHAIN: u16 = 500;

/// An expression and how deep its tree is.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) expr: Expr,
    pub(super) depth: u16,
}

impl Node {
    pub(super) fn leaf(kind: ExprKind, span: Span) -> Node {
        Node { expr: Expr { kind, span }, depth: 0 }
    }

    pub(super) fn above(kind: ExprKind, span: Span, depth: u16) -> Node {
        Node { expr: Expr { kind, span }, depth: depth + 1 }
    }
}

/// The rule of all expressions, as its parts know it: it isn't kept alive by them, so that nothing keeps itself alive.
pub(super) type Expression<'s> = Recursive<Direct<'s, 's, Input<'s>, Node, Extra<'s>>>;

/// An expression as the other rules use it.
pub(super) fn expression<'s>() -> Boxed<'s, Expr> {
    recursive(rule).map(|node| node.expr).boxed()
}

fn rule<'s>(expression: Expression<'s>) -> Boxed<'s, Node> {
    let primary = primary(expression.clone());
    let product = left(unary(primary), product_operator);
    let sum = left(product, sum_operator);
    let negation = negation(comparison(otherwise(sum)));
    let and = left(negation, and_operator);
    let or = left(and, or_operator);
    conditional(expression).or(or).boxed()
}

pub(super) fn product_operator(kind: Kind) -> Option<BinaryOperator> {
    match kind {
        Kind::Star => Some(BinaryOperator::Multiply),
        Kind::Slash => Some(BinaryOperator::Divide),
        _ => None,
    }
}

pub(super) fn sum_operator(kind: Kind) -> Option<BinaryOperator> {
    match kind {
        Kind::Plus => Some(BinaryOperator::Add),
        Kind::Minus => Some(BinaryOperator::Subtract),
        _ => None,
    }
}

pub(super) fn otherwise_operator(kind: Kind) -> Option<BinaryOperator> {
    (kind == Kind::Otherwise).then_some(BinaryOperator::Otherwise)
}

pub(super) fn and_operator(kind: Kind) -> Option<BinaryOperator> {
    (kind == Kind::And).then_some(BinaryOperator::And)
}

pub(super) fn or_operator(kind: Kind) -> Option<BinaryOperator> {
    (kind == Kind::Or).then_some(BinaryOperator::Or)
}

/// `a + b + c`
fn left<'s>(operand: Boxed<'s, Node>, operators: fn(Kind) -> Option<BinaryOperator>) -> Boxed<'s, Node> {
    operand.clone().foldl_with(operator(operators).then(operand).repeated(), binary).boxed()
}

fn operator<'s>(operators: fn(Kind) -> Option<BinaryOperator>) -> Boxed<'s, (BinaryOperator, Token)> {
    by_hand(move |input| {
        let next = peek(input);
        let Some(operator) = operators(next.kind) else { return Err(Fault::unexpected(next)) };
        input.next_ref();
        Ok((operator, next))
    })
}

type Emitter<'s, 'p> = chumsky::input::MapExtra<'s, 'p, Input<'s>, Extra<'s>>;

fn binary<'s>(left: Node, right: ((BinaryOperator, Token), Node), e: &mut Emitter<'s, '_>) -> Node {
    let (operator, right) = right;
    joined(left, operator, right, |fault| e.emit(fault))
}

/// Two operands as one expression.
pub(super) fn joined(
    left: Node,
    (operator, token): (BinaryOperator, Token),
    right: Node,
    emit: impl FnOnce(Fault),
) -> Node {
    let span = left.expr.span.to(right.expr.span);
    let depth = left.depth.max(right.depth);
    if depth >= CHAIN {
        let message = format!("this expression has more than {CHAIN} operators in a row");
        let error = SyntaxError::new(E::TooLong, token.span, message)
            .help("compare with a list (`x in [...]`), or give parts of it names with `let`");
        emit(Fault::custom(token, error));
        return Node::leaf(ExprKind::Error, span);
    }
    let (left, right) = (Box::new(left.expr), Box::new(right.expr));
    Node::above(ExprKind::Binary { operator, operator_span: token.span, left, right }, span, depth)
}

/// `if c then a else b`: its else takes all that follows.
pub(super) fn conditional<'s>(expression: Expression<'s>) -> Boxed<'s, Node> {
    let parts = expression
        .clone()
        .then_ignore(just(Kind::Then))
        .then(expression.clone())
        .then_ignore(just(Kind::Else))
        .then(expression);
    maybe(Kind::If)
        .ignore_then(nested(parts))
        .map_with(|((condition, then), otherwise), e| {
            let depth = condition.depth.max(then.depth).max(otherwise.depth);
            let kind = ExprKind::If {
                condition: Box::new(condition.expr),
                then: Box::new(then.expr),
                otherwise: Box::new(otherwise.expr),
            };
            Node::above(kind, span(e), depth)
        })
        .boxed()
}

/// `not x`
fn negation<'s>(comparison: Boxed<'s, Node>) -> Boxed<'s, Node> {
    recursive(|negation| {
        let not = maybe(Kind::Not).ignore_then(nested(negation)).map_with(|operand: Node, e| {
            let kind = ExprKind::Unary { operator: UnaryOperator::Not, operand: Box::new(operand.expr) };
            Node::above(kind, span(e), operand.depth)
        });
        not.or(comparison)
    })
    .boxed()
}

/// `-x`; before a number it belongs to the literal.
pub(super) fn unary<'s>(primary: Boxed<'s, Node>) -> Boxed<'s, Node> {
    let number = ahead(|first, second| {
        use Kind::*;
        first == Minus && matches!(second, Int | Number | Percent | Duration)
    })
    .ignore_then(negative(Label::Expression))
    .map(|literal| {
        let span = literal.span;
        Node::leaf(ExprKind::Literal(literal), span)
    });
    recursive(|unary| {
        let minus = maybe(Kind::Minus).ignore_then(nested(unary)).map_with(|operand: Node, e| {
            let kind = ExprKind::Unary { operator: UnaryOperator::Negate, operand: Box::new(operand.expr) };
            Node::above(kind, span(e), operand.depth)
        });
        choice((number, minus, primary))
    })
    .boxed()
}

/// `a otherwise b otherwise c` groups to the right.
fn otherwise<'s>(sum: Boxed<'s, Node>) -> Boxed<'s, Node> {
    let rest = operator(otherwise_operator).then(sum.clone()).repeated().collect::<Vec<_>>();
    sum.then(rest)
        .map_with(|(first, rest), e| {
            let mut operators = Vec::with_capacity(rest.len());
            let mut last = first;
            let mut operands = Vec::with_capacity(rest.len());
            for (operator, operand) in rest {
                operators.push(operator);
                operands.push(std::mem::replace(&mut last, operand));
            }
            while let (Some(operator), Some(operand)) = (operators.pop(), operands.pop()) {
                last = binary(operand, (operator, last), e);
            }
            last
        })
        .boxed()
}

/// What can follow the left side of a comparison.
#[derive(Clone)]
pub(super) enum Tail {
    Binary(BinaryOperator, Span, Node),
    In(bool, InSet),
    Is(bool),
}

pub(super) fn is_comparison(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        Equal
            | NotEqual
            | Less
            | LessEqual
            | Greater
            | GreaterEqual
            | In
            | Is
            | Contains
            | Overlaps
            | Starts
            | Ends
            | Matches
    )
}

/// A mark, or a word that stands for itself, which compares.
pub(super) fn comparison_operator(kind: Kind) -> Option<BinaryOperator> {
    Some(match kind {
        Kind::Equal => BinaryOperator::Equal,
        Kind::NotEqual => BinaryOperator::NotEqual,
        Kind::Less => BinaryOperator::Less,
        Kind::LessEqual => BinaryOperator::LessEqual,
        Kind::Greater => BinaryOperator::Greater,
        Kind::GreaterEqual => BinaryOperator::GreaterEqual,
        Kind::Overlaps => BinaryOperator::Overlaps,
        Kind::Matches => BinaryOperator::Matches,
        _ => return None,
    })
}

/// `contains`, `contains all`, `starts with`, `ends with`
pub(super) fn words_operator<'s>() -> Boxed<'s, (BinaryOperator, Span)> {
    let contains = maybe(Kind::Contains).then(maybe(Kind::All).or_not()).map(|(contains, all)| match all {
        Some(all) => (BinaryOperator::ContainsAll, contains.span.to(all.span)),
        None => (BinaryOperator::Contains, contains.span),
    });
    let edge = |kind, operator| {
        maybe(kind).then(just(Kind::With)).map(move |(first, with)| (operator, first.span.to(with.span)))
    };
    let starts = edge(Kind::Starts, BinaryOperator::StartsWith);
    let ends = edge(Kind::Ends, BinaryOperator::EndsWith);
    choice((contains, starts, ends)).boxed()
}

/// `in …`, `not in …`, `is known`, `is unknown`
pub(super) fn belongs<'s>() -> Boxed<'s, Tail> {
    let within = maybe(Kind::In)
        .to(false)
        .or(pair(Kind::Not, Kind::In).to(true))
        .then(set())
        .map(|(negated, set)| Tail::In(negated, set));
    let known = just(Kind::Known).to(true).or(just(Kind::Unknown).to(false));
    within.or(maybe(Kind::Is).ignore_then(known).map(Tail::Is)).boxed()
}

/// A value with what follows it.
pub(super) fn compared(left: Node, tail: Tail, span: Span) -> Node {
    let depth = left.depth;
    let subject = Box::new(left.expr);
    match tail {
        Tail::Binary(operator, operator_span, right) => {
            let depth = depth.max(right.depth);
            let right = Box::new(right.expr);
            let kind = ExprKind::Binary { operator, operator_span, left: subject, right };
            Node::above(kind, span, depth)
        }
        Tail::In(negated, set) => Node::above(ExprKind::In { subject, negated, set }, span, depth),
        Tail::Is(known) => Node::above(ExprKind::Is { subject, known }, span, depth),
    }
}

/// One comparison, or none; they don't chain.
fn comparison<'s>(operand: Boxed<'s, Node>) -> Boxed<'s, Node> {
    let simple = operator(comparison_operator).map(|(operator, token)| (operator, token.span));
    let binary = simple
        .or(words_operator())
        .then(operand.clone())
        .map(|((operator, span), right)| Tail::Binary(operator, span, right));
    let tail = ahead(|first, second| is_comparison(first) || first == Kind::Not && second == Kind::In)
        .ignore_then(binary.or(belongs()))
        .then_ignore(no_second());
    let assigned = by_hand(|input| {
        let next = peek(input);
        if next.kind != Kind::Assign {
            return Ok(());
        }
        let error = SyntaxError::new(E::AssignmentInCondition, next.span, "`=` doesn't compare")
            .help("write `==` to compare")
            .mend(next.span, "==");
        Err(Fault::custom(next, error))
    });
    operand
        .then(tail.or_not())
        .then_ignore(assigned)
        .map_with(|(left, tail), e| match tail {
            None => left,
            Some(tail) => compared(left, tail, span(e)),
        })
        .boxed()
}

fn no_second<'s>() -> Boxed<'s, ()> {
    by_hand(|input| {
        let next = peek(input);
        if !is_comparison(next.kind) {
            return Ok(());
        }
        let error = SyntaxError::new(E::ChainedComparison, next.span, "comparisons don't chain")
            .help("join two comparisons by `and`: `a < b and b < c`");
        Err(Fault::custom(next, error))
    })
}

/// The right side of `in`.
fn set<'s>() -> Boxed<'s, InSet> {
    let list = list().map_with(|items, e| InSet::List { items, span: span(e) });
    let range =
        range_of(literal(Label::Range), literal(Label::Literal)).map(|range| InSet::Range(Box::new(range)));
    list.or(range).boxed()
}

/// `["DE", "AT"]`: literals and members.
pub(super) fn list<'s>() -> Boxed<'s, Vec<Expr>> {
    let items = comma_list(value(Label::ListItem), |tokens, index| !tokens[index].kind.is_mark());
    group(Kind::OpenBracket, items)
        .recover_with(via_parser(
            whole_group(Kind::OpenBracket).map(|span| vec![Expr { kind: ExprKind::Error, span }]),
        ))
        .boxed()
}

/// A whole bracketed group, whatever is in it.
fn whole_group<'s>(open: Kind) -> Boxed<'s, Span> {
    let group = maybe(open).then(skip(nothing).or_not()).then(maybe(open.partner()));
    group.map(|((open, _), close)| open.span.to(close.span)).boxed()
}

/// A literal, a member, or a member of another project.
pub(super) fn value<'s>(label: Label) -> Boxed<'s, Expr> {
    let literal = literal(label).map(ExprKind::Literal);
    let member = path(label).map(|path| match path.package {
        None => ExprKind::Name(path.name),
        Some(package) => {
            let base = Expr { span: package.span, kind: ExprKind::Name(package) };
            ExprKind::Field { base: Box::new(base), name: path.name }
        }
    });
    literal.or(member).map_with(|kind, e| Expr { kind, span: span(e) }).boxed()
}

/// What binds tightest.
pub(super) fn primary<'s>(expression: Expression<'s>) -> Boxed<'s, Node> {
    recursive(|primary| {
        let literal = any_literal(Label::Expression)
            .map_with(|literal, e| Node::leaf(ExprKind::Literal(literal), span(e)));
        let now = maybe(Kind::Now).map(|token| Node::leaf(ExprKind::Now, token.span));
        let reported = maybe(Kind::Error).map(|token| Node::leaf(ExprKind::Error, token.span));
        let list = ahead(|first, _| first == Kind::OpenBracket)
            .ignore_then(list())
            .map_with(|items, e| Node::leaf(ExprKind::List(items), span(e)));
        let unit = pair(Kind::Years, Kind::Since)
            .to(SinceUnit::Years)
            .or(pair(Kind::Days, Kind::Since).to(SinceUnit::Days));
        let since = unit.then(nested(primary)).map_with(|(unit, of): (SinceUnit, Node), e| {
            Node::above(ExprKind::Since { unit, of: Box::new(of.expr) }, span(e), of.depth)
        });
        choice((
            literal,
            parenthesis(expression.clone()),
            list,
            now,
            history::aggregate(expression.clone().boxed())
                .map_with(|(aggregate, depth), e| {
                    Node::above(ExprKind::Aggregate(Box::new(aggregate)), span(e), depth)
                })
                .boxed(),
            since.boxed(),
            match_(expression.clone()),
            root(),
            named(expression),
            reported,
        ))
    })
    .boxed()
}

fn parenthesis<'s>(expression: Expression<'s>) -> Boxed<'s, Node> {
    let error = whole_group(Kind::OpenParen).map(|span| Node::leaf(ExprKind::Error, span));
    let paren = group(Kind::OpenParen, expression)
        .map_with(|inner, e| Node::above(ExprKind::Paren(Box::new(inner.expr)), span(e), inner.depth));
    ahead(|first, _| first == Kind::OpenParen).ignore_then(paren.recover_with(via_parser(error))).boxed()
}

/// `match x { gold => 1, else => 2 }`
fn match_<'s>(expression: Expression<'s>) -> Boxed<'s, Node> {
    let otherwise = maybe(Kind::Else).map(|token| Cell { kind: CellKind::Else, span: token.span });
    let arm = otherwise
        .or(cell())
        .then_ignore(just(Kind::Arrow))
        .then(expression.clone())
        .map_with(|(pattern, value), e| (MatchArm { pattern, value: value.expr, span: span(e) }, value.depth))
        .recover_with(via_parser(skip(comma).map(|span| {
            let pattern = Cell { kind: CellKind::Error, span };
            (MatchArm { pattern, value: Expr { kind: ExprKind::Error, span }, span }, 0)
        })));
    let arms = comma_list1(arm.boxed(), |_, _| true);
    let arms = just(Kind::OpenBrace).ignore_then(arms).then_ignore(just(Kind::CloseBrace));
    maybe(Kind::Match)
        .ignore_then(nested(expression.then(nested(arms))))
        .map_with(|(subject, arms), e| {
            let depth = arms.iter().fold(subject.depth, |depth, (_, other)| depth.max(*other));
            let arms = arms.into_iter().map(|(arm, _)| arm).collect();
            Node::above(ExprKind::Match { subject: Box::new(subject.expr), arms }, span(e), depth)
        })
        .boxed()
}

/// `profile.x`, `event.x`, `trigger.x`, `message.x`, `local.x`
fn root<'s>() -> Boxed<'s, Node> {
    let always = |kind| maybe(kind).then_ignore(just(Kind::Dot));
    let before_dot = |kind| maybe(kind).then_ignore(maybe(Kind::Dot));
    choice((
        always(Kind::Profile).map(|token| (Root::Profile, token)),
        always(Kind::Local).map(|token| (Root::Local, token)),
        always(Kind::Trigger).map(|token| (Root::Trigger, token)),
        before_dot(Kind::Event).map(|token| (Root::Event, token)),
        before_dot(Kind::Message).map(|token| (Root::Message, token)),
    ))
    .then(word(Kind::is_field, Label::FieldName))
    .map(|((root, token), name)| {
        let base = Expr { kind: ExprKind::Root(root), span: token.span };
        let span = token.span.to(name.span);
        Node::above(ExprKind::Field { base: Box::new(base), name }, span, 0)
    })
    .boxed()
}

/// `basket`, `other.thing`, `lapsed(30d)`
fn named<'s>(expression: Expression<'s>) -> Boxed<'s, Node> {
    let arguments = comma_list1(expression, |tokens, index| !tokens[index].kind.is_mark());
    let arguments = group(Kind::OpenParen, arguments)
        .map(|nodes| {
            let depth = nodes.iter().map(|node| node.depth).max().unwrap_or_default();
            (nodes.into_iter().map(|node| node.expr).collect(), depth)
        })
        .recover_with(via_parser(
            whole_group(Kind::OpenParen).map(|span| (vec![Expr { kind: ExprKind::Error, span }], 0)),
        ));
    let arguments = ahead(|first, _| first == Kind::OpenParen).ignore_then(arguments).or_not();
    path(Label::Expression)
        .then(arguments)
        .map_with(|(path, arguments), e| match (path, arguments) {
            (callee, Some((arguments, depth))) => {
                Node::above(ExprKind::Call { callee: Box::new(callee), arguments }, span(e), depth)
            }
            (Path { package: None, name }, None) => {
                let span = name.span;
                Node::leaf(ExprKind::Name(name), span)
            }
            (Path { package: Some(package), name }, None) => {
                let base = Expr { span: package.span, kind: ExprKind::Name(package) };
                Node::above(ExprKind::Field { base: Box::new(base), name }, span(e), 0)
            }
        })
        .boxed()
}
