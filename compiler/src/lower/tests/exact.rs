//! What is left out makes no difference: an expression means the same whether its parts are known when the policy
//! compiles or only when it runs, and as a guard the same as as a condition.

use super::*;
use crate::engine::Engine;
use crate::frame::Frame;
use crate::plan::{Plan, Source};
use crate::value::Value;
use proptest::prelude::*;
use std::sync::Arc;

/// Attributes: four bools, four ints, two numbers, an amount, a duration, a text; then the same as optionals.
const TYPES: [Type; 13] = [
    Type::Bool,
    Type::Bool,
    Type::Bool,
    Type::Bool,
    Type::Int,
    Type::Int,
    Type::Int,
    Type::Int,
    Type::Number,
    Type::Number,
    Type::Duration,
    Type::Weekday,
    Type::Text,
];

#[derive(Clone, Debug)]
struct Customer {
    /// By attribute; `None` is unknown, which only the second half can be.
    values: Vec<Option<Constant>>,
    /// Which of them are written into the policy.
    written: Vec<bool>,
}

fn value(ty: Type) -> BoxedStrategy<Constant> {
    let int = prop_oneof![-3..4_i64, Just(i64::MIN), Just(i64::MAX), any::<i64>()];
    match ty {
        Type::Bool => any::<bool>().prop_map(Constant::Bool).boxed(),
        Type::Int => int.prop_map(Constant::Int).boxed(),
        Type::Number => prop_oneof![
            (-3..4_i64).prop_map(|value| value as f64),
            Just(-0.0),
            Just(0.5),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
            Just(1e300),
        ]
        .prop_map(Constant::Number)
        .boxed(),
        Type::Duration => int.prop_map(Constant::Duration).boxed(),
        Type::Weekday => (0..7_u8).prop_map(Constant::Weekday).boxed(),
        _ => prop_oneof![Just("a"), Just("b"), Just("")].prop_map(|text| Constant::Text(text.into())).boxed(),
    }
}

fn customer() -> impl Strategy<Value = Customer> {
    let values: Vec<_> = TYPES.iter().map(|&ty| value(ty).prop_map(Some).boxed()).collect();
    let optional: Vec<_> = TYPES.iter().map(|&ty| proptest::option::of(value(ty)).boxed()).collect();
    let written = proptest::collection::vec(any::<bool>(), 2 * TYPES.len());
    (values, optional, written).prop_map(|(mut values, optional, written)| {
        values.extend(optional);
        Customer { values, written }
    })
}

/// A known attribute of a type, or its optional twin with a default.
fn leaf(ty: Type) -> BoxedStrategy<Expr> {
    let positions: Vec<usize> = (0..TYPES.len()).filter(|&index| TYPES[index] == ty).collect();
    let position = proptest::sample::select(positions);
    let plain = position.clone().prop_map(move |at| known(ExprKind::Attribute(AttributeId::at(at)), ty));
    let twin = move |at: usize| expr(ExprKind::Attribute(AttributeId::at(at + TYPES.len())), ty, true);
    let defaulted = (position.clone(), value(ty))
        .prop_map(move |(at, default)| otherwise(twin(at), constant(default, ty)));
    let tested = (position, value(ty)).prop_map(move |(at, other)| {
        // Shown to be known, it is used as it is.
        let shown = known(ExprKind::Attribute(AttributeId::at(at + TYPES.len())), ty);
        choose(is_known(twin(at)), shown, constant(other, ty))
    });
    let fixed = value(ty).prop_map(move |fixed| constant(fixed, ty));
    prop_oneof![4 => plain, 1 => defaulted, 1 => tested, 2 => fixed].boxed()
}

fn is_unknown(position: usize) -> Expr {
    let twin = expr(ExprKind::Attribute(AttributeId::at(position)), TYPES[position - TYPES.len()], true);
    known(ExprKind::IsUnknown(Box::new(twin)), Type::Bool)
}

fn numeric(ty: Type) -> BoxedStrategy<Expr> {
    let operation = prop_oneof![
        Just(Arithmetic::Add),
        Just(Arithmetic::Subtract),
        Just(Arithmetic::Multiply),
        Just(Arithmetic::Divide)
    ];
    leaf(ty)
        .prop_recursive(3, 12, 2, move |inner| {
            let number = leaf(Type::Number);
            let two = (operation.clone(), inner.clone(), inner.clone(), number, leaf(ty));
            let computed = two.prop_map(move |(operation, a, b, factor, default)| match (operation, ty) {
                (Arithmetic::Divide, Type::Int) => {
                    let ratio = arithmetic(operation, a, b, Type::Number);
                    known(ExprKind::Round(Box::new(otherwise(ratio, number_of(default)))), Type::Int)
                }
                (Arithmetic::Divide, Type::Duration) => {
                    otherwise(arithmetic(operation, a, factor, ty), default)
                }
                (Arithmetic::Divide, _) => otherwise(arithmetic(operation, a, b, ty), default),
                (Arithmetic::Multiply, Type::Duration) => arithmetic(operation, a, factor, ty),
                _ => arithmetic(operation, a, b, ty),
            });
            let called =
                (0..4_u8, inner.clone(), inner.clone(), inner.clone()).prop_map(move |(which, a, b, c)| {
                    let kind = match which {
                        0 => ExprKind::Min(vec![a, b, c]),
                        1 => ExprKind::Max(vec![a, b, c]),
                        2 => ExprKind::Clamp(Box::new(a), Box::new(b), Box::new(c)),
                        _ => ExprKind::Negate(Box::new(a)),
                    };
                    known(kind, ty)
                });
            prop_oneof![computed, called]
        })
        .boxed()
}

fn number_of(int: Expr) -> Expr {
    known(ExprKind::ToNumber(Box::new(int)), Type::Number)
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop_oneof![
        Just(Comparison::Equal),
        Just(Comparison::NotEqual),
        Just(Comparison::Less),
        Just(Comparison::LessEqual),
        Just(Comparison::Greater),
        Just(Comparison::GreaterEqual)
    ]
}

fn condition() -> BoxedStrategy<Expr> {
    let ordered = prop_oneof![Just(Type::Int), Just(Type::Number), Just(Type::Duration)];
    let compared = ordered.prop_flat_map(|ty| {
        (comparison(), numeric(ty), numeric(ty)).prop_map(|(comparison, a, b)| compare(comparison, a, b))
    });
    let ranged = (leaf(Type::Int), value(Type::Int), value(Type::Int)).prop_map(|(a, start, end)| {
        known(ExprKind::InRange(Box::new(a), Box::new(Range { start, end })), Type::Bool)
    });
    let listed = prop_oneof![Just(Type::Text), Just(Type::Number), Just(Type::Weekday), Just(Type::Int)]
        .prop_flat_map(|ty| (leaf(ty), proptest::collection::vec(value(ty), 0..4)))
        .prop_map(|(a, members)| known(ExprKind::InList(Box::new(a), members), Type::Bool));
    let texts = (leaf(Type::Text), leaf(Type::Text)).prop_map(|(a, b)| equal(a, b));
    let unknown = (TYPES.len()..2 * TYPES.len()).prop_map(is_unknown);
    let leaf =
        prop_oneof![3 => leaf(Type::Bool), 2 => compared, 1 => ranged, 1 => listed, 1 => texts, 1 => unknown];
    leaf.prop_recursive(5, 40, 3, |inner| {
        prop_oneof![
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| and(a, b)),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| or(a, b)),
            1 => inner.clone().prop_map(not),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| equal(a, b)),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| choose(a, b, c)),
            1 => (inner.clone(), inner.clone(), inner).prop_map(|(subject, a, b)| known(
                ExprKind::Match(
                    Box::new(subject),
                    vec![(Cell::Is(Constant::Bool(false)), a), (Cell::Any, b)]
                ),
                Type::Bool
            )),
        ]
    })
    .boxed()
}

/// The attributes that are written into the policy, as what they are.
fn write(expr: &Expr, customer: &Customer) -> Expr {
    let mut expr = expr.clone();
    let each = |a: &mut Box<Expr>| **a = write(a, customer);
    match &mut expr.kind {
        ExprKind::Attribute(id) if customer.written[id.index()] => {
            if let Some(value) = &customer.values[id.index()] {
                expr.kind = ExprKind::Constant(value.clone());
                expr.optional = false;
            }
        }
        ExprKind::ToNumber(a)
        | ExprKind::Not(a)
        | ExprKind::Negate(a)
        | ExprKind::IsKnown(a)
        | ExprKind::IsUnknown(a)
        | ExprKind::Round(a)
        | ExprKind::InList(a, _)
        | ExprKind::InRange(a, _) => each(a),
        ExprKind::And(a, b)
        | ExprKind::Or(a, b)
        | ExprKind::Otherwise(a, b)
        | ExprKind::Compare(_, a, b)
        | ExprKind::Arithmetic(_, a, b) => [a, b].map(each).into_iter().collect(),
        ExprKind::If(a, b, c) | ExprKind::Clamp(a, b, c) => [a, b, c].map(each).into_iter().collect(),
        ExprKind::Min(all) | ExprKind::Max(all) => {
            all.iter_mut().for_each(|each| *each = write(each, customer));
        }
        ExprKind::Match(subject, arms) => {
            **subject = write(subject, customer);
            arms.iter_mut().for_each(|(_, result)| *result = write(result, customer));
        }
        _ => {}
    }
    expr
}

/// The condition as that of quiet hours, which stays one expression, and as a message's `when` and `unless`.
fn plan_of(condition: Expr) -> Arc<Plan> {
    let mut checked = policy();
    for optional in [false, true] {
        for ty in TYPES {
            attribute_of(&mut checked, "x", ty, optional);
        }
    }
    let class = class_of(&mut checked, "all");
    checked.messages.push(Message { when: Some(condition.clone()), ..message_of("m", class) });
    checked.messages.push(Message { unless: Some(condition.clone()), ..message_of("n", class) });
    let channel = channel_of(&mut checked, "web", ChannelKind::Inbound);
    let quiet = Quiet { from: 0, to: DAY, weekdays: 0x7f, when: Some(condition) };
    checked.channels[channel.index()].quiet.push(quiet);
    Arc::new(lower(&checked).plan)
}

/// What the expression, `when` and `unless` come to.
fn decide(plan: Arc<Plan>, customer: &Customer) -> [bool; 3] {
    let engine = Engine::interpreter(Arc::clone(&plan));
    let mut frame = Frame::new(&plan);
    for (index, slot) in plan.slots.iter().enumerate() {
        let Source::Attribute(id) = slot.source else { panic!("{slot:?}") };
        let value = customer.values[id.index()].as_ref().map(|value| match value {
            Constant::Bool(value) => Value::Cell((*value).into()),
            Constant::Number(value) => Value::Cell(value.to_bits()),
            Constant::Int(value) | Constant::Duration(value) => Value::Cell(*value as u64),
            Constant::Weekday(day) => Value::Cell((*day).into()),
            Constant::Text(text) => match engine.text_id(text) {
                Some(id) => Value::Cell(id.0.into()),
                None => Value::Text(text.as_str().into()),
            },
            other => panic!("{other:?}"),
        });
        frame.set(SlotId::at(index), value.as_ref());
    }
    let quiet = plan.channels[0].quiet.first();
    let holds = quiet.is_some_and(|quiet| quiet.when.is_none_or(|when| engine.holds(when, &mut frame)));
    [holds, engine.guard(MessageId(0), &mut frame), !engine.guard(MessageId(1), &mut frame)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn what_is_certain_is_left_out_and_nothing_else(condition in condition(), customer in customer()) {
        let [holds, when, unless] = decide(plan_of(condition.clone()), &customer);
        prop_assert_eq!(when, holds);
        prop_assert_eq!(unless, holds);
        let written = decide(plan_of(write(&condition, &customer)), &customer);
        prop_assert_eq!(written, [holds; 3]);
        let all = Customer { written: vec![true; 2 * TYPES.len()], ..customer.clone() };
        let plan = plan_of(write(&condition, &all));
        prop_assert_eq!(decide(plan, &customer), [holds; 3]);
    }
}
