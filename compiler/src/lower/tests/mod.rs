//! Checked policies built by hand, and what they are lowered to.

mod exact;
mod guards;
mod messages;
mod patterns;
mod policies;
mod when;

use super::lower;
use crate::builtin::BUILTIN_EVENTS;
use crate::checked::*;
use crate::ids::*;
use crate::plan::{Comparison, Plan};
use crate::types::Type;
use comity_grammar::Span;
use comity_grammar::tree::Fold;

pub(super) const HOUR: i64 = 3_600_000_000;
pub(super) const DAY: i64 = 24 * HOUR;

/// A place; which doesn't matter.
pub(super) fn place() -> Location {
    Location { file: FileId(0), span: Span::new(0, 1) }
}

/// A policy with the built-in events.
pub(super) fn policy() -> Checked {
    let mut checked = Checked { name: "test".into(), ..Checked::default() };
    for event in BUILTIN_EVENTS {
        event_of(&mut checked, event.name, event.fields);
    }
    checked
}

pub(super) fn event_of(checked: &mut Checked, name: &str, fields: &[(&str, Type, bool)]) -> EventId {
    let field = |&(name, ty, optional): &(&str, Type, bool)| Field {
        name: name.into(),
        at: None,
        ty,
        optional,
        only_for: Vec::new(),
    };
    checked.events.push(Event {
        name: name.into(),
        at: None,
        only_for: Vec::new(),
        fields: fields.iter().map(field).collect(),
    });
    EventId::at(checked.events.len() - 1)
}

pub(super) fn attribute_of(checked: &mut Checked, name: &str, ty: Type, optional: bool) -> AttributeId {
    checked.attributes.push(Attribute {
        name: name.into(),
        at: place(),
        ty,
        optional,
        default: (!optional).then(|| if ty.is_text() { Constant::Text("".into()) } else { Constant::Int(0) }),
        personal: false,
        only_for: Vec::new(),
    });
    AttributeId::at(checked.attributes.len() - 1)
}

pub(super) fn segment_of(checked: &mut Checked, name: &str, condition: Expr) -> SegmentId {
    checked.segments.push(Segment { name: name.into(), at: place(), condition });
    SegmentId::at(checked.segments.len() - 1)
}

/// The one atom that a segment's condition is made of, and whether it must not hold.
pub(super) fn literal_of(plan: &Plan, segment: usize) -> (ExprId, bool) {
    let [clause] = &plan.segments[segment].condition.clauses[..] else { panic!("more than a clause") };
    let [literal] = clause.literals[..] else { panic!("more than a literal") };
    (plan.atoms[literal.atom.index()].expr, literal.negated)
}

/// What a segment's condition comes to, where it is certain.
pub(super) fn certain_of(plan: &Plan, segment: usize) -> Option<bool> {
    match &plan.segments[segment].condition.clauses[..] {
        [] => Some(true),
        [never] if never.literals.is_empty() => Some(false),
        _ => None,
    }
}

pub(super) fn class_of(checked: &mut Checked, name: &str) -> ClassId {
    checked.classes.push(Class {
        name: name.into(),
        at: place(),
        rank: 0,
        ignores_quiet: false,
        ignores_caps: false,
        ignores_suppression: false,
        ignores_holdout: false,
    });
    ClassId::at(checked.classes.len() - 1)
}

pub(super) fn channel_of(checked: &mut Checked, name: &str, kind: ChannelKind) -> ChannelId {
    checked.channels.push(Channel {
        name: name.into(),
        at: place(),
        kind,
        quiet: Vec::new(),
        spread: 0,
        cost: None,
    });
    ChannelId::at(checked.channels.len() - 1)
}

pub(super) fn message_of(name: &str, class: ClassId) -> Message {
    Message {
        name: name.into(),
        at: place(),
        class,
        purposes: Vec::new(),
        tags: Vec::new(),
        owner: None,
        attributes: Vec::new(),
        active: None,
        when: None,
        unless: None,
        triggers: Vec::new(),
        placements: Vec::new(),
        value: None,
        propensity: None,
        lever: None,
        expires: None,
        via: Vec::new(),
        content: Vec::new(),
    }
}

pub(super) fn expr(kind: ExprKind, ty: Type, optional: bool) -> Expr {
    Expr { kind, ty, optional, at: place() }
}

/// Of a type, and known.
pub(super) fn known(kind: ExprKind, ty: Type) -> Expr {
    expr(kind, ty, false)
}

pub(super) fn constant(constant: Constant, ty: Type) -> Expr {
    known(ExprKind::Constant(constant), ty)
}

pub(super) fn int(value: i64) -> Expr {
    constant(Constant::Int(value), Type::Int)
}

pub(super) fn number(value: f64) -> Expr {
    constant(Constant::Number(value), Type::Number)
}

pub(super) fn text(value: &str) -> Expr {
    constant(Constant::Text(value.into()), Type::Text)
}

pub(super) fn duration(value: i64) -> Expr {
    constant(Constant::Duration(value), Type::Duration)
}

pub(super) fn yes() -> Expr {
    constant(Constant::Bool(true), Type::Bool)
}

pub(super) fn no() -> Expr {
    constant(Constant::Bool(false), Type::Bool)
}

pub(super) fn attribute(checked: &Checked, id: AttributeId) -> Expr {
    let attribute = &checked.attributes[id.index()];
    expr(ExprKind::Attribute(id), attribute.ty, attribute.optional)
}

pub(super) fn field(position: u32, ty: Type) -> Expr {
    known(ExprKind::Field(position), ty)
}

pub(super) fn compare(comparison: Comparison, a: Expr, b: Expr) -> Expr {
    known(ExprKind::Compare(comparison, Box::new(a), Box::new(b)), Type::Bool)
}

pub(super) fn equal(a: Expr, b: Expr) -> Expr {
    compare(Comparison::Equal, a, b)
}

pub(super) fn and(a: Expr, b: Expr) -> Expr {
    known(ExprKind::And(Box::new(a), Box::new(b)), Type::Bool)
}

pub(super) fn or(a: Expr, b: Expr) -> Expr {
    known(ExprKind::Or(Box::new(a), Box::new(b)), Type::Bool)
}

pub(super) fn not(a: Expr) -> Expr {
    known(ExprKind::Not(Box::new(a)), Type::Bool)
}

pub(super) fn is_known(a: Expr) -> Expr {
    known(ExprKind::IsKnown(Box::new(a)), Type::Bool)
}

pub(super) fn otherwise(a: Expr, b: Expr) -> Expr {
    let (ty, optional) = (b.ty, b.optional);
    expr(ExprKind::Otherwise(Box::new(a), Box::new(b)), ty, optional)
}

pub(super) fn choose(condition: Expr, a: Expr, b: Expr) -> Expr {
    let (ty, optional) = (a.ty, a.optional || b.optional);
    expr(ExprKind::If(Box::new(condition), Box::new(a), Box::new(b)), ty, optional)
}

pub(super) fn arithmetic(operation: Arithmetic, a: Expr, b: Expr, ty: Type) -> Expr {
    let optional = operation == Arithmetic::Divide;
    expr(ExprKind::Arithmetic(operation, Box::new(a), Box::new(b)), ty, optional)
}

pub(super) fn pattern(event: EventId, filter: Option<Expr>) -> Pattern {
    Pattern { event, message: None, filter: filter.map(Box::new), at: place() }
}

/// A question to the history.
pub(super) fn ask(fold: Fold, pattern: Pattern, field: Option<u32>, ty: Type, within: Within) -> Expr {
    let optional = matches!(
        fold,
        Fold::Average
            | Fold::Min
            | Fold::Max
            | Fold::Last
            | Fold::First
            | Fold::TimeSinceLast
            | Fold::TimeSinceFirst
    );
    expr(ExprKind::Aggregate(Box::new(Aggregate { fold, pattern, field, within })), ty, optional)
}
